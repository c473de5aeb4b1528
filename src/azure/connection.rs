//! Connections of gateways to circuits, to each other and to devices, and of circuits to each other.

pub(crate) mod decode;
pub(crate) mod lower;
pub(crate) mod rules;
pub(crate) mod tunnels;
pub(crate) mod vpn;

pub use crate::azure::gateway::model::{Connection, ConnectionKind, IpSecEnd};
