//! Results as people and programs read them: every function here is a pure one from values to
//! text, or to types that serialize as the documented JSON.
//!
//! The serializable types are this module's own, so that a change inside the program never
//! changes what users' scripts read.

mod az;
pub mod baseline;
pub mod bgp_peers;
pub mod compare;
pub mod diff;
pub mod doctor;
pub mod expect;
pub mod explain;
pub mod failure;
pub mod fault;
pub mod impairment;
pub mod in_force;
pub mod iperf;
pub mod json;
pub mod junit;
pub mod labs;
pub mod learned;
pub mod markdown;
pub mod matrix;
pub mod network_watcher;
mod origins;
pub mod path;
pub mod picture;
pub mod ping;
pub mod results;
pub mod routes;
pub mod schema;
mod side_by_side;
pub mod status;
pub mod storyboard;
mod table;
pub mod tracert;
mod tsv;
pub mod verification;
pub mod why;
mod wrap;

pub use az::az_table;
pub use table::table;
pub use tsv::{Rows, tsv};

#[cfg(test)]
mod solved;
#[cfg(test)]
mod tests;
