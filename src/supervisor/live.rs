//! A running lab: what builds it, changes it and keeps its routes up to date.
//!
//! All of this is state of the supervisor's process: open interfaces, tunnels, wires, and what is known of the kernel's.
//! Commands see none of it; they send messages of [`control`](crate::control).

mod apply;
mod build;
mod failover;
mod interfaces;
mod links;
mod opened;
mod room;
mod tunnels;

use std::error::Error;

use crate::control::reasons;

pub use apply::{Changeover, Prepared, apply, prepare};
pub use build::{Built, Running, build, note};
pub use failover::{Failover, Mended, Overlay};
pub use links::Links;
pub(in crate::supervisor) use room::make_room;
pub use tunnels::{KernelEnd, Tunnels};

/// An error with its sources, in one line.
fn line<E: Error>(error: &E) -> String {
    reasons(error).join(": ")
}
