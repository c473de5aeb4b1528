//! Files under /proc/sys/net, as the calling thread's namespace has them.

use std::path::Path;
use std::{fs, io};

/// Protocols that a kernel may be built without; what cannot be set then needs no setting.
const MAY_BE_ABSENT: &[&str] = &["ipv6/"];

/// Sets a namespace's settings, from inside it.
///
/// # Errors
///
/// The first setting that cannot be made, and why.
pub(super) fn apply(
    settings: &[(&'static str, &'static str)],
) -> Result<(), (&'static str, &'static str, io::Error)> {
    for (key, value) in settings {
        match fs::write(Path::new("/proc/sys/net").join(key), value) {
            Err(error) if is_absent(key, &error) => {}
            result => result.map_err(|error| (*key, *value, error))?,
        }
    }
    Ok(())
}

fn is_absent(key: &str, error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
        && MAY_BE_ABSENT.iter().any(|prefix| key.starts_with(prefix))
}
