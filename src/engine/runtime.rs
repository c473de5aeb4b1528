//! The async runtime of a process that waits for several things at once.

use std::fs::File;
use std::io;

use tokio::runtime::{Builder, Runtime};

/// Descriptors that a runtime opens: its epoll instance and a copy of it, its event, and three sockets for signals.
const DESCRIPTORS: usize = 6;

/// A runtime that runs its tasks on the calling thread.
///
/// # Errors
///
/// Errors of the kernel, including a lack of descriptors: tokio's builder would panic then, so they are opened first.
pub fn runtime() -> io::Result<Runtime> {
    let room = (0..DESCRIPTORS).map(|_| File::open("/dev/null"));
    drop(room.collect::<io::Result<Vec<File>>>()?);
    Builder::new_current_thread().enable_all().build()
}
