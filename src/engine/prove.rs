//! Sends real packets: probes from inside a running lab's nodes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::process;
use std::time::Duration;

use crate::addresses::Address;
use crate::engine::progress::{Sending, Watch};
use crate::engine::{EngineError, Up, running};
use crate::kernel::netns;
use crate::network::State;
use crate::probe::packet::ECHO_REQUEST_LEN;
use crate::probe::socket::{self, RawIcmp};
use crate::probe::strategy::{Answered, Pacing, Target};
use crate::probe::trace::{Hop, Reply, ReplyKind, Trace};
use crate::probe::{self, Event, Options};
use crate::topology::{Expectation, NodeId};
use crate::units::Ttl;
use crate::verify::{self, Demand, Observation, ObservedHop, Pace, ProbeCount};

/// Time between two probes of a user's trace, whose purpose is its times.
const GAP_OF_TRACE: Duration = Duration::from_micros(150);

/// Probes per hop, as in `traceroute` and tracert.
const PROBES_PER_HOP: u8 = 3;

/// Time between two probes that wait for an idle moment of the machine: longer than a round trip within a region.
const GAP_AT_REST: Duration = Duration::from_millis(4);

/// Probes per hop when the shortest time is wanted.
const PROBES_AT_REST: u8 = 8;

/// A user's trace.
#[derive(Debug, Clone, Copy)]
pub struct TraceRun {
    /// The machine that probes.
    pub from: NodeId,
    /// Its destination.
    pub destination: Address,
    /// The most hops.
    pub most_hops: Ttl,
    /// How long to wait for a hop.
    pub patience: Duration,
}

/// A user's ping.
#[derive(Debug, Clone, Copy)]
pub struct PingRun {
    /// The machine that probes.
    pub from: NodeId,
    /// Its destination.
    pub destination: Address,
    /// How many requests.
    pub count: u8,
    /// The time between two requests.
    pub interval: Duration,
    /// How long to wait for the last answer.
    pub patience: Duration,
}

/// An answer to a ping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PingAnswer {
    /// The address that answered.
    pub from: Address,
    /// The request's number, counted from 1.
    pub sequence: u16,
    /// For an answer of the destination: its remaining TTL and the round-trip time.
    pub echo: Option<(u8, Duration)>,
    /// Otherwise, whether the request's TTL expired; if not, a router reported it as unreachable.
    pub is_time_exceeded: bool,
}

/// The size of a request's ICMP message in bytes.
#[expect(
    clippy::cast_possible_truncation,
    reason = "an echo request has 64 bytes"
)]
pub const PING_BYTES: u16 = ECHO_REQUEST_LEN as u16;

/// Probes some expectations at once, with the routes in force. Paths that seem slower than documented are probed again,
/// one probe at a time, since a busy machine slows any path. Counts all probes and reports them as they are sent. A path
/// whose hops the lab file does not name is probed as the routes predict it.
///
/// # Errors
///
/// [`EngineError`], if a namespace is missing or the system refuses; lost probes are no error.
pub fn observations(
    up: &Up,
    state: &State<'_>,
    expectations: &[Expectation],
    watch: Watch<'_>,
) -> Result<(Vec<Observation>, ProbeCount), EngineError> {
    let probed = expectations.iter().map(|one| verify::as_probed(state, one));
    let expectations: Vec<Expectation> = probed.map(Cow::into_owned).collect();
    let demands = verify::demands(&up.lab.topology, &state.tables, &expectations);
    let all: Vec<&Demand> = demands.iter().collect();
    let pace = verify::pace(&up.lab.topology);
    let first = options(pace, PROBES_PER_HOP, base_id());
    let mut observations = observe(up, &all, &first, watch)?;
    let mut count = ProbeCount::of(expectations.iter().zip(&observations));
    let is_slow = |index: &usize| verify::is_slow(&expectations[*index], &observations[*index]);
    let slow: Vec<usize> = (0..observations.len()).filter(is_slow).collect();
    if slow.is_empty() {
        return Ok((observations, count));
    }
    let demands: Vec<&Demand> = slow.iter().map(|index| &demands[*index]).collect();
    let pace = Pace {
        gap: pace.gap.max(GAP_AT_REST),
        ..pace
    };
    let again = options(pace, PROBES_AT_REST, base_id().wrapping_add(0x8000));
    let again = observe(up, &demands, &again, watch)?;
    for (index, again) in slow.into_iter().zip(again) {
        count += ProbeCount::of([(&expectations[index], &again)]);
        observations[index].refine(&again);
    }
    Ok((observations, count))
}

fn observe(
    up: &Up,
    demands: &[&Demand],
    options: &Options,
    watch: Watch<'_>,
) -> Result<Vec<Observation>, EngineError> {
    let mut nodes: Vec<NodeId> = demands.iter().map(|demand| demand.from).collect();
    nodes.sort_unstable();
    nodes.dedup();
    // One descriptor each, and some are in use.
    socket::allow_descriptors(nodes.len());
    let sockets: Vec<RawIcmp> = nodes
        .iter()
        .map(|node| socket_in(up, *node))
        .collect::<Result<_, _>>()?;
    let position: BTreeMap<NodeId, usize> = nodes.iter().copied().zip(0..).collect();
    let targets = demands
        .iter()
        .map(|demand| (position[&demand.from], target(demand)))
        .collect();
    let hops: usize = demands.iter().map(|demand| demand.hop_count()).sum();
    let probes = hops * usize::from(options.pacing.probes_per_hop);
    let mut sending = Sending::begin(watch, demands.len(), probes);
    let traces = probe::drive(&sockets, targets, options, &mut |event| {
        if let Event::Sent(_) = event {
            sending.count();
        }
    })?;
    Ok(traces.iter().map(observation).collect())
}

/// Traces a path of unknown length.
///
/// # Errors
///
/// [`EngineError`].
pub fn trace(up: &Up, run: TraceRun) -> Result<Observation, EngineError> {
    let pace = Pace {
        gap: GAP_OF_TRACE,
        most_underway: usize::MAX,
    };
    let options = options(pace, PROBES_PER_HOP, base_id());
    let target = Target::trace(run.destination.expect_ipv4(), run.most_hops, run.patience);
    let trace = drive_one(up, run.from, target, &options, &mut |_| {})?;
    Ok(trace.as_ref().map(observation).unwrap_or_default())
}

/// Pings, and reports every answer when it arrives. Returns the time of each echo reply.
///
/// # Errors
///
/// [`EngineError`].
pub fn ping(
    up: &Up,
    run: PingRun,
    answered: &mut dyn FnMut(PingAnswer),
) -> Result<Vec<Option<Duration>>, EngineError> {
    let pace = Pace {
        gap: run.interval,
        most_underway: usize::from(run.count),
    };
    let options = options(pace, run.count, base_id());
    let ttl = initial_ttl(up, run.from);
    let target = Target::ping(run.destination.expect_ipv4(), ttl, run.patience);
    let trace = drive_one(up, run.from, target, &options, &mut |event| {
        if let Event::Answered(answer) = event {
            answered(ping_answer(&answer));
        }
    })?;
    let probes = trace
        .iter()
        .flat_map(|trace| &trace.hops)
        .flat_map(|hop| &hop.probes);
    let echo =
        |reply: &Reply| (reply.kind == ReplyKind::EchoReply).then_some(reply.round_trip_time);
    Ok(probes.map(|probe| probe.as_ref().and_then(echo)).collect())
}

/// The TTL of a node's own packets.
pub(super) fn initial_ttl(up: &Up, node: NodeId) -> Ttl {
    up.lab.topology.node(node).role.initial_ttl()
}

fn options(pace: Pace, probes_per_hop: u8, base_id: u16) -> Options {
    Options {
        pacing: Pacing {
            pace: pace.gap,
            most_underway: pace.most_underway,
            probes_per_hop,
        },
        base_id,
    }
}

fn drive_one(
    up: &Up,
    from: NodeId,
    target: Target,
    options: &Options,
    observe: &mut dyn FnMut(Event<'_>),
) -> Result<Option<Trace>, EngineError> {
    let socket = socket_in(up, from)?;
    Ok(
        probe::drive(&[socket], vec![(0, target)], options, observe)?
            .into_iter()
            .next(),
    )
}

fn ping_answer(answered: &Answered) -> PingAnswer {
    let reply = &answered.reply;
    PingAnswer {
        from: reply.from.into(),
        sequence: u16::try_from(answered.probe + 1).unwrap_or(u16::MAX),
        echo: (reply.kind == ReplyKind::EchoReply)
            .then_some((reply.remaining_ttl, reply.round_trip_time)),
        is_time_exceeded: reply.kind == ReplyKind::TimeExceeded,
    }
}

impl Up {
    /// The address of a destination given by name or number, as a node sees it.
    ///
    /// # Errors
    ///
    /// [`EngineError::NoSuchNode`], [`EngineError::NoAddress`], or [`EngineError::AnothersAddress`].
    pub fn address(&self, from: NodeId, destination: &str) -> Result<Address, EngineError> {
        running::address(&self.lab.topology, from, destination)
    }
}

/// Opens a socket for probes in a node's namespace, and nowhere else.
pub(super) fn socket_in(up: &Up, node: NodeId) -> Result<RawIcmp, EngineError> {
    let namespace = up.namespace(node)?;
    let opened = namespace.within(|| {
        if netns::is_isolated() {
            RawIcmp::open().map_err(EngineError::from)
        } else {
            Err(EngineError::NotIsolated)
        }
    });
    opened.map_err(|source| {
        EngineError::system(
            format!("enter namespace {}", up.lab.plan.namespace(node)),
            source,
        )
    })?
}

/// The first probe identifier of this process, distinct from those of simultaneous processes.
pub(super) fn base_id() -> u16 {
    let [low, high, ..] = process::id().to_le_bytes();
    u16::from_le_bytes([low, high])
}

fn target(demand: &Demand) -> Target {
    Target {
        destination: demand.destination.expect_ipv4(),
        first_ttl: demand.first_ttl,
        last_ttl: demand.last_ttl,
        silent: demand.silent.clone(),
        round_trip: demand.round_trip,
        settle: demand.settle,
        patience: demand.patience,
    }
}

fn observation(trace: &Trace) -> Observation {
    let send_error = trace.hops.iter().find_map(|hop| hop.send_error.clone());
    Observation {
        hops: trace.hops.iter().map(observed_hop).collect(),
        send_error,
    }
}

fn observed_hop(hop: &Hop) -> ObservedHop {
    ObservedHop {
        ttl: hop.ttl,
        addresses: hop.addresses().into_iter().map(Address::from).collect(),
        round_trip_times: hop
            .probes
            .iter()
            .map(|probe| probe.as_ref().map(|reply| reply.round_trip_time))
            .collect(),
        arrival: hop
            .replies()
            .any(|reply| reply.kind == ReplyKind::EchoReply),
        refused: hop
            .replies()
            .any(|reply| matches!(reply.kind, ReplyKind::Unreachable(_))),
    }
}
