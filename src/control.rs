//! Messages between commands and a lab's supervisor: one line of JSON each way.
//!
//! The supervisor is a separate process. Commands and supervisor share only this module, and it is pure: commands send
//! and receive the messages in `engine`, the supervisor in `supervisor`.

mod answer;
mod request;
mod status;

pub use answer::{Answer, Applied, Changed, Impaired, Lap, Phase, Report, Started, reasons};
pub use request::{Choice, Impair, LONGEST_REQUEST, LinkAction, Order, Request};
pub use status::{
    Carried, FaultStatus, Moment, SupervisorStatus, TapIndexes, TunnelStatus, WireStatus,
};
