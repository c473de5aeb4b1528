//! Removes pins.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, io, panic, thread};

use nix::errno::Errno;
use nix::mount::{MntFlags, umount2};

use super::pin_path;

/// How many threads remove pins. Each unmount waits until no processor reads the mounts; the kernel combines waits that
/// overlap. More threads gain nothing.
const MOST_THREADS: usize = 64;

/// The least number of pins for each thread: below it, starting the thread costs more than it saves.
const LEAST_SHARE: usize = 2;

/// Removes a pin. The namespace ends when nothing else holds it. A pin that does not exist, or was never mounted, is no
/// error.
///
/// # Errors
///
/// Errors of the file system or the kernel.
pub fn unpin(name: &str) -> io::Result<()> {
    let path = pin_path(name);
    match umount2(&path, MntFlags::MNT_DETACH) {
        Ok(()) | Err(Errno::EINVAL | Errno::ENOENT) => {}
        Err(errno) => return Err(errno.into()),
    }
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes many pins in parallel, like [`unpin`]. All are tried.
///
/// # Errors
///
/// The first name whose pin could not be removed, and its error.
pub fn unpin_each(names: &[String]) -> Result<(), (&str, io::Error)> {
    let next = AtomicUsize::new(0);
    let walk = || {
        let mut first = None;
        while let Some((index, name)) = take(names, &next) {
            if let Err(error) = unpin(name) {
                first.get_or_insert((index, error));
            }
        }
        first
    };
    let failures = thread::scope(|scope| {
        let helpers = (names.len() / LEAST_SHARE).min(MOST_THREADS);
        // If no more threads can be started, the existing ones do the work.
        let started: Vec<_> = (1..helpers)
            .map_while(|_| thread::Builder::new().spawn_scoped(scope, walk).ok())
            .collect();
        let mut failures = vec![walk()];
        for helper in started {
            let failure = helper.join();
            failures.push(failure.unwrap_or_else(|cause| panic::resume_unwind(cause)));
        }
        failures
    });
    let first = failures
        .into_iter()
        .flatten()
        .min_by_key(|(index, _)| *index);
    first.map_or(Ok(()), |(index, error)| Err((names[index].as_str(), error)))
}

fn take<'names>(names: &'names [String], next: &AtomicUsize) -> Option<(usize, &'names String)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    names.get(index).map(|name| (index, name))
}
