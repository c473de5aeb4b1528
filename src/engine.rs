//! Use cases: what the commands do, joining the effects that do not know each other.
//!
//! Nothing is printed here. What a person asked for comes in as arguments, and what happened goes
//! out as values.

mod build;
mod check;
pub mod control;
mod down;
mod error;
mod etc;
mod failover;
mod fault;
mod inside;
mod interfaces;
mod lab;
mod observe;
mod prove;
mod running;
mod storyboard;
mod tunnels;

pub use build::{Built, Running, build};
pub use check::{Check, check};
pub use down::{Removed, clear, down, undo};
pub use error::EngineError;
pub use failover::Failover;
pub use fault::{Fate, heal_all, links_named, set_fate};
pub use inside::{Inside, enter, exec};
pub use lab::{CATALOGUE, Lab, load, load_text, source};
pub use observe::{Health, health};
pub use prove::{PING_BYTES, PingAnswer, PingRun, TraceRun, observations, ping, trace};
pub use running::{Up, address, failures, find, find_links, running, tables};
pub use storyboard::{Told, broken, tell};
