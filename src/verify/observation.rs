//! What probes saw of one path.

use std::{collections::BTreeSet, net::Ipv4Addr, time::Duration};

use crate::units::Ttl;

/// What the probes of one [`Demand`](super::Demand) came back with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observation {
    /// The hops by rising time to live; none after the first that ended the path.
    pub hops: Vec<ObservedHop>,
    /// The system's reason why a probe could not be sent, where one could not.
    pub send_error: Option<String>,
}

/// All probes of one time to live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedHop {
    /// Time to live that the probes were sent with.
    pub ttl: Ttl,
    /// Everyone who answered.
    pub addresses: BTreeSet<Ipv4Addr>,
    /// One entry a probe, in the order of sending; nothing for a probe without an answer.
    pub round_trip_times: Vec<Option<Duration>>,
    /// Whether an echo reply came, as only the destination sends it.
    pub arrival: bool,
    /// Whether an answer said that the destination cannot be reached.
    pub refused: bool,
}

impl Observation {
    /// Whether the destination answered.
    #[must_use]
    pub fn reached(&self) -> bool {
        self.hops.iter().any(|hop| hop.arrival)
    }

    /// The hop of a time to live; none where it was not probed, or where the path ended before.
    #[must_use]
    pub fn hop(&self, ttl: Ttl) -> Option<&ObservedHop> {
        self.hops.iter().find(|hop| hop.ttl == ttl)
    }
}

impl ObservedHop {
    /// The shortest round-trip time, if there is any answer.
    #[must_use]
    pub fn best_round_trip_time(&self) -> Option<Duration> {
        self.round_trip_times.iter().flatten().min().copied()
    }
}
