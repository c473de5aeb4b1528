//! Whether an observation matches its expectation.

use std::{collections::BTreeSet, fmt};

use crate::addresses::Address;
use crate::routing::Tables;
use crate::topology::{Expectation, ExpectedHop, ExpectedPath, NodeId, Topology};
use crate::units::Ttl;
use crate::verify::demand::numbered;
use crate::verify::disturbance::Difference;
use crate::verify::{Observation, ObservedHop, explain, times, via};

/// The result of an expectation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The packets matched the expectation.
    Pass,
    /// They did not match it.
    Fail,
    /// Nothing was probed, so the result is unknown.
    Skip,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Skip => "skip",
        })
    }
}

/// A verdict and its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// What differs, and what the routes predict; empty if the expectation passed.
    pub why: String,
}

impl Judgement {
    /// The judgement of an expectation that could not be probed.
    #[must_use]
    pub const fn skipped(why: String) -> Self {
        Self {
            verdict: Verdict::Skip,
            why,
        }
    }
}

/// Compares one expectation with the results of its probes.
///
/// An expected hop is right if all addresses that answered are among the expected ones and at least one probe was
/// answered; a silent hop if no node answered; the last hop if the destination answered. Documented round-trip times
/// hold within [`TOLERANCE`](super::TOLERANCE). If no answer is expected, neither an echo reply nor an ICMP error may
/// arrive. If only the destination is expected, it must answer; the nodes that the packets crossed follow from the
/// routes, and the hops that answered must agree with them.
#[must_use]
pub fn judge(
    topology: &Topology,
    tables: &Tables,
    expectation: &Expectation,
    observation: &Observation,
) -> Judgement {
    if observation.hops.is_empty() && observation.send_error.is_none() {
        return Judgement {
            verdict: Verdict::Fail,
            why: "nothing was probed".to_owned(),
        };
    }
    let why = path_difference(topology, expectation, observation)
        .map(|difference| {
            let routes = explain::path(topology, tables, expectation, observation);
            format!("{difference}; {routes}")
        })
        .or_else(|| via::difference(topology, tables, expectation, observation))
        .or_else(|| times::difference(topology, tables, expectation, observation));
    match why {
        Some(why) => Judgement {
            verdict: Verdict::Fail,
            why,
        },
        None => Judgement {
            verdict: Verdict::Pass,
            why: String::new(),
        },
    }
}

/// The first difference, and its kind.
pub(super) fn difference(
    topology: &Topology,
    tables: &Tables,
    expectation: &Expectation,
    observation: &Observation,
) -> Option<(Difference, String)> {
    let path = path_difference(topology, expectation, observation)
        .or_else(|| via::difference(topology, tables, expectation, observation));
    let times = || times::shown_difference(expectation, observation);
    path.map(|path| (Difference::Path, path))
        .or_else(|| times().map(|times| (Difference::Times, times)))
}

/// The first difference on the path.
fn path_difference(
    topology: &Topology,
    expectation: &Expectation,
    observation: &Observation,
) -> Option<String> {
    if let Some(error) = &observation.send_error {
        let from = &topology.node(expectation.from).name;
        return Some(format!("{from} could not send a probe: {error}"));
    }
    let expected = match &expectation.path {
        ExpectedPath::Hops(hops) => hops,
        ExpectedPath::Reached { .. } => return no_answer(topology, expectation, observation),
        ExpectedPath::Unreachable => {
            return answer_despite_silence(topology, expectation.from, observation);
        }
    };
    let judged = |(ttl, hop): (Ttl, &ExpectedHop)| {
        let step = Step {
            topology,
            from: expectation.from,
            ttl,
            expected: hop,
            of: expected.len(),
        };
        step.difference(observation.hop(ttl))
    };
    numbered(expected).find_map(judged)
}

/// The TTLs at which a path differs, in the addresses or in the time.
#[must_use]
pub fn differing_hops(
    topology: &Topology,
    expectation: &Expectation,
    observation: &Observation,
) -> BTreeSet<Ttl> {
    let expected = match &expectation.path {
        ExpectedPath::Hops(hops) => hops,
        ExpectedPath::Reached { .. } => {
            let last = observation.hops.last().filter(|hop| !hop.arrival);
            return last.map(|hop| hop.ttl).into_iter().collect();
        }
        ExpectedPath::Unreachable => {
            let answered = observation.hops.iter();
            let answered = answered.filter(|hop| !hop.addresses.is_empty());
            return answered.map(|hop| hop.ttl).collect();
        }
    };
    let of = expected.len();
    let differs = |(ttl, expected): &(Ttl, &ExpectedHop)| {
        let (ttl, expected) = (*ttl, *expected);
        let step = Step {
            topology,
            from: expectation.from,
            ttl,
            expected,
            of,
        };
        let observed = observation.hop(ttl);
        step.difference(observed).is_some()
            || observed.is_some_and(|observed| times::is_off(expected, observed))
    };
    let differing = numbered(expected).filter(differs);
    differing.map(|(ttl, _)| ttl).collect()
}

/// Who answered instead of the destination.
fn no_answer(
    topology: &Topology,
    expectation: &Expectation,
    observation: &Observation,
) -> Option<String> {
    if observation.reached() {
        return None;
    }
    let to = &topology.node(expectation.to).name;
    let who = |hop: &ObservedHop| listed(topology, expectation.from, &hop.addresses);
    let mut answered = observation.hops.iter().rev();
    let detail = match answered.find(|hop| !hop.addresses.is_empty()) {
        Some(hop) if hop.refused => {
            let who = who(hop);
            return Some(format!(
                "hop {}: {who} answered that the destination is unreachable",
                hop.ttl
            ));
        }
        Some(hop) => format!("the last answer came from {} at hop {}", who(hop), hop.ttl),
        None => "nobody answered".to_owned(),
    };
    Some(format!("expected an answer of {to}, {detail}"))
}

fn answer_despite_silence(
    topology: &Topology,
    from: NodeId,
    observation: &Observation,
) -> Option<String> {
    let answered = observation
        .hops
        .iter()
        .find(|hop| !hop.addresses.is_empty())?;
    let who = listed(topology, from, &answered.addresses);
    Some(if answered.arrival {
        format!("expected silence, but {who} answered")
    } else {
        format!("expected silence, but an ICMP error came from {who}")
    })
}

/// One hop of an expected path.
struct Step<'a> {
    topology: &'a Topology,
    /// The probing machine.
    from: NodeId,
    ttl: Ttl,
    expected: &'a ExpectedHop,
    /// The number of hops of the whole path.
    of: usize,
}

impl Step<'_> {
    fn difference(&self, observed: Option<&ObservedHop>) -> Option<String> {
        let Self { ttl, of, .. } = self;
        let Some(observed) = observed.filter(|hop| hop.was_probed()) else {
            return Some(format!("hop {ttl} was not probed"));
        };
        let is_last = usize::from(ttl.get()) == *of;
        if observed.arrival && !is_last {
            let expected = if *of == 1 {
                "1 hop was"
            } else {
                &format!("{of} hops were")
            };
            return Some(format!(
                "the destination answers at hop {ttl} already; {expected} expected"
            ));
        }
        let who = || listed(self.topology, self.from, &observed.addresses);
        if observed.refused {
            return Some(format!(
                "hop {ttl}: {} answered that the destination is unreachable",
                who()
            ));
        }
        if let Some(detail) = self.who_answered(observed) {
            return Some(format!(
                "hop {ttl}: expected {}, {detail}",
                self.expectation()
            ));
        }
        let missed = is_last && !observed.arrival;
        missed.then(|| {
            format!(
                "hop {ttl}: expected an echo reply, an ICMP error came from {}",
                who()
            )
        })
    }

    /// The error in the addresses that answered.
    fn who_answered(&self, observed: &ObservedHop) -> Option<String> {
        let is_silence_wrong = observed.addresses.is_empty() && !self.expected.addresses.is_empty();
        if is_silence_wrong {
            return Some("nobody answered".to_owned());
        }
        let allowed: BTreeSet<_> = self.expected.addresses.iter().copied().collect();
        let strangers: BTreeSet<_> = observed.addresses.difference(&allowed).copied().collect();
        let also = if strangers.len() < observed.addresses.len() {
            " too"
        } else {
            ""
        };
        let who = || {
            format!(
                "{} answered{also}",
                listed(self.topology, self.from, &strangers)
            )
        };
        (!strangers.is_empty()).then(who)
    }

    fn expectation(&self) -> String {
        let ExpectedHop {
            addresses, words, ..
        } = self.expected;
        if addresses.is_empty() {
            "silence".to_owned()
        } else if words.is_empty() {
            let addresses: Vec<_> = addresses.iter().map(Address::to_string).collect();
            addresses.join(" or ")
        } else {
            words.join(" or ")
        }
    }
}

impl ObservedHop {
    /// Whether any probe was sent. If not, silence means nothing.
    fn was_probed(&self) -> bool {
        !self.round_trip_times.is_empty()
    }
}

/// Addresses, each with its node as seen from the probing node.
pub(super) fn listed(topology: &Topology, from: NodeId, addresses: &BTreeSet<Address>) -> String {
    let named = |address: &Address| match topology.owner(from, *address) {
        Some(node) => format!("{address} ({})", topology.node(node).name),
        None => address.to_string(),
    };
    addresses
        .iter()
        .map(named)
        .collect::<Vec<_>>()
        .join(" and ")
}
