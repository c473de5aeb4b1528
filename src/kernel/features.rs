//! What this kernel can do, found out by trying in a namespace of its own.

use std::time::Duration;

use netlink_packet_route::RouteNetlinkMessage;

use crate::kernel::rtnl::{BatchError, Request, Rtnl};
use crate::kernel::{message, netem, netns};
use crate::names::IfName;

/// Means that not every kernel has, and that have another where it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Features {
    /// `WireGuard` interfaces.
    pub wireguard: bool,
    /// netem queues, which delay packets.
    pub netem: bool,
}

/// What carries delays and tunnels; the kernel where it can, a process where it cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backends {
    /// The kernel makes tunnels: its own `WireGuard`.
    pub kernel_tunnels: bool,
    /// The kernel delays packets: netem.
    pub kernel_delays: bool,
}

/// A new namespace's loopback interface.
const LOOPBACK_INDEX: u32 = 1;

/// Tries each of them.
///
/// # Errors
///
/// The kernel's, where it makes no namespace to try in.
pub fn probe() -> std::io::Result<Features> {
    netns::in_scratch(|| {
        let mut rtnl = Rtnl::open()?;
        let mut works = |request: RouteNetlinkMessage| match rtnl.run(&[Request::create(request)]) {
            Ok(()) => Ok(true),
            Err(BatchError::Refused(..)) => Ok(false),
            Err(BatchError::Socket(error)) => Err(error),
        };
        Ok(Features {
            wireguard: works(message::wireguard(
                &IfName::near("probe", |_| false),
                2,
                1420,
            ))?,
            netem: works(netem::delay(LOOPBACK_INDEX, Duration::from_millis(1)))?,
        })
    })?
}
