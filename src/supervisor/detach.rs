//! Detaches a supervisor from the command that started it.

use std::fs;
use std::io;

use nix::errno::Errno;
use nix::sys::stat::{Mode, umask};
use nix::unistd::{close, setsid};

/// The last descriptor that the command passed on purpose: the standard streams.
const LAST_STREAM: i32 = 2;

/// The umask of a supervisor, regardless of the user's: no write permission for others.
const MASK: Mode = Mode::S_IWGRP.union(Mode::S_IWOTH);

/// Drops everything inherited from the command: its terminal, its umask and its open files. Otherwise a lock, or a pipe
/// that another process reads to its end, would stay open while the lab is up.
///
/// Must be called before this process opens anything.
///
/// # Errors
///
/// Errors of the kernel, if it does not list open files.
pub(super) fn detach() -> io::Result<()> {
    // A closing terminal must not end the lab.
    let _ = setsid();
    umask(MASK);
    // The descriptor of the directory itself is among them, but already closed in this loop.
    let open: Vec<i32> = fs::read_dir("/proc/self/fd")?
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    for descriptor in open.into_iter().filter(|number| *number > LAST_STREAM) {
        match close(descriptor) {
            Ok(()) | Err(Errno::EBADF) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(())
}
