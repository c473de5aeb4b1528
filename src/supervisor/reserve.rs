//! Reserved descriptors: a supervisor that can open nothing could neither answer nor end its lab.

use std::fs::File;

/// As many as a connection needs, plus those that a request or the end of a lab opens.
const DESCRIPTORS: usize = 16;

/// Unused descriptors.
#[derive(Debug, Default)]
pub(super) struct Reserve(Vec<File>);

impl Reserve {
    /// Opens the missing ones. Returns whether all are there.
    pub(super) fn fill(&mut self) -> bool {
        while self.0.len() < DESCRIPTORS {
            match File::open("/dev/null") {
                Ok(file) => self.0.push(file),
                Err(_) => return false,
            }
        }
        true
    }

    /// Closes all, so that something else can be opened. Returns whether there were any.
    pub(super) fn spend(&mut self) -> bool {
        let were_any = !self.0.is_empty();
        self.0.clear();
        were_any
    }
}
