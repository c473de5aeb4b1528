//! Information about other processes from the kernel.

use std::fs;
use std::path::{Path, PathBuf};

/// A process's command line, without the path of its program.
pub(super) fn words(pid: u32) -> String {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let line = String::from_utf8_lossy(&line);
    let line = line.trim_end_matches('\0');
    let (program, rest) = line.split_once('\0').unwrap_or((line, ""));
    let program = program.rsplit('/').next().unwrap_or(program);
    format!("{program} {}", rest.replace('\0', " "))
        .trim_end()
        .to_owned()
}

/// Whether a signal has stopped a process, so that it answers nothing until it is resumed. A traced process does not
/// count: it stops and continues all the time.
#[must_use]
pub fn is_stopped(pid: u32) -> bool {
    let stat = stat(pid);
    stat.split(' ').next() == Some("T")
}

/// Whether a process has been killed and will not run again: it releases its resources when the kernel has finished its
/// last system call.
pub(super) fn is_ending(pid: u32) -> bool {
    const KILLED: u64 = 1 << 8;
    // `PF_EXITING`, the ninth field of `proc_pid_stat(5)`.
    const EXITING: u64 = 1 << 2;
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let pending = ["SigPnd:", "ShdPnd:"].iter().any(|key| {
        let set = status.lines().find_map(|line| line.strip_prefix(key));
        set.is_some_and(|set| u64::from_str_radix(set.trim(), 16).unwrap_or(0) & KILLED != 0)
    });
    let stat = stat(pid);
    let flags = stat
        .split(' ')
        .nth(6)
        .and_then(|flags| flags.parse::<u64>().ok());
    pending || flags.unwrap_or(0) & EXITING != 0
}

/// Whether a process holds the lock of a folder, according to the kernel's list of its open files.
pub(super) fn holds(pid: u32, folder: &Path) -> bool {
    let process = PathBuf::from(format!("/proc/{pid}"));
    let files = fs::read_dir(process.join("fd"))
        .into_iter()
        .flatten()
        .flatten();
    let mut here = files.filter(|file| fs::read_link(file.path()).is_ok_and(|to| to == folder));
    here.any(|file| {
        let told = fs::read_to_string(process.join("fdinfo").join(file.file_name()));
        told.is_ok_and(|text| {
            let mut lines = text.lines();
            lines.any(|line| line.contains("FLOCK") && line.contains("WRITE"))
        })
    })
}

/// The fields of `proc_pid_stat(5)` after the name, the state first; empty for a process that has ended.
fn stat(pid: u32) -> String {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().unwrap_or_default().to_owned()
}
