//! What the routes predict for a failed path.

use std::iter;

use crate::addresses::Address;
use crate::routing::{Action, End, Sender, Tables, Walk, walk};
use crate::topology::{Expectation, GatewayHops, LinkKind, NodeId, Topology};
use crate::units::Ttl;
use crate::verify::Observation;
use crate::verify::demand::{address, source};

/// The advice if the packets differ from the routes.
pub(super) const KERNEL_DIFFERS: &str = "so the kernel's state differs from what was planned: \
     `lab down` and `lab up` restore it";

/// The advice if packets arrive, but not as expected. Addresses alone do not show whether the packets followed the
/// routes, since a silent router sends no address and equal-cost paths have different ones.
const EITHER_DIFFERS: &str = "if the packets took this path, correct the expectation; if not, the kernel's state differs from what was planned: `lab down` and `lab up` restore it";

/// The predicted nodes on the path to an expectation's destination, joined by arrows, and the lowest TTL that arrives.
pub(super) fn way_there(
    topology: &Topology,
    tables: &Tables,
    expectation: &Expectation,
) -> (String, usize) {
    let there = Routes::new(topology, tables, expectation).there;
    (there.shown(&there.walk.nodes), there.hops())
}

/// What the routes predict for the packets of an expectation, and what follows from it.
pub(super) fn path(
    topology: &Topology,
    tables: &Tables,
    expectation: &Expectation,
    observation: &Observation,
) -> String {
    let routes = Routes::new(topology, tables, expectation);
    let reached = observation.reached();
    let firewalls = routes.firewalls();
    if !firewalls.is_empty() {
        let [from, to] = [expectation.from, expectation.to].map(|node| &topology.node(node).name);
        return format!(
            "by the routes, the path crosses the firewall of {}: `lab why {from} {to}` says what that does",
            firewalls.join(" and of ")
        );
    }
    match routes.loss() {
        Some(loss) if reached => format!("by the routes, {loss}; {KERNEL_DIFFERS}"),
        Some(loss) => format!("by the routes, {loss}"),
        None if reached || routes.is_longer_than(expectation) => {
            format!(
                "by the routes, the path is {}; {EITHER_DIFFERS}",
                routes.shown()
            )
        }
        None => format!(
            "by the routes, the path is {}; {KERNEL_DIFFERS}",
            routes.shown()
        ),
    }
}

/// One direction of the path.
struct Way<'a> {
    /// The packets' name in sentences.
    cargo: &'static str,
    walk: Walk,
    source: Address,
    destination: Address,
    topology: &'a Topology,
    tables: &'a Tables,
}

/// Both directions of the path, according to the routes.
struct Routes<'a> {
    there: Way<'a>,
    back: Way<'a>,
}

impl<'a> Routes<'a> {
    fn new(topology: &'a Topology, tables: &'a Tables, expectation: &Expectation) -> Self {
        let Expectation { from, to, .. } = *expectation;
        let probed = address(topology, to);
        let source = source(topology, tables, from, probed);
        let way = |cargo, from, (source, destination)| {
            let sender = Sender::answering(from, source);
            let walk = walk(topology, tables, sender, destination);
            Way {
                cargo,
                walk,
                source,
                destination,
                topology,
                tables,
            }
        };
        Self {
            there: way("packet", from, (source, probed)),
            back: way("reply", to, (probed, source)),
        }
    }

    /// The nodes with a firewall that a packet or its reply comes to.
    fn firewalls(&self) -> Vec<&str> {
        let nodes = self.there.walk.nodes.iter().chain(&self.back.walk.nodes);
        let nodes = nodes.map(|node| self.there.topology.node(*node));
        let mut names: Vec<&str> = Vec::new();
        for node in nodes.filter(|node| node.firewall.is_some()) {
            if !names.contains(&node.name.as_str()) {
                names.push(node.name.as_str());
            }
        }
        names
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

    /// Whether the path has more hops than expected, and thus more than were probed.
    fn is_longer_than(&self, expectation: &Expectation) -> bool {
        let hops = expectation.hops();
        !hops.is_empty() && self.there.hops() > hops.len()
    }

    fn shown(&self) -> String {
        let (there, back) = (&self.there.walk.nodes, &self.back.walk.nodes);
        let there_shown = self.there.shown(there);
        match back.as_slice() {
            _ if there.iter().rev().eq(back) => format!("{there_shown} and back"),
            [_, between @ .., _] if !between.is_empty() => {
                format!("{there_shown} and back over {}", self.back.shown(between))
            }
            _ => format!("{there_shown} and directly back"),
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
                "the {cargo} to {} loops forever through {last}",
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

    /// Why the last node drops the packet: it has no route, or the next hop of its route does not exist.
    fn missing_route(&self, has: &str, whose: &str) -> String {
        let route = self.tables.of(self.walk.last()).lookup(self.destination);
        let leads_on = route.is_some_and(|route| matches!(route.action, Action::Forward(_)));
        if leads_on {
            return format!(
                "{whose} route to {} leads to an address that no node has",
                self.destination
            );
        }
        format!("{has} no route to {}", self.destination)
    }

    /// The first Azure router on the path that has no route to the packet's source, and therefore drops it.
    fn refuser(&self) -> Option<NodeId> {
        let [_, between @ .., _] = self.walk.nodes.as_slice() else {
            return None;
        };
        let refuses = |node: &&NodeId| {
            let route = self.tables.of(**node).lookup(self.source);
            // A route that ends in the fabric suffices for the filter.
            let leads_back = route.is_some_and(|route| route.action != Action::Drop);
            self.topology.node(**node).role.is_azure() && !leads_back
        };
        between.iter().find(refuses).copied()
    }

    /// The lowest TTL that arrives. A tunnel may set a new TTL, so all nodes after its entry count as one hop; a hidden
    /// gateway does not count.
    fn hops(&self) -> usize {
        let nodes = &self.walk.nodes;
        let steps = iter::zip(nodes, &nodes[1..]);
        let entry = steps.into_iter().position(|(a, b)| self.renews_ttl(*a, *b));
        let last = entry.map_or(nodes.len() - 1, |entry| entry + 1);
        let hidden = (1..last).filter(|position| self.is_hidden(*position));
        last - hidden.count()
    }

    /// Whether a node on the path is a gateway that is hidden between its network and a tunnel.
    fn is_hidden(&self, position: usize) -> bool {
        let node = self.walk.nodes[position];
        let is_transparent = self.topology.semantics.vpn_gateway_hops == GatewayHops::Transparent;
        let is_gateway = self.topology.node(node).role.is_vpn_gateway();
        let neighbours = [self.walk.nodes[position - 1], self.walk.nodes[position + 1]];
        let by_tunnel = |other: &NodeId| self.tunnels(node, *other).next().is_some();
        is_transparent && is_gateway && neighbours.iter().any(by_tunnel)
    }

    /// Whether a tunnel sets the TTL of packets that enter it at the first node.
    fn renews_ttl(&self, from: NodeId, to: NodeId) -> bool {
        self.tunnels(from, to).any(|ttl| ttl.is_some())
    }

    /// The tunnels between two nodes, with the TTL that each sets on packets that enter it at the first.
    fn tunnels(&self, from: NodeId, to: NodeId) -> impl Iterator<Item = Option<Ttl>> {
        self.topology.links.iter().filter_map(move |link| {
            let LinkKind::Tunnel { inner_ttl, .. } = link.kind else {
                return None;
            };
            let nodes = link.ends.map(|end| self.topology.interface(end).node);
            let first = nodes.iter().position(|node| *node == from)?;
            (nodes[1 - first] == to).then_some(inner_ttl[first])
        })
    }

    fn shown(&self, nodes: &[NodeId]) -> String {
        let name = |node: &NodeId| self.topology.node(*node).name.to_string();
        nodes.iter().map(name).collect::<Vec<_>>().join(" > ")
    }
}

#[cfg(test)]
mod tests;
