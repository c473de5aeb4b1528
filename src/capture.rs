//! Packets as they pass by interfaces, in one file that Wireshark reads.
//!
//! Sockets come from whoever opened them in the right namespaces, and so does the writer.
//!
//! - [`filter`]: what the kernel is to hand over, as a program of its packet filter.
//! - [`pcapng`]: the file, block by block.
//! - [`socket`]: a packet socket, for all interfaces of a namespace.
//! - `segment`: TCP packets that the kernel handed over as one, cut as they would be on a wire.
//! - [`run`]: from the sockets to the file, in the order of time, until something ends it.

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

/// Why there is no capture, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The kernel refused a socket, as it does without `CAP_NET_RAW`.
    #[error("cannot {0}")]
    Socket(&'static str, #[source] io::Error),
    /// What reads or keeps the packets takes no more.
    #[error("cannot write the captured packets")]
    Output(#[source] io::Error),
}
