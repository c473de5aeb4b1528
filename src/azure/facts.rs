//! Azure's limits and sizes, each with its document.

pub(crate) mod addresses;
pub(crate) mod limits;
pub(crate) mod sizes;
