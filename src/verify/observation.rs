//! The observations of one path.

use std::{collections::BTreeSet, ops::AddAssign, time::Duration};

use crate::addresses::Address;
use crate::topology::Expectation;
use crate::units::Ttl;
use crate::verify::demand::numbered;

/// The results of the probes of one [`Demand`](super::Demand).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observation {
    /// The hops by increasing TTL, up to the first that ended the path.
    pub hops: Vec<ObservedHop>,
    /// The system's error if a probe could not be sent.
    pub send_error: Option<String>,
}

/// All probes of one TTL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedHop {
    /// The TTL of the probes.
    pub ttl: Ttl,
    /// Every address that answered.
    pub addresses: BTreeSet<Address>,
    /// One entry per probe, in the order of sending; `None` for a probe without an answer.
    pub round_trip_times: Vec<Option<Duration>>,
    /// Whether an echo reply arrived. Only the destination sends these.
    pub arrival: bool,
    /// Whether an answer reported the destination as unreachable.
    pub refused: bool,
}

/// A count of probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProbeCount {
    /// The number sent.
    pub sent: usize,
    /// The number without the expected answer.
    pub lost: usize,
}

impl ProbeCount {
    /// The probes of some expectations, each with its observation.
    pub fn of<'a>(seen: impl IntoIterator<Item = (&'a Expectation, &'a Observation)>) -> Self {
        let mut count = Self::default();
        for (expectation, observation) in seen {
            let hops = observation.hops.iter();
            count.sent += hops.map(|hop| hop.round_trip_times.len()).sum::<usize>();
            let expected = numbered(expectation.hops());
            let answering = expected.filter(|(_, hop)| !hop.addresses.is_empty());
            let hops = answering.filter_map(|(ttl, _)| observation.hop(ttl));
            count.lost += hops.map(ObservedHop::lost).sum::<usize>();
        }
        count
    }
}

impl AddAssign for ProbeCount {
    fn add_assign(&mut self, more: Self) {
        self.sent += more.sent;
        self.lost += more.lost;
    }
}

impl Observation {
    /// Whether the destination answered.
    #[must_use]
    pub fn reached(&self) -> bool {
        self.hops.iter().any(|hop| hop.arrival)
    }

    /// Whether all hops from the first on were probed.
    #[must_use]
    pub fn is_traced(&self) -> bool {
        self.hops.first().is_some_and(|hop| hop.ttl.get() == 1)
    }

    /// The hop of a TTL; `None` if it was not probed, or if the path ended before it.
    #[must_use]
    pub fn hop(&self, ttl: Ttl) -> Option<&ObservedHop> {
        self.hops.iter().find(|hop| hop.ttl == ttl)
    }
}

impl ObservedHop {
    /// The number of unanswered probes. A destination-unreachable message counts for all probes of its hop, since it is
    /// not sent for each.
    fn lost(&self) -> usize {
        let times = self.round_trip_times.iter();
        let unanswered = times.filter(|time| time.is_none()).count();
        if self.refused { 0 } else { unanswered }
    }

    /// The shortest round-trip time; `None` without an answer.
    #[must_use]
    pub fn best_round_trip_time(&self) -> Option<Duration> {
        self.round_trip_times.iter().flatten().min().copied()
    }
}
