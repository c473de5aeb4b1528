//! Edits of circuits that may make a path work.

use crate::azure::cure::DeadEnd;
use crate::yaml::proposal::Proposal;
use crate::yaml::tree::{Kind, Node};

/// A link of a circuit that the file turns off is turned on.
pub(crate) fn turn_on_links(dead_end: &DeadEnd<'_>) -> Vec<Proposal> {
    let circuits = dead_end.document.get("expressRouteCircuits");
    let circuits = circuits.map_or(&[][..], Node::entries).iter();
    let proposals = circuits.flat_map(|(key, circuit)| {
        let links = ["primary", "secondary"].into_iter();
        let off = links.filter(|link| {
            let link = circuit.get(link);
            link.and_then(|link| link.flag_of("enabled")) == Some(false)
        });
        off.map(|link| {
            let name = key.text.clone();
            let what = format!("turn on the {link} link of the circuit {name}");
            Proposal::repair(what, 1, move |document| {
                let section = document.within("expressRouteCircuits", "");
                let link = section.within(&name, "").within(link, "");
                link.set("enabled", Kind::Boolean(true));
            })
        })
    });
    proposals.collect()
}
