//! Files to which results are written. A file has either its old content or the complete new content: the new content
//! is written to a temporary file in the same folder, which is then renamed.

use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};
use std::process;

use crate::cli::exit::CommandError;
use nix::fcntl::{FcntlArg, OFlag, fcntl};

/// Flags with which opening a file never blocks: it succeeds or fails at once.
pub(super) const AT_ONCE: OFlag = OFlag::O_NONBLOCK.union(OFlag::O_NOCTTY);

/// Writes a text to a file, completely or not at all.
pub(super) fn write(path: &Path, text: &str) -> Result<(), CommandError> {
    let written = Outfile::open(path).and_then(|outfile| outfile.write(text));
    written.map_err(|source| CommandError::File {
        action: "write",
        file: path.display().to_string(),
        source,
    })
}

/// Directories whose files represent open files, such as /dev/stdout.
const STANDING_FOR_OTHERS: [&str; 2] = ["/dev", "/proc"];

/// A file for a result.
pub(super) struct Outfile(Method);

enum Method {
    /// The existing file is overwritten in place: a device, a pipe, or a file that cannot be replaced.
    There(File),
    /// A new file replaces the existing one, if any.
    Replaced {
        path: PathBuf,
        before: Option<Metadata>,
    },
}

impl Outfile {
    /// Checks that a file can be written, and does not change an existing file.
    ///
    /// # Errors
    ///
    /// Errors of the file system.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let there = match File::options()
            .write(true)
            .custom_flags(AT_ONCE.bits())
            .open(path)
        {
            Ok(file) => Some(file),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let Some(file) = there else {
            let target = target(path)?;
            let trial = beside(&target)?;
            trial.discard();
            return Ok(Self(Method::Replaced {
                path: target,
                before: None,
            }));
        };
        fcntl(&file, FcntlArg::F_SETFL(OFlag::empty()))?;
        let about = file.metadata()?;
        let stands_for_another = STANDING_FOR_OTHERS
            .iter()
            .any(|folder| path.starts_with(folder));
        if !about.is_file() || stands_for_another {
            return Ok(Self(Method::There(file)));
        }
        let target = target(path)?;
        let way = match beside(&target).and_then(|trial| trial.be_like(&about)) {
            Ok(trial) => {
                trial.discard();
                Method::Replaced {
                    path: target,
                    before: Some(about),
                }
            }
            // The file may be writable even if its folder is not.
            Err(_) => Method::There(file),
        };
        Ok(Self(way))
    }

    /// Replaces the old content by the result.
    ///
    /// # Errors
    ///
    /// Errors of the file system. The old content is then unchanged, unless the file is overwritten in place.
    pub(super) fn write(self, content: impl AsRef<[u8]>) -> io::Result<()> {
        let content = content.as_ref();
        match self.0 {
            Method::There(file) => overwrite(file, content),
            Method::Replaced { path, before } => replace(&path, before.as_ref(), content),
        }
    }
}

/// The temporary file in the folder of the file that it will replace.
struct Beside {
    path: PathBuf,
    file: File,
}

impl Beside {
    /// Copies the owner and the permissions of the other file.
    fn be_like(self, other: &Metadata) -> io::Result<Self> {
        let own = self.file.metadata()?;
        let owners = [&own, other].map(|about| (about.uid(), about.gid()));
        let changed = if owners[0] == owners[1] {
            Ok(())
        } else {
            fchown(&self.file, Some(other.uid()), Some(other.gid()))
        };
        let changed = changed.and_then(|()| self.file.set_permissions(other.permissions()));
        match changed {
            Ok(()) => Ok(self),
            Err(error) => {
                self.discard();
                Err(error)
            }
        }
    }

    fn discard(self) {
        // A process that may create a file may also remove it.
        let _ = fs::remove_file(self.path);
    }
}

/// The file that a path leads to after all symbolic links; it may not exist.
fn target(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Ok(target) => Ok(target),
        // A dangling symbolic link: the file is created at the link's target.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(match fs::read_link(path) {
            Ok(link) => path.parent().unwrap_or(Path::new("")).join(link),
            Err(_) => path.to_owned(),
        }),
        Err(error) => Err(error),
    }
}

fn beside(path: &Path) -> io::Result<Beside> {
    let mut name = OsString::from(".");
    name.push(path.file_name().ok_or(ErrorKind::IsADirectory)?);
    name.push(format!(".{}", process::id()));
    let path = path.with_file_name(name);
    // The file of a killed process with the same PID.
    let _ = fs::remove_file(&path);
    let file = File::options().write(true).create_new(true).open(&path)?;
    Ok(Beside { path, file })
}

fn replace(path: &Path, before: Option<&Metadata>, content: &[u8]) -> io::Result<()> {
    let new = beside(path)?;
    let mut new = match before {
        Some(before) => new.be_like(before)?,
        None => new,
    };
    let written = new
        .file
        .write_all(content)
        .and_then(|()| new.file.sync_all())
        .and_then(|()| fs::rename(&new.path, path));
    match written {
        Ok(()) => Ok(()),
        // A file that is itself a mount point cannot be replaced.
        Err(error) if error.kind() == ErrorKind::ResourceBusy => {
            new.discard();
            overwrite(File::options().write(true).open(path)?, content)
        }
        Err(error) => {
            new.discard();
            Err(error)
        }
    }
}

fn overwrite(mut file: File, content: &[u8]) -> io::Result<()> {
    if file.metadata().is_ok_and(|about| about.is_file()) {
        file.set_len(0)?;
    }
    file.write_all(content)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("lab-outfile-{name}-{}", process::id()));
            fs::create_dir(&path).unwrap();
            Self(path)
        }

        fn files(&self) -> Vec<String> {
            let entries = fs::read_dir(&self.0).unwrap();
            let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
            let mut names: Vec<_> = names.collect();
            names.sort();
            names
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn nothing_is_there_until_all_is() {
        let folder = Folder::new("new");
        let path = folder.0.join("x");
        let file = Outfile::open(&path).unwrap();
        assert_eq!(folder.files(), Vec::<String>::new());
        file.write("new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(folder.files(), ["x"]);
    }

    #[test]
    fn a_new_file_takes_the_place_of_the_old_one_with_its_permissions_and_behind_its_link() {
        let folder = Folder::new("old");
        let [path, link] = ["x", "link"].map(|name| folder.0.join(name));
        fs::write(&path, "a longer old text").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("x", &link).unwrap();
        let mut reader = File::open(&path).unwrap();
        Outfile::open(&link).unwrap().write("new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o640
        );
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(
            io::read_to_string(&mut reader).unwrap(),
            "a longer old text"
        );
        assert_eq!(folder.files(), ["link", "x"]);
    }

    #[test]
    fn a_file_that_a_link_points_to_is_made_there() {
        let folder = Folder::new("dangling");
        let link = folder.0.join("link");
        symlink("x", &link).unwrap();
        Outfile::open(&link).unwrap().write("new").unwrap();
        assert_eq!(folder.files(), ["link", "x"]);
        assert_eq!(fs::read_to_string(folder.0.join("x")).unwrap(), "new");
    }

    #[test]
    fn a_device_is_written_to_and_a_folder_is_refused() {
        Outfile::open(Path::new("/dev/null"))
            .unwrap()
            .write("x")
            .unwrap();
        assert!(
            Outfile::open(Path::new("/dev/full"))
                .unwrap()
                .write("x")
                .is_err()
        );
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
        assert!(Outfile::open(Path::new("/tmp")).is_err());
        assert!(Outfile::open(Path::new("/no/such/folder/x")).is_err());
    }
}
