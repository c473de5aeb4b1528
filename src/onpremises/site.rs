//! Sites with their routers, hosts and links, and the links between sites.

pub(crate) mod cure;
pub(crate) mod decode;
pub(crate) mod defaults;
pub(crate) mod find;
pub(crate) mod lower;
pub mod model;
pub(crate) mod rules;
mod sessions;

/// The description of its keys.
pub(crate) const KEYS: &str = include_str!("site/keys.yaml");
