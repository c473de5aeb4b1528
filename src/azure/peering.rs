//! Peerings of virtual networks.

pub(crate) mod lower;
pub(crate) mod rules;

pub use crate::azure::virtual_network::model::Peering;
