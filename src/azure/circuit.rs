//! `ExpressRoute` circuits, with their pairs of MSEEs.

pub(crate) mod decode;
pub(crate) mod lower;
pub(crate) mod microsoft;
pub(crate) mod ranges;
pub(crate) mod rules;

pub use crate::azure::gateway::model::{CircuitLink, ExpressRouteCircuit};

/// The MSEE nodes of a circuit, primary and secondary.
pub(crate) fn msee_names(circuit: &str) -> [String; 2] {
    [format!("{circuit}-msee1"), format!("{circuit}-msee2")]
}
