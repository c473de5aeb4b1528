//! Default values of a circuit: the prefixes of its links.

use crate::addresses::Prefix;
use crate::yaml::draft::Draft;
use crate::yaml::tree::Kind;

/// The range of links' prefixes: each circuit has a /29 of it, and each link a /30.
const PEER_PREFIXES: Prefix = Prefix::v4([172, 16, 0, 0], 16);

/// The links of a circuit.
const LINKS: [&str; 2] = ["primary", "secondary"];

/// Expands short forms: a customer edge's name in place of a link's keys, and a circuit without links, at which no
/// customer is connected.
pub(crate) fn write_out(draft: &mut Draft<'_>) {
    for index in 0..draft.section("expressRouteCircuits").len() {
        let Some(circuit) = draft.entry_mut("expressRouteCircuits", index) else {
            continue;
        };
        if LINKS.iter().all(|link| circuit.lacks(link)) {
            for link in LINKS {
                circuit.put(usize::MAX, link, Kind::Mapping(Vec::new()));
            }
        }
        for link in LINKS {
            if let Some(link) = circuit.get_mut(link) {
                link.write_out_as("customerEdge");
            }
        }
    }
}

/// Chooses the values that the file omits.
pub(crate) fn choose(draft: &mut Draft<'_>) {
    for index in 0..draft.section("expressRouteCircuits").len() {
        let (_, circuit) = &draft.section("expressRouteCircuits")[index];
        let mut links = LINKS.iter().filter_map(|link| circuit.get(link));
        if links.any(|link| link.lacks("peerAddressPrefix")) {
            choose_prefixes(draft, index);
        }
    }
}

fn choose_prefixes(draft: &mut Draft<'_>, index: usize) {
    let halves = draft
        .free_prefix(PEER_PREFIXES, 29)
        .map(|both| both.subnets(30));
    let Some(circuit) = draft.entry_mut("expressRouteCircuits", index) else {
        return;
    };
    for (link, prefix) in LINKS.into_iter().zip(halves.into_iter().flatten()) {
        if let Some(link) = circuit.get_mut(link)
            && link.lacks("peerAddressPrefix")
        {
            link.put(0, "peerAddressPrefix", Kind::Text(prefix.to_string()));
        }
    }
}
