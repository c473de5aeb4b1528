//! How each expectation is probed.

use std::borrow::Cow;
use std::{collections::BTreeSet, iter, time::Duration};

use crate::addresses::Address;
use crate::network::State;
use crate::routing::{End, Sender, Tables, Walk, most_hops, walk};
use crate::topology::{Expectation, ExpectedHop, ExpectedPath, InterfaceId, NodeId, Topology};
use crate::units::Ttl;
use crate::verify::predicted::predict;

/// The extra delay of an answer on a busy machine: the kernel's workers, the userspace wires and tunnels and the prober
/// all wait for a processor. A hop counts as silent only after this time.
const GRACE: Duration = Duration::from_millis(100);

/// How long to wait for an expected answer beyond the time of its path. This time passes only if an answer is lost, so
/// it is generous.
const PATIENCE: Duration = Duration::from_secs(1);

/// The TTL of a probe that nobody should answer. It is the usual TTL of a ping.
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
    pub destination: Address,
    /// The lowest TTL.
    pub first_ttl: Ttl,
    /// The highest TTL. A path that is shorter than expected is visible as an earlier arrival, so no probe needs more.
    pub last_ttl: Ttl,
    /// The TTLs of hops that are expected to be silent.
    pub silent: BTreeSet<Ttl>,
    /// The longest round trip, according to the lab's own delays and jitter.
    pub round_trip: Duration,
    /// How long after it was sent a probe may still be answered on a busy machine.
    pub settle: Duration,
    /// How long to wait for an expected answer.
    pub patience: Duration,
}

impl Demand {
    /// The number of probed TTLs.
    #[must_use]
    pub fn hop_count(&self) -> usize {
        (self.first_ttl.get()..=self.last_ttl.get()).count()
    }
}

/// How each of the expectations is probed, in order.
///
/// An expectation whose destination has no address cannot be probed, and gets the address 0.0.0.0. Topologies resolved
/// from a lab file have no such machines.
#[must_use]
pub fn demands(topology: &Topology, tables: &Tables, expectations: &[Expectation]) -> Vec<Demand> {
    let longest = expectations
        .iter()
        .flat_map(|one| both_ways(topology, tables, one.from, one.to))
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

/// The slower direction, if the routes deliver in both. Otherwise it is unknown who answers, and from where.
fn one_way(topology: &Topology, tables: &Tables, expectation: &Expectation) -> Option<Duration> {
    let ways = both_ways(topology, tables, expectation.from, expectation.to);
    let delivered = ways.iter().all(|way| way.end == End::Delivered);
    delivered
        .then(|| ways.iter().map(|way| longest_time(topology, way)).max())
        .flatten()
}

/// The longest time of a packet. The jitter of all links may add up, and a packet with that delay was not lost.
fn longest_time(topology: &Topology, way: &Walk) -> Duration {
    let jitter = way.crossed.iter().map(|end| jitter(topology, *end));
    way.delay + jitter.sum::<Duration>()
}

/// The jitter of a link, including that of the link that carries it.
fn jitter(topology: &Topology, interface: InterfaceId) -> Duration {
    let ends = topology.sending_ends(interface).into_iter();
    ends.map(|end| topology.leaving(end).jitter).sum()
}

/// The paths of the probes from one machine to another, and of the answers.
pub(super) fn both_ways(
    topology: &Topology,
    tables: &Tables,
    from: NodeId,
    to: NodeId,
) -> [Walk; 2] {
    let probed = address(topology, to);
    let source = source(topology, tables, from, probed);
    [
        walk(topology, tables, from, probed),
        walk(topology, tables, Sender::answering(to, probed), source),
    ]
}

/// The expectation that the routes predict for a pair, with TTLs for the longest of several equal-cost paths: the
/// kernel chooses the path of a flow, and the prediction follows the first.
#[must_use]
pub fn with_room(
    topology: &Topology,
    tables: &Tables,
    mut expectation: Expectation,
) -> Expectation {
    let Expectation { from, to, .. } = expectation;
    let most = most_hops(topology, tables, from, address(topology, to));
    let silent = || ExpectedHop {
        addresses: Vec::new(),
        words: Vec::new(),
        round_trip_time: None,
    };
    if let ExpectedPath::Hops(hops) = &mut expectation.path {
        let length = hops.len().max(most);
        hops.resize_with(length, silent);
    }
    expectation
}

/// The expectation that decides how a path is probed. If the lab file expects an answer and does not name the hops, the
/// hops that the routes predict are probed.
#[must_use]
pub fn as_probed<'a>(state: &State<'_>, expectation: &'a Expectation) -> Cow<'a, Expectation> {
    let Expectation { from, to, .. } = *expectation;
    match expectation.path {
        ExpectedPath::Reached { .. } => {
            let predicted = predict(state, from, to).expectation(from, to);
            Cow::Owned(with_room(&state.topology, &state.tables, predicted))
        }
        ExpectedPath::Hops(_) | ExpectedPath::Unreachable => Cow::Borrowed(expectation),
    }
}

/// The lowest and highest TTL, and the TTLs of silent hops.
fn probed(expectation: &Expectation) -> (Ttl, Ttl, BTreeSet<Ttl>) {
    let ExpectedPath::Hops(hops) = &expectation.path else {
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

/// Expected hops, each with its TTL.
pub(super) fn numbered(hops: &[ExpectedHop]) -> impl Iterator<Item = (Ttl, &ExpectedHop)> {
    iter::zip((1..=u8::MAX).filter_map(Ttl::new), hops)
}

/// The source address of a machine's probes to another address. A machine with several network interfaces uses the one
/// of the route.
pub(super) fn source(
    topology: &Topology,
    tables: &Tables,
    machine: NodeId,
    probed: Address,
) -> Address {
    let table = tables.of(machine);
    let route = table.lookup(probed).filter(|_| !table.nics.is_empty());
    route
        .and_then(|route| route.source)
        .unwrap_or_else(|| address(topology, machine))
}

/// The address at which a machine is probed.
pub(super) fn address(topology: &Topology, machine: NodeId) -> Address {
    topology
        .node(machine)
        .address
        .unwrap_or(Address::IPV4_UNSPECIFIED)
}

#[cfg(test)]
mod tests;
