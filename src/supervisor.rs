//! The process that stays with a lab.
//!
//! `lab up` starts it. It builds the lab, reports that on standard output, and then holds what the kernel cannot:
//! userspace tunnels and wires. One thread runs the wires, another everything else. It listens in every namespace and
//! updates the routes when links change.
//! A request on its socket ends it, and the interfaces that it held end with it. On a signal such as SIGTERM it first
//! removes the whole lab, as `lab down` does. It does the same if the command that started it ends before the lab is
//! reported as up.

mod callers;
mod detach;
mod ending;
mod error;
mod follow;
pub mod live;
mod reserve;
mod restore;
mod serve;
mod stopwatch;
mod supervise;
mod watchers;

pub use error::SupervisorError;
pub use supervise::supervise;
