//! What this machine supports.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::sys::utsname::uname;

use crate::control::{Choice, reasons};
use crate::engine::{EngineError, begin_user_namespace, capture, throughput};
use crate::kernel::{self, Ability, Backends, TUN_DEVICE, programs, tun, user_namespace};

/// The file with names of hosts. A small image of Debian may lack it.
pub const HOSTS: &str = "/etc/hosts";

/// What this machine supports.
#[derive(Debug)]
pub struct Checkup {
    /// The kernel's abilities that labs need.
    pub abilities: Vec<Ability>,
    /// What would carry a lab, or the reason why nothing can.
    pub backends: Result<Backends, String>,
    /// Whether iperf3 is installed, for `lab iperf`.
    pub has_iperf: bool,
    /// Whether tcpdump is installed, which compiles filters for `lab capture`.
    pub has_tcpdump: bool,
    /// Whether there is a file [`HOSTS`], in the place of which a node sees its own.
    pub has_hosts: bool,
    /// What prevents users from running labs without root, and the remedy; `None` if no obstacle is known.
    pub without_root: Option<(String, String)>,
}

/// Tests the machine in a namespace that ends with the test.
#[must_use]
pub fn checkup() -> Checkup {
    let refused = begin_user_namespace().err().map(without_user_namespace);
    Checkup {
        abilities: kernel::survey(),
        backends: backends(),
        has_iperf: programs::find(throughput::PROGRAM).is_some(),
        has_tcpdump: programs::find(capture::FILTERS).is_some(),
        has_hosts: Path::new(HOSTS).exists(),
        without_root: refused.or_else(without_root),
    }
}

fn backends() -> Result<Backends, String> {
    let features = kernel::probe(&BTreeSet::new())
        .map_err(|source| format!("cannot probe the kernel's features: {source}"))?;
    let chosen = Backends::choose(&features, tun(), Choice::Probed);
    chosen.map_err(|error| reasons(&error).join(": "))
}

/// Why the calling user cannot have a user namespace, and the remedy.
fn without_user_namespace(error: EngineError) -> (String, String) {
    match error {
        EngineError::NoUserNamespace {
            action,
            remedy,
            source,
        } => (
            format!("cannot {action}: {source}"),
            remedy.unwrap_or("run it with sudo").to_owned(),
        ),
        error => (reasons(&error).join(": "), "run it with sudo".to_owned()),
    }
}

/// The permission of others to read and write a file.
const EVERYBODY: u32 = 0o006;

fn without_root() -> Option<(String, String)> {
    if let Some(remedy) = user_namespace::remedy(user_namespace::setting) {
        let because = "users may not create user namespaces";
        return Some((because.to_owned(), remedy.to_owned()));
    }
    let device = fs::metadata(TUN_DEVICE).map(|device| device.mode() & EVERYBODY == EVERYBODY);
    let is_for_all = device.unwrap_or(false);
    (!is_for_all).then(|| {
        let remedy = format!("`sudo chmod 0666 {TUN_DEVICE}`, as udev has it");
        let because = "users may not create TUN interfaces, which labs need if the kernel has no WireGuard or netem";
        (because.to_owned(), remedy)
    })
}

/// The kernel's release, as in `uname -r`.
#[must_use]
pub fn kernel_release() -> String {
    uname().map_or_else(
        |_| "of an unknown release".to_owned(),
        |names| names.release().to_string_lossy().into_owned(),
    )
}
