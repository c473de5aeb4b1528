//! Captures the packets that pass interfaces, in one file that Wireshark reads.
//!
//! The caller opens the sockets, each in its namespace, and the writer.
//!
//! - [`filter`]: which packets the kernel delivers, as a program of its packet filter.
//! - [`pcapng`]: the file, block by block.
//! - [`socket`]: a packet socket, for all interfaces of a namespace.
//! - `segment`: splits TCP packets that the kernel delivered as one, as they would be on a wire.
//! - [`run`]: from the sockets to the file, sorted by time, until the capture ends.

mod clock;
mod drive;
pub mod filter;
mod outlet;
pub mod pcapng;
mod segment;
pub mod socket;

pub use drive::{Captured, Identify, Limits, Place, Source, Takes, Until, run};
pub use outlet::Outlet;

use std::io;

/// Why a capture failed or is incomplete.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The kernel refused a socket operation, as it does without `CAP_NET_RAW`.
    #[error("cannot {0}")]
    Socket(&'static str, #[source] io::Error),
    /// The output accepts no more packets.
    #[error("cannot write the captured packets")]
    Output(#[source] io::Error),
}
