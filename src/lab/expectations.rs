//! The `expect` section: the paths that `lab verify` checks.

pub(crate) mod decode;
mod hops;
mod lower;
pub(crate) mod pairs;
pub(crate) mod rules;
#[cfg(test)]
mod tests;

/// The description of its keys.
pub(crate) const KEYS: &str = include_str!("expectations/keys.yaml");
