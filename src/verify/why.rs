//! Explains the path of packets between two nodes, and why some routers on it never answer.
//!
//! Everything follows from the routes: which route is the best at each node, which routes lost against it, where a
//! route is missing, and the source address of a router's answer to an expired probe. It follows the first of several
//! equal next hops.

mod answer;
mod choice;
mod course;
mod inspection;
mod mistake;
mod passage;
mod seen;
mod travel;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::addresses::Address;
use crate::firewall::{FlowState, Hook, Part};
use crate::network::State;
use crate::routing::{Absence, Route};
use crate::topology::{LinkId, NodeId, VnetId};

use answer::source_toward;
use travel::{Purpose, travel, travel_back};

pub use mistake::Mistake;

/// Why packets from a node to an address, and those of the return path, take their path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// The owner of the address.
    pub to: Option<NodeId>,
    /// The path to it.
    pub there: Way,
    /// What a trace shows of each node on that path, in order.
    pub seen: Vec<Seen>,
    /// The return path; `None` if nobody has the address.
    pub back: Option<Way>,
    /// Where the effect of a firewall cannot be told, on either path or for an answer of a router. The paths are then
    /// those without it.
    pub untold: Vec<Untold>,
}

/// One direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The source address of its packets.
    pub source: Address,
    /// Their destination.
    pub destination: Address,
    /// Every node on the path, the sender first. If they loop, the last is the first node that they reach again.
    pub steps: Vec<Step>,
    /// Where they are lost; `None` if they arrive.
    pub loss: Option<Loss>,
    /// The delay of the links on the path by the routes.
    pub delay: Duration,
    /// Where their addresses are translated, in order.
    pub translations: Vec<Translation>,
    /// The first firewall whose effect cannot be told. No firewall is evaluated from there on.
    pub untold: Option<Untold>,
    /// Groups of nodes with equal firewalls, one of which the packets cross.
    pub(crate) fans: BTreeSet<BTreeSet<NodeId>>,
}

/// A node that translates the source of packets, or the destination of their answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Translation {
    /// The node.
    pub node: NodeId,
    /// The address before it.
    pub from: Address,
    /// The address behind it.
    pub to: Address,
}

/// A firewall whose effect on a packet cannot be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    /// The node.
    pub node: NodeId,
    /// Why.
    pub doubt: Doubt,
}

/// Why the effect of a firewall cannot be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// This part of its text is not read, or depends on more than the packet.
    Part(Part),
    /// The node sends packets on one of several equal-cost paths, which have different firewalls.
    EqualCost,
    /// It translates addresses, and one of its network interfaces has no IP forwarding.
    WithoutForwarding,
}

/// The decision at a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The node.
    pub node: NodeId,
    /// The packets' route; `None` at the destination, and if there is no route.
    pub choice: Option<Choice>,
}

/// The active route at a node, and the routes that lost against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The route.
    pub route: Route,
    /// The routes of the same prefix, each with the rule by which it lost.
    pub beaten: Vec<Route>,
    /// The route of the longest shorter prefix with another next hop, if its origin differs.
    pub hidden: Option<Route>,
}

/// Where and why packets are lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// The node that loses them.
    pub node: NodeId,
    /// The reason.
    pub cause: Cause,
    /// The nodes that have the missing route, and where its propagation ends; empty if no node has it.
    pub absences: Vec<Absence>,
    /// The mistake in the lab file that causes it, if any.
    pub mistake: Option<Mistake>,
}

/// Why packets are lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The node has no route to their destination, or the given route drops them.
    NoRoute {
        /// The destination.
        destination: Address,
        /// The drop route.
        dropped_by: Option<Route>,
    },
    /// The next hop of the route does not exist.
    NobodyThere {
        /// The route.
        route: Route,
    },
    /// The node does not forward.
    NotARouter,
    /// The node drops answers with this source address, which does not appear in traces.
    Unshown {
        /// The address.
        source: Address,
    },
    /// The packets loop.
    Loop,
    /// The node has the same address as the intended destination, and receives the packets instead.
    AnothersAddress {
        /// The intended destination.
        meant: NodeId,
    },
    /// The node has no route back to the packets' source, and Azure drops such packets (loose reverse-path filtering;
    /// RFC 3704, section 2.4).
    UnknownSource {
        /// The source address.
        source: Address,
    },
    /// The flags of a peering keep them out of the network that they would enter next (`strictPeeringFlags`).
    KeptOut {
        /// The network that they would leave.
        near: VnetId,
        /// The network that keeps them out.
        far: VnetId,
        /// The flag that is off on its side of the peering.
        flag: &'static str,
    },
    /// The traffic selectors of a tunnel do not contain their addresses.
    NotSelected {
        /// The tunnel.
        link: LinkId,
        /// Their source and destination.
        addresses: [Address; 2],
    },
    /// The node's firewall drops them.
    Firewall {
        /// The rule or the policy.
        rule: Part,
        /// Where in the node.
        hook: Hook,
        /// Whether the sender is told.
        is_rejected: bool,
        /// The state of the flow there; `None` if that cannot be told.
        state: Option<FlowState>,
    },
    /// A link on the path is down.
    LinkDown {
        /// The link.
        link: LinkId,
    },
    /// A link on the path silently loses all packets.
    LosesAll {
        /// The link.
        link: LinkId,
        /// The cause of the loss.
        by: LosesBy,
    },
}

/// Why a link loses all packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LosesBy {
    /// The link is blackholed.
    Blackhole,
    /// A command impairs the link.
    Impairment,
    /// The lab file impairs the link.
    LabFile,
}

/// What a trace shows of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// It sends the trace.
    Sender,
    /// It answers.
    Answers {
        /// The TTL of the probes that expire there.
        ttl: usize,
        /// The address from which it answers.
        address: Address,
    },
    /// Its answers are lost.
    Silent {
        /// The TTL of the probes that expire there.
        ttl: usize,
        /// The address from which it answers, if it has one.
        address: Option<Address>,
        /// Where and why they are lost.
        loss: Box<Loss>,
    },
    /// The probes themselves are lost there.
    Lost,
    /// It is a VPN gateway between its network and a tunnel, which does not decrement the TTL.
    Transparent,
    /// The tunnel before it set a new TTL on the probes, so that none expires there.
    Renewed,
}

/// Explains the path from a node to an address, and the return path.
#[must_use]
pub fn explain(state: &State<'_>, from: NodeId, destination: Address) -> Why {
    let own = state.topology.node(from).address;
    let source = source_toward(state, from, destination)
        .or(own)
        .unwrap_or(Address::IPV4_UNSPECIFIED);
    let there = travel(state, from, (source, destination), Purpose::Request);
    // Several nodes may have the same address, as the ends of some tunnels do. The node that the packets reach counts.
    let reached = there.last();
    let to = if there.is_delivered() {
        Some(reached)
    } else {
        state.topology.owner(from, destination)
    };
    let reply = Purpose::Reply { of: &there };
    let back = to.map(|to| {
        travel_back(
            state,
            to,
            (destination, there.source_behind()),
            (from, reply),
        )
    });
    let (seen, of_answers) = seen::by_trace(state, &there, back.as_ref());
    let ways = [Some(&there), back.as_ref()].into_iter().flatten();
    let mut untold: Vec<Untold> = Vec::new();
    for one in ways.filter_map(|way| way.untold.clone()).chain(of_answers) {
        if !untold.contains(&one) {
            untold.push(one);
        }
    }
    Why {
        to,
        there,
        seen,
        back,
        untold,
    }
}

impl Why {
    /// The path and the return path.
    pub(crate) fn ways(&self) -> impl Iterator<Item = &Way> {
        [Some(&self.there), self.back.as_ref()]
            .into_iter()
            .flatten()
    }

    /// Where packets are lost, in either direction.
    pub(crate) fn losses(&self) -> impl Iterator<Item = &Loss> {
        self.ways().filter_map(|way| way.loss.as_ref())
    }

    /// Whether packets arrive in both directions.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.there.is_delivered() && self.back.as_ref().is_some_and(Way::is_delivered)
    }

    /// The routers that packets cross in one direction only: those of the forward path, then those of the return path.
    #[must_use]
    pub fn asymmetry(&self) -> [Vec<NodeId>; 2] {
        let Some(back) = self.back.as_ref().filter(|_| self.is_answered()) else {
            return [Vec::new(), Vec::new()];
        };
        let only = |one: &Way, other: &Way| {
            let crossed = one.crossed();
            let other = other.crossed();
            crossed
                .into_iter()
                .filter(|node| !other.contains(node))
                .collect()
        };
        [only(&self.there, back), only(back, &self.there)]
    }
}

impl Why {
    /// The hops of a trace, each with the address that answers; `None` if the hop is silent.
    #[must_use]
    pub fn hops(&self) -> Vec<Option<Address>> {
        let hop = |seen: &Seen| match seen {
            Seen::Answers { address, .. } => Some(Some(*address)),
            Seen::Silent { .. } => Some(None),
            Seen::Sender | Seen::Lost | Seen::Transparent | Seen::Renewed => None,
        };
        self.seen.iter().filter_map(hop).collect()
    }
}

impl Way {
    /// Whether its packets arrive.
    #[must_use]
    pub fn is_delivered(&self) -> bool {
        self.loss.is_none()
    }

    /// The source of its packets behind all nodes that translate it.
    fn source_behind(&self) -> Address {
        self.translations.last().map_or(self.source, |it| it.to)
    }

    /// The last node that its packets reach.
    #[must_use]
    pub fn last(&self) -> NodeId {
        self.steps[self.steps.len() - 1].node
    }

    /// The nodes between the first and the last.
    fn crossed(&self) -> Vec<NodeId> {
        let nodes = self.steps.iter().map(|step| step.node);
        let between = self.steps.len().saturating_sub(2);
        nodes.skip(1).take(between).collect()
    }
}

#[cfg(test)]
mod tests;
