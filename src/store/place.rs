//! The place of labs' folders: root's under /run, a user's in that user's runtime directory.

use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::{fs, io};

use nix::unistd::geteuid;

use crate::store::{StoreError, failed};

/// The place of root's folders. For root in a user namespace, this is a link to the user's folders.
pub const ROOT: &str = "/run/netns-lab";

/// The place of the calling user's folders.
#[must_use]
pub fn root() -> PathBuf {
    if geteuid().is_root() {
        fs::read_link(ROOT).unwrap_or_else(|_| PathBuf::from(ROOT))
    } else {
        of_user(geteuid().as_raw(), Path::is_dir)
    }
}

/// The place of a user's folders: the same for all of the user's processes, independent of their environment.
fn of_user(user: u32, is_folder: impl Fn(&Path) -> bool) -> PathBuf {
    let own = PathBuf::from(format!("/run/user/{user}"));
    if is_folder(&own) {
        own.join("netns-lab")
    } else {
        // The user has not logged in: a service, or `su`.
        PathBuf::from(format!("/tmp/netns-lab-{user}"))
    }
}

/// Creates the directory of the calling user's folders, unless it exists.
///
/// # Errors
///
/// Errors of the file system, or [`StoreError::NotOwn`].
pub(super) fn make_root() -> Result<PathBuf, StoreError> {
    let root = root();
    loop {
        match fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&root)
        {
            // It exists, or is no directory, which is detected below.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made.map_err(|source| failed("make", &root, source))?,
        }
        match fs::symlink_metadata(&root) {
            // A concurrent sweep has removed it since.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Ok(data) if is_owned(&data) => return Ok(root),
            _ => return Err(StoreError::NotOwn { path: root }),
        }
    }
}

/// Whether a directory belongs to the calling user and no other user may write to it. The content of any other
/// directory cannot be trusted.
pub(super) fn is_own(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|data| is_owned(&data))
}

fn is_owned(data: &fs::Metadata) -> bool {
    const OTHERS_MAY_WRITE: u32 = 0o022;
    data.is_dir() && data.uid() == geteuid().as_raw() && data.mode() & OTHERS_MAY_WRITE == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_users_labs_are_where_nobody_else_may_go() {
        let logged_in = of_user(1000, |path| path == Path::new("/run/user/1000"));
        assert_eq!(logged_in, Path::new("/run/user/1000/netns-lab"));
        let not_logged_in = of_user(65534, |_| false);
        assert_eq!(not_logged_in, Path::new("/tmp/netns-lab-65534"));
    }

    #[test]
    fn a_directory_that_others_may_write_to_is_not_ones_own() {
        let folder = std::env::temp_dir().join(format!("lab-place-{}", std::process::id()));
        let make = |mode| fs::DirBuilder::new().mode(mode).create(&folder).unwrap();
        make(0o700);
        assert!(is_own(&folder));
        let shared = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o777);
        fs::set_permissions(&folder, shared).unwrap();
        assert!(!is_own(&folder));
        fs::remove_dir(&folder).unwrap();
        std::os::unix::fs::symlink(std::env::temp_dir(), &folder).unwrap();
        assert!(!is_own(&folder), "a link leads anywhere");
        fs::remove_file(&folder).unwrap();
    }
}
