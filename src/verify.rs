//! Expectations against observations: what has to be probed, and whether what came back is right.
//!
//! [`demands`] says how each expectation of a lab is probed, [`judge()`] compares an expectation
//! with what the probes saw. Neither sends a packet or reads a clock. A judgement that is not a
//! pass says what differs, then what the routes make of the same path, so that a reader knows
//! whether to look at the lab file or at the kernel.

mod bottleneck;
mod demand;
mod disturbance;
mod explain;
mod foretold;
mod judge;
mod observation;
mod outage;
mod pace;
mod rest;
mod times;
pub mod why;

use std::net::Ipv4Addr;

pub use bottleneck::{Bottleneck, Impairments, Lossy, bottleneck, lossy};
pub use demand::{Demand, demands};
pub use disturbance::{Disturbances, Setting};
pub use foretold::{Foretold, foretold};
pub use judge::{Judgement, Verdict, differing_hops, judge};
pub use observation::{Observation, ObservedHop, ProbeCount};
pub use outage::{Outage, PathOutage, Sent, outage};
pub use pace::{Pace, pace};
pub use rest::is_slow;
pub use times::TOLERANCE;

use crate::topology::{Interface, NodeId, Topology};

/// The node that an address belongs to; none for an address that the lab does not have.
#[must_use]
pub fn owner(topology: &Topology, address: Ipv4Addr) -> Option<NodeId> {
    let of_interface = |interface: &Interface| {
        let is_own = interface.addresses.iter().any(|own| own.addr() == address);
        is_own.then_some(interface.node)
    };
    let of_loopback = || {
        topology
            .nodes
            .iter()
            .position(|node| node.loopback.contains(&address))
    };
    let interface = topology.interfaces.iter().find_map(of_interface);
    interface.or_else(|| of_loopback().map(NodeId))
}

#[cfg(test)]
mod bottleneck_tests;
#[cfg(test)]
mod demand_tests;
#[cfg(test)]
mod disturbance_tests;
#[cfg(test)]
mod explain_tests;
#[cfg(test)]
mod tests;
