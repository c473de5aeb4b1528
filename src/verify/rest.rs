//! Measures slow paths again. Documented round-trip times are those of an idle network, but all probes of `lab verify`
//! share one machine. A path that seems slow is measured again alone, and the shortest times count.

use crate::topology::{Expectation, ExpectedHop};
use crate::units::Ttl;
use crate::verify::demand::numbered;
use crate::verify::{Observation, ObservedHop, TOLERANCE};

/// Whether a hop took longer than documented. This is the only difference that a busy machine causes.
#[must_use]
pub fn is_slow(expectation: &Expectation, observation: &Observation) -> bool {
    numbered(expectation.hops()).any(|(ttl, hop)| is_hop_slow(ttl, hop, observation))
}

fn is_hop_slow(ttl: Ttl, expected: &ExpectedHop, observation: &Observation) -> bool {
    let best = observation
        .hop(ttl)
        .and_then(ObservedHop::best_round_trip_time);
    expected
        .round_trip_time
        .zip(best)
        .is_some_and(|(documented, best)| best > documented + TOLERANCE)
}

impl Observation {
    /// Adds further probes of the same path: all addresses that answered, and the shortest of both sets of times, as
    /// many as before. A hop that ended the path before still ends it.
    pub fn refine(&mut self, again: &Self) {
        for hop in &mut self.hops {
            if let Some(again) = again.hop(hop.ttl) {
                hop.refine(again);
            }
        }
    }
}

impl ObservedHop {
    fn refine(&mut self, again: &Self) {
        let count = self.round_trip_times.len();
        self.addresses.extend(&again.addresses);
        self.arrival |= again.arrival;
        self.refused |= again.refused;
        self.round_trip_times.extend(&again.round_trip_times);
        // A lost probe sorts last, since it does not change the times of the others.
        self.round_trip_times
            .sort_by_key(|time| (time.is_none(), *time));
        self.round_trip_times.truncate(count);
    }
}

#[cfg(test)]
mod tests {
    use crate::addresses::Address;
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;
    use crate::topology::{ExpectedPath, NodeId};

    const HERE: Address = Address::v4(10, 0, 0, 1);

    fn observed(milliseconds: [Option<u64>; 3]) -> Observation {
        let hop = ObservedHop {
            ttl: Ttl::new(1).unwrap(),
            addresses: BTreeSet::from([HERE]),
            round_trip_times: milliseconds
                .map(|time| time.map(Duration::from_millis))
                .to_vec(),
            arrival: true,
            refused: false,
        };
        Observation {
            hops: vec![hop],
            send_error: None,
        }
    }

    fn expected(milliseconds: u64) -> Expectation {
        let hop = ExpectedHop {
            addresses: vec![HERE],
            words: Vec::new(),
            round_trip_time: Some(Duration::from_millis(milliseconds)),
        };
        Expectation {
            from: NodeId(0),
            to: NodeId(1),
            path: ExpectedPath::Hops(vec![hop]),
        }
    }

    #[test]
    fn only_a_hop_that_took_longer_is_slow() {
        assert!(is_slow(&expected(2), &observed([Some(9), Some(5), None])));
        assert!(!is_slow(&expected(2), &observed([Some(9), Some(4), None])));
        assert!(!is_slow(&expected(20), &observed([Some(9), Some(4), None])));
        assert!(!is_slow(&expected(2), &observed([None, None, None])));
    }

    #[test]
    fn the_shortest_times_of_all_probes_count() {
        let mut first = observed([Some(9), None, Some(5)]);
        first.refine(&observed([Some(7), Some(2), None]));
        assert_eq!(first, observed([Some(2), Some(5), Some(7)]));
    }
}
