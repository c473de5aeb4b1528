//! A ping every 100 ms, and the times of its replies.

use std::{
    io::{BufRead, BufReader},
    process::Child,
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use crate::space::Space;

/// Pings until it is dropped.
pub(crate) struct Train {
    ping: Child,
    replies: Receiver<Instant>,
}

impl Train {
    pub(crate) fn start(space: &Space, to: &str) -> Self {
        let mut ping = space.spawn(&format!("ping -n -i 0.1 {to}")).unwrap();
        let output = BufReader::new(ping.stdout.take().unwrap());
        let (sender, replies) = mpsc::channel();
        thread::spawn(move || {
            let lines = output.lines().map_while(Result::ok);
            lines
                .filter(|line| line.contains("bytes from"))
                // After the train has ended, replies are not read.
                .try_for_each(|_| sender.send(Instant::now()))
                .unwrap_or_default();
        });
        Self { ping, replies }
    }

    /// Discards the replies received so far.
    pub(crate) fn forget(&mut self) {
        self.replies.try_iter().for_each(drop);
    }

    /// Waits for the next reply.
    pub(crate) fn next(&mut self, patience: Duration) -> Result<Instant, String> {
        self.replies
            .recv_timeout(patience)
            .map_err(|error| format!("no reply within {patience:?}: {error}"))
    }
}

impl Drop for Train {
    fn drop(&mut self) {
        let _ = self.ping.kill();
        let _ = self.ping.wait();
    }
}
