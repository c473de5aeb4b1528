//! Azure's numbers, each with the document that says it.

pub(crate) mod addresses;
pub(crate) mod limits;
pub(crate) mod sizes;
