//! A running lab: what builds it, changes it and keeps its routes up to date.
//!
//! All of this is state of the supervisor's process: open interfaces, tunnels, wires, and the known state of the
//! kernel. Commands see none of it; they send messages of [`control`](crate::control).

mod apply;
mod build;
mod firewalls;
mod interfaces;
mod links;
mod live_lab;
mod opened;
mod room;
mod tunnels;

use std::error::Error;

use crate::control::reasons;

pub use apply::{Changeover, Prepared, apply, prepare};
pub use build::{Built, DataPlane, build, note};
pub use links::Links;
pub use live_lab::{LiveLab, Mended, Overlay};
pub use room::Shortage;
pub(in crate::supervisor) use room::make_room;
pub use tunnels::{KernelEnd, Tunnels};

/// An error with its sources, in one line.
fn line<E: Error>(error: &E) -> String {
    reasons(error).join(": ")
}
