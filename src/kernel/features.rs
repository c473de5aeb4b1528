//! The kernel features that decide what carries a lab, tested in a temporary namespace.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::kernel::rtnl::{Request, Rtnl};
use crate::kernel::settings::{self, Preset};
use crate::kernel::{message, netns, queues};
use crate::names::IfName;
use crate::units::{Impairment, Share};

/// Optional kernel features, each with a replacement in a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Features {
    /// `WireGuard` interfaces.
    pub wireguard: bool,
    /// netem queues, which delay and lose packets, with tbf, which passes them single packets.
    pub netem: bool,
    /// The requested settings, with their values in a new namespace.
    pub preset: Preset,
}

/// What carries delays and tunnels: the kernel if it can, otherwise a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backends {
    /// The kernel carries tunnels: its own `WireGuard`.
    pub kernel_tunnels: bool,
    /// The kernel delays packets: netem.
    pub kernel_delays: bool,
}

/// A new namespace's loopback interface.
pub(super) const LOOPBACK_INDEX: u32 = 1;

const WIREGUARD_INDEX: u32 = 2;

/// Tests each feature, and reads settings by their path under /proc/sys/net.
///
/// # Errors
///
/// Errors of the kernel, if it creates no namespace for the test.
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

/// A queue that delays and loses packets leaving an interface, with everything it needs.
pub(super) fn emulator(index: u32) -> Vec<Request> {
    let impairment = Impairment {
        loss: Share::ALL,
        ..Impairment::delay(Duration::from_millis(1))
    };
    queues::queues(index, &impairment)
}
