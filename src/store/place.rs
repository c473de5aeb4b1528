//! Where labs' folders are: root's under /run, a user's among what /run keeps for that user.

use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::{fs, io};

use nix::unistd::geteuid;

use crate::store::{StoreError, failed};

/// Where root's folders are. For a user who is root in namespaces of their own, this is a link to where that user's are.
pub const ROOT: &str = "/run/netns-lab";

/// Where the folders of the calling process's user are.
#[must_use]
pub fn root() -> PathBuf {
    if geteuid().is_root() {
        fs::read_link(ROOT).unwrap_or_else(|_| PathBuf::from(ROOT))
    } else {
        of_user(geteuid().as_raw(), Path::is_dir)
    }
}

/// Where a user's folders are: the same for all that the user starts, whatever its environment says.
fn of_user(user: u32, is_folder: impl Fn(&Path) -> bool) -> PathBuf {
    let own = PathBuf::from(format!("/run/user/{user}"));
    if is_folder(&own) {
        own.join("netns-lab")
    } else {
        // Nobody has logged in as that user: a service, or `su`.
        PathBuf::from(format!("/tmp/netns-lab-{user}"))
    }
}

/// Makes the directory of the calling user's folders, unless it is there.
///
/// # Errors
///
/// The file system's, or [`StoreError::NotOwn`].
pub(super) fn make_root() -> Result<PathBuf, StoreError> {
    let root = root();
    loop {
        match fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&root)
        {
            // It is there, or is no directory, which is found out below.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made.map_err(|source| failed("make", &root, source))?,
        }
        match fs::symlink_metadata(&root) {
            // Whoever removed the last lab has removed it since.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Ok(data) if is_owned(&data) => return Ok(root),
            _ => return Err(StoreError::NotOwn { path: root }),
        }
    }
}

/// Whether a directory is the calling user's and nobody else may write there: what others put there is not to be
/// believed.
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
