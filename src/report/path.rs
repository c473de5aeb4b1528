//! A path hop by hop: predicted by the routes, or measured by a trace.

use std::fmt::Write;
use std::time::Duration;

use crate::addresses::Address;
use crate::report::table;
use crate::report::why::loss_words;
use crate::topology::{NodeId, Topology};
use crate::units::milliseconds;
use crate::verify::why::{Seen, Why};
use crate::verify::{Observation, ObservedHop};

/// One direction of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Every node on the path, the sender first.
    pub steps: Vec<Step>,
    /// The destination address.
    pub destination: Address,
    /// Why the packets or their answers are lost; `None` if they arrive.
    pub loss: Option<Loss>,
    /// Whether the path was measured by a trace; otherwise, the routes predict it.
    pub is_measured: bool,
}

/// Where packets are lost, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// The node that loses them.
    pub node: NodeId,
    /// Why.
    pub reason: String,
}

/// A node on a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The node.
    pub node: NodeId,
    /// What a trace shows of it.
    pub shown: Shown,
}

/// What a trace shows of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// Nothing: it is the sender, or no probe's TTL expires there.
    Nothing,
    /// A hop that answers.
    Answers {
        /// Its number.
        hop: usize,
        /// Where the answer comes from.
        address: Address,
        /// The best round-trip time; `None` if it was not measured.
        time: Option<Duration>,
    },
    /// A hop that stays silent.
    Silent {
        /// Its number.
        hop: usize,
    },
}

impl Path {
    /// The path that the routes predict.
    #[must_use]
    pub fn planned(topology: &Topology, why: &Why) -> Self {
        let steps = why.there.steps.iter().zip(&why.seen);
        let steps = steps.map(|(step, seen)| Step {
            node: step.node,
            shown: match seen {
                Seen::Answers { ttl, address } => Shown::Answers {
                    hop: *ttl,
                    address: *address,
                    time: None,
                },
                Seen::Silent { ttl, .. } => Shown::Silent { hop: *ttl },
                Seen::Sender | Seen::Lost | Seen::Transparent | Seen::Renewed => Shown::Nothing,
            },
        });
        let back = why.back.as_ref().and_then(|back| back.loss.as_ref());
        let loss = why.there.loss.as_ref().or(back).map(|loss| Loss {
            node: loss.node,
            reason: loss_words(topology, loss),
        });
        Self {
            steps: steps.collect(),
            destination: why.there.destination,
            loss,
            is_measured: false,
        }
    }

    /// The path that a trace measured. Answers show which nodes the packets crossed. For silent hops, the routes
    /// predict the node.
    #[must_use]
    pub fn measured(topology: &Topology, why: &Why, observation: &Observation) -> Self {
        let mut path = Self::planned(topology, why);
        path.is_measured = true;
        if observation.reached() {
            path.loss = None;
        }
        let number = |hop: &ObservedHop| usize::from(hop.ttl.get());
        let last = observation
            .hops
            .iter()
            .map(number)
            .max()
            .unwrap_or_default();
        path.steps
            .retain(|step| step.shown.hop().is_none_or(|hop| hop <= last));
        for seen in &observation.hops {
            let hop = number(seen);
            let shown = match seen.addresses.first() {
                Some(address) => Shown::Answers {
                    hop,
                    address: *address,
                    time: seen.best_round_trip_time(),
                },
                None => Shown::Silent { hop },
            };
            let answered = seen
                .addresses
                .first()
                .and_then(|address| topology.owner(why.there.steps[0].node, *address));
            let planned = path.steps.iter_mut();
            let planned = planned
                .into_iter()
                .find(|step| step.shown.hop() == Some(hop));
            match (planned, answered) {
                (Some(step), node) => {
                    step.node = node.unwrap_or(step.node);
                    step.shown = shown;
                }
                (None, Some(node)) => path.steps.push(Step { node, shown }),
                // A silent hop after the end of the path belongs to no node.
                (None, None) => {}
            }
        }
        path
    }

    /// The path in columns, like Network Watcher's: each hop with its kind and its next hop.
    #[must_use]
    pub fn text(&self, topology: &Topology) -> String {
        let rows: Vec<Vec<String>> = (0..self.steps.len())
            .map(|position| self.row(topology, position))
            .collect();
        let headers = ["HOP", "NAME", "ADDRESS", "ELEMENT", "LATENCY", "NEXT HOP"];
        let mut text = table(&headers, &rows);
        if let Some(loss) = &self.loss {
            let _ = writeln!(text, "\nLost: {}.", loss.reason);
        }
        text
    }

    fn row(&self, topology: &Topology, position: usize) -> Vec<String> {
        let step = &self.steps[position];
        let node = topology.node(step.node);
        let next = self.steps.get(position + 1);
        let is_end = self
            .loss
            .as_ref()
            .is_some_and(|loss| loss.node == step.node && next.is_none());
        let next = match next {
            Some(next) => topology.node(next.node).name.to_string(),
            None if is_end => "lost".to_owned(),
            None => "-".to_owned(),
        };
        let [hop, address, latency] = step.shown.words(node.address);
        let element = node.role.title().to_owned();
        vec![hop, node.name.to_string(), address, element, latency, next]
    }
}

impl Shown {
    /// The number of the hop, where it is one.
    #[must_use]
    pub const fn hop(&self) -> Option<usize> {
        match self {
            Self::Nothing => None,
            Self::Answers { hop, .. } | Self::Silent { hop } => Some(*hop),
        }
    }

    /// Its number, address and time.
    fn words(&self, own: Option<Address>) -> [String; 3] {
        let known = || own.map_or_else(|| "-".to_owned(), |own| own.to_string());
        match self {
            Self::Nothing => ["-".to_owned(), known(), "-".to_owned()],
            Self::Answers { hop, address, time } => [
                hop.to_string(),
                address.to_string(),
                time.map_or_else(|| "-".to_owned(), latency),
            ],
            Self::Silent { hop } => [hop.to_string(), "*".to_owned(), "*".to_owned()],
        }
    }
}

/// Times below this are shown as "less than" this one.
const SHORTEST: Duration = Duration::from_micros(100);

/// A round-trip time, to a tenth of a millisecond.
#[must_use]
pub fn latency(time: Duration) -> String {
    if time < SHORTEST {
        return "<0.1 ms".to_owned();
    }
    format!("{:.1} ms", milliseconds(time))
}
