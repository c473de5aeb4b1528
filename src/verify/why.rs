//! Why packets between two nodes take their path, and why some routers on it never answer.
//!
//! All of it follows from the routes: which of them won at each node, what it beat, where a packet has none, and from
//! which address a router answers a probe that expires there. Of several equal next hops the first is followed.

mod answer;
mod choice;
mod mistake;
mod passage;
mod seen;
mod travel;

use crate::addresses::Address;
use crate::network::State;
use crate::routing::{Absence, Route};
use crate::topology::{LinkId, NodeId, VnetId};

use answer::source_toward;
use travel::{travel, travel_back};

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
}

/// What happens at a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The node.
    pub node: NodeId,
    /// The packets' route; `None` at their destination, and if there is none.
    pub choice: Option<Choice>,
}

/// The route that won at a node, and those that it beat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The route.
    pub route: Route,
    /// Those of the same prefix, each with the rule by which it lost.
    pub beaten: Vec<Route>,
    /// The longest shorter prefix with another next hop, if it has another origin.
    pub hidden: Option<Route>,
}

/// Where and why packets are lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// The node that loses them.
    pub node: NodeId,
    /// The cause.
    pub cause: Cause,
    /// Who has the missing route, and where its propagation ends; empty if nobody has one.
    pub absences: Vec<Absence>,
    /// The mistake in the lab file that causes it, if any.
    pub mistake: Option<Mistake>,
}

/// Why packets are lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The node has no route to their destination, or the given one that drops them.
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
    /// The node drops answers from their source address, which traces do not show.
    Unshown {
        /// The address.
        source: Address,
    },
    /// They loop.
    Loop,
    /// The node has their destination's address, which is also that of the intended destination.
    AnothersAddress {
        /// Who does not get them.
        meant: NodeId,
    },
    /// The node has no route back to where they come from, and Azure drops such packets (loose
    /// reverse-path filtering; RFC 3704, section 2.4).
    UnknownSource {
        /// Where they come from.
        source: Address,
    },
    /// A peering's flags keep them out of the network that they would enter next (`strictPeeringFlags`).
    KeptOut {
        /// The network that they would leave.
        near: VnetId,
        /// The network that keeps them out.
        far: VnetId,
        /// The flag that is off in its half of the peering.
        flag: &'static str,
    },
    /// The way leads over a link that is down.
    LinkDown {
        /// The link.
        link: LinkId,
    },
    /// A link on the path silently loses all packets.
    LosesAll {
        /// The link.
        link: LinkId,
        /// What causes the loss.
        by: LosesBy,
    },
}

/// What makes a link lose all packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LosesBy {
    /// It is a blackhole.
    Blackhole,
    /// A command impairs it.
    Impairment,
    /// The lab file impairs it.
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
        /// The address that it answers from.
        address: Address,
    },
    /// Its answers are lost.
    Silent {
        /// The TTL of the probes that expire there.
        ttl: usize,
        /// The address that it answers from, if it has one.
        address: Option<Address>,
        /// Where they are lost.
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
    let there = travel(state, from, (source, destination));
    // Several nodes may have one address, as some tunnels' ends do: the reached one is meant.
    let reached = there.last();
    let to = if there.is_delivered() {
        Some(reached)
    } else {
        state.topology.owner(from, destination)
    };
    let back = to.map(|to| travel_back(state, to, (destination, source), from));
    let seen = seen::by_trace(state, &there, back.as_ref());
    Why {
        to,
        there,
        seen,
        back,
    }
}

impl Why {
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
    /// The hops that a trace counts, each with the address that answers; `None` if it is silent.
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

    /// The last node that its packets reach.
    #[must_use]
    pub fn last(&self) -> NodeId {
        self.steps[self.steps.len() - 1].node
    }

    /// The nodes between its first and its last.
    fn crossed(&self) -> Vec<NodeId> {
        let nodes = self.steps.iter().map(|step| step.node);
        let between = self.steps.len().saturating_sub(2);
        nodes.skip(1).take(between).collect()
    }
}

#[cfg(test)]
mod tests;
