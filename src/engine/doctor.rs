//! What this machine can do for labs.

use std::collections::BTreeSet;
use std::env;
use std::path::Path;

use nix::sys::utsname::uname;

use crate::engine::backends::{Choice, backends};
use crate::engine::error::{TUN_DEVICE, line};
use crate::engine::{EngineError, throughput};
use crate::kernel::{self, Ability, Backends};

/// What this machine can do.
#[derive(Debug)]
pub struct Checkup {
    /// What labs ask of the kernel.
    pub abilities: Vec<Ability>,
    /// What would carry a lab; none, and why, where nothing can.
    pub backends: Result<Backends, String>,
    /// Whether iperf3 is there, for `lab iperf`.
    pub has_iperf: bool,
}

/// Tries what this machine can do, in a namespace that ends with the trial.
///
/// # Errors
///
/// [`EngineError::System`], where the kernel makes no namespace to try in.
pub fn checkup() -> Result<Checkup, EngineError> {
    let features = kernel::probe(&BTreeSet::new())
        .map_err(|source| EngineError::system("probe the kernel's features", source))?;
    let chosen = backends(&features, Path::new(TUN_DEVICE).exists(), Choice::Probed);
    Ok(Checkup {
        abilities: kernel::survey(),
        backends: chosen.map_err(|error| line(&error)),
        has_iperf: is_installed(throughput::PROGRAM),
    })
}

/// The kernel's release, as `uname -r` says it.
#[must_use]
pub fn kernel_release() -> String {
    uname().map_or_else(
        |_| "of an unknown release".to_owned(),
        |names| names.release().to_string_lossy().into_owned(),
    )
}

fn is_installed(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
