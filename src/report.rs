//! Results as people and programs read them: every function here is a pure one from values to
//! text, or to types that serialize as the documented JSON.
//!
//! The serializable types are this module's own, so that a change inside the program never
//! changes what users' scripts read.

pub mod fault;
pub mod json;
pub mod labs;
pub mod ping;
pub mod status;
mod table;
pub mod tracert;
pub mod verification;

pub use table::table;

#[cfg(test)]
mod status_tests;
#[cfg(test)]
mod tests;
