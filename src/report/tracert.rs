//! Traces in the layout of Windows' tracert, in which Azure's documentation prints them.

use std::time::Duration;

use crate::addresses::Address;
use crate::topology::{NodeId, Owners, Topology};
use crate::units::milliseconds;
use crate::verify::{Observation, ObservedHop};

/// The name of an address, if it has one.
pub type Names<'a> = &'a dyn Fn(Address) -> Option<String>;

/// The destination of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// Its address.
    pub address: Address,
    /// The highest TTL that is probed.
    pub most_hops: u8,
}

/// The names of a lab's addresses: those of its nodes.
#[derive(Debug)]
pub struct LabNames<'a> {
    topology: &'a Topology,
    owners: Owners,
}

/// The names of a lab's addresses.
#[must_use]
pub fn names_of(topology: &Topology) -> LabNames<'_> {
    LabNames {
        topology,
        owners: Owners::new(topology),
    }
}

impl LabNames<'_> {
    /// The names from a node's point of view: in different routing domains, two nodes may have the same address.
    pub fn seen_from(&self, from: NodeId) -> impl Fn(Address) -> Option<String> {
        move |address| {
            let owner = self.owners.seen_from(self.topology, from, address)?;
            Some(self.topology.node(owner).name.to_string())
        }
    }
}

/// A whole trace, as tracert prints it. Several silent hops at its end are one line.
#[must_use]
pub fn trace(target: Target, observation: &Observation, names: Names<'_>) -> String {
    let hops = observation.hops.as_slice();
    let is_silent = |hop: &&ObservedHop| hop.addresses.is_empty();
    let silent = hops.iter().rev().take_while(is_silent).count();
    let (shown, folded) = match silent {
        0 | 1 => (hops, &[][..]),
        _ => hops.split_at(hops.len() - silent),
    };
    let hops: String = shown.iter().map(|hop| line(hop, names)).collect();
    let folded = match folded {
        [first, .., last] => format!("  no answer from hop {} to {}\n", first.ttl, last.ttl),
        _ => String::new(),
    };
    let (heading, closing) = (heading(target, names), closing(observation));
    format!("{heading}{hops}{folded}{closing}")
}

/// The last line of a trace or ping that did not reach its destination. Names are as a user typed them.
#[must_use]
pub fn explained_by(from: &str, to: &str, lab: Option<&str>) -> String {
    let lab = lab.map(|lab| format!(" --lab {lab}")).unwrap_or_default();
    format!("`lab why {from} {to}{lab}` explains it\n")
}

/// The line before the hops, and the empty one after it.
#[must_use]
pub fn heading(target: Target, names: Names<'_>) -> String {
    let Target { address, most_hops } = target;
    format!(
        "Tracing route to {} over a maximum of {most_hops} hops\n\n",
        shown(address, names)
    )
}

/// One hop: its number, the time of each probe, and who answered.
#[must_use]
pub fn line(hop: &ObservedHop, names: Names<'_>) -> String {
    let ttl = hop.ttl.get();
    let who: Vec<_> = hop
        .addresses
        .iter()
        .map(|address| shown(*address, names))
        .collect();
    let who = who.join(", ");
    if hop.refused {
        return format!("{ttl:>3}  {who}  reports: Destination host unreachable.\n");
    }
    let who = if who.is_empty() {
        "Request timed out."
    } else {
        &who
    };
    let times: String = hop.round_trip_times.iter().copied().map(time).collect();
    format!("{ttl:>3}  {times}{who}\n")
}

/// The text after the hops; empty if the destination was not reached.
#[must_use]
pub fn closing(observation: &Observation) -> String {
    let error = observation.send_error.as_ref();
    let error = error
        .map(|error| format!("Transmit error: {error}.\n"))
        .unwrap_or_default();
    let complete = if observation.reached() {
        "\nTrace complete.\n"
    } else {
        ""
    };
    format!("{error}{complete}")
}

/// A trace below a title, without tracert's first and last lines.
#[must_use]
pub fn compact(title: &str, observation: &Observation, names: Names<'_>) -> String {
    let hops: String = observation
        .hops
        .iter()
        .map(|hop| line(hop, names))
        .collect();
    let error = observation.send_error.as_ref();
    let error = error
        .map(|error| format!("  Transmit error: {error}.\n"))
        .unwrap_or_default();
    format!("{title}\n{hops}{error}")
}

/// The compact form of a probe without an answer.
#[must_use]
pub fn compact_silence(title: &str) -> String {
    format!("{title}\n  Request timed out.\n")
}

/// One probe's time in a column of nine characters. Tracert's clock counts whole milliseconds.
fn time(round_trip_time: Option<Duration>) -> String {
    match round_trip_time.map(milliseconds) {
        None => "   *     ".to_owned(),
        Some(time) if time < 1.0 => "  <1 ms  ".to_owned(),
        Some(time) => format!("{time:>4.0} ms  "),
    }
}

/// An address behind its name, `hub-vpngw [10.10.30.142]`, or alone.
pub(super) fn shown(address: Address, names: Names<'_>) -> String {
    match names(address) {
        Some(name) => format!("{name} [{address}]"),
        None => address.to_string(),
    }
}
