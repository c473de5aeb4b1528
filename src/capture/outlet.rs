//! The output of a capture: a file, or a pipe whose reader may stop reading but stay open.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::capture::drive::Until;

/// Bytes that a writable pipe accepts at once: its buffer consists of pages (pipe(7)).
const AT_ONCE: usize = 4096;

/// How long to wait for a reader that accepts no bytes after the capture has ended.
const GRACE: Duration = Duration::from_secs(2);

/// A writer that notices the end of the capture even if the reader accepts no bytes.
#[derive(Debug)]
pub struct Outlet<'a> {
    file: &'a File,
    until: &'a Until<'a>,
    grace: Duration,
}

impl<'a> Outlet<'a> {
    /// Writes to a file, until `until` ends the capture.
    #[must_use]
    pub const fn new(file: &'a File, until: &'a Until<'a>) -> Self {
        Self {
            file,
            until,
            grace: GRACE,
        }
    }

    /// Waits until the file accepts bytes. After the end of the capture, it waits for the grace period only.
    fn wait(&self) -> io::Result<()> {
        let is_taken =
            self.is_taken(true, self.until.left())? || self.is_taken(false, Some(self.grace))?;
        is_taken
            .then_some(())
            .ok_or_else(|| io::ErrorKind::TimedOut.into())
    }

    /// Whether the file accepts bytes within `patience` and, with `hears_words`, before the capture ends.
    fn is_taken(&self, hears_words: bool, patience: Option<Duration>) -> io::Result<bool> {
        let words = self.until.words.iter().filter(|_| hears_words);
        let words = words.map(|word| PollFd::new(*word, PollFlags::POLLIN));
        let file = PollFd::new(self.file.as_fd(), PollFlags::POLLOUT);
        let mut waited: Vec<PollFd<'_>> = [file].into_iter().chain(words).collect();
        let patience = patience.map_or(PollTimeout::NONE, |patience| {
            PollTimeout::try_from(patience).unwrap_or(PollTimeout::MAX)
        });
        while let Err(errno) = poll(&mut waited, patience) {
            if errno != Errno::EINTR {
                return Err(errno.into());
            }
        }
        Ok(waited[0].any() == Some(true))
    }
}

impl Write for Outlet<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.wait()?;
        let mut file = self.file;
        file.write(&bytes[..bytes.len().min(AT_ONCE)])
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut file = self.file;
        file.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use nix::unistd::pipe;

    use super::*;

    /// More bytes than a pipe holds.
    const MORE_THAN_FITS: usize = 1 << 20;

    #[test]
    fn what_is_read_arrives_whole_although_the_capture_is_over() {
        let [(reader, writer), (word, over)] = [pipe().unwrap(), pipe().unwrap()];
        drop(over);
        let (mut reader, writer) = (File::from(reader), File::from(writer));
        let reading = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            reader.read_to_end(&mut bytes).map(|_| bytes.len())
        });
        let until = Until {
            words: vec![word.as_fd()],
            reader: writer.as_fd(),
            deadline: None,
        };
        let mut outlet = Outlet::new(&writer, &until);
        outlet.write_all(&vec![7; MORE_THAN_FITS]).unwrap();
        drop(writer);
        assert_eq!(reading.join().unwrap().unwrap(), MORE_THAN_FITS);
    }

    #[test]
    fn a_reader_that_stopped_keeps_no_capture_from_its_end() {
        let [(_reader, writer), (word, over)] = [pipe().unwrap(), pipe().unwrap()];
        drop(over);
        let writer = File::from(writer);
        let until = Until {
            words: vec![word.as_fd()],
            reader: writer.as_fd(),
            deadline: None,
        };
        let mut outlet = Outlet {
            grace: Duration::from_millis(1),
            ..Outlet::new(&writer, &until)
        };
        let written = outlet.write_all(&vec![7; MORE_THAN_FITS]);
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
