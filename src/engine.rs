//! Use cases of the commands. They join the effects, which do not depend on each other.
//!
//! Nothing is printed here: arguments come in, values go out.

mod apply;
mod backends;
mod build;
mod capture;
mod check;
mod comparison;
pub mod control;
mod counters;
mod doctor;
mod down;
mod error;
mod etc;
mod failover;
mod fault;
mod impair;
mod inside;
mod interfaces;
mod lab;
mod links;
mod observe;
mod opened;
mod progress;
mod prove;
mod room;
mod running;
mod runtime;
mod session;
mod stop;
mod storyboard;
mod text;
mod throughput;
mod timings;
mod tunnels;

pub use apply::{Changeover, Prepared, apply, prepare};
pub use backends::Choice;
pub use build::{Built, Running, build, note};
pub use capture::{Capture, CaptureRun, Span, capture};
pub use check::{Check, check};
pub use counters::{CapacityUse, Counters, LinkUse, counters};
pub use doctor::{Checkup, checkup, kernel_release};
pub use down::{Removed, clear, clear_nodes, down, release, sweep, undo};
pub use error::{EngineError, Unfinished};
pub use failover::{Failover, Mended, Overlay};
pub use fault::{Fate, heal_all, links_named, set_fate};
pub use impair::{ImpairOrder, impair, travellers};
pub use inside::{Inside, enter, exec};
pub use lab::{CATALOGUE, Lab, Template, load, load_text, load_timed, source, warnings};
pub use links::Links;
pub use observe::{Health, look};
pub use progress::{Progress, Watch};
pub use prove::{PING_BYTES, PingAnswer, PingRun, TraceRun, observations, ping, trace};
pub use room::{Shortage, make_room};
pub use running::{
    InForce, Up, address, failures, find, find_links, in_force, running, running_settled, tables,
};
pub use runtime::runtime;
pub use session::{
    begin_session, end_strays, enter_session, join_session, needs_session, roots_are_hidden,
};
pub use storyboard::{Gate, Told, broken, tell};
pub use throughput::{Bounds, IperfRun, Throughput, bounds, throughput};
pub use timings::{Lap, Phase, Stopwatch};
pub use tunnels::{KernelEnd, Tunnels};
