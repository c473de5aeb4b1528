//! Progress events of a proof. The caller decides what to show of them.

use std::time::Duration;

use crate::topology::{Step, Storyboard};

/// A progress event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<'a> {
    /// The proof of the lab without failures starts, with that many paths.
    Steady(usize),
    /// Probes of that many paths that the lab file does not expect start.
    Others(usize),
    /// A step of a storyboard starts.
    Step(&'a Storyboard, &'a Step),
    /// A wait of about this length: the timers of sessions run, or the step has a `wait`.
    Waiting(Duration),
    /// Probes are sent.
    Probing {
        /// How many paths are being proved.
        paths: usize,
        /// How many probes have been sent.
        sent: usize,
        /// How many there are at most; a path that ends early needs fewer.
        of: usize,
    },
}

/// The receiver of the events.
pub type Watch<'a> = &'a mut dyn FnMut(Progress<'_>);

/// Counts probes, and reports each.
pub(super) struct Sending<'a> {
    watch: Watch<'a>,
    paths: usize,
    sent: usize,
    of: usize,
}

impl<'a> Sending<'a> {
    /// Starts with no probe sent, and reports it.
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

    /// Counts one more probe.
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
