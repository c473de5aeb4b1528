//! Short forms of peerings. Each stands for both sides: the remote network's name in a network's `peerings`, and an
//! item of the document's own `peerings`.

use std::collections::{BTreeMap, BTreeSet};

use crate::findings::Place;
use crate::yaml::draft::Draft;
use crate::yaml::tree::{Key, Kind, Node};

/// One side of a peering, to add to a network.
struct Half {
    network: String,
    remote: String,
    flags: Vec<(&'static str, bool)>,
    place: Place,
}

/// Flags that are equal on both sides.
const COMMON: [&str; 2] = ["allowVirtualNetworkAccess", "allowForwardedTraffic"];

/// Flags that come in pairs: if one side has the first, the other side has the second.
pub(super) const OPPOSITE: [[&str; 2]; 2] = [
    ["useRemoteGateways", "allowGatewayTransit"],
    ["allowGatewayTransit", "useRemoteGateways"],
];

/// Expands short forms.
pub(crate) fn write_out(draft: &mut Draft<'_>) {
    let mut halves = Vec::new();
    for index in 0..draft.section("virtualNetworks").len() {
        halves.extend(named_in(draft, index));
    }
    let whole = of_document(draft);
    if halves.is_empty() && whole.is_empty() {
        return;
    }
    let (networks, own) = networks_and_halves(draft);
    let mut present = own.clone();
    for half in halves {
        if present.insert((half.network.clone(), half.remote.clone())) {
            add(draft, &networks, half);
        }
    }
    // Sides that the file itself has twice stay, so that a rule can refuse them.
    for half in whole {
        if !own.contains(&(half.network.clone(), half.remote.clone())) {
            add(draft, &networks, half);
        }
    }
}

/// The positions of networks by name, and all sides that the file states: the network and the remote network of each.
fn networks_and_halves(draft: &Draft<'_>) -> (BTreeMap<String, usize>, BTreeSet<(String, String)>) {
    let (mut networks, mut halves) = (BTreeMap::new(), BTreeSet::new());
    for (index, (key, network)) in draft.section("virtualNetworks").iter().enumerate() {
        networks.entry(key.text.clone()).or_insert(index);
        let items = network.get("peerings").map_or(&[][..], Node::items);
        let remotes = items
            .iter()
            .filter_map(|item| item.text_of("remoteVirtualNetwork"));
        halves.extend(remotes.map(|remote| (key.text.clone(), remote.to_owned())));
    }
    (networks, halves)
}

/// Expands the names among a network's peerings to the network's own sides, and returns the remote networks' sides.
fn named_in(draft: &mut Draft<'_>, index: usize) -> Vec<Half> {
    let network = draft.section("virtualNetworks")[index].0.text.clone();
    let own = draft.entry_mut("virtualNetworks", index);
    let Some(Kind::Sequence(items)) = own
        .and_then(|own| own.get_mut("peerings"))
        .map(|peerings| &mut peerings.kind)
    else {
        return Vec::new();
    };
    let mut others = Vec::new();
    for item in items {
        if let Some(remote) = item.text().map(str::to_owned) {
            item.write_out_as("remoteVirtualNetwork");
            others.push(Half {
                network: remote,
                remote: network.clone(),
                flags: Vec::new(),
                place: item.place,
            });
        }
    }
    others
}

/// Takes the complete peerings out of the document's `peerings`. Items that cannot be read stay there.
fn of_document(draft: &mut Draft<'_>) -> Vec<Half> {
    let networks: BTreeSet<String> = draft
        .section("virtualNetworks")
        .iter()
        .map(|(key, _)| key.text.clone())
        .collect();
    let Kind::Mapping(entries) = &mut draft.root.kind else {
        return Vec::new();
    };
    let Some(at) = entries.iter().position(|(key, _)| key.text == "peerings") else {
        return Vec::new();
    };
    let Kind::Sequence(items) = &mut entries[at].1.kind else {
        return Vec::new();
    };
    let mut halves = Vec::new();
    items.retain(|item| match both(item, &networks) {
        Some(both) => {
            halves.extend(both);
            false
        }
        None => true,
    });
    if items.is_empty() {
        entries.remove(at);
    }
    halves
}

/// Both sides of an item of the document's `peerings`; `None` if it cannot be read completely.
fn both(item: &Node, networks: &BTreeSet<String>) -> Option<Vec<Half>> {
    let is_known = |key: &Key| {
        let flags = COMMON.into_iter().chain(OPPOSITE.map(|[own, _]| own));
        let mut known = ["virtualNetwork", "remoteVirtualNetwork"]
            .into_iter()
            .chain(flags);
        known.any(|known| known == key.text)
    };
    if !item.entries().iter().all(|(key, _)| is_known(key)) {
        return None;
    }
    let own = item.get("virtualNetwork")?;
    let own: Vec<&str> = match own.text() {
        Some(one) => vec![one],
        None => own.items().iter().map(Node::text).collect::<Option<_>>()?,
    };
    let remote = item.text_of("remoteVirtualNetwork")?;
    let exists = |name: &str| networks.contains(name);
    if own.is_empty() || !own.iter().chain([&remote]).all(|name| exists(name)) {
        return None;
    }
    let flag = |key| match item.get(key).map(|value| &value.kind) {
        None => Some(None),
        Some(Kind::Boolean(value)) => Some(Some(*value)),
        Some(_) => None,
    };
    let (mut here, mut there) = (Vec::new(), Vec::new());
    for key in COMMON {
        let value = flag(key)?;
        here.extend(value.map(|value| (key, value)));
        there.extend(value.map(|value| (key, value)));
    }
    for [key, opposite] in OPPOSITE {
        let value = flag(key)?;
        here.extend(value.map(|value| (key, value)));
        there.extend(value.map(|value| (opposite, value)));
    }
    let half = |network: &str, remote: &str, flags: &Vec<_>| Half {
        network: network.to_owned(),
        remote: remote.to_owned(),
        flags: flags.clone(),
        place: item.place,
    };
    let halves = own.iter();
    Some(
        halves
            .flat_map(|own| {
                // A peering of a network with itself has only one side. A rule refuses it.
                let other = (*own != remote).then(|| half(remote, own, &there));
                std::iter::once(half(own, remote, &here)).chain(other)
            })
            .collect(),
    )
}

/// Adds a side to its network, if the file has that network.
fn add(draft: &mut Draft<'_>, networks: &BTreeMap<String, usize>, half: Half) {
    let index = networks.get(&half.network).copied();
    let Some(network) = index.and_then(|at| draft.entry_mut("virtualNetworks", at)) else {
        return;
    };
    if network.lacks("peerings") {
        let at = network.entries().len();
        network.put(at, "peerings", Kind::Sequence(Vec::new()));
    }
    let Some(Kind::Sequence(items)) = network.get_mut("peerings").map(|all| &mut all.kind) else {
        return;
    };
    let mut item = Node::added(half.place, Kind::Mapping(Vec::new()));
    item.put(0, "remoteVirtualNetwork", Kind::Text(half.remote));
    for (key, value) in half.flags {
        let at = item.entries().len();
        item.put(at, key, Kind::Boolean(value));
    }
    items.push(item);
}
