//! Trains of pings: echo requests at an even pace on a separate thread, until they are stopped.
//!
//! A train shows how long a path was interrupted: each lost request counts as one interval.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};
use std::{panic, thread};

use nix::sys::eventfd::{EfdFlags, EventFd};

use super::clock::now;
use super::flow::{Flow, flows};
use super::ready::Readiness;
use super::socket::RawIcmp;
use super::strategy::CATCH_UP;
use super::trace::ReplyKind;
use super::{LARGEST_PACKET, ProbeError, packet};
use crate::units::Ttl;

/// A path that is pinged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The index of the source's socket.
    pub source: usize,
    /// The destination of the pings.
    pub destination: Ipv4Addr,
    /// The TTL of its source's packets.
    pub ttl: Ttl,
}

/// An echo request of a train.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ping {
    /// When it was sent, since the train's start.
    pub sent: Duration,
    /// Whether it was answered.
    pub answered: bool,
}

/// A running train. Dropping it stops the train and discards its pings.
#[derive(Debug)]
pub struct Train {
    departure: Instant,
    stop: EventFd,
    thread: Option<thread::JoinHandle<Result<Vec<Vec<Ping>>, ProbeError>>>,
}

impl Train {
    /// Sends a ping along every line each `interval`, from now on, the lines in turn at an even pace. Identifiers are
    /// those of [`drive`](super::drive).
    ///
    /// # Errors
    ///
    /// [`ProbeError`], if the kernel has no more descriptors or threads.
    pub fn depart(
        sources: Vec<RawIcmp>,
        lines: Vec<Line>,
        interval: Duration,
        base_id: u16,
    ) -> Result<Self, ProbeError> {
        let pairs = lines.iter().map(|line| (line.source, line.destination));
        let flows = flows(pairs, base_id)?;
        let stop = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK);
        let stop = stop.map_err(|errno| ProbeError::Start(errno.into()))?;
        let signal = stop.as_fd().try_clone_to_owned();
        let signal = signal.map_err(ProbeError::Start)?;
        let departure = now();
        let count = u32::try_from(lines.len()).unwrap_or(u32::MAX);
        let ride = Ride {
            departure,
            pings: vec![Vec::new(); lines.len()],
            line_of: flows.iter().copied().zip(0..).collect(),
            flows,
            lines,
            gap: interval.checked_div(count).unwrap_or(interval),
            next_line: 0,
            missing: 0,
        };
        let thread = thread::Builder::new()
            .name("pings".to_owned())
            .spawn(move || ride.go(&sources, signal.as_fd()))
            .map_err(ProbeError::Start)?;
        Ok(Self {
            departure,
            stop,
            thread: Some(thread),
        })
    }

    /// The time since the train's start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        now().saturating_duration_since(self.departure)
    }

    /// Stops sending, waits for outstanding replies, and returns every line's pings.
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

/// How long to wait for replies after the last send: longer than any round trip over a lab's links.
const LAST_REPLIES: Duration = Duration::from_millis(500);

struct Ride {
    departure: Instant,
    lines: Vec<Line>,
    flows: Vec<Flow>,
    line_of: BTreeMap<Flow, usize>,
    /// Time from one ping to the next line's ping.
    gap: Duration,
    next_line: usize,
    /// By line, then sequence number.
    pings: Vec<Vec<Ping>>,
    /// The number of pings without an answer.
    missing: usize,
}

impl Ride {
    fn go(
        mut self,
        sources: &[RawIcmp],
        stop: BorrowedFd<'_>,
    ) -> Result<Vec<Vec<Ping>>, ProbeError> {
        let descriptors = sources.iter().map(AsFd::as_fd).chain([stop]);
        let mut readiness = Readiness::of(descriptors).map_err(ProbeError::Wait)?;
        let mut due = self.departure;
        let (mut is_stopped, mut is_forgotten) = (false, false);
        let mut end: Option<Instant> = None;
        loop {
            let at = now();
            // The lines after the last pinged one still get as many pings as those before it.
            if is_stopped && self.next_line == 0 {
                end = end.or(Some(at + LAST_REPLIES));
            }
            if end.is_some_and(|end| at >= end || self.missing == 0) {
                return Ok(self.pings);
            }
            if end.is_none() && at >= due {
                self.send(sources);
                let earliest = at.checked_sub(CATCH_UP).unwrap_or(at);
                due = (due + self.gap).max(earliest);
            }
            let left = end.unwrap_or(due).saturating_duration_since(now());
            for ready in readiness.wait(left).map_err(ProbeError::Wait)? {
                match sources.get(ready) {
                    Some(socket) => self.hear(ready, socket)?,
                    None => is_stopped = true,
                }
            }
            if is_stopped && !is_forgotten {
                readiness.forget(stop).map_err(ProbeError::Wait)?;
                is_forgotten = true;
            }
        }
    }

    /// Sends a ping along the next line. A ping that cannot be sent counts as lost, like one without an answer.
    fn send(&mut self, sources: &[RawIcmp]) {
        let index = self.next_line;
        let Some(line) = self.lines.get(index) else {
            return;
        };
        self.next_line = (index + 1) % self.lines.len();
        let Ok(sequence) = u16::try_from(self.pings[index].len()) else {
            return;
        };
        let message = packet::echo_request(self.flows[index].id, sequence);
        let _ = sources[line.source].send(&message, line.destination, line.ttl);
        self.missing += 1;
        self.pings[index].push(Ping {
            sent: now().saturating_duration_since(self.departure),
            answered: false,
        });
    }

    fn hear(&mut self, source: usize, socket: &RawIcmp) -> Result<(), ProbeError> {
        let mut buffer = [0; LARGEST_PACKET];
        while let Some(arrival) = socket.receive(&mut buffer).map_err(ProbeError::Receive)? {
            self.take(source, &buffer[..arrival.len]);
        }
        Ok(())
    }

    fn take(&mut self, source: usize, bytes: &[u8]) {
        let Some(received) = packet::parse(bytes) else {
            return;
        };
        let flow = Flow {
            source,
            destination: received.destination,
            id: received.id,
        };
        let line = self.line_of.get(&flow);
        let sequence = usize::from(received.answer.sequence);
        let ping = line.and_then(|line| self.pings[*line].get_mut(sequence));
        if let Some(ping) = ping
            && received.answer.kind == ReplyKind::EchoReply
            && !ping.answered
        {
            ping.answered = true;
            self.missing -= 1;
        }
    }
}
