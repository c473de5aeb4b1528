//! The `expect` section: the paths that `lab verify` proves.

pub(crate) mod decode;
pub(crate) mod rules;
