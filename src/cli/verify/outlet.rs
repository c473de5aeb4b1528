//! Files for results, and the file with an earlier result. All are opened before a lab is probed, so that an unusable
//! file is reported at once.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::fcntl::{FcntlArg, OFlag, fcntl};

use crate::cli::exit::CommandError;
use crate::cli::outfile::{AT_ONCE, Outfile};
use crate::cli::output;
use crate::report::json::Verification;

/// The maximum size in bytes of an earlier result: a few hundred thousand paths.
const LARGEST_RESULT: u64 = 256 << 20;

/// The destination of a result.
pub(super) struct Outlet {
    path: PathBuf,
    way: Channel,
}

enum Channel {
    StandardOutput,
    /// The result is appended to the existing content.
    Added(File),
    Replaced(Outfile),
}

impl Outlet {
    /// Opens a file, and does not change it until there is a result. `-` is standard output.
    pub(super) fn open(path: &Path) -> Result<Self, CommandError> {
        let way = if path.as_os_str() == "-" {
            Ok(Channel::StandardOutput)
        } else if is_job_summary(path) {
            to_add_to(path).map(Channel::Added)
        } else {
            Outfile::open(path).map(Channel::Replaced)
        };
        Ok(Self {
            way: way.map_err(|source| unusable("write", path, source))?,
            path: path.to_owned(),
        })
    }

    pub(super) fn is_standard_output(&self) -> bool {
        matches!(self.way, Channel::StandardOutput)
    }

    /// Writes the result.
    pub(super) fn write(self, text: &str) -> Result<(), CommandError> {
        let written = match self.way {
            Channel::StandardOutput => return Ok(output::text(text)?),
            Channel::Added(file) => add(file, text),
            Channel::Replaced(outfile) => outfile.write(text),
        };
        written.map_err(|source| unusable("write", &self.path, source))
    }
}

/// Opens a file for appending, and fails at once if it blocks: a named pipe may never have a reader.
fn to_add_to(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.append(true).create(true);
    let file = options.custom_flags(AT_ONCE.bits()).open(path)?;
    fcntl(&file, FcntlArg::F_SETFL(OFlag::O_APPEND))?;
    Ok(file)
}

/// Appends a text to a file, completely or not at all.
fn add(mut file: File, text: &str) -> io::Result<()> {
    let before = file.metadata()?;
    let written = file.write_all(text.as_bytes());
    if written.is_err() && before.is_file() {
        // The caller gets the error of the write.
        let _ = file.set_len(before.len());
    }
    written
}

/// Whether a file is GitHub's job summary, to which all commands of a step append.
fn is_job_summary(path: &Path) -> bool {
    std::env::var_os("GITHUB_STEP_SUMMARY").is_some_and(|summary| path.as_os_str() == summary)
}

/// The output of an earlier `lab verify --json`, and the file's name.
pub(super) fn read(path: &Path) -> Result<(String, Verification), CommandError> {
    let bytes = bytes(path).map_err(|source| unusable("read", path, source))?;
    let name = path.file_name().unwrap_or(OsStr::new("it"));
    let name = name.to_string_lossy().into_owned();
    let verification = serde_json::from_slice(&bytes).map_err(|error: serde_json::Error| {
        CommandError::NoBaseline {
            file: path.display().to_string(),
            line: error.line(),
            column: error.column(),
        }
    })?;
    Ok((name, verification))
}

/// The content of a regular file. Other files may be endless.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut options = File::options();
    let file = options.read(true).custom_flags(AT_ONCE.bits()).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
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
