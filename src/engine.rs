//! The commands' use cases, built on the effects, which do not depend on each other.
//!
//! A lab's running state is in its supervisor, another process: a command only sends it messages, through [`client`].
//! [`start`] starts it, as a hidden command of the same program.
//!
//! Nothing is printed here: arguments come in, values go out.

mod capture;
mod catalogue;
mod check;
pub mod client;
mod counters;
mod cure;
mod doctor;
mod down;
mod error;
mod expect;
mod fault;
mod impair;
mod inside;
mod interrupt;
mod lab;
mod matrix;
mod observe;
mod origin;
mod parts;
mod progress;
mod prove;
mod replace;
#[cfg(test)]
mod round_trip;
mod running;
mod runtime;
mod stop;
mod storyboard;
mod text;
mod throughput;
mod up;
mod user_namespace;
mod verify;

pub use capture::{Capture, CaptureRun, Span, capture};
pub use catalogue::{CATALOGUE, Template, catalogue};
pub use check::{Check, check, disturbances};
pub use counters::{CapacityUse, Counters, LinkUse, counters};
pub use cure::{Faults, cures};
pub use doctor::{Checkup, HOSTS, checkup, kernel_release};
pub use down::{Removed, clear, clear_nodes, down, end_processes, release, sweep, undo};
pub use error::{EngineError, Unfinished};
pub use expect::{path_by_routes, paths_by_probes, paths_by_routes};
pub use fault::{act_on_parts, heal_all, noticed, restore};
pub use impair::{ImpairOrder, impair, travellers};
pub use inside::{Inside, enter, exec};
pub use interrupt::{Came, Interrupts, Removal};
pub use lab::{Lab, load, load_text, load_timed, source, topology_of, warnings};
pub use matrix::{Matrix, MatrixPath, matrix_by_probes, matrix_by_routes};
pub use observe::{Health, look};
pub use origin::{has_changed, lasting_name};
pub use parts::find_sessions;
pub use progress::{Progress, Watch};
pub use prove::{PING_BYTES, PingAnswer, PingRun, TraceRun, observations, ping, trace};
pub use replace::check_replacement;
pub use running::{
    Up, address, find, find_links, find_nic, glance, running, running_settled, state, state_of,
    state_of_file, up_names,
};
pub use runtime::runtime;
pub use storyboard::{Gate, StepResult, broken, tell};
pub use text::read_output;
pub use throughput::{Bounds, IperfRun, Throughput, bounds, throughput};
pub use up::{COMMAND, PATIENCE, Start, start};
pub use user_namespace::{
    begin_user_namespace, end_strays, enter_user_namespace, join_user_namespace,
    needs_user_namespace, roots_are_hidden,
};
pub use verify::{Scope, Verified, verify};
