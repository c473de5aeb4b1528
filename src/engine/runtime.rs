//! The runtime of a process that waits for many things at once.

use std::fs::File;
use std::io;

use tokio::runtime::{Builder, Runtime};

/// Descriptors that a runtime opens: its epoll instance and that one's copy, its event, and three sockets for signals.
const DESCRIPTORS: usize = 6;

/// A runtime that runs its tasks on the calling thread.
///
/// # Errors
///
/// The kernel's, where it has no descriptors left, too: tokio's builder panics there, so they are opened before it is called.
pub fn runtime() -> io::Result<Runtime> {
    let room = (0..DESCRIPTORS).map(|_| File::open("/dev/null"));
    drop(room.collect::<io::Result<Vec<File>>>()?);
    Builder::new_current_thread().enable_all().build()
}
