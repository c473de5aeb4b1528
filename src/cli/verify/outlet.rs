//! Files that results are written to, and the one that an earlier result is read from. Both are opened before a
//! lab is probed, so that nobody waits for a result that has nowhere to go.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::fcntl::{FcntlArg, OFlag, fcntl};

use crate::cli::exit::CommandError;
use crate::cli::output;
use crate::report::json::Verification;

/// Files are opened or refused, and never waited for.
const AT_ONCE: OFlag = OFlag::O_NONBLOCK.union(OFlag::O_NOCTTY);

/// Bytes of the largest result that is read: some hundred thousand paths.
const LARGEST_RESULT: u64 = 256 << 20;

/// Where a result is written to.
pub(super) struct Outlet {
    path: PathBuf,
    /// None for standard output.
    file: Option<File>,
    /// Whether what is there already stays.
    appends: bool,
}

impl Outlet {
    /// Opens a file, and leaves what is in it until there is a result; `-` is standard output.
    pub(super) fn open(path: &Path) -> Result<Self, CommandError> {
        let is_standard_output = path.as_os_str() == "-";
        let file = (!is_standard_output).then(|| open(path)).transpose();
        Ok(Self {
            file: file.map_err(|source| unusable("write", path, source))?,
            path: path.to_owned(),
            appends: is_job_summary(path),
        })
    }

    pub(super) fn is_standard_output(&self) -> bool {
        self.file.is_none()
    }

    /// Writes the result, in the place of what was there.
    pub(super) fn write(self, text: &str) -> Result<(), CommandError> {
        let Some(mut file) = self.file else {
            return Ok(output::text(text)?);
        };
        let is_plain = file.metadata().is_ok_and(|metadata| metadata.is_file());
        let begun = if self.appends && is_plain {
            file.seek(SeekFrom::End(0)).map(drop)
        } else if is_plain {
            file.set_len(0)
        } else {
            Ok(())
        };
        let written = begun.and_then(|()| file.write_all(text.as_bytes()));
        written.map_err(|source| unusable("write", &self.path, source))
    }
}

/// Opens what can be written to at once: nobody may ever read from a named pipe.
fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    let file = options.custom_flags(AT_ONCE.bits()).open(path)?;
    fcntl(&file, FcntlArg::F_SETFL(OFlag::empty()))?;
    Ok(file)
}

/// Whether a file is the one that GitHub shows below a job. All commands of a step add to it.
fn is_job_summary(path: &Path) -> bool {
    std::env::var_os("GITHUB_STEP_SUMMARY").is_some_and(|summary| path.as_os_str() == summary)
}

/// What an earlier `lab verify --json` has printed, and the file's name.
pub(super) fn read(path: &Path) -> Result<(String, Verification), CommandError> {
    let bytes = bytes(path).map_err(|source| unusable("read", path, source))?;
    let name = path.file_name().unwrap_or(OsStr::new("it"));
    let name = name.to_string_lossy().into_owned();
    let verification =
        serde_json::from_slice(&bytes).map_err(|source| CommandError::NoBaseline {
            file: path.display().to_string(),
            source,
        })?;
    Ok((name, verification))
}

/// All of a plain file: anything else may have no end.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut options = File::options();
    let file = options.read(true).custom_flags(AT_ONCE.bits()).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no plain file"));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST_RESULT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST_RESULT {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

fn unusable(action: &'static str, path: &Path, source: io::Error) -> CommandError {
    CommandError::File {
        action,
        file: path.display().to_string(),
        source,
    }
}
