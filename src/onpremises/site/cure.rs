//! Edits of sites that may make a path work.

use crate::topology::{NodeId, Topology};
use crate::yaml::proposal::Proposal;
use crate::yaml::tree::{Kind, Node};

/// The sites of a path's ends advertise the prefixes of their LANs.
pub(crate) fn advertise(
    document: &Node,
    topology: &Topology,
    ends: impl IntoIterator<Item = NodeId>,
) -> Vec<Proposal> {
    let mut proposals = Vec::new();
    for node in ends {
        let site = topology.node(node).role.site();
        let Some(site) = site.and_then(|site| topology.sites.get(site.0)) else {
            continue;
        };
        let mut interfaces = topology.interfaces_of(node);
        let Some(own) = interfaces.find_map(|(_, interface)| interface.addresses.first().copied())
        else {
            continue;
        };
        let (site, prefix) = (site.name.to_string(), own.trunc().to_string());
        let keys = document.get("sites").and_then(|sites| sites.get(&site));
        let advertised = keys.and_then(|keys| keys.get("advertise"));
        let is_same = |item: &Node| item.text() == Some(&prefix);
        if advertised.is_some_and(|all| all.items().iter().any(is_same)) {
            continue;
        }
        let what = format!("advertise {prefix} from the site {site}");
        proposals.push(Proposal::repair(what, 1, move |document| {
            let site = document.within("sites", "").within(&site, "");
            let advertised = site.within("advertise", "");
            let item = Kind::Text(prefix.clone());
            advertised.push(Node::added(advertised.place, item));
        }));
    }
    proposals
}
