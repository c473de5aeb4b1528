//! Virtual networks and their subnets.

pub(crate) mod decode;
pub(crate) mod lower;
pub(crate) mod model;
pub(crate) mod rules;

pub use model::{Subnet, VirtualNetwork};
