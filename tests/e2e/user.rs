//! A user who is not root, on a machine that lets users create interfaces, regardless of the real machine's setting.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use crate::lab::Turn;
use crate::program::{LAB, Ran, command, finish};

/// A user number that no other user has.
const USER: u32 = 61_811;

/// Runs a program as that user, with a TUN device as udev creates it. Only this program and its children see that
/// device.
const AS_USER: &str = r#"
set -e
mount -t tmpfs -o mode=755 tmpfs "$1/devices"
mknod -m 666 "$1/devices/tun" c 10 200
mount --bind "$1/devices/tun" /dev/net/tun
cd "$1"
shift
exec setpriv --reuid=61811 --regid=61811 --clear-groups "$@"
"#;

/// The user, with a readable copy of the program under test.
#[derive(Debug)]
pub(crate) struct User {
    folder: String,
    program: String,
}

impl User {
    pub(crate) fn of(turn: &Turn) -> Self {
        let folder = turn.folder();
        let mode = |path: &PathBuf| {
            let mode = fs::Permissions::from_mode(0o755);
            fs::set_permissions(path, mode).expect("the test's own files");
        };
        let program = folder.join("lab");
        fs::copy(LAB, &program).expect("room for a copy");
        let devices = folder.join("devices");
        fs::create_dir(&devices).expect("a folder for devices");
        [folder.to_owned(), program.clone(), devices]
            .iter()
            .for_each(mode);
        let text = |path: &std::path::Path| path.to_str().expect("a plain name").to_owned();
        Self {
            folder: text(folder),
            program: text(&program),
        }
    }

    /// Prepares the program under test, or any other, to run as the user.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let start = ["-m", "sh", "-c", AS_USER, "sh", &self.folder];
        command("unshare", &[&start, words].concat())
    }

    /// Runs the program under test as the user.
    pub(crate) fn lab(&self, arguments: &[&str]) -> Ran {
        finish(&mut self.lab_command(arguments))
    }

    pub(crate) fn lab_command(&self, arguments: &[&str]) -> Command {
        self.command(&[&[self.program.as_str()], arguments].concat())
    }

    /// The folder of the user's labs.
    pub(crate) fn labs() -> PathBuf {
        PathBuf::from(format!("/tmp/netns-lab-{USER}"))
    }

    pub(crate) fn program(&self) -> &str {
        &self.program
    }

    /// The user's processes.
    pub(crate) fn processes() -> Vec<u32> {
        let entries = fs::read_dir("/proc").expect("/proc").flatten();
        let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let is_theirs = |pid: &u32| {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("Uid:"));
            let is_dead = status.contains("State:\tZ");
            !is_dead && line.is_some_and(|line| line.contains(&USER.to_string()))
        };
        numbers.filter(is_theirs).collect()
    }
}
