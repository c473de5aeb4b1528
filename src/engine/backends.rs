//! What carries a lab's tunnels and links: the kernel or a process.

use std::fs::File;
use std::io;

use serde::{Deserialize, Serialize};

use crate::engine::EngineError;
use crate::engine::error::TUN_DEVICE;
use crate::kernel::{Backends, Features};
use crate::store::Carriers;

/// The user's choice of a backend.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// The kernel does what it can.
    #[default]
    Probed,
    /// The kernel does everything, or the lab is not built.
    Kernel,
    /// The kernel does nothing that a process can do.
    Userspace,
}

impl Choice {
    /// Whether a lab with these backends matches the choice.
    #[must_use]
    pub fn allows(self, carriers: Carriers) -> bool {
        match self {
            Self::Probed => true,
            Self::Kernel => carriers.kernel_tunnels && carriers.kernel_delays,
            Self::Userspace => !carriers.kernel_tunnels && !carriers.kernel_delays,
        }
    }
}

/// Whether this process can create TUN and TAP interfaces.
pub(super) fn tun() -> io::Result<()> {
    let device = File::options().read(true).write(true).open(TUN_DEVICE);
    device.map(drop)
}

/// The kernel carries what it can. The rest needs a process; `tun` says whether one can carry packets.
pub(super) fn backends(
    features: &Features,
    tun: io::Result<()>,
    choice: Choice,
) -> Result<Backends, EngineError> {
    let lacking = match features {
        Features {
            wireguard: false, ..
        } => Some(("tunnels (no WireGuard)", "WireGuard")),
        Features { netem: false, .. } => Some(("delays (no netem)", "netem")),
        _ => None,
    };
    let carried = match (choice, lacking) {
        (Choice::Kernel, Some((_, missing))) => {
            return Err(EngineError::NoKernelBackend { missing });
        }
        (Choice::Userspace, _) => Some("tunnels and delays (as was asked)"),
        (_, lacking) => lacking.map(|(carried, _)| carried),
    };
    match (carried, tun) {
        (Some(carried), Err(source)) => Err(EngineError::NoTun { carried, source }),
        _ => Ok(Backends {
            kernel_tunnels: features.wireguard && choice != Choice::Userspace,
            kernel_delays: features.netem && choice != Choice::Userspace,
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn missing() -> io::Result<()> {
        Err(io::ErrorKind::NotFound.into())
    }

    const NOTHING: Features = Features {
        wireguard: false,
        netem: false,
        preset: BTreeMap::new(),
    };

    const EVERYTHING: Features = Features {
        wireguard: true,
        netem: true,
        preset: BTreeMap::new(),
    };

    #[test]
    fn the_kernel_carries_what_it_can() {
        let netem_only = Features {
            netem: true,
            ..NOTHING
        };
        let chosen = backends(&netem_only, Ok(()), Choice::Probed).unwrap();
        assert!(chosen.kernel_delays && !chosen.kernel_tunnels);
    }

    #[test]
    fn without_a_way_for_a_process_the_missing_feature_is_named() {
        let refused = backends(&NOTHING, missing(), Choice::Probed).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "cannot open /dev/net/tun, by which a process carries tunnels (no WireGuard), and this \
             kernel does not: try `modprobe tun`"
        );
        let forbidden = Err(io::ErrorKind::PermissionDenied.into());
        let refused = backends(&NOTHING, forbidden, Choice::Probed).unwrap_err();
        assert!(
            refused.to_string().ends_with(
                "`sudo chmod 0666 /dev/net/tun`, as udev has it, lets everybody use it in namespaces \
                 of their own; or run it with sudo"
            ),
            "{refused}"
        );
        assert!(backends(&EVERYTHING, missing(), Choice::Probed).is_ok());
    }

    #[test]
    fn what_was_asked_for_is_done_or_refused() {
        let userspace = backends(&EVERYTHING, Ok(()), Choice::Userspace).unwrap();
        assert!(!userspace.kernel_delays && !userspace.kernel_tunnels);
        assert!(backends(&EVERYTHING, missing(), Choice::Userspace).is_err());
        assert!(backends(&EVERYTHING, missing(), Choice::Kernel).is_ok());
        let refused = backends(&NOTHING, Ok(()), Choice::Kernel).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the kernel backend was asked for, and this kernel has no WireGuard; `lab doctor` shows what it has"
        );
    }
}
