//! What this kernel can do that decides what carries a lab, found out by trying in a namespace of its own.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::kernel::rtnl::{Request, Rtnl};
use crate::kernel::settings::{self, Preset};
use crate::kernel::{message, netns, queues};
use crate::names::IfName;
use crate::units::{Impairment, Share};

/// Means that not every kernel has, and that have another where it does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Features {
    /// `WireGuard` interfaces.
    pub wireguard: bool,
    /// netem queues, which delay and lose packets, with tbf, which hands them single packets.
    pub netem: bool,
    /// The settings that were asked for, as a new namespace has them.
    pub preset: Preset,
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
pub(super) const LOOPBACK_INDEX: u32 = 1;

const WIREGUARD_INDEX: u32 = 2;

/// Tries each of them, and reads settings, by their path under /proc/sys/net.
///
/// # Errors
///
/// The kernel's, where it makes no namespace to try in.
pub fn probe(settings: &BTreeSet<&'static str>) -> std::io::Result<Features> {
    netns::in_scratch(|| {
        let asked = [
            &[wireguard(WIREGUARD_INDEX)],
            emulator(LOOPBACK_INDEX).as_slice(),
        ]
        .concat();
        let refused = Rtnl::open()?.run_all(&asked)?;
        Ok(Features {
            wireguard: refused.iter().all(|(position, _)| *position != 0),
            netem: refused.iter().all(|(position, _)| *position == 0),
            preset: settings::read(settings.iter().copied()),
        })
    })?
}

/// A tunnel's interface.
pub(super) fn wireguard(index: u32) -> Request {
    let name = IfName::near("probe", |_| false);
    Request::create(message::wireguard(&name, index, 1420))
}

/// A queue that delays and loses what leaves by an interface, with all that it takes to do so.
pub(super) fn emulator(index: u32) -> Vec<Request> {
    let impairment = Impairment {
        loss: Share::ALL,
        ..Impairment::delay(Duration::from_millis(1))
    };
    queues::queues(index, &impairment)
}
