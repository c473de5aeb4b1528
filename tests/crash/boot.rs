//! A separate machine for a test: namespaces for processes, mounts and the network, an empty /run and a copy of /etc.

use std::process::Command;

/// The script of a machine's first process: mounts an empty /run, copies /etc, runs its arguments and reaps every
/// process that ends. All other processes end with it.
const BOOT: &str = "set -e; mount -t tmpfs tmpfs /run; mkdir /run/.etc; \
    find /etc -mindepth 1 -maxdepth 1 ! -name netns -exec cp -a -t /run/.etc {} +; \
    mount --bind /run/.etc /etc; \
    ip link set lo up; code=0; \"$@\" || code=$?; exit $code";

/// Prepares a program in a new machine; the caller adds its name and arguments.
pub(crate) fn machine() -> Command {
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "--net", "--pid", "--fork", "--mount-proc"])
        .args(["--kill-child", "--propagation", "private"])
        .args(["bash", "-c", BOOT, "bash"]);
    command
}
