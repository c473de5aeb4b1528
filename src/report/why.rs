//! What `lab why` prints.

mod cures;
mod rows;
mod text;
mod words;

use serde::Serialize;

use crate::addresses::Address;
use crate::report::routes::{SystemRoute, system_route};
use crate::routing::Absence;
use crate::topology::{NodeId, Topology};
use crate::verify::why::{self, Seen};

pub use cures::{Cure, Edit, Healing, cures, cures_text};
pub use rows::rows;
pub(super) use text::absence;
pub use text::text;
pub(super) use words::loss as loss_words;

/// Why packets take their path, in both directions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Why {
    /// The sender.
    pub from: String,
    /// The node with the destination address; null if no node has it.
    pub to: Option<String>,
    /// The forward path, with what a trace shows of it.
    pub there: Way,
    /// The return path; null if no node has the destination address.
    pub back: Option<Way>,
    /// Routers on the forward path only.
    pub only_there: Vec<String>,
    /// Routers on the return path only.
    pub only_back: Vec<String>,
    /// Whether packets arrive in both directions.
    pub answered: bool,
    /// A summary in one sentence.
    pub summary: String,
    /// The firewalls whose effect on a packet is not known. The paths are those without them.
    pub not_evaluated: Vec<String>,
}

/// One direction of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Way {
    /// The source address of the packets.
    pub source: Address,
    /// The destination address.
    pub destination: Address,
    /// Whether they arrive.
    pub delivered: bool,
    /// Every node on the path, the sender first.
    pub hops: Vec<Hop>,
    /// Where they are lost; null where they arrive.
    pub loss: Option<Loss>,
}

/// What happens at a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hop {
    /// The node.
    pub node: String,
    /// Its role.
    pub role: &'static str,
    /// The TTL at which a trace shows it; null if it does not, and on the return path.
    pub ttl: Option<usize>,
    /// The address that answers a trace; null if the node does not answer.
    pub address: Option<Address>,
    /// Why the node does not answer a trace; null if there is nothing to explain.
    pub silence: Option<String>,
    /// The route that packets take; null at the destination, and where there is none.
    pub route: Option<SystemRoute>,
    /// The inactive routes of the same prefix, over which the route won.
    pub beat: Vec<SystemRoute>,
    /// The matching route with a shorter prefix, if it leads elsewhere; otherwise null.
    pub longer_than: Option<SystemRoute>,
}

/// Where packets are lost, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// The node that loses them.
    pub node: String,
    /// Why.
    pub reason: String,
    /// The nodes that have the missing route, and where its propagation ends.
    pub missing: Vec<Missing>,
}

/// A node that has the missing route, and where its propagation ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// The node that has it.
    pub holder: String,
    /// Its prefix.
    pub prefix: String,
    /// The nodes that do not receive it.
    pub listeners: Vec<String>,
    /// The connection, circuit or link between them.
    pub session: String,
    /// Why.
    pub reason: String,
    /// The document with this rule; null if the lab file sets it.
    pub source: Option<&'static str>,
}

/// The output for an explanation.
#[must_use]
pub fn report(topology: &Topology, from: NodeId, why: &why::Why) -> Why {
    let name = |node: &NodeId| topology.node(*node).name.to_string();
    let [only_there, only_back] = why.asymmetry();
    let not_evaluated = why.untold.iter().map(|it| words::untold(topology, it));
    let not_evaluated: Vec<String> = not_evaluated.collect();
    let summary = [words::summary(topology, from, why)].into_iter();
    let summary: Vec<String> = summary.chain(not_evaluated.iter().cloned()).collect();
    Why {
        from: name(&from),
        to: why.to.as_ref().map(name),
        there: way(topology, &why.there, &why.seen),
        back: why.back.as_ref().map(|back| way(topology, back, &[])),
        only_there: only_there.iter().map(name).collect(),
        only_back: only_back.iter().map(name).collect(),
        answered: why.is_answered(),
        summary: summary.join("; note: "),
        not_evaluated,
    }
}

fn way(topology: &Topology, way: &why::Way, seen: &[Seen]) -> Way {
    let steps = way.steps.iter().enumerate();
    let name = |node: NodeId| topology.node(node).name.to_string();
    Way {
        source: way.source,
        destination: way.destination,
        delivered: way.is_delivered(),
        hops: steps
            .map(|(position, step)| hop(topology, step, seen.get(position)))
            .collect(),
        loss: way.loss.as_ref().map(|loss| Loss {
            node: name(loss.node),
            reason: words::loss(topology, loss),
            missing: missing(topology, &loss.absences),
        }),
    }
}

fn hop(topology: &Topology, step: &why::Step, seen: Option<&Seen>) -> Hop {
    let node = topology.node(step.node);
    let (ttl, address) = match seen {
        Some(Seen::Answers { ttl, address }) => (Some(*ttl), Some(*address)),
        Some(Seen::Silent { ttl, .. }) => (Some(*ttl), None),
        _ => (None, None),
    };
    let choice = step.choice.as_ref();
    let route = |route| system_route(topology, route);
    let beaten = choice.map_or(&[][..], |choice| &choice.beaten);
    Hop {
        node: node.name.to_string(),
        role: node.role.title(),
        ttl,
        address,
        silence: seen.and_then(|seen| words::silence(topology, seen)),
        route: choice.map(|choice| route(&choice.route)),
        beat: beaten.iter().map(route).collect(),
        longer_than: choice.and_then(|choice| choice.hidden.as_ref().map(route)),
    }
}

/// Groups the absences that differ in the listener only.
fn missing(topology: &Topology, absences: &[Absence]) -> Vec<Missing> {
    let name = |node| topology.node(node).name.to_string();
    let mut missing: Vec<Missing> = Vec::new();
    for absence in absences {
        let listener = name(absence.listener);
        let one = Missing {
            holder: name(absence.holder),
            prefix: absence.prefix.to_string(),
            listeners: Vec::new(),
            session: topology.session(absence.session).name.to_string(),
            reason: absence.because(topology),
            source: absence.reason.source(),
        };
        let is_same = |other: &&mut Missing| {
            (&other.holder, &other.prefix, &other.session, &other.reason)
                == (&one.holder, &one.prefix, &one.session, &one.reason)
        };
        match missing.iter_mut().find(is_same) {
            Some(other) if other.listeners.contains(&listener) => {}
            Some(other) => other.listeners.push(listener),
            None => missing.push(Missing {
                listeners: vec![listener],
                ..one
            }),
        }
    }
    missing
}

#[cfg(test)]
mod tests;
