//! The callers of a supervisor: its connections, and the one line read from each.
//!
//! Callers are served concurrently. A caller that sends nothing, or no end of line, delays no other caller and uses no
//! more memory than the longest request.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::net::unix::SocketAddr;
use tokio::net::{UnixListener, UnixStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};

use crate::control::{LONGEST_REQUEST, Request};
use crate::supervisor::reserve::Reserve;

/// How long a command may take to send its request, or to read the answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// How many callers may be sending at a time; beyond that, a new one closes the oldest.
const MOST_SPEAKING: usize = 64;

/// How long no connection is accepted after the system ran out of resources.
const NO_ROOM: Duration = Duration::from_millis(100);

/// A request, and its connection.
pub(super) type Call = (Request, UnixStream);

/// All callers.
#[derive(Debug)]
pub(super) struct Callers {
    listener: UnixListener,
    /// The results of their tasks.
    lines: JoinSet<Option<Call>>,
    /// Those whose request is incomplete, oldest first.
    speaking: VecDeque<AbortHandle>,
    /// Closed for a new caller when no more descriptors can be opened.
    reserve: Reserve,
}

impl Callers {
    pub(super) fn at(listener: UnixListener) -> Self {
        Self {
            listener,
            lines: JoinSet::new(),
            speaking: VecDeque::new(),
            reserve: Reserve::default(),
        }
    }

    /// Sets the descriptors that are reserved for callers.
    pub(super) fn keep(&mut self, reserve: Reserve) {
        self.reserve = reserve;
    }

    /// Whether the reserve is complete.
    pub(super) fn have_room(&mut self) -> bool {
        self.reserve.fill()
    }

    /// Releases the reserve, so that something else can be opened.
    pub(super) fn make_room(&mut self) {
        self.reserve.spend();
    }

    /// The next request. Cancelling this wait loses none.
    pub(super) async fn next(&mut self) -> Call {
        // The resources of the last caller may be free again.
        self.reserve.fill();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => self.accept(accepted).await,
                // A failed or silent connection affects only its own command.
                Some(heard) = self.lines.join_next() => {
                    if let Ok(Some(call)) = heard {
                        return call;
                    }
                }
            }
        }
    }

    async fn accept(&mut self, accepted: io::Result<(UnixStream, SocketAddr)>) {
        if let Ok((stream, _)) = accepted {
            self.hear(stream);
        } else if !self.reserve.spend() {
            self.leave_first();
            sleep(NO_ROOM).await;
        }
    }

    fn hear(&mut self, stream: UnixStream) {
        self.speaking.retain(|one| !one.is_finished());
        if self.speaking.len() >= MOST_SPEAKING {
            self.leave_first();
        }
        self.speaking.push_back(self.lines.spawn(call(stream)));
    }

    fn leave_first(&mut self) {
        if let Some(first) = self.speaking.pop_front() {
            first.abort();
        }
    }
}

async fn call(mut stream: UnixStream) -> Option<Call> {
    let line = timeout(PATIENCE, line(&mut stream)).await.ok()?.ok()?;
    Some((Request::of_line(&line)?, stream))
}

/// A line, up to the length of a request.
async fn line(stream: impl AsyncRead + Unpin) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let bounded = stream.take(LONGEST_REQUEST as u64);
    BufReader::new(bounded).read_until(b'\n', &mut line).await?;
    Ok(line)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use nix::unistd::mkdtemp;
    use tokio::io::AsyncWriteExt;

    use super::*;

    #[tokio::test]
    async fn a_line_without_end_is_heard_up_to_the_longest_request() {
        let heard = line(tokio::io::repeat(b'x')).await.unwrap();
        assert_eq!(heard.len(), LONGEST_REQUEST);
        assert!(heard.capacity() <= 2 * LONGEST_REQUEST);
        assert_eq!(line(&b"\"stop\"\nmore"[..]).await.unwrap(), b"\"stop\"\n");
    }

    /// Many callers that send nothing, one that sends half a line, and one with a request.
    async fn calling(path: &Path) -> io::Result<Vec<UnixStream>> {
        let mut all = Vec::new();
        for _ in 0..3 * MOST_SPEAKING {
            all.push(UnixStream::connect(path).await?);
        }
        for line in [&b"{\"fault\":["[..], b"\"status\"\n"] {
            let mut stream = UnixStream::connect(path).await?;
            stream.write_all(line).await?;
            all.push(stream);
        }
        Ok(all)
    }

    #[tokio::test]
    async fn whoever_is_silent_keeps_nobody_waiting() {
        let folder = mkdtemp("/tmp/lab-callers-XXXXXX").unwrap();
        let path = folder.join("socket");
        let mut callers = Callers::at(UnixListener::bind(&path).unwrap());
        let both = async { tokio::join!(calling(&path), callers.next()) };
        let heard = timeout(PATIENCE, both).await;
        std::fs::remove_dir_all(&folder).unwrap();
        let (streams, (request, _)) = heard.expect("sooner than anybody's patience ends");
        assert_eq!(streams.unwrap().len(), 3 * MOST_SPEAKING + 2);
        assert_eq!(request, Request::Status);
        assert!(callers.speaking.len() <= MOST_SPEAKING);
    }
}
