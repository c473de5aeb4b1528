//! What a supervisor does not take over from the command that started it.

use std::fs;
use std::io;

use nix::errno::Errno;
use nix::sys::stat::{Mode, umask};
use nix::unistd::{close, setsid};

/// The last descriptor that the command has given on purpose: the standard streams.
const LAST_STREAM: i32 = 2;

/// What directories and files are made without, whatever the command's user has set: the right of others to write there.
const MASK: Mode = Mode::S_IWGRP.union(Mode::S_IWOTH);

/// Lets go of what came from the command: its terminal, its mask for the modes of files, and open files. A lock, or a pipe
/// that somebody reads to its end, would stay open for as long as the lab is up.
///
/// To be called before this process has opened anything.
///
/// # Errors
///
/// The kernel's, where it does not say what is open.
pub(super) fn detach() -> io::Result<()> {
    // A terminal that closes must not take the lab along.
    let _ = setsid();
    umask(MASK);
    // The descriptor of the directory itself is among them, and closed already when they are gone through.
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
