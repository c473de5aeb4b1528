//! The process that stays with a lab.
//!
//! `lab up` starts it. It builds the lab, says so on its standard output, and then holds what the
//! kernel cannot: userspace tunnels and wires. One thread runs the wires, another everything else.
//! It listens in every namespace, and has the routes follow what happens to links there.
//! It ends when it is told to on its socket, and with it go the interfaces that it held. By a signal such as SIGTERM it
//! removes the whole lab first, as `lab down` does, and so it does where the command that started it is gone before it
//! could say that the lab is up.

mod callers;
mod detach;
mod ending;
mod follow;
mod interrupt;
mod reserve;
mod restore;
mod serve;
mod start;
mod supervise;
mod watchers;

pub use interrupt::{Came, Interrupts, Removal};
pub use serve::reasons;
pub use start::{COMMAND, PATIENCE, Report, Started, start};
pub use supervise::supervise;
