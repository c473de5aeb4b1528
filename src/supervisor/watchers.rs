//! Watchers of a lab: connections on which every change is reported.
//!
//! Each watcher has its own task, so that one that does not read delays no other. A watcher that falls behind is
//! closed, and may connect again.

use std::sync::Arc;

use tokio::io::{AsyncWriteExt, Interest};
use tokio::net::UnixStream;
use tokio::sync::broadcast::{self, Receiver, Sender};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::control::Moment;
use crate::supervisor::callers::PATIENCE;

/// The most watchers at a time.
const MOST_WATCHING: usize = 64;

/// How many changes a watcher may be behind.
const MOST_BEHIND: usize = 64;

/// A line, shared by all watchers.
type Line = Arc<[u8]>;

/// All watchers.
#[derive(Debug)]
pub(super) struct Watchers {
    told: Sender<Line>,
    streams: JoinSet<()>,
    /// The last report.
    last: Moment,
}

impl Default for Watchers {
    fn default() -> Self {
        Self {
            told: broadcast::channel(MOST_BEHIND).0,
            streams: JoinSet::new(),
            last: Moment::default(),
        }
    }
}

impl Watchers {
    /// Adds a watcher, and sends it the state and all later changes. Beyond the limit, it is closed.
    pub(super) fn add(&mut self, stream: UnixStream, now: Moment) {
        // The others get only changes; the new one gets the whole state.
        self.say(&now);
        while self.streams.try_join_next().is_some() {}
        if self.streams.len() < MOST_WATCHING {
            let whole = Moment {
                routes: 0,
                nodes: 0,
                ..now.clone()
            };
            let Some(line) = line(&whole) else { return };
            self.streams
                .spawn(write(stream, line, self.told.subscribe()));
        }
        self.last = now;
    }

    /// Reports the state of the lab to all, if it has changed. Without watchers, the state is not computed.
    pub(super) fn tell(&mut self, now: impl FnOnce() -> Moment) {
        if self.told.receiver_count() > 0 {
            let now = now();
            self.say(&now);
            self.last = now;
        }
    }

    fn say(&self, now: &Moment) {
        if !now.is_as(&self.last)
            && let Some(line) = line(now)
        {
            // There may be no reader any more.
            let _ = self.told.send(line);
        }
    }
}

fn line(moment: &Moment) -> Option<Line> {
    let mut line = serde_json::to_vec(moment).ok()?;
    line.push(b'\n');
    Some(line.into())
}

/// Writes a line and those that follow, until the reader is gone or too slow.
async fn write(mut stream: UnixStream, first: Line, mut further: Receiver<Line>) {
    let mut next = first;
    while let Ok(Ok(())) = timeout(PATIENCE, stream.write_all(&next)).await {
        next = tokio::select! {
            line = further.recv() => match line {
                Ok(line) => line,
                Err(_) => return,
            },
            // A watcher sends nothing: this wait returns when it closes the connection.
            _ = stream.ready(Interest::READABLE) => return,
        };
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt, BufReader};

    use super::*;
    use crate::control::FaultStatus;

    fn down(links: &[&str], routes: usize, later_ms: Option<f64>) -> Moment {
        Moment {
            faults: FaultStatus {
                down: links.iter().map(ToString::to_string).collect(),
                later_ms,
                ..FaultStatus::default()
            },
            routes,
            ..Moment::default()
        }
    }

    async fn next(reader: &mut BufReader<UnixStream>) -> Option<Moment> {
        let mut line = String::new();
        reader.read_line(&mut line).await.unwrap();
        serde_json::from_str(&line).ok()
    }

    #[tokio::test]
    async fn every_watcher_hears_the_state_and_then_each_change_once() {
        let mut watchers = Watchers::default();
        let (first, stream) = UnixStream::pair().unwrap();
        let mut first = BufReader::new(first);
        watchers.tell(|| unreachable!("nobody watches"));
        watchers.add(stream, down(&[], 7, None));
        assert_eq!(next(&mut first).await, Some(down(&[], 0, None)));
        watchers.tell(|| down(&["a"], 3, Some(900.0)));
        // Only the time has changed.
        watchers.tell(|| down(&["a"], 0, Some(800.0)));
        watchers.tell(|| down(&["a"], 2, None));
        let (second, stream) = UnixStream::pair().unwrap();
        let mut second = BufReader::new(second);
        watchers.add(stream, down(&["a"], 0, None));
        watchers.tell(|| down(&[], 5, None));
        for told in [
            down(&["a"], 3, Some(900.0)),
            down(&["a"], 2, None),
            down(&[], 5, None),
        ] {
            assert_eq!(next(&mut first).await, Some(told));
        }
        assert_eq!(next(&mut second).await, Some(down(&["a"], 0, None)));
        assert_eq!(next(&mut second).await, Some(down(&[], 5, None)));
        drop(watchers);
        assert_eq!(next(&mut first).await, None);
    }

    #[tokio::test]
    async fn who_does_not_read_is_left_and_who_ends_is_forgotten() {
        let mut watchers = Watchers::default();
        let (gone, stream) = UnixStream::pair().unwrap();
        watchers.add(stream, down(&[], 0, None));
        let (mut silent, stream) = UnixStream::pair().unwrap();
        watchers.add(stream, down(&[], 0, None));
        drop(gone);
        assert!(watchers.streams.join_next().await.is_some());
        // Between these, the silent one's task does not run.
        for routes in 1..=MOST_BEHIND + 1 {
            watchers.tell(|| down(&[], routes, None));
        }
        assert!(watchers.streams.join_next().await.is_some());
        let mut heard = Vec::new();
        tokio::io::AsyncReadExt::read_to_end(&mut silent, &mut heard)
            .await
            .unwrap();
        assert!(heard.ends_with(b"\n"));
        assert!(watchers.streams.is_empty());
    }
}
