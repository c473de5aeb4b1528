//! A machine of a test's own: namespaces for processes, mounts and the network, an empty /run and a copy of /etc.

use std::process::Command;

/// What the first process of a machine does: empties /run, copies /etc, runs what it is told and takes notice of every process
/// that ends. All others end with it.
const BOOT: &str = "set -e; mount -t tmpfs tmpfs /run; mkdir /run/.etc; \
    find /etc -mindepth 1 -maxdepth 1 ! -name netns -exec cp -a -t /run/.etc {} +; \
    mount --bind /run/.etc /etc; \
    ip link set lo up; code=0; \"$@\" || code=$?; exit $code";

/// A program in a new machine: its name and its words are to be added.
pub(crate) fn machine() -> Command {
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "--net", "--pid", "--fork", "--mount-proc"])
        .args(["--kill-child", "--propagation", "private"])
        .args(["bash", "-c", BOOT, "bash"]);
    command
}
