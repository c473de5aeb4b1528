//! The page's connections: their number, and the limits of each.
//!
//! Connections that have not shown the token share a few places. A new one replaces the oldest of them, so slow or
//! silent clients cannot block the others.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

/// Maximum number of connections that have not shown the token.
const MOST_STRANGERS: usize = 64;

/// Maximum number of connections.
const MOST: usize = 256;

/// Maximum time to receive a request's head, from the connection's start or the last answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Maximum size of a request's head, in bytes. Browsers send less.
const LARGEST_HEAD: usize = 1 << 14;

/// How long no connection is accepted after the system ran out of resources.
const NO_ROOM: Duration = Duration::from_millis(100);

/// Whether a connection has shown the token.
#[derive(Debug, Clone, Default)]
pub(super) struct Known(Arc<AtomicBool>);

impl Known {
    pub(super) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A connection.
#[derive(Debug)]
struct Open {
    task: AbortHandle,
    known: Known,
}

/// All connections.
pub(super) struct Connections {
    listener: TcpListener,
    router: Router,
    tasks: JoinSet<()>,
    /// Oldest first.
    open: VecDeque<Open>,
    /// Dropped when the server ends, which all connections notice.
    serving: watch::Sender<()>,
}

impl Connections {
    pub(super) fn at(listener: TcpListener, router: Router) -> Self {
        Self {
            listener,
            router,
            tasks: JoinSet::new(),
            open: VecDeque::new(),
            serving: watch::Sender::new(()),
        }
    }

    /// Accepts connections while this future is polled.
    pub(super) async fn serve(&mut self) {
        loop {
            tokio::select! {
                accepted = self.listener.accept() => self.accept(accepted).await,
                Some(_) = self.tasks.join_next() => {}
            }
        }
    }

    /// Accepts no more connections, and waits until every connection has finished its current request.
    pub(super) async fn end(mut self) {
        drop(self.listener);
        drop(self.serving);
        while self.tasks.join_next().await.is_some() {}
    }

    async fn accept(&mut self, accepted: io::Result<(TcpStream, SocketAddr)>) {
        self.open.retain(|one| !one.task.is_finished());
        match accepted {
            Ok((stream, _)) if self.has_room() => self.attend(stream),
            // It is closed.
            Ok(_) => {}
            Err(_) => {
                self.leave_strangers(self.strangers().div_ceil(2));
                sleep(NO_ROOM).await;
            }
        }
    }

    /// Whether there is room for one more connection. If not, the oldest connection without the token is closed first.
    fn has_room(&mut self) -> bool {
        let strangers = self.strangers();
        if strangers >= MOST_STRANGERS || self.open.len() >= MOST {
            self.leave_strangers(1);
        }
        self.open.len() < MOST
    }

    fn strangers(&self) -> usize {
        self.open.iter().filter(|one| !one.known.is_set()).count()
    }

    /// Closes this many connections that have not shown the token, oldest first.
    fn leave_strangers(&mut self, count: usize) {
        let mut left = 0;
        self.open.retain(|one| {
            let is_kept = one.known.is_set() || left == count;
            if !is_kept {
                one.task.abort();
                left += 1;
            }
            is_kept
        });
    }

    fn attend(&mut self, stream: TcpStream) {
        let known = Known::default();
        let router = self.router.clone().layer(Extension(known.clone()));
        let serving = self.serving.subscribe();
        let task = self.tasks.spawn(attend(stream, router, PATIENCE, serving));
        self.open.push_back(Open { task, known });
    }
}

/// Answers the requests of a connection, until either end closes it or the server ends.
async fn attend(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    router: Router,
    patience: Duration,
    mut serving: watch::Receiver<()>,
) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .max_buf_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // A failure affects this connection only.
        _ = &mut connection => return,
        _ = serving.changed() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::time::timeout;

    use super::*;

    /// Much longer than any step of these tests.
    const LONG: Duration = Duration::from_mins(1);

    /// A client of a connection with this time limit for a request's head, and the sender whose drop ends the server.
    fn client(patience: Duration) -> (DuplexStream, watch::Sender<()>) {
        let (client, server) = duplex(1 << 20);
        let router = Router::new().route("/", get(async || "hello"));
        let serving = watch::Sender::new(());
        tokio::task::spawn_local(attend(server, router, patience, serving.subscribe()));
        (client, serving)
    }

    async fn answers(client: &mut DuplexStream) -> String {
        let mut answer = Vec::new();
        let read = timeout(LONG, client.read_to_end(&mut answer)).await;
        read.expect("a connection that is closed").unwrap();
        String::from_utf8(answer).unwrap()
    }

    async fn locally<T>(test: impl Future<Output = T>) -> T {
        tokio::task::LocalSet::new().run_until(test).await
    }

    async fn answer_to(said: &str) -> String {
        let (mut client, _serving) = client(Duration::from_millis(20));
        client.write_all(said.as_bytes()).await.unwrap();
        answers(&mut client).await
    }

    #[tokio::test]
    async fn a_connection_whose_head_does_not_end_is_closed() {
        for said in [
            "",
            "GET / HTTP/1.1\r\nHost:",
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        ] {
            let answer = locally(answer_to(said)).await;
            let is_answered = answer.starts_with("HTTP/1.1 200");
            assert_eq!(is_answered, said.ends_with("\r\n\r\n"), "{said}");
        }
    }

    #[tokio::test]
    async fn a_head_that_is_too_large_is_refused() {
        let answer = locally(async {
            let (mut client, _serving) = client(LONG);
            let head = format!("GET / HTTP/1.1\r\nHost: {}", "a".repeat(2 * LARGEST_HEAD));
            client.write_all(head.as_bytes()).await.unwrap();
            answers(&mut client).await
        });
        assert!(answer.await.starts_with("HTTP/1.1 431"));
    }

    #[tokio::test]
    async fn a_connection_that_waits_is_closed_when_nothing_more_is_to_come() {
        let answer = locally(async {
            let (mut client, serving) = client(LONG);
            drop(serving);
            answers(&mut client).await
        });
        assert_eq!(answer.await, "");
    }
}
