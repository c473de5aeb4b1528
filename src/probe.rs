//! Paths proved with real packets: ICMP echo requests sent with every time to live at once.
//!
//! [`strategy`] decides what is sent when and what an answer means; it is pure. [`packet`] turns
//! probes and answers into bytes and back. [`socket`] owns the sockets, and [`drive`] joins the
//! three on the thread that calls it: one thread and one wait for all sources and all targets.
//! Whoever calls it opens the sockets, each inside the namespace that it probes from.

mod clock;
pub mod packet;
mod path;
pub mod socket;
pub mod strategy;
pub mod trace;
pub mod train;

#[cfg(test)]
mod drive_tests;
#[cfg(test)]
mod simulated_network;
#[cfg(test)]
mod strategy_tests;

use std::{
    collections::BTreeMap,
    io,
    net::Ipv4Addr,
    os::fd::AsFd,
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, ppoll},
    sys::time::TimeSpec,
};

use clock::{Clock, now};
use socket::RawIcmp;
use strategy::{Answered, Send, Strategy, Target};
use trace::Trace;

/// Bytes of the largest packet that is read whole. Errors quote at most 576 bytes (RFC 1812,
/// section 4.3.2.3), and anything larger is no answer to a probe.
const LARGEST_PACKET: usize = 2048;

/// Sends between two looks at the sockets, so that answers are not left waiting by a fast pace.
const SENDS_AT_ONCE: usize = 16;

/// How a run of probes is paced and told apart from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// From one send to the next, whatever their targets.
    pub pace: Duration,
    /// How often each hop of each target is probed.
    pub probes_per_hop: u8,
    /// The ICMP identifier of the first target; the others count on from it. Two runs at a time
    /// between the same addresses must differ in it, and so must two runs one after the other if
    /// the first may have answers underway.
    pub base_id: u16,
}

/// What a run tells while it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// A probe has its answer.
    Answered(Answered),
    /// A probe could not be sent.
    NotSent {
        /// The probe.
        probe: Send,
        /// Why not, as the kernel says it.
        reason: &'a str,
    },
}

/// Why a run of probes ended without a result. A probe that cannot be sent is a result.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// A target is to be probed from a source that was not given.
    #[error("there is no source {source_index} to probe {destination} from")]
    NoSuchSource {
        /// The index that was asked for.
        source_index: usize,
        /// The target's destination.
        destination: Ipv4Addr,
    },
    /// The kernel would not wait for answers.
    #[error("cannot wait for answers")]
    Wait(#[source] io::Error),
    /// The kernel would not hand out an answer.
    #[error("cannot receive an answer")]
    Receive(#[source] io::Error),
}

/// Probes every target from its source, an index into `sources`, and returns a trace for each
/// target, in their order. Blocks until all is answered, settled or given up.
///
/// # Errors
///
/// [`ProbeError`]; never for a probe that cannot be sent, which its hop tells.
pub fn drive(
    sources: &[RawIcmp],
    targets: Vec<(usize, Target)>,
    options: &Options,
    observe: &mut dyn FnMut(Event<'_>),
) -> Result<Vec<Trace>, ProbeError> {
    let flows = flows(sources.len(), &targets, options.base_id)?;
    let targets = targets.into_iter().map(|(_, target)| target).collect();
    let started = now();
    let mut run = Run {
        strategy: Strategy::new(targets, options.pace, options.probes_per_hop, started),
        target_of: flows.iter().copied().zip(0..).collect(),
        flows,
        sources,
        observe,
    };
    let mut waiting: Vec<_> = sources.iter().map(waiting).collect();
    let mut heard_until = started;
    loop {
        // Read ahead of the sockets: whatever had arrived by now is heard before `now` counts.
        let now = now();
        wait(&mut waiting, run.time_left(now))?;
        run.hear(&waiting, heard_until)?;
        if run.strategy.finished(now) {
            return Ok(run.strategy.into_traces());
        }
        run.send_due(now);
        heard_until = now;
    }
}

/// What an answer has in common with its probe, besides the sequence number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Flow {
    source: usize,
    destination: Ipv4Addr,
    id: u16,
}

/// The flow of each target.
fn flows(
    source_count: usize,
    targets: &[(usize, Target)],
    base_id: u16,
) -> Result<Vec<Flow>, ProbeError> {
    let ids = (0..=u16::MAX).cycle().skip(usize::from(base_id));
    let flow = |((source, target), id): (&(usize, Target), u16)| {
        let flow = Flow {
            source: *source,
            destination: target.destination,
            id,
        };
        let no_such_source = ProbeError::NoSuchSource {
            source_index: flow.source,
            destination: flow.destination,
        };
        (flow.source < source_count)
            .then_some(flow)
            .ok_or(no_such_source)
    };
    targets.iter().zip(ids).map(flow).collect()
}

struct Run<'a> {
    strategy: Strategy,
    flows: Vec<Flow>,
    target_of: BTreeMap<Flow, usize>,
    sources: &'a [RawIcmp],
    observe: &'a mut dyn FnMut(Event<'_>),
}

impl Run<'_> {
    fn time_left(&self, now: Instant) -> Duration {
        let deadline = self.strategy.next_deadline().unwrap_or(now);
        deadline.saturating_duration_since(now)
    }

    fn send_due(&mut self, now: Instant) {
        for _ in 0..SENDS_AT_ONCE {
            let Some(probe) = self.strategy.next_send(now) else {
                return;
            };
            self.send(probe);
        }
    }

    fn send(&mut self, probe: Send) {
        let flow = self.flows[probe.target];
        let message = packet::echo_request(flow.id, probe.sequence);
        let socket = &self.sources[flow.source];
        let at = now();
        match socket.send(&message, flow.destination, probe.ttl) {
            Ok(()) => self.strategy.sent(probe.target, probe.sequence, at),
            Err(error) => self.tell_not_sent(probe, &error),
        }
    }

    fn tell_not_sent(&mut self, probe: Send, error: &io::Error) {
        let reason = error.to_string();
        (self.observe)(Event::NotSent {
            probe,
            reason: &reason,
        });
        self.strategy.not_sent(probe.target, probe.sequence, reason);
    }

    /// Takes everything that waits in any socket. Nothing in there came before `heard_until`.
    fn hear(&mut self, waiting: &[PollFd<'_>], heard_until: Instant) -> Result<(), ProbeError> {
        let mut buffer = [0; LARGEST_PACKET];
        for (source, waiting) in waiting.iter().enumerate() {
            if waiting.any() != Some(true) {
                continue;
            }
            let socket = &self.sources[source];
            while let Some(arrival) = socket.receive(&mut buffer).map_err(ProbeError::Receive)? {
                let at = Clock::read().time_of(arrival.stamp, heard_until);
                self.take(source, &buffer[..arrival.len], at);
            }
        }
        Ok(())
    }

    fn take(&mut self, source: usize, bytes: &[u8], at: Instant) {
        let Some(received) = packet::parse(bytes) else {
            return;
        };
        let flow = Flow {
            source,
            destination: received.destination,
            id: received.id,
        };
        let Some(target) = self.target_of.get(&flow) else {
            return;
        };
        if let Some(answered) = self.strategy.received(*target, &received.answer, at) {
            (self.observe)(Event::Answered(answered));
        }
    }
}

fn waiting(socket: &RawIcmp) -> PollFd<'_> {
    PollFd::new(socket.as_fd(), PollFlags::POLLIN)
}

/// Waits until a socket has something to give, or as long as told, to the nanosecond.
fn wait(waiting: &mut [PollFd<'_>], at_most: Duration) -> Result<(), ProbeError> {
    match ppoll(waiting, Some(TimeSpec::from(at_most)), None) {
        // A signal leaves the flags as they were; to look at a socket in vain does no harm.
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(errno) => Err(ProbeError::Wait(errno.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_count_on_from_the_base_and_start_over() {
        let target = |last| Target::ping(Ipv4Addr::new(10, 0, 0, last), Duration::ZERO);
        let targets = [(0, target(1)), (1, target(2)), (0, target(1))];
        let ids = |base| {
            let flows = flows(2, &targets, base).unwrap();
            flows.into_iter().map(|flow| flow.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(7), [7, 8, 9]);
        assert_eq!(ids(u16::MAX - 1), [u16::MAX - 1, u16::MAX, 0]);
    }

    #[test]
    fn a_source_that_was_not_given_is_an_error() {
        let target = Target::ping(Ipv4Addr::LOCALHOST, Duration::ZERO);
        let result = flows(1, &[(1, target)], 0);
        assert!(matches!(
            result,
            Err(ProbeError::NoSuchSource {
                source_index: 1,
                ..
            })
        ));
    }
}
