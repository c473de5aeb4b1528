//! The `impairments` section: delay, loss, rates and queues of links.

pub(crate) mod apply;
pub(crate) mod cure;
pub(crate) mod decode;
pub mod model;

/// The description of its keys.
pub(crate) const KEYS: &str = include_str!("impairments/keys.yaml");
