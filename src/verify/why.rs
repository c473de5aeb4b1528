//! Why packets between two nodes take the way they do, and why some routers on it never answer.
//!
//! Everything follows from the routes: which of them won at each node, what it beat, where a packet
//! has none, and by which address a router answers a probe that ends there. Of several equal next hops
//! the first is followed.

mod answer;
mod choice;
mod mistake;
mod passage;
mod seen;
mod travel;

use std::net::Ipv4Addr;

use crate::routing::{Absence, Failures, Route, Tables};
use crate::topology::{LinkId, NodeId, Topology, VnetId};
use crate::verify::Disturbances;

use answer::source_toward;
use travel::{travel, travel_back};

pub use mistake::Mistake;

/// A lab as it is.
#[derive(Debug, Clone, Copy)]
pub struct Network<'a> {
    /// Its parts.
    pub topology: &'a Topology,
    /// Its routes.
    pub tables: &'a Tables,
    /// What is broken in it, which the routes were computed with.
    pub failures: &'a Failures,
    /// What was done to its links beside what its file says.
    pub disturbances: &'a Disturbances,
}

/// Why packets from a node to an address, and those back, take the way they do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// Who has the address.
    pub to: Option<NodeId>,
    /// The way there.
    pub there: Way,
    /// What a trace shows of each node on the way there, in the order of its steps.
    pub seen: Vec<Seen>,
    /// The way back; none where nobody has the address.
    pub back: Option<Way>,
}

/// One direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Where its packets come from.
    pub source: Ipv4Addr,
    /// Where they go.
    pub destination: Ipv4Addr,
    /// Every node that they come to, the sender first. Where they go round, the last is the first that
    /// they come to again.
    pub steps: Vec<Step>,
    /// Where they are lost; none where they arrive.
    pub loss: Option<Loss>,
}

/// What happens at a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The node.
    pub node: NodeId,
    /// The route that packets take there; none at their destination, and where there is none.
    pub choice: Option<Choice>,
}

/// The route that won at a node, and what it won over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The route.
    pub route: Route,
    /// Those of the same prefix, each with the rule that it lost by.
    pub beaten: Vec<Route>,
    /// The longest shorter prefix that would take packets elsewhere, where it came another way.
    pub hidden: Option<Route>,
}

/// Where and why packets are lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// The node that loses them.
    pub node: NodeId,
    /// Why.
    pub cause: Cause,
    /// Who has the route that is missing, and where it stops; empty where nobody has one.
    pub absences: Vec<Absence>,
    /// The mistake of the lab file that is behind it, where there is one.
    pub mistake: Option<Mistake>,
}

/// Why packets are lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The node has no route to their destination, or one that drops them, which is given.
    NoRoute {
        /// The destination.
        destination: Ipv4Addr,
        /// What drops them.
        dropped_by: Option<Route>,
    },
    /// The route leads to an address that nobody has there.
    NobodyThere {
        /// The route.
        route: Route,
    },
    /// The node takes only what is for itself.
    NotARouter,
    /// The node lets no answer out from their address, which traces do not show.
    Unshown {
        /// The address.
        source: Ipv4Addr,
    },
    /// They have been here before.
    Loop,
    /// The node has their destination's address, which is also that of the node that they are meant for.
    AnothersAddress {
        /// Who does not get them.
        meant: NodeId,
    },
    /// The node has no route back to where they come from, and Azure drops such packets (loose
    /// reverse-path filtering; RFC 3704, section 2.4).
    UnknownSource {
        /// Where they come from.
        source: Ipv4Addr,
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
    /// The way leads over a link that loses all packets silently.
    LosesAll {
        /// The link.
        link: LinkId,
        /// What makes it lose them.
        by: LosesBy,
    },
}

/// What makes a link lose all packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LosesBy {
    /// It is a blackhole.
    Blackhole,
    /// It is impaired by a command.
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
        /// The time to live of the probes that end there.
        ttl: usize,
        /// The address that it answers from.
        address: Ipv4Addr,
    },
    /// Its answers are lost.
    Silent {
        /// The time to live of the probes that end there.
        ttl: usize,
        /// The address that it answers from, where it has one.
        address: Option<Ipv4Addr>,
        /// Where they are lost.
        loss: Loss,
    },
    /// The probes themselves are lost there.
    Lost,
    /// It is a VPN gateway between its network and a tunnel, which takes nothing from the time to live.
    Transparent,
    /// The tunnel before it gave the probes a new time to live, so that none ends there.
    Renewed,
}

/// Explains the way from a node to an address, and back.
#[must_use]
pub fn explain(network: Network<'_>, from: NodeId, destination: Ipv4Addr) -> Why {
    let own = network.topology.node(from).address;
    let source = source_toward(network, from, destination)
        .or(own)
        .unwrap_or(Ipv4Addr::UNSPECIFIED);
    let there = travel(network, from, (source, destination));
    // Several nodes may have one address, as some tunnels' ends do: it is the one that was reached.
    let reached = there.last();
    let to = if there.is_delivered() {
        Some(reached)
    } else {
        network.topology.owner(from, destination)
    };
    let back = to.map(|to| travel_back(network, to, (destination, source), from));
    let seen = seen::by_trace(network, &there, back.as_ref());
    Why {
        to,
        there,
        seen,
        back,
    }
}

impl Why {
    /// Whether packets arrive, both ways.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.there.is_delivered() && self.back.as_ref().is_some_and(Way::is_delivered)
    }

    /// The routers that packets cross there but not back, and those that they cross back but not there.
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
    /// The hops that a trace counts, each with the address that answers; none where it is silent.
    #[must_use]
    pub fn hops(&self) -> Vec<Option<Ipv4Addr>> {
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

    /// The last node that its packets come to.
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
