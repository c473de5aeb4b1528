//! Which target an answer belongs to.

use std::{collections::BTreeMap, net::Ipv4Addr};

use super::ProbeError;

/// What an answer has in common with its probe, besides the sequence number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Flow {
    /// The index of the source's socket.
    pub(super) source: usize,
    pub(super) destination: Ipv4Addr,
    pub(super) id: u16,
}

/// The flow of each pair of a source and a destination. Every socket of a namespace receives all of its answers, and an
/// identifier has 16 bits only, so answers are distinguished by destination. The identifier is increased only if a pair
/// occurs again.
///
/// # Errors
///
/// [`ProbeError::TooManyAlike`], if a pair occurs more often than there are identifiers.
pub(super) fn flows(
    pairs: impl IntoIterator<Item = (usize, Ipv4Addr)>,
    base_id: u16,
) -> Result<Vec<Flow>, ProbeError> {
    let mut seen: BTreeMap<(usize, Ipv4Addr), u32> = BTreeMap::new();
    let flow = |(source, destination)| {
        let times = seen.entry((source, destination)).or_default();
        let too_many = ProbeError::TooManyAlike { destination };
        let place = u16::try_from(*times).map_err(|_| too_many)?;
        *times += 1;
        Ok(Flow {
            source,
            destination,
            id: base_id.wrapping_add(place),
        })
    };
    pairs.into_iter().map(flow).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn pair(source: usize, number: u32) -> (usize, Ipv4Addr) {
        (source, Ipv4Addr::from_bits(0x0a00_0000 + number))
    }

    #[test]
    fn identifiers_count_on_where_a_pair_comes_again_and_start_over() {
        let pairs = [pair(0, 1), pair(0, 2), pair(1, 1), pair(0, 1), pair(0, 1)];
        let ids = |base| {
            let flows = flows(pairs, base).unwrap();
            flows.into_iter().map(|flow| flow.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(7), [7, 7, 7, 8, 9]);
        assert_eq!(ids(u16::MAX), [u16::MAX, u16::MAX, u16::MAX, 0, 1]);
    }

    #[test]
    fn more_pairs_than_identifiers_have_a_flow_each() {
        let pairs = || (0..300).flat_map(|source| (0..300).map(move |to| pair(source, to)));
        let all = flows(pairs().chain(pairs()), 0xfff0).unwrap();
        assert_eq!(all.len(), 180_000);
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    }

    #[test]
    fn a_pair_that_comes_more_often_than_there_are_identifiers_is_refused() {
        let same = |times| flows((0..times).map(|_| pair(0, 1)), 5);
        assert_eq!(same(65_536).unwrap().len(), 65_536);
        assert!(matches!(same(65_537), Err(ProbeError::TooManyAlike { .. })));
    }
}
