//! A user namespace in which a lab runs without root.
//!
//! In a user namespace, users may create network namespaces, mounts and interfaces, which are visible only from inside
//! (`user_namespaces(7)`). A lab's user namespace has its own mounts and an empty network namespace. It ends with its
//! last process, so nothing is left over. Inside, /run is as before, but with its own directory of pinned namespaces.
//! Everything else works as for root.
#![expect(
    clippy::disallowed_methods,
    reason = "with `netns`, the one module that calls setns and unshare"
)]

use std::fs::{self, DirEntry, File};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::{env, io};

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::{getegid, geteuid};

use crate::kernel::netns;

/// An unused argument of `mount`.
const NOTHING: Option<&str> = None;

/// The directory of a machine's runtime files.
const RUN: &str = "/run";

/// A failed step towards a user namespace, and its error.
pub type Refused = (&'static str, io::Error);

/// The namespaces that are created together. The user namespace comes first, since it grants the right to create the
/// others.
const KINDS: [(&str, CloneFlags); 3] = [
    ("user", CloneFlags::CLONE_NEWUSER),
    ("net", CloneFlags::CLONE_NEWNET),
    ("mnt", CloneFlags::CLONE_NEWNS),
];

/// Creates a user namespace, and moves the calling process, which must have one thread, into it for good. At `seen`,
/// the place of root's labs, the process then sees `labs`.
///
/// # Errors
///
/// Errors of the kernel. The process is then unusable.
pub fn begin(seen: &Path, labs: &Path) -> Result<(), Refused> {
    let (user, group) = (geteuid(), getegid());
    let every = KINDS
        .iter()
        .fold(CloneFlags::empty(), |all, (_, kind)| all | *kind);
    unshare(every).map_err(|errno| ("make a user namespace", errno.into()))?;
    let write = |file: &str, text: String| {
        fs::write(Path::new("/proc/self").join(file), text)
            .map_err(|error| ("become root in a user namespace", error))
    };
    // A user may map their own group only after giving up setgroups.
    write("setgroups", "deny".to_owned())?;
    write("uid_map", format!("0 {user} 1"))?;
    write("gid_map", format!("0 {group} 1"))?;
    own_run(seen, labs).map_err(|error| ("mount a /run of its own", error))
}

/// Moves the calling process, which must have one thread, into the user namespace of another process for good.
///
/// # Errors
///
/// Errors of the kernel. The process is then unusable.
pub fn join(process: i32) -> Result<(), Refused> {
    let action = "enter the namespaces of the lab's supervisor";
    let failed = |error| (action, error);
    let directory = env::current_dir();
    // Once inside, the process may no longer be visible.
    let open = |(kind, flag)| Ok((File::open(format!("/proc/{process}/ns/{kind}"))?, flag));
    let files: io::Result<Vec<_>> = KINDS.into_iter().map(open).collect();
    for (file, flag) in files.map_err(failed)? {
        setns(file, flag).map_err(|errno| failed(errno.into()))?;
    }
    // A directory that does not exist inside is no error: the new one is the root.
    if let Ok(directory) = directory {
        let _ = env::set_current_dir(directory);
    }
    Ok(())
}

/// Mounts a copy of /run over it, without labs and their namespaces.
fn own_run(seen: &Path, labs: &Path) -> io::Result<()> {
    let host = File::open(RUN)?;
    // The covered mount is reachable only through the descriptor.
    let covered = PathBuf::from(format!("/proc/self/fd/{}", host.as_raw_fd()));
    mount(
        Some("tmpfs"),
        RUN,
        Some("tmpfs"),
        MsFlags::MS_NOSUID | MsFlags::MS_NODEV,
        Some("mode=755"),
    )?;
    for entry in fs::read_dir(&covered)?.flatten() {
        let place = Path::new(RUN).join(entry.file_name());
        if place != Path::new(netns::DIRECTORY) && place != seen {
            // Entries that a user cannot see outside are not visible inside either.
            let _ = show(&entry, &place);
        }
    }
    fs::create_dir(netns::DIRECTORY)?;
    symlink(labs, seen)
}

/// Makes an entry of the host's /run available under another path.
fn show(entry: &DirEntry, place: &Path) -> io::Result<()> {
    let kind = entry.file_type()?;
    if kind.is_symlink() {
        return symlink(fs::read_link(entry.path())?, place);
    }
    if kind.is_dir() {
        fs::create_dir(place)?;
    } else {
        File::create_new(place)?;
    }
    let flags = MsFlags::MS_BIND | MsFlags::MS_REC;
    Ok(mount(Some(&entry.path()), place, NOTHING, flags, NOTHING)?)
}

/// The processes of user namespaces with network namespaces whose names begin with `prefix` and labs at `labs`, except
/// those in the user namespace of the process `but`. They are visible only from outside.
#[must_use]
pub fn strays(labs: &Path, prefix: &str, but: Option<i32>) -> Vec<i32> {
    let own = identity("self").ok();
    let left_out = but.and_then(|pid| identity(&pid.to_string()).ok());
    let root = |pid: i32| PathBuf::from(format!("/proc/{pid}/root"));
    let is_elsewhere = |pid: &i32| {
        let user = identity(&pid.to_string()).ok();
        user.is_some() && user != own && user != left_out
    };
    let same_labs = |pid: &i32| {
        let seen = fs::metadata(inside(&root(*pid), labs));
        matches!((seen, fs::metadata(labs)), (Ok(a), Ok(b)) if (a.dev(), a.ino()) == (b.dev(), b.ino()))
    };
    let has_pin = |pid: &i32| {
        let pins = fs::read_dir(inside(&root(*pid), Path::new(netns::DIRECTORY)));
        let mut names = pins
            .into_iter()
            .flatten()
            .flatten()
            .map(|pin| pin.file_name());
        names.any(|name| name.to_string_lossy().starts_with(prefix))
    };
    netns::processes()
        .filter(is_elsewhere)
        .filter(same_labs)
        .filter(has_pin)
        .collect()
}

/// An absolute path as seen by a process with another root.
fn inside(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

/// A process's user namespace.
fn identity(process: &str) -> io::Result<(u64, u64)> {
    let data = fs::metadata(format!("/proc/{process}/ns/user"))?;
    Ok((data.dev(), data.ino()))
}

/// The setting that stops users of this machine from creating user namespaces, and its remedy; `None` if no known
/// setting does. `read` returns the text of a file under /proc/sys.
#[must_use]
pub fn remedy(read: impl Fn(&str) -> Option<String>) -> Option<&'static str> {
    let is = |file: &str, value: &str| read(file).is_some_and(|text| text.trim() == value);
    if is("user/max_user_namespaces", "0") {
        return Some("`sudo sysctl user.max_user_namespaces=10000`");
    }
    if is("kernel/unprivileged_userns_clone", "0") {
        return Some("`sudo sysctl kernel.unprivileged_userns_clone=1`");
    }
    if is("kernel/apparmor_restrict_unprivileged_userns", "1") {
        return Some(
            "AppArmor keeps it from programs without a profile that allows `userns`: \
             `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`",
        );
    }
    None
}

/// Reads a kernel setting, by its path under /proc/sys.
#[must_use]
pub fn setting(file: &str) -> Option<String> {
    fs::read_to_string(Path::new("/proc/sys").join(file)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_that_forbids_user_namespaces_is_named() {
        let with = |file: &'static str, value: &'static str| {
            remedy(move |asked| (asked == file).then(|| format!("{value}\n")))
        };
        let named = |setting: &str| format!("sudo sysctl {setting}");
        for (file, forbids, allows, names) in [
            (
                "user/max_user_namespaces",
                "0",
                "96365",
                "user.max_user_namespaces=10000",
            ),
            (
                "kernel/unprivileged_userns_clone",
                "0",
                "1",
                "kernel.unprivileged_userns_clone=1",
            ),
            (
                "kernel/apparmor_restrict_unprivileged_userns",
                "1",
                "0",
                "kernel.apparmor_restrict_unprivileged_userns=0",
            ),
        ] {
            let remedy = with(file, forbids).unwrap();
            assert!(remedy.contains(&named(names)), "{remedy}");
            assert_eq!(with(file, allows), None, "{file}");
        }
    }
}
