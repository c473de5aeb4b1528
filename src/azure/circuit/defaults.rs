//! What a lab file may leave out of a circuit: the prefixes of its links.

use crate::addresses::Prefix;
use crate::yaml::draft::Draft;
use crate::yaml::tree::Kind;

/// The prefixes of circuits' links: a /29 of this for each circuit, whose halves are the links' /30s.
const PEER_PREFIXES: &str = "172.16.0.0/16";

/// The links of a circuit.
const LINKS: [&str; 2] = ["primary", "secondary"];

/// Chooses what the file leaves out.
pub(crate) fn choose(draft: &mut Draft<'_>) {
    for index in 0..draft.section("expressRouteCircuits").len() {
        let Some(circuit) = draft.entry_mut("expressRouteCircuits", index) else {
            continue;
        };
        let mut lacks_prefix = false;
        for link in LINKS {
            if let Some(link) = circuit.get_mut(link) {
                link.write_out_as("customerEdge");
                lacks_prefix |= link.lacks("peerAddressPrefix");
            }
        }
        if lacks_prefix {
            choose_prefixes(draft, index);
        }
    }
}

fn choose_prefixes(draft: &mut Draft<'_>, index: usize) {
    let pool: Prefix = PEER_PREFIXES.parse().expect("it is a prefix");
    let halves = draft.free_prefix(pool, 29).map(|both| both.subnets(30));
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
