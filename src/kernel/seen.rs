//! Finds processes by the mounts in their namespace.
//!
//! A program that enters a node, by `lab exec` or `ip netns exec`, gets its own mounts, with files of the lab over
//! those of /etc. It and its children keep them, even if they enter another network namespace.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::kernel::netns;

/// A mount, as in `proc_pid_mountinfo(5)`.
#[derive(Debug, PartialEq, Eq)]
struct Mount<'a> {
    device: &'a str,
    /// The mounted path within the device.
    root: &'a Path,
    point: &'a Path,
}

/// The processes in other mount namespaces than this one, with mounted files of a folder.
#[must_use]
pub fn processes_that_see(folder: &Path) -> Vec<i32> {
    let own = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let Some((device, root)) = place(&own, folder) else {
        return Vec::new();
    };
    // Many processes share their mounts.
    let mut known: BTreeMap<PathBuf, bool> = BTreeMap::new();
    known.extend(namespace("self").map(|own| (own, false)));
    let mut sees = |pid: &i32| {
        let Some(namespace) = namespace(&pid.to_string()) else {
            return false;
        };
        *known.entry(namespace).or_insert_with(|| {
            let text = fs::read_to_string(format!("/proc/{pid}/mountinfo")).unwrap_or_default();
            has_files_of(&text, device, &root)
        })
    };
    netns::processes().filter(|pid| sees(pid)).collect()
}

fn namespace(process: &str) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{process}/ns/mnt")).ok()
}

/// The position of a path: the device, and the path from its root.
fn place<'a>(mounts: &'a str, path: &Path) -> Option<(&'a str, PathBuf)> {
    let over = mounts.lines().filter_map(mount);
    let over = over.filter(|mount| path.starts_with(mount.point));
    // Of two mounts at one point, the later one covers the other.
    let mount = over.max_by_key(|mount| mount.point.components().count())?;
    let rest = path.strip_prefix(mount.point).ok()?;
    Some((mount.device, mount.root.join(rest)))
}

/// Whether something below a folder is mounted. A removed file remains visible where it is mounted.
fn has_files_of(mounts: &str, device: &str, folder: &Path) -> bool {
    let mut mounts = mounts.lines().filter_map(mount);
    mounts.any(|mount| mount.device == device && mount.root.starts_with(folder))
}

fn mount(line: &str) -> Option<Mount<'_>> {
    let mut fields = line.split(' ').skip(2);
    Some(Mount {
        device: fields.next()?,
        root: Path::new(fields.next()?),
        point: Path::new(fields.next()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 8:1 / / rw - ext4 /dev/sda1 rw
25 22 0:22 / /run rw shared:5 - tmpfs tmpfs rw
26 25 0:23 /part /run/user/1000 rw shared:6 - tmpfs tmpfs rw
";

    #[test]
    fn a_path_lies_on_the_innermost_mount() {
        let place = |path| place(MOUNTS, Path::new(path));
        let on = |device, path| Some((device, PathBuf::from(path)));
        assert_eq!(
            place("/run/netns-lab/x/etc"),
            on("0:22", "/netns-lab/x/etc")
        );
        assert_eq!(place("/run/user/1000/x"), on("0:23", "/part/x"));
        assert_eq!(place("/tmp/x/etc"), on("8:1", "/tmp/x/etc"));
    }

    #[test]
    fn files_of_a_folder_are_seen_and_no_others() {
        let sees = |line: &str| has_files_of(line, "0:22", Path::new("/netns-lab/x/etc"));
        assert!(sees(
            "40 39 0:22 /netns-lab/x/etc/hosts /etc/hosts rw - tmpfs tmpfs rw"
        ));
        assert!(sees(
            "40 39 0:22 /netns-lab/x/etc/hosts//deleted /etc/hosts rw - tmpfs tmpfs rw"
        ));
        assert!(!sees(
            "40 39 0:22 /netns-lab/x2/etc/hosts /etc/hosts rw - tmpfs tmpfs rw"
        ));
        assert!(!sees(
            "40 39 0:23 /netns-lab/x/etc/hosts /etc/hosts rw - tmpfs tmpfs rw"
        ));
        assert!(!sees(MOUNTS));
    }
}
