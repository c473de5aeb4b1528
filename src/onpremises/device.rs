//! What routers of sites and network virtual appliances have in common: BGP, tunnels and static routes.

pub(crate) mod cure;
pub(crate) mod decode;
pub(crate) mod defaults;
mod filters;
pub(crate) mod firewall;
pub(crate) mod lower;
pub mod model;
pub(crate) mod neighbours;

/// The description of its keys.
pub(crate) const KEYS: &str = include_str!("device/keys.yaml");
