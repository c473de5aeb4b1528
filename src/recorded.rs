//! Outputs that somebody recorded on Azure or in its machines: tables of az, and traces.
//!
//! Text in, values out. What differs from a lab is decided elsewhere.

mod rows;
mod table;
mod trace;

#[cfg(test)]
mod tests;

pub use rows::{RecordedError, Row, Table, rows};
pub use trace::{RecordedHop, RecordedTrace, trace};
