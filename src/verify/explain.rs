//! What the routes make of a path that was not as expected.

use std::{iter, net::Ipv4Addr};

use crate::routing::{Action, End, Origin, Tables, Walk, walk};
use crate::topology::{Expectation, LinkKind, NodeId, Topology};
use crate::verify::Observation;
use crate::verify::demand::address;

/// What helps where the routes and the packets disagree.
pub(super) const KERNEL_DIFFERS: &str = "so the kernel's state differs from what was planned: \
     `lab down` and `lab up` restore it";

/// What helps where packets arrive, but not as expected: addresses alone do not tell whether they
/// went by the routes, since a silent router has none and equal-cost routes have several.
const EITHER_DIFFERS: &str = "if that is what was seen, correct the expectation; if not, the \
     kernel's state differs from what was planned: `lab down` and `lab up` restore it";

/// What the routes say of an expectation's packets, and what follows from it.
pub(super) fn path(
    topology: &Topology,
    tables: &Tables,
    expectation: &Expectation,
    observation: &Observation,
) -> String {
    let routes = Routes::new(topology, tables, expectation);
    let reached = observation.reached();
    match routes.loss() {
        Some(loss) if reached => format!("by the routes, {loss}; {KERNEL_DIFFERS}"),
        Some(loss) => format!("by the routes, {loss}"),
        None if reached || routes.is_longer_than(expectation) => {
            format!("by the routes it goes {}; {EITHER_DIFFERS}", routes.shown())
        }
        None => format!("by the routes it goes {}; {KERNEL_DIFFERS}", routes.shown()),
    }
}

/// One direction of a conversation.
struct Way<'a> {
    /// What travels, as sentences call it.
    cargo: &'static str,
    walk: Walk,
    source: Ipv4Addr,
    destination: Ipv4Addr,
    topology: &'a Topology,
    tables: &'a Tables,
}

/// Both directions of a conversation, by the routes.
struct Routes<'a> {
    there: Way<'a>,
    back: Way<'a>,
}

impl<'a> Routes<'a> {
    fn new(topology: &'a Topology, tables: &'a Tables, expectation: &Expectation) -> Self {
        let way = |cargo, from, to| {
            let [source, destination] = [from, to].map(|node| address(topology, node));
            let walk = walk(topology, tables, from, destination);
            Way {
                cargo,
                walk,
                source,
                destination,
                topology,
                tables,
            }
        };
        let Expectation { from, to, .. } = *expectation;
        Self {
            there: way("packet", from, to),
            back: way("reply", to, from),
        }
    }

    /// Where a packet or its reply is lost.
    fn loss(&self) -> Option<String> {
        let sender = self.there.walk.nodes[0];
        let is_at_once = self.there.walk.end == End::Dropped && self.there.walk.last() == sender;
        if is_at_once {
            let name = &self.there.topology.node(sender).name;
            return Some(format!("{name} {}", self.there.missing_route("has", "its")));
        }
        self.there.loss().or_else(|| self.back.loss())
    }

    /// Whether the path needs more hops than were expected, and so than were probed.
    fn is_longer_than(&self, expectation: &Expectation) -> bool {
        expectation
            .hops
            .as_ref()
            .is_some_and(|hops| self.there.hops() > hops.len())
    }

    fn shown(&self) -> String {
        let (there, back) = (&self.there.walk.nodes, &self.back.walk.nodes);
        let there_shown = self.there.shown(there);
        match back.as_slice() {
            _ if there.iter().rev().eq(back) => format!("{there_shown} and back"),
            [_, between @ .., _] if !between.is_empty() => {
                format!("{there_shown} and back over {}", self.back.shown(between))
            }
            _ => format!("{there_shown} and straight back"),
        }
    }
}

impl Way<'_> {
    fn loss(&self) -> Option<String> {
        let Self {
            cargo, topology, ..
        } = self;
        let last = &topology.node(self.walk.last()).name;
        match self.walk.end {
            End::Dropped => Some(format!(
                "the {cargo} is lost at {last}, {}",
                self.missing_route("which has", "whose")
            )),
            End::Loops => Some(format!(
                "the {cargo} to {} goes round for ever, past {last}",
                self.destination
            )),
            End::Delivered => self.refuser().map(|node| {
                let name = &topology.node(node).name;
                format!(
                    "the {cargo} is lost at {name}, which has no route back to {}",
                    self.source
                )
            }),
        }
    }

    /// Why the last node drops the packet: mostly since it has no route, sometimes since the
    /// route's next hop is not there.
    fn missing_route(&self, has: &str, whose: &str) -> String {
        let route = self.tables.of(self.walk.last()).lookup(self.destination);
        let leads_on = route.is_some_and(|route| {
            matches!(route.action, Action::Forward(_)) && route.origin != Origin::Internet
        });
        if leads_on {
            return format!("{whose} route to {} leads to nobody", self.destination);
        }
        format!("{has} no route to {}", self.destination)
    }

    /// The first of Azure's routers on the way that has no route to the packet's source, and
    /// therefore drops it.
    fn refuser(&self) -> Option<NodeId> {
        let [_, between @ .., _] = self.walk.nodes.as_slice() else {
            return None;
        };
        let refuses = |node: &&NodeId| {
            let route = self.tables.of(**node).lookup(self.source);
            let leads_back = route.is_some_and(|route| matches!(route.action, Action::Forward(_)));
            self.topology.node(**node).role.is_azure() && !leads_back
        };
        between.iter().find(refuses).copied()
    }

    /// The lowest time to live that arrives. A tunnel may give packets a new one, so what follows
    /// such a tunnel's entry counts as one hop.
    fn hops(&self) -> usize {
        let steps = iter::zip(&self.walk.nodes, &self.walk.nodes[1..]);
        let entry = steps.into_iter().position(|(a, b)| self.renews_ttl(*a, *b));
        entry.map_or(self.walk.nodes.len() - 1, |entry| entry + 1)
    }

    /// Whether a tunnel between two nodes sets the time to live of what enters it at the first.
    fn renews_ttl(&self, from: NodeId, to: NodeId) -> bool {
        self.topology.links.iter().any(|link| {
            let [a, b] = link.ends.map(|end| self.topology.interface(end).node);
            let LinkKind::Tunnel {
                inner_ttl: [at_a, at_b],
                ..
            } = link.kind
            else {
                return false;
            };
            ((a, b) == (from, to) && at_a.is_some()) || ((b, a) == (from, to) && at_b.is_some())
        })
    }

    fn shown(&self, nodes: &[NodeId]) -> String {
        let name = |node: &NodeId| self.topology.node(*node).name.to_string();
        nodes.iter().map(name).collect::<Vec<_>>().join(" > ")
    }
}
