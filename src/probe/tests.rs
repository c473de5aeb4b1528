//! Tests of probes: in a simulated network, and in real namespaces.

mod drive;
pub(in crate::probe) mod simulated_network;
mod underway;

use super::*;
use crate::units::Ttl;

#[test]
fn a_source_that_was_not_given_is_an_error() {
    let ttl = Ttl::new(64).unwrap();
    let target = Target::ping(Ipv4Addr::LOCALHOST, ttl, Duration::ZERO);
    let pacing = Pacing {
        pace: Duration::ZERO,
        most_underway: 1,
        probes_per_hop: 1,
    };
    let options = Options { pacing, base_id: 0 };
    let result = drive(&[], vec![(1, target)], &options, &mut |_| ());
    assert!(matches!(
        result,
        Err(ProbeError::NoSuchSource {
            source_index: 1,
            ..
        })
    ));
}
