//! The meaning of each key of a lab file: the parts of its description, each of which stands beside the code that reads
//! it. A test compares them with the keys that the decoder reads.

use crate::azure::{
    circuit, connection, gateway, load_balancer, peering, route_table, virtual_machine,
    virtual_network,
};
use crate::lab::{expectations, impairments, storyboards};
use crate::onpremises::{device, site};
use crate::yaml::keys;

pub use crate::yaml::keys::{Key, Mapping, Needed, Scalar, Shape};

/// The name of the lab file itself in findings.
pub const ROOT: &str = "a lab file";

/// The parts of the description, in the order in which people read them.
const PARTS: [&str; 14] = [
    include_str!("keys.yaml"),
    virtual_network::KIND.keys,
    virtual_machine::KIND.keys,
    device::KEYS,
    peering::KIND.keys,
    route_table::KIND.keys,
    load_balancer::KIND.keys,
    gateway::KIND.keys,
    circuit::KIND.keys,
    connection::KIND.keys,
    site::KEYS,
    impairments::KEYS,
    expectations::KEYS,
    storyboards::KEYS,
];

/// Every mapping of a lab file, the file itself first.
///
/// # Panics
///
/// If the description is invalid. It is a part of the program, and tests read it.
#[must_use]
pub fn mappings() -> Vec<Mapping> {
    keys::read(&PARTS).expect("tests read the description, which is a part of the program")
}
