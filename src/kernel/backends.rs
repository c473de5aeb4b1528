//! What carries a lab's tunnels and links: the kernel or a process.

use std::fs::File;
use std::io;

use crate::control::Choice;
use crate::kernel::{Backends, Features};

/// The device that creates TUN and TAP interfaces.
pub const TUN_DEVICE: &str = "/dev/net/tun";

/// Why no backend can carry a lab's tunnels or delays.
#[derive(Debug, thiserror::Error)]
pub enum NoBackend {
    /// This kernel lacks the requested backend.
    #[error(
        "the kernel backend was requested, and this kernel has no {missing}; `lab doctor` shows what it has"
    )]
    Kernel {
        /// What is missing.
        missing: &'static str,
    },
    /// Neither the kernel nor a process can carry them.
    #[error(
        "cannot open {TUN_DEVICE}, which the lab's process needs for {carried} because this kernel does not support them: {}",
        tun_hint(source.kind())
    )]
    Tun {
        /// What the lab needs it for.
        carried: &'static str,
        /// The system's error.
        #[source]
        source: io::Error,
    },
}

/// Advice for a TUN device that cannot be opened.
fn tun_hint(kind: io::ErrorKind) -> String {
    match kind {
        io::ErrorKind::PermissionDenied => format!(
            "`sudo chmod 0666 {TUN_DEVICE}`, as udev has it, lets everybody use it in namespaces of their own; or run it with sudo"
        ),
        _ => "try `modprobe tun`".to_owned(),
    }
}

/// Whether this process can create TUN and TAP interfaces.
///
/// # Errors
///
/// Errors of the kernel.
pub fn tun() -> io::Result<()> {
    let device = File::options().read(true).write(true).open(TUN_DEVICE);
    device.map(drop)
}

impl Backends {
    /// Chooses the kernel for what it supports, and a process for the rest. `tun` is the result of [`tun`].
    ///
    /// # Errors
    ///
    /// [`NoBackend`].
    pub fn choose(
        features: &Features,
        tun: io::Result<()>,
        choice: Choice,
    ) -> Result<Self, NoBackend> {
        let lacking = match features {
            Features {
                wireguard: false, ..
            } => Some(("tunnels (no WireGuard)", "WireGuard")),
            Features { netem: false, .. } => Some(("delays (no netem)", "netem")),
            _ => None,
        };
        let carried = match (choice, lacking) {
            (Choice::Kernel, Some((_, missing))) => return Err(NoBackend::Kernel { missing }),
            (Choice::Userspace, _) => Some("tunnels and delays (as was asked)"),
            (_, lacking) => lacking.map(|(carried, _)| carried),
        };
        match (carried, tun) {
            (Some(carried), Err(source)) => Err(NoBackend::Tun { carried, source }),
            _ => Ok(Self {
                kernel_tunnels: features.wireguard && choice != Choice::Userspace,
                kernel_delays: features.netem && choice != Choice::Userspace,
            }),
        }
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
        let chosen = Backends::choose(&netem_only, Ok(()), Choice::Probed).unwrap();
        assert!(chosen.kernel_delays && !chosen.kernel_tunnels);
    }

    #[test]
    fn without_a_way_for_a_process_the_missing_feature_is_named() {
        let refused = Backends::choose(&NOTHING, missing(), Choice::Probed).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "cannot open /dev/net/tun, which the lab's process needs for tunnels (no WireGuard) because this \
             kernel does not support them: try `modprobe tun`"
        );
        let forbidden = Err(io::ErrorKind::PermissionDenied.into());
        let refused = Backends::choose(&NOTHING, forbidden, Choice::Probed).unwrap_err();
        assert!(
            refused.to_string().ends_with(
                "`sudo chmod 0666 /dev/net/tun`, as udev has it, lets everybody use it in namespaces \
                 of their own; or run it with sudo"
            ),
            "{refused}"
        );
        assert!(Backends::choose(&EVERYTHING, missing(), Choice::Probed).is_ok());
    }

    #[test]
    fn what_was_asked_for_is_done_or_refused() {
        let userspace = Backends::choose(&EVERYTHING, Ok(()), Choice::Userspace).unwrap();
        assert!(!userspace.kernel_delays && !userspace.kernel_tunnels);
        assert!(Backends::choose(&EVERYTHING, missing(), Choice::Userspace).is_err());
        assert!(Backends::choose(&EVERYTHING, missing(), Choice::Kernel).is_ok());
        let refused = Backends::choose(&NOTHING, Ok(()), Choice::Kernel).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the kernel backend was requested, and this kernel has no WireGuard; `lab doctor` shows what it has"
        );
    }
}
