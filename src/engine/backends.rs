//! What carries a lab's tunnels and links: the kernel or a process.

use serde::{Deserialize, Serialize};

use crate::engine::EngineError;
use crate::kernel::{Backends, Features};
use crate::store::Carriers;

/// What a person wants of the kernel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// Whatever it can do, it does.
    #[default]
    Probed,
    /// It does everything, or the lab is not built.
    Kernel,
    /// It does nothing that a process can do.
    Userspace,
}

impl Choice {
    /// Whether a lab that is carried so is what was asked for.
    #[must_use]
    pub fn allows(self, carriers: Carriers) -> bool {
        match self {
            Self::Probed => true,
            Self::Kernel => carriers.kernel_tunnels && carriers.kernel_delays,
            Self::Userspace => !carriers.kernel_tunnels && !carriers.kernel_delays,
        }
    }
}

/// The kernel carries what it can and may; the rest needs a way for a process to do it.
pub(super) fn backends(
    features: &Features,
    has_tun: bool,
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
    match carried {
        Some(carried) if !has_tun => Err(EngineError::NoTun { carried }),
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
        let chosen = backends(&netem_only, true, Choice::Probed).unwrap();
        assert!(chosen.kernel_delays && !chosen.kernel_tunnels);
    }

    #[test]
    fn without_a_way_for_a_process_the_missing_feature_is_named() {
        let refused = backends(&NOTHING, false, Choice::Probed).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "there is no /dev/net/tun, by which a process carries tunnels (no WireGuard), and this \
             kernel does not: try `modprobe tun`"
        );
        assert!(backends(&EVERYTHING, false, Choice::Probed).is_ok());
    }

    #[test]
    fn what_was_asked_for_is_done_or_refused() {
        let userspace = backends(&EVERYTHING, true, Choice::Userspace).unwrap();
        assert!(!userspace.kernel_delays && !userspace.kernel_tunnels);
        assert!(backends(&EVERYTHING, false, Choice::Userspace).is_err());
        assert!(backends(&EVERYTHING, false, Choice::Kernel).is_ok());
        let refused = backends(&NOTHING, true, Choice::Kernel).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the kernel backend was asked for, and this kernel has no WireGuard; `lab doctor` shows what it has"
        );
    }
}
