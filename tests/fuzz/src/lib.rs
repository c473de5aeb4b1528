//! External input, and what must hold for any input: one function for each entry point.
//!
//! A fuzzer generates inputs, and an ordinary test replays those in `corpus`.

mod control;
mod import;
mod lab_file;
mod replies;

pub use control::control;
pub use import::import;
pub use lab_file::lab_file;
pub use replies::replies;
