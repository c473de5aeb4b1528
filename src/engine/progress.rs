//! What a proof tells while it works. Whoever asked for it decides what of that is shown, and how.

use std::time::Duration;

use crate::topology::{Step, Storyboard};

/// What happens right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<'a> {
    /// A step of a storyboard begins.
    Step(&'a Storyboard, &'a Step),
    /// Nothing is to be seen for about so long: the timers of sessions run, or the step says to wait.
    Waiting(Duration),
    /// Probes leave.
    Probing {
        /// How many paths are being proved.
        paths: usize,
        /// How many probes have left.
        sent: usize,
        /// How many there are to leave at most: a path that ends early needs fewer.
        of: usize,
    },
}

/// Who is told.
pub type Watch<'a> = &'a mut dyn FnMut(Progress<'_>);

/// Counts probes, and tells of each.
pub(super) struct Sending<'a> {
    watch: Watch<'a>,
    paths: usize,
    sent: usize,
    of: usize,
}

impl<'a> Sending<'a> {
    /// Begins with none sent, and says so.
    pub(super) fn begin(watch: Watch<'a>, paths: usize, of: usize) -> Self {
        let mut sending = Self {
            watch,
            paths,
            sent: 0,
            of,
        };
        sending.tell();
        sending
    }

    /// One more has left.
    pub(super) fn count(&mut self) {
        self.sent += 1;
        self.tell();
    }

    fn tell(&mut self) {
        let Self {
            paths, sent, of, ..
        } = *self;
        (self.watch)(Progress::Probing { paths, sent, of });
    }
}
