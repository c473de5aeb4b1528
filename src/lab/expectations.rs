//! The `expect` section: the paths that `lab verify` proves.

pub(crate) mod decode;
pub(crate) mod rules;

/// The description of its keys.
pub(crate) const KEYS: &str = include_str!("expectations/keys.yaml");
