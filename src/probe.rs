//! Proves paths with real packets: ICMP echo requests, sent with every TTL at once.
//!
//! [`strategy`] decides what is sent when and what an answer means; it is pure. [`packet`] turns
//! probes and answers into bytes and back. [`socket`] owns the sockets, and [`drive`] joins the
//! three on the thread that calls it: one thread and one wait for all sources and all targets.
//! The caller opens the sockets, each in the namespace that it probes from.

mod clock;
mod flow;
pub mod packet;
mod path;
mod ready;
pub mod socket;
pub mod strategy;
pub mod trace;
pub mod train;

use std::{
    collections::BTreeMap,
    io,
    net::Ipv4Addr,
    os::fd::AsFd,
    time::{Duration, Instant},
};

use clock::{Clock, now};
use flow::{Flow, flows};
use ready::Readiness;
use socket::RawIcmp;
use strategy::{Answered, Pacing, Send, Strategy, Target};
use trace::Trace;

/// Size of the largest packet that is read completely, in bytes. ICMP errors quote at most 576 bytes (RFC 1812, section
/// 4.3.2.3), and a larger packet is no answer to a probe.
const LARGEST_PACKET: usize = 2048;

/// Maximum number of sends before the sockets are read, so that a fast pace does not delay the reading of answers.
const SENDS_AT_ONCE: usize = 16;

/// The pace and the identifiers of a run of probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The pace of the probes.
    pub pacing: Pacing,
    /// The first ICMP identifier. If a destination is probed several times from one source, each further target takes
    /// the next identifier. Two simultaneous runs between the same addresses need different identifiers. So do two
    /// consecutive runs if answers to the first one may still arrive.
    pub base_id: u16,
}

/// An event during a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// A probe was sent.
    Sent(Send),
    /// A probe was answered.
    Answered(Answered),
    /// A probe could not be sent.
    NotSent {
        /// The probe.
        probe: Send,
        /// The kernel's reason.
        reason: &'a str,
    },
}

/// Why a run of probes failed. A probe that cannot be sent is a result, not a failure.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// A target names a source that does not exist.
    #[error("there is no source {source_index} to probe {destination} from")]
    NoSuchSource {
        /// The index of the source.
        source_index: usize,
        /// The target's destination.
        destination: Ipv4Addr,
    },
    /// More targets of a source have the same destination than there are ICMP identifiers.
    #[error("{destination} is to be probed more often at a time than ICMP has identifiers")]
    TooManyAlike {
        /// The targets' destination.
        destination: Ipv4Addr,
    },
    /// The kernel refused to start the pings.
    #[error("cannot start a train of pings")]
    Start(#[source] io::Error),
    /// The kernel refused to wait for answers.
    #[error("cannot wait for answers")]
    Wait(#[source] io::Error),
    /// The kernel refused to deliver an answer.
    #[error("cannot receive an answer")]
    Receive(#[source] io::Error),
}

/// Probes every target from its source, an index into `sources`, and returns one trace per target, in their order.
/// Blocks until every probe is answered, settled or given up.
///
/// # Errors
///
/// [`ProbeError`]. A probe that cannot be sent is not an error, but reported in its hop.
pub fn drive(
    sources: &[RawIcmp],
    targets: Vec<(usize, Target)>,
    options: &Options,
    observe: &mut dyn FnMut(Event<'_>),
) -> Result<Vec<Trace>, ProbeError> {
    let missing = targets.iter().find(|(source, _)| *source >= sources.len());
    if let Some((source_index, target)) = missing {
        return Err(ProbeError::NoSuchSource {
            source_index: *source_index,
            destination: target.destination,
        });
    }
    let pairs = targets.iter().map(|(source, to)| (*source, to.destination));
    let flows = flows(pairs, options.base_id)?;
    let targets = targets.into_iter().map(|(_, target)| target).collect();
    let descriptors = sources.iter().map(AsFd::as_fd);
    let mut readiness = Readiness::of(descriptors).map_err(ProbeError::Wait)?;
    let started = now();
    let mut run = Run {
        strategy: Strategy::new(targets, options.pacing, started),
        target_of: flows.iter().copied().zip(0..).collect(),
        flows,
        sources,
        observe,
    };
    let mut heard_until = started;
    loop {
        // Read before the sockets, so that all answers that arrived before `now` are processed before timeouts are.
        let now = now();
        let ready = readiness
            .wait(run.time_left(now))
            .map_err(ProbeError::Wait)?;
        for source in ready {
            run.hear(source, heard_until)?;
        }
        if run.strategy.finished(now) {
            return Ok(run.strategy.into_traces());
        }
        run.send_due(now);
        heard_until = now;
    }
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
            Ok(()) => {
                self.strategy.sent(probe.target, probe.sequence, at);
                (self.observe)(Event::Sent(probe));
            }
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

    /// Takes all packets that wait in a socket. None of them arrived before `heard_until`.
    fn hear(&mut self, source: usize, heard_until: Instant) -> Result<(), ProbeError> {
        let mut buffer = [0; LARGEST_PACKET];
        let socket = &self.sources[source];
        while let Some(arrival) = socket.receive(&mut buffer).map_err(ProbeError::Receive)? {
            let at = Clock::read().time_of(arrival.stamp, heard_until);
            self.take(source, &buffer[..arrival.len], at);
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

#[cfg(test)]
mod tests;
