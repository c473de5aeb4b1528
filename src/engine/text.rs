//! Reads a lab file's text within limits: reading never blocks forever and never fills the memory.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};

use nix::fcntl::{FcntlArg, OFlag, fcntl};

use crate::engine::EngineError;
use crate::yaml::LARGEST_TEXT;

/// The file system of unnamed pipes (linux/magic.h).
const PIPEFS_MAGIC: u64 = 0x5049_5045;

/// Why there is no text.
#[derive(Debug)]
pub(super) enum NoText {
    /// The file does not exist or is not readable.
    Unreadable(io::Error),
    /// It cannot be a lab file: its kind and the remedy, printed after its name.
    Unfit(String),
}

impl From<io::Error> for NoText {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

/// Reads a UTF-8 file that is not larger than a lab file may be.
///
/// Standard input and a process's output (`/dev/stdin`, `<(...)`) are read like files. A named pipe is not: it may
/// never have a writer.
pub(super) fn read(path: &str) -> Result<String, NoText> {
    let bytes = bytes_within(path, LARGEST_TEXT)?.ok_or_else(|| {
        NoText::Unfit(format!(
            " has more than {LARGEST_TEXT} bytes, the most of a lab file; name another file"
        ))
    })?;
    text_of(bytes)
}

/// Reads a UTF-8 file of another program's output, of at most `most` bytes.
///
/// # Errors
///
/// [`EngineError`], for a file that cannot be read, is larger, or has no end.
pub fn read_output(path: &str, most: usize) -> Result<String, EngineError> {
    let read = bytes_within(path, most).and_then(|bytes| {
        let mebibytes = most >> 20;
        bytes.ok_or_else(|| {
            NoText::Unfit(format!(
                " has more than {mebibytes} MiB; name a smaller file"
            ))
        })
    });
    match read.and_then(text_of) {
        Ok(text) => Ok(text),
        Err(NoText::Unfit(why)) => Err(EngineError::Unfit(format!("{path}{why}"))),
        Err(NoText::Unreadable(source)) => Err(EngineError::Unreadable {
            file: path.to_owned(),
            source,
        }),
    }
}

/// The bytes of a file; `None` if there are more than `most`.
fn bytes_within(path: &str, most: usize) -> Result<Option<Vec<u8>>, NoText> {
    let file = open(path)?;
    let mut bytes = Vec::new();
    file.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= most).then_some(bytes))
}

fn text_of(bytes: Vec<u8>) -> Result<String, NoText> {
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        NoText::Unfit(not_utf8(error.as_bytes(), good))
    })
}

/// Opens a file that has an end. Opening a named pipe would already block.
fn open(path: &str) -> Result<File, NoText> {
    let flags = OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits())
        .open(path)?;
    let kind = file.metadata()?.file_type();
    if kind.is_file() {
        return Ok(file);
    }
    let unfit = |what: &str| Err(NoText::Unfit(what.to_owned()));
    if kind.is_dir() {
        return unfit(" is a directory; name a lab file in it");
    }
    if file.is_terminal() || kind.is_fifo() && has_no_name(&file) {
        fcntl(&file, FcntlArg::F_SETFL(OFlag::empty())).map_err(io::Error::from)?;
        return Ok(file);
    }
    if kind.is_fifo() {
        return unfit(" is a named pipe, which may never end; use /dev/stdin instead");
    }
    unfit(" is a device; name a lab file")
}

fn has_no_name(pipe: impl AsFd) -> bool {
    let held_by = rustix::fs::fstatfs(pipe).map(|about| about.f_type);
    held_by.is_ok_and(|magic| u64::try_from(magic) == Ok(PIPEFS_MAGIC))
}

/// The line and the byte column of the first invalid UTF-8.
fn not_utf8(bytes: &[u8], good: usize) -> String {
    let before = &bytes[..good];
    let line = before.split(|byte| *byte == b'\n').count();
    let start = before
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |newline| newline + 1);
    let byte = bytes.get(good).copied().unwrap_or_default();
    format!(
        ":{line}:{}: the byte 0x{byte:02x} is not UTF-8; a lab file is plain text in UTF-8",
        good - start + 1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_utf8_is_told_with_its_line() {
        let bytes = b"name: a\nsites: \xff\n";
        assert_eq!(
            not_utf8(bytes, 15),
            ":2:8: the byte 0xff is not UTF-8; a lab file is plain text in UTF-8"
        );
    }

    #[test]
    fn a_device_and_a_directory_are_told_for_what_they_are() {
        for (path, what) in [("/dev/zero", "device"), ("/dev", "directory")] {
            match read(path) {
                Err(NoText::Unfit(told)) => assert!(told.contains(what), "{told}"),
                other => panic!("{path}: {other:?}"),
            }
        }
        assert!(matches!(read("/no/such/file"), Err(NoText::Unreadable(_))));
    }
}
