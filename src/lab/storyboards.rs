//! The `storyboards` section: failures, with expectations during them.

pub(crate) mod decode;
pub(crate) mod lower;
pub(crate) mod rules;

/// The description of its keys.
pub(crate) const KEYS: &str = include_str!("storyboards/keys.yaml");
