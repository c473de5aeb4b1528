//! How each expectation is probed.

use std::{collections::BTreeSet, iter, net::Ipv4Addr, time::Duration};

use crate::routing::{End, Tables, Walk, most_hops, walk};
use crate::topology::{Expectation, ExpectedHop, InterfaceId, NodeId, Topology};
use crate::units::Ttl;

/// What a machine that is busy with other things may add to an answer's way: the kernel's
/// workers, the userspace wires and tunnels and the prober itself all wait for their turn. A
/// silent hop is believed only after this.
const GRACE: Duration = Duration::from_millis(100);

/// How much longer than its way an answer that has to come is waited for. It is only spent where
/// an answer is lost, so it errs on the long side.
const PATIENCE: Duration = Duration::from_secs(1);

/// The time to live of a probe that nothing may answer: that of any ping.
const FULL_TTL: Ttl = Ttl::new(64).expect("64 is not 0");

const FIRST_TTL: Ttl = Ttl::new(1).expect("1 is not 0");

/// The probes that one expectation needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// The machine that probes.
    pub from: NodeId,
    /// The machine that is probed.
    pub to: NodeId,
    /// Its address.
    pub destination: Ipv4Addr,
    /// The lowest time to live.
    pub first_ttl: Ttl,
    /// The highest time to live. A path that is shorter than expected shows itself by an earlier
    /// arrival, so no probe needs more.
    pub last_ttl: Ttl,
    /// The times to live that nobody is expected to answer.
    pub silent: BTreeSet<Ttl>,
    /// What a round trip takes at most, by the lab's own delays and jitter.
    pub round_trip: Duration,
    /// How long after its sending a probe may still be answered on a busy machine.
    pub settle: Duration,
    /// How long an expected answer is waited for.
    pub patience: Duration,
}

impl Demand {
    /// How many times to live it probes.
    #[must_use]
    pub fn hop_count(&self) -> usize {
        (self.first_ttl.get()..=self.last_ttl.get()).count()
    }
}

/// How each of some expectations is probed, in their order.
///
/// An expectation of a machine without an address has nothing to probe and asks for address
/// 0.0.0.0; topologies that were resolved from a lab file have none.
#[must_use]
pub fn demands(topology: &Topology, tables: &Tables, expectations: &[Expectation]) -> Vec<Demand> {
    let longest = expectations
        .iter()
        .flat_map(|expectation| both_ways(topology, tables, expectation))
        .map(|way| longest_time(topology, &way))
        .max()
        .unwrap_or_default();
    let demand = |expectation| demand(topology, tables, expectation, longest);
    expectations.iter().map(demand).collect()
}

fn demand(
    topology: &Topology,
    tables: &Tables,
    expectation: &Expectation,
    longest: Duration,
) -> Demand {
    let one_way = one_way(topology, tables, expectation).unwrap_or(longest);
    let (first_ttl, last_ttl, silent) = probed(expectation);
    Demand {
        from: expectation.from,
        to: expectation.to,
        destination: address(topology, expectation.to),
        first_ttl,
        last_ttl,
        silent,
        round_trip: 2 * one_way,
        settle: 2 * one_way + GRACE,
        patience: 2 * one_way + PATIENCE,
    }
}

/// The longer of the two ways, where the routes deliver on both. Otherwise nobody knows who
/// answers, nor from where.
fn one_way(topology: &Topology, tables: &Tables, expectation: &Expectation) -> Option<Duration> {
    let ways = both_ways(topology, tables, expectation);
    let delivered = ways.iter().all(|way| way.end == End::Delivered);
    delivered
        .then(|| ways.iter().map(|way| longest_time(topology, way)).max())
        .flatten()
}

/// The longest that a packet takes: the jitter of all links may fall together, and what comes that late
/// was not lost.
fn longest_time(topology: &Topology, way: &Walk) -> Duration {
    let jitter = way.crossed.iter().map(|end| jitter(topology, *end));
    way.delay + jitter.sum::<Duration>()
}

/// How much longer than its delay a link may take, or what carries it.
fn jitter(topology: &Topology, interface: InterfaceId) -> Duration {
    let ends = topology.sending_ends(interface).into_iter();
    ends.map(|end| topology.leaving(end).jitter).sum()
}

fn both_ways(topology: &Topology, tables: &Tables, expectation: &Expectation) -> [Walk; 2] {
    let Expectation { from, to, .. } = *expectation;
    [(from, to), (to, from)].map(|(a, b)| walk(topology, tables, a, address(topology, b)))
}

/// What the routes expect of a pair, with room for the longest of several equal ways: which one a flow takes is the
/// kernel's choice, and what is expected is the first.
#[must_use]
pub fn with_room(topology: &Topology, tables: &Tables, expectation: Expectation) -> Expectation {
    let Expectation { from, to, hops } = expectation;
    let most = most_hops(topology, tables, from, address(topology, to));
    let silent = || ExpectedHop {
        addresses: Vec::new(),
        round_trip_time: None,
    };
    let hops = hops.map(|mut hops| {
        let length = hops.len().max(most);
        hops.resize_with(length, silent);
        hops
    });
    Expectation { from, to, hops }
}

/// The lowest and highest time to live, and the silent ones among them.
fn probed(expectation: &Expectation) -> (Ttl, Ttl, BTreeSet<Ttl>) {
    let Some(hops) = &expectation.hops else {
        return (FULL_TTL, FULL_TTL, BTreeSet::from([FULL_TTL]));
    };
    let is_silent = |(_, hop): &(Ttl, &ExpectedHop)| hop.addresses.is_empty();
    let silent = numbered(hops)
        .filter(is_silent)
        .map(|(ttl, _)| ttl)
        .collect();
    let last = numbered(hops).last().map_or(FIRST_TTL, |(ttl, _)| ttl);
    (FIRST_TTL, last, silent)
}

/// Expected hops, each with the time to live that it answers to.
pub(super) fn numbered(hops: &[ExpectedHop]) -> impl Iterator<Item = (Ttl, &ExpectedHop)> {
    iter::zip((1..=u8::MAX).filter_map(Ttl::new), hops)
}

/// The address that a machine probes from and is probed at.
pub(super) fn address(topology: &Topology, machine: NodeId) -> Ipv4Addr {
    topology
        .node(machine)
        .address
        .unwrap_or(Ipv4Addr::UNSPECIFIED)
}
