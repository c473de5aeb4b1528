//! Edits of the peering of two networks, in whichever form the file has it.

use crate::azure::peering::defaults::OPPOSITE;
use crate::yaml::edit::mapping;
use crate::yaml::tree::{Kind, Node};

/// Completes the peering of two networks, and sets a flag on the side of the first one. The other side gets the same
/// flag or, for gateway transit, the opposite one.
pub(crate) fn join(document: &mut Node, own: &str, remote: &str, flag: Option<&'static str>) {
    let ends = [(own, remote), (remote, own)];
    let flags = [flag, flag.map(opposite)];
    let has_side = |(network, other): &(&str, &str)| side(document, network, other).is_some();
    if ends.iter().any(has_side) {
        for ((network, other), flag) in ends.into_iter().zip(flags) {
            // A name alone is both sides.
            let is_whole = ends
                .iter()
                .filter_map(|(network, other)| side(document, network, other))
                .any(|item| item.text().is_some());
            if flag.is_some() || !is_whole {
                set(document, (network, other), flag);
            }
        }
        return;
    }
    let peerings = document.within("peerings", "");
    let items = match &mut peerings.kind {
        Kind::Sequence(items) => items.as_mut_slice(),
        _ => &mut [],
    };
    for ((network, other), flag) in ends.into_iter().zip(flags) {
        if let Some(item) = items.iter_mut().find(|item| covers(item, network, other)) {
            if let Some(flag) = flag {
                item.set(flag, Kind::Boolean(true));
            }
            return;
        }
    }
    let ends = [("virtualNetwork", own), ("remoteVirtualNetwork", remote)];
    let ends = ends.map(|(key, name)| (key, Kind::Text(name.to_owned())));
    let flag = flag.map(|flag| (flag, Kind::Boolean(true)));
    let item = mapping(ends.into_iter().chain(flag));
    peerings.push(Node::added(peerings.place, item));
}

/// Sets a flag on one network's side of a peering, which is added if there is none.
pub(crate) fn set(document: &mut Node, (network, other): (&str, &str), flag: Option<&'static str>) {
    let peerings = document
        .within("virtualNetworks", "")
        .within(network, "")
        .within("peerings", "");
    let items = match &mut peerings.kind {
        Kind::Sequence(items) => items.as_mut_slice(),
        _ => &mut [],
    };
    let flag = flag.map(|flag| (flag, Kind::Boolean(true)));
    let Some(item) = items.iter_mut().find(|item| is_to(item, other)) else {
        let remote = ("remoteVirtualNetwork", Kind::Text(other.to_owned()));
        let item = mapping(std::iter::once(remote).chain(flag));
        peerings.push(Node::added(peerings.place, item));
        return;
    };
    item.write_out_as("remoteVirtualNetwork");
    if let Some((flag, value)) = flag {
        item.set(flag, value);
    }
}

/// A network's own item for its side of a peering.
pub(crate) fn side<'d>(document: &'d Node, network: &str, other: &str) -> Option<&'d Node> {
    let network = document.get("virtualNetworks")?.get(network)?;
    let mut items = network.get("peerings")?.items().iter();
    items.find(|item| is_to(item, other))
}

fn is_to(item: &Node, other: &str) -> bool {
    item.text().or_else(|| item.text_of("remoteVirtualNetwork")) == Some(other)
}

/// Whether an item of the document's `peerings` is for two networks, the second one the remote one.
fn covers(item: &Node, own: &str, remote: &str) -> bool {
    let networks = item.get("virtualNetwork");
    let is_own = |node: &Node| node.text() == Some(own);
    let is_of_own = networks.is_some_and(|one| is_own(one) || one.items().iter().any(is_own));
    is_of_own && item.text_of("remoteVirtualNetwork") == Some(remote)
}

fn opposite(flag: &'static str) -> &'static str {
    let mut pairs = OPPOSITE.into_iter();
    pairs
        .find(|[own, _]| *own == flag)
        .map_or(flag, |[_, other]| other)
}
