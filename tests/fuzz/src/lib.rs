//! What comes from outside, and what must be true of whatever comes: one function for each way in.
//!
//! A fuzzer makes inputs up, and an ordinary test replays those that are kept in `corpus`.

mod control;
mod lab_file;
mod replies;

pub use control::control;
pub use lab_file::lab_file;
pub use replies::replies;
