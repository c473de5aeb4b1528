//! Compares expectations with observations: what to probe, and whether the result is right.
//!
//! [`demands`] decides how each expectation of a lab is probed; [`judge()`] compares an expectation with the results of
//! the probes. Neither sends a packet or reads a clock. The judgement of a failed expectation contains the difference
//! and the path that the routes predict, so that a reader knows whether to look at the lab file or at the kernel.

mod bottleneck;
pub mod cure;
mod demand;
mod disturbance;
mod explain;
mod in_force;
mod judge;
mod observation;
mod outage;
mod pace;
mod predicted;
mod rest;
mod times;
mod via;
pub mod why;

pub use bottleneck::{Bottleneck, Lossy, bottleneck, lossy};
pub use demand::{Demand, as_probed, demands, with_room};
pub use disturbance::Setting;
pub use in_force::{DisturbanceKind, InForce};
pub use judge::{Judgement, Verdict, differing_hops, judge};
pub use observation::{Observation, ObservedHop, ProbeCount};
pub use outage::{Outage, PathOutage, Sent, outage};
pub use pace::{Pace, pace};
pub use predicted::{Predicted, predict};
pub use rest::is_slow;
pub use times::TOLERANCE;

#[cfg(test)]
mod tests;
