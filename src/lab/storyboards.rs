//! The `storyboards` section: failures, with expectations during them.

pub(crate) mod decode;
pub(crate) mod lower;
pub(crate) mod rules;
