//! A simulated network that carries probes, with a simulated clock.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use crate::units::Ttl;

use crate::probe::strategy::{Pacing, Send, Strategy, Target};
use crate::probe::trace::{Answer, ReplyKind, Trace};

pub(in crate::probe) const DESTINATION: Ipv4Addr = Ipv4Addr::new(10, 9, 0, 7);
pub(in crate::probe) const PACE: Duration = Duration::from_millis(1);
pub(in crate::probe) const PROBES: u8 = 3;

/// The default pacing of simulated runs; none of them has more probes unless it asks for more.
pub(in crate::probe) const PACING: Pacing = Pacing {
    pace: PACE,
    most_underway: usize::MAX,
    probes_per_hop: PROBES,
};

pub(in crate::probe) fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

pub(in crate::probe) fn ttl(hops: u8) -> Ttl {
    Ttl::new(hops).unwrap()
}

pub(in crate::probe) fn router(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, number, 1)
}

#[expect(
    clippy::disallowed_methods,
    reason = "any instant will do as the start of virtual time"
)]
pub(in crate::probe) fn some_instant() -> Instant {
    Instant::now()
}

/// A hop of the simulated network.
#[derive(Clone)]
pub(in crate::probe) struct Node {
    /// The nodes that share this hop (ECMP); a probe's sequence number selects one.
    pub(in crate::probe) siblings: Vec<Ipv4Addr>,
    pub(in crate::probe) kind: ReplyKind,
    pub(in crate::probe) round_trip_time: Duration,
    /// The rounds whose answers are lost.
    pub(in crate::probe) loses: BTreeSet<u16>,
    pub(in crate::probe) answers: bool,
}

impl Node {
    pub(in crate::probe) fn router(number: u8, round_trip_time: u64) -> Self {
        Self {
            siblings: vec![router(number)],
            kind: ReplyKind::TimeExceeded,
            round_trip_time: ms(round_trip_time),
            loses: BTreeSet::new(),
            answers: true,
        }
    }

    pub(in crate::probe) fn destination(round_trip_time: u64) -> Self {
        Self {
            siblings: vec![DESTINATION],
            kind: ReplyKind::EchoReply,
            ..Self::router(0, round_trip_time)
        }
    }

    pub(in crate::probe) fn silent() -> Self {
        Self {
            answers: false,
            ..Self::router(0, 0)
        }
    }

    pub(in crate::probe) fn losing(mut self, rounds: &[u16]) -> Self {
        self.loses.extend(rounds);
        self
    }

    pub(in crate::probe) fn answer(&self, sequence: u16, round: u16) -> Option<Answer> {
        let choice = usize::from(sequence) % self.siblings.len();
        (self.answers && !self.loses.contains(&round)).then(|| Answer {
            sequence,
            from: self.siblings[choice],
            kind: self.kind,
            remaining_ttl: 60,
        })
    }
}

/// The result of a simulated run.
pub(in crate::probe) struct Outcome {
    pub(in crate::probe) traces: Vec<Trace>,
    /// When each probe was sent, from the start of the run.
    pub(in crate::probe) sends: Vec<(Duration, Send)>,
    pub(in crate::probe) took: Duration,
    /// The maximum number of answers in flight.
    pub(in crate::probe) crowd: usize,
    /// The number of answers lost because the network had no room.
    pub(in crate::probe) dropped: usize,
}

impl Outcome {
    pub(in crate::probe) fn last_send(&self) -> Duration {
        self.sends.last().unwrap().0
    }

    /// The addresses of each hop of the first target.
    pub(in crate::probe) fn addresses(&self) -> Vec<Vec<Ipv4Addr>> {
        let hops = self.traces[0].hops.iter();
        hops.map(|hop| hop.addresses().into_iter().collect())
            .collect()
    }
}

/// Simulates probes to targets, each with its nodes. The last node of a path answers all higher TTLs too.
pub(in crate::probe) fn simulate(paths: &[(Target, Vec<Node>)]) -> Outcome {
    simulate_with(paths, PACING, usize::MAX)
}

/// The same with another pacing, in a network that holds `room` packets and drops all others.
pub(in crate::probe) fn simulate_with(
    paths: &[(Target, Vec<Node>)],
    pacing: Pacing,
    room: usize,
) -> Outcome {
    let start = some_instant();
    let targets = paths.iter().map(|(target, _)| target.clone()).collect();
    let mut strategy = Strategy::new(targets, pacing, start);
    let (mut crowd, mut dropped) = (0, 0);
    let mut underway: BTreeMap<(Instant, usize, u16), Answer> = BTreeMap::new();
    let mut sends = Vec::new();
    let mut now = start;
    loop {
        while let Some(((at, target, _), answer)) = pop_arrived(&mut underway, now) {
            strategy.received(target, &answer, at);
        }
        if strategy.finished(now) {
            break;
        }
        while let Some(send) = strategy.next_send(now) {
            sends.push((now.duration_since(start), send));
            let (target, nodes) = &paths[send.target];
            let hop = usize::from(send.ttl.get() - target.first_ttl.get());
            let hop_count = u16::from(target.last_ttl.get() - target.first_ttl.get()) + 1;
            let node = &nodes[hop.min(nodes.len() - 1)];
            let Some(answer) = node.answer(send.sequence, send.sequence / hop_count) else {
                continue;
            };
            if underway.len() < room {
                let at = now + node.round_trip_time;
                underway.insert((at, send.target, send.sequence), answer);
            } else {
                dropped += 1;
            }
            crowd = crowd.max(underway.len());
        }
        let deadline = strategy.next_deadline().unwrap();
        let arrival = underway.first_key_value().map(|((at, ..), _)| *at);
        now = arrival.map_or(deadline, |at| at.min(deadline)).max(now);
    }
    Outcome {
        traces: strategy.into_traces(),
        sends,
        took: now.duration_since(start),
        crowd,
        dropped,
    }
}

type Arrived = ((Instant, usize, u16), Answer);

fn pop_arrived(
    underway: &mut BTreeMap<(Instant, usize, u16), Answer>,
    now: Instant,
) -> Option<Arrived> {
    let next = underway.first_entry()?;
    (next.key().0 <= now).then(|| next.remove_entry())
}
