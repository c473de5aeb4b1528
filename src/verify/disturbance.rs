//! Which failures and impairments of the lab's links explain why an expectation fails.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::addresses::Address;
use crate::network::State;
use crate::routing::{Sender, Tables, walk};
use crate::topology::{Expectation, ExpectedPath, InterfaceId, LinkId, NodeId, Topology};
use crate::units::Impairment;
use crate::verify::demand::{address, source};
use crate::verify::in_force::{InForce, words};
use crate::verify::{Judgement, Observation, Verdict, judge};

/// The delay above which a probe's answer may arrive too late.
const TOO_LATE: Duration = Duration::from_millis(500);

/// The state against which a lab's expectations are judged.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The lab in its present state.
    pub state: &'a State<'a>,
    /// The lab's routes without failures.
    pub whole: &'a Tables,
}

/// What differs in an observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Difference {
    /// The addresses that answered.
    Path,
    /// The round-trip times.
    Times,
}

impl Setting<'_> {
    /// Judges an expectation. If it fails and failures or impairments on the path explain it, they are the reason.
    #[must_use]
    pub fn judge(self, expectation: &Expectation, observation: &Observation) -> Judgement {
        let State {
            topology, tables, ..
        } = self.state;
        let judgement = judge(topology, tables, expectation, observation);
        if judgement.verdict != Verdict::Fail {
            return judgement;
        }
        let difference = judge::difference(topology, tables, expectation, observation);
        let reason = difference.and_then(|(kind, difference)| {
            let causes = self.causes(kind, expectation, observation);
            (!causes.is_empty()).then(|| format!("{difference}; {}", causes.join("; ")))
        });
        match reason {
            Some(why) => Judgement { why, ..judgement },
            None => judgement,
        }
    }

    /// The failures and impairments on the path that explain a difference: one sentence each, with the command that
    /// ends it.
    fn causes(
        self,
        kind: Difference,
        expectation: &Expectation,
        observation: &Observation,
    ) -> Vec<String> {
        let topology = &*self.state.topology;
        let differing = Differing::find(topology, expectation, observation);
        let ends_of = |ends: Vec<InterfaceId>| -> Vec<InterfaceId> {
            let ends = ends.into_iter();
            ends.flat_map(|end| topology.sending_ends(end)).collect()
        };
        let left = ends_of(self.left(expectation, &differing));
        let shut = self.shut(&left);
        let down = left.into_iter().filter_map(|end| {
            let link = topology.interface(end).link?;
            Some((link, self.down(link)?))
        });
        let crossed = ends_of(self.crossed(expectation, &differing)).into_iter();
        let crossed = crossed.filter_map(|end| {
            let link = topology.interface(end).link?;
            Some((link, self.cause(kind, link, end)?))
        });
        let mut named = BTreeSet::new();
        let causes = down.chain(crossed);
        let new = causes.filter(|(link, _)| named.insert(*link));
        new.map(|(_, cause)| cause).chain(shut).collect()
    }

    /// The sessions that are shut and led over one of these interfaces.
    fn shut(self, left: &[InterfaceId]) -> Vec<String> {
        let topology = &self.state.topology;
        let nodes: BTreeSet<NodeId> = left
            .iter()
            .map(|end| topology.interface(*end).node)
            .collect();
        let shut = self.state.disturbances.shut.iter();
        let led = shut.filter(|session| {
            let mut ends = topology.session(**session).ends.iter();
            ends.all(|end| nodes.contains(&end.node))
        });
        led.map(|session| InForce::shut(topology, *session).to_string())
            .collect()
    }

    fn down(self, link: LinkId) -> Option<String> {
        let is_down = self.state.disturbances.down.contains(&link);
        is_down.then(|| InForce::down(&self.state.topology, link).to_string())
    }

    fn cause(self, kind: Difference, link: LinkId, end: InterfaceId) -> Option<String> {
        let topology = &self.state.topology;
        let disturbances = &self.state.disturbances;
        if let Some(down) = self.down(link) {
            return Some(down);
        }
        if disturbances.blackholed.contains(&link) {
            return Some(InForce::blackhole(topology, link).to_string());
        }
        let now = disturbances.changed(topology, end)?;
        let file = topology.leaving(end);
        let explains = match kind {
            Difference::Path => may_lose(&now, &file),
            Difference::Times => takes_otherwise(&now, &file),
        };
        explains.then(|| InForce::impaired(topology, link, words(&now)).to_string())
    }

    /// Every interface through which the probes of a hop and their answers leave, according to the present routes. If
    /// no hop differs, the interfaces of the whole path in both directions.
    fn crossed(self, expectation: &Expectation, differing: &Differing) -> Vec<InterfaceId> {
        let State {
            topology, tables, ..
        } = self.state;
        let Expectation { from, to, .. } = *expectation;
        let destination = address(topology, to);
        let source = source(topology, tables, from, destination);
        let crossed_by = |sender: Sender, to| walk(topology, tables, sender, to).crossed;
        let there = crossed_by(from.into(), destination);
        if differing.hops.is_empty() {
            let back = crossed_by(Sender::answering(to, destination), source);
            return there.into_iter().chain(back).collect();
        }
        let mut crossed = Vec::new();
        for hop in &differing.hops {
            // Probes are sent to the destination, and those of this hop expire there: only the common part of both
            // paths counts.
            let as_far = crossed_by(from.into(), *hop);
            crossed.extend(there.iter().filter(|end| as_far.contains(end)));
            let answers = topology
                .owner(from, *hop)
                .map(|node| crossed_by(node.into(), source));
            crossed.extend(answers.unwrap_or_default());
        }
        crossed
    }

    /// Every interface on the path without failures, if the path up to the differing hop, or the return path of its
    /// answers, would then be another one.
    fn left(self, expectation: &Expectation, differing: &Differing) -> Vec<InterfaceId> {
        let topology = &*self.state.topology;
        let Expectation { from, to, .. } = *expectation;
        let destination = address(topology, to);
        let source = source(topology, &self.state.tables, from, destination);
        let ways = |node, to| {
            [&self.state.tables, self.whole].map(|tables| walk(topology, tables, node, to))
        };
        let mut left = Vec::new();
        let [now, whole] = ways(from, destination);
        if now.nodes != whole.nodes && parting(&now.nodes, &whole.nodes) <= differing.position {
            left.extend(whole.crossed);
        }
        let answerers = differing
            .hops
            .iter()
            .filter_map(|hop| topology.owner(from, *hop));
        for node in answerers.chain(differing.hops.is_empty().then_some(to)) {
            let [now, whole] = ways(node, source);
            if now.nodes != whole.nodes {
                left.extend(whole.crossed);
            }
        }
        left
    }
}

/// The position at which two paths first differ.
fn parting(one: &[NodeId], other: &[NodeId]) -> usize {
    let both = one.iter().zip(other);
    both.take_while(|(one, other)| one == other).count()
}

/// The first hop that differs.
struct Differing {
    /// Its TTL; larger than on any path if it stands for the whole path.
    position: usize,
    /// The addresses that were expected there, and those that answered.
    hops: BTreeSet<Address>,
}

impl Differing {
    fn find(topology: &Topology, expectation: &Expectation, observation: &Observation) -> Self {
        let differing = match expectation.path {
            // It is unknown which hop causes the difference.
            ExpectedPath::Reached { .. } => BTreeSet::new(),
            ExpectedPath::Hops(_) | ExpectedPath::Unreachable => {
                judge::differing_hops(topology, expectation, observation)
            }
        };
        let Some(ttl) = differing.first() else {
            return Self {
                position: usize::MAX,
                hops: BTreeSet::new(),
            };
        };
        let position = usize::from(ttl.get());
        let expected = expectation.hops().get(position - 1);
        let expected = expected.map_or(&[][..], |hop| &hop.addresses);
        let answered = observation.hop(*ttl).into_iter();
        let answered = answered.flat_map(|hop| &hop.addresses);
        Self {
            position,
            hops: expected.iter().chain(answered).copied().collect(),
        }
    }
}

/// Whether packets that should arrive may be lost, or may arrive too late.
fn may_lose(now: &Impairment, file: &Impairment) -> bool {
    let longest = |way: &Impairment| way.delay + way.jitter;
    now.loss > file.loss
        || (now.rate, now.queue) != (file.rate, file.queue)
        || (longest(now) >= TOO_LATE && longest(now) > longest(file))
}

/// Whether the time of packets differs from the lab file.
fn takes_otherwise(now: &Impairment, file: &Impairment) -> bool {
    let times = |way: &Impairment| (way.delay, way.jitter, way.rate);
    times(now) != times(file)
}

#[cfg(test)]
mod tests;
