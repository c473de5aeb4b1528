//! `ExpressRoute` circuits, with their pairs of MSEEs.

pub(crate) mod decode;
pub(crate) mod lower;
pub(crate) mod microsoft;
pub(crate) mod ranges;
pub(crate) mod rules;

pub use crate::azure::gateway::model::{CircuitLink, ExpressRouteCircuit};
