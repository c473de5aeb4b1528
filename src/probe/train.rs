//! Trains of pings: echo requests at an even pace on a thread of their own, until they are stopped.
//!
//! A train tells how long a path was interrupted: each lost request stands for one interval.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};
use std::{io, panic, thread};

use nix::poll::{PollFd, PollFlags};
use nix::sys::eventfd::{EfdFlags, EventFd};

use super::clock::now;
use super::socket::RawIcmp;
use super::trace::ReplyKind;
use super::{LARGEST_PACKET, ProbeError, packet, wait};
use crate::units::Ttl;

/// Time to live of a ping, as Linux sends it.
const PING_TTL: Ttl = Ttl::new(64).expect("64 is not 0");

/// A path that is pinged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The source, by its place among the sockets.
    pub source: usize,
    /// Where the pings go.
    pub destination: Ipv4Addr,
}

/// An echo request of a train.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ping {
    /// When it was sent, from the train's departure on.
    pub sent: Duration,
    /// Whether its reply came.
    pub answered: bool,
}

/// A train under way. It is stopped when this is dropped, and its pings are lost.
#[derive(Debug)]
pub struct Train {
    departure: Instant,
    stop: EventFd,
    thread: Option<thread::JoinHandle<Result<Vec<Vec<Ping>>, ProbeError>>>,
}

impl Train {
    /// Sends a ping along every line each `interval`, from now on. Identifiers count on from `base_id`,
    /// one a line.
    ///
    /// # Errors
    ///
    /// The kernel's, where it has no more descriptors or threads.
    pub fn depart(
        sources: Vec<RawIcmp>,
        lines: Vec<Line>,
        interval: Duration,
        base_id: u16,
    ) -> io::Result<Self> {
        let stop = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?;
        let signal = EventFdCopy(stop.as_fd().try_clone_to_owned()?);
        let departure = now();
        let ride = Ride {
            departure,
            lines,
            base_id,
            pings: Vec::new(),
        };
        let thread = thread::Builder::new()
            .name("pings".to_owned())
            .spawn(move || ride.go(&sources, interval, &signal))?;
        Ok(Self {
            departure,
            stop,
            thread: Some(thread),
        })
    }

    /// How long the train has been under way.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        now().saturating_duration_since(self.departure)
    }

    /// Sends no more, waits for what is still to come and returns every line's pings.
    ///
    /// # Errors
    ///
    /// [`ProbeError`].
    pub fn arrive(mut self) -> Result<Vec<Vec<Ping>>, ProbeError> {
        self.stop
            .write(1)
            .map_err(|errno| ProbeError::Wait(errno.into()))?;
        match self.thread.take().map(thread::JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(cause)) => panic::resume_unwind(cause),
            None => Ok(Vec::new()),
        }
    }
}

impl Drop for Train {
    fn drop(&mut self) {
        // A train that has arrived is not stopped again.
        if let Some(thread) = self.thread.take() {
            let _ = self.stop.write(1);
            let _ = thread.join();
        }
    }
}

/// A second descriptor of the signal to stop, for the train's own thread.
struct EventFdCopy(std::os::fd::OwnedFd);

impl AsFd for EventFdCopy {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// How long replies are waited for once nothing more is sent: longer than any round trip that a lab's
/// links make together.
const LAST_REPLIES: Duration = Duration::from_millis(500);

struct Ride {
    departure: Instant,
    lines: Vec<Line>,
    base_id: u16,
    /// By line, then sequence number.
    pings: Vec<Vec<Ping>>,
}

impl Ride {
    fn go(
        mut self,
        sources: &[RawIcmp],
        interval: Duration,
        stop: &impl AsFd,
    ) -> Result<Vec<Vec<Ping>>, ProbeError> {
        self.pings = vec![Vec::new(); self.lines.len()];
        let mut waiting: Vec<PollFd<'_>> = sources
            .iter()
            .map(|source| PollFd::new(source.as_fd(), PollFlags::POLLIN))
            .collect();
        waiting.push(PollFd::new(stop.as_fd(), PollFlags::POLLIN));
        let mut due = self.departure;
        let mut end: Option<Instant> = None;
        loop {
            let at = now();
            if end.is_some_and(|end| at >= end || self.has_all()) {
                return Ok(self.pings);
            }
            if end.is_none() && at >= due {
                self.send(sources);
                due = at.max(due + interval);
            }
            let next = end.unwrap_or(due);
            wait(&mut waiting, next.saturating_duration_since(now()))?;
            let is_stopped = waiting.last().is_some_and(|stop| stop.any() == Some(true));
            if is_stopped && end.is_none() {
                end = Some(now() + LAST_REPLIES);
                // Only the answers are waited for now.
                waiting.pop();
            }
            self.hear(sources)?;
        }
    }

    fn has_all(&self) -> bool {
        self.pings.iter().flatten().all(|ping| ping.answered)
    }

    /// A ping that cannot be sent is as lost as one that nobody answers.
    fn send(&mut self, sources: &[RawIcmp]) {
        for (index, line) in self.lines.iter().enumerate() {
            let sequence = self.pings[index].len();
            let Ok(sequence) = u16::try_from(sequence) else {
                continue;
            };
            let message = packet::echo_request(identifier(self.base_id, index), sequence);
            let _ = sources[line.source].send(&message, line.destination, PING_TTL);
            self.pings[index].push(Ping {
                sent: now().saturating_duration_since(self.departure),
                answered: false,
            });
        }
    }

    fn hear(&mut self, sources: &[RawIcmp]) -> Result<(), ProbeError> {
        let by_flow: BTreeMap<(usize, u16), usize> = self
            .lines
            .iter()
            .enumerate()
            .map(|(index, line)| ((line.source, identifier(self.base_id, index)), index))
            .collect();
        let mut buffer = [0; LARGEST_PACKET];
        for (source, socket) in sources.iter().enumerate() {
            while let Some(arrival) = socket.receive(&mut buffer).map_err(ProbeError::Receive)? {
                self.take(source, &by_flow, &buffer[..arrival.len]);
            }
        }
        Ok(())
    }

    fn take(&mut self, source: usize, by_flow: &BTreeMap<(usize, u16), usize>, bytes: &[u8]) {
        let Some(received) = packet::parse(bytes) else {
            return;
        };
        let line = by_flow.get(&(source, received.id));
        let sequence = usize::from(received.answer.sequence);
        let ping = line.and_then(|line| self.pings[*line].get_mut(sequence));
        if let Some(ping) = ping
            && received.answer.kind == ReplyKind::EchoReply
        {
            ping.answered = true;
        }
    }
}

fn identifier(base: u16, line: usize) -> u16 {
    let [low, high, ..] = line.to_le_bytes();
    base.wrapping_add(u16::from_le_bytes([low, high]))
}
