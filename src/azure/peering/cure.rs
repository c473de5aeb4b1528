//! Edits of peerings that may make a path work.

use crate::addresses::Address;
use crate::azure::cure::DeadEnd;
use crate::azure::peering::edit::{join, set, side};
use crate::topology::{VirtualNetwork, VnetId};
use crate::yaml::proposal::Proposal;
use crate::yaml::tree::{Kind, Node};

const USES: &str = "useRemoteGateways";
const GIVES: &str = "allowGatewayTransit";
const FORWARDED: &str = "allowForwardedTraffic";

/// The most networks with a gateway to which a peering is proposed.
const MOST_HUBS: usize = 3;

/// A peering with only one side gets the other one.
pub(crate) fn complete(dead_end: &DeadEnd<'_>) -> Vec<Proposal> {
    let ends = dead_end.networks();
    let mut sides: Vec<[VnetId; 2]> = Vec::new();
    for with in dead_end.all() {
        let initiated = dead_end.vnet(with).initiated.iter();
        sides.extend(initiated.map(|side| [with, side.remote]));
    }
    sides.retain(|pair| pair.iter().any(|one| ends.contains(&Some(*one))));
    let proposals = sides.into_iter().flat_map(|[with, without]| {
        let [with, without] = [with, without].map(|id| dead_end.name(id));
        let own = side(dead_end.document, &with, &without);
        let has = |flag| own.and_then(|own| own.flag_of(flag)) == Some(true);
        // The new side grants or uses what the present one uses or grants.
        let flags = match (has(USES), has(GIVES)) {
            (true, _) => vec![Some(GIVES)],
            (false, true) => vec![None, Some(USES)],
            (false, false) => vec![None],
        };
        flags.into_iter().map(move |flag| {
            let what = format!("add the peering from {without} to {with}");
            let size = 1 + usize::from(flag.is_some());
            let (with, without) = (with.clone(), without.clone());
            Proposal::repair(what, size, move |document| {
                set(document, (&without, &with), flag);
            })
        })
    });
    proposals.collect()
}

/// The networks of the ends use the gateways of networks that they are peered with.
pub(crate) fn use_gateways(dead_end: &DeadEnd<'_>) -> Vec<Proposal> {
    let mut unused = Vec::new();
    for end in dead_end.networks().into_iter().flatten() {
        let peerings = dead_end.vnet(end).peerings.iter();
        let hubs = peerings.filter(|peering| {
            dead_end.has_gateway(peering.remote) && !peering.uses_remote_gateways
        });
        if !dead_end.has_gateway(end) {
            unused.extend(hubs.map(|peering| [end, peering.remote]));
        }
    }
    let unused = unused
        .into_iter()
        .map(|pair| pair.map(|id| dead_end.name(id)));
    let unused: Vec<[String; 2]> = unused.collect();
    let both = match unused.as_slice() {
        [one, other] if one[0] != other[0] => Some(vec![one.clone(), other.clone()]),
        _ => None,
    };
    let one_each = unused.into_iter().map(|pair| vec![pair]);
    let proposals = one_each.chain(both).map(|pairs| {
        let words = pairs
            .iter()
            .map(|[end, hub]| format!("{end} use the gateways of {hub}"));
        let what = format!("let {}", words.collect::<Vec<_>>().join(", and "));
        Proposal::repair(what, 2 * pairs.len(), move |document| {
            for [end, hub] in &pairs {
                join(document, end, hub, Some(USES));
            }
        })
    });
    proposals.collect()
}

/// A peering that keeps packets out lets them in: the side that does, both sides, or the peerings of both ends.
pub(crate) fn let_in(dead_end: &DeadEnd<'_>) -> Vec<Proposal> {
    let Some((near, far, flag)) = dead_end.kept_out else {
        return Vec::new();
    };
    let mut pairs = Vec::new();
    for end in dead_end.networks().into_iter().flatten() {
        let hubs = [near, far].into_iter();
        let hubs = hubs.filter(|hub| dead_end.are_peered(end, *hub));
        pairs.extend(hubs.map(|hub| [end, hub].map(|id| dead_end.name(id))));
    }
    let pair = [far, near].map(|id| dead_end.name(id));
    vec![
        let_in_side(pair.clone(), flag),
        let_in_both(vec![pair], flag, 2),
        let_in_both(pairs, flag, 3),
    ]
}

fn let_in_side([own, remote]: [String; 2], flag: &'static str) -> Proposal {
    let what = format!("set `{flag}` on the peering from {own} to {remote}");
    Proposal::repair(what, 1, move |document| {
        // A side without an item of its own has no flag of its own.
        if side(document, &own, &remote).is_some_and(|item| item.text().is_none()) {
            set(document, (&own, &remote), Some(flag));
        }
    })
}

fn let_in_both(pairs: Vec<[String; 2]>, flag: &'static str, size: usize) -> Proposal {
    let named = pairs
        .iter()
        .map(|[one, other]| format!("{one} with {other}"));
    let named = named.collect::<Vec<_>>().join(" and ");
    let ending = if pairs.len() == 1 { "" } else { "s" };
    let what = format!("set `{flag}` on the peering{ending} of {named}");
    Proposal::repair(what, size, move |document| {
        for [one, other] in &pairs {
            join(document, one, other, Some(flag));
        }
    })
}

/// A peering that shows only some subnets shows also those of the path's ends and next hops.
pub(crate) fn show_subnets(dead_end: &DeadEnd<'_>) -> Vec<Proposal> {
    let ends = dead_end.ends.iter().filter_map(|(node, address)| {
        let network = dead_end.topology.network_of(*node)?;
        Some((network, *address))
    });
    let hops = dead_end.next_hops().into_iter();
    let hops = hops.flat_map(|hop| {
        let networks = dead_end.all();
        let networks = networks.filter(move |id| dead_end.vnet(*id).holds(hop));
        networks.map(move |network| (network, hop))
    });
    let shown = ends.chain(hops);
    shown
        .flat_map(|(network, address)| show_subnet_of(dead_end, network, address))
        .collect()
}

/// The peerings of a network that hide the subnet of an address show it.
fn show_subnet_of(dead_end: &DeadEnd<'_>, id: VnetId, address: Address) -> Vec<Proposal> {
    let network = dead_end.vnet(id);
    let Some(subnet) = subnet_with(network, address) else {
        return Vec::new();
    };
    let own = network.name.to_string();
    let remotes = network.peerings.iter();
    let remotes = remotes.map(|peering| dead_end.name(peering.remote));
    let hidden = remotes.filter(|remote| {
        let item = side(dead_end.document, &own, remote);
        let shown = item.and_then(|item| item.get("localSubnetNames"));
        let is_shown = |names: &Node| names.items().iter().any(|one| one.text() == Some(&subnet));
        shown.is_some_and(|names| !is_shown(names))
    });
    let proposals = hidden.map(|remote| {
        let what = format!("show the subnet {subnet} in the peering of {own} with {remote}");
        let (own, subnet) = (own.clone(), subnet.clone());
        Proposal::repair(what, 1, move |document| {
            show(document, [&own, &remote], &subnet);
        })
    });
    proposals.collect()
}

fn subnet_with(network: &VirtualNetwork, address: Address) -> Option<String> {
    let mut subnets = network.subnets.iter();
    let subnet = subnets.find(|subnet| subnet.prefix.contains(&address))?;
    Some(subnet.name.clone())
}

fn show(document: &mut Node, [own, remote]: [&str; 2], subnet: &str) {
    let peerings = document
        .within("virtualNetworks", "")
        .within(own, "")
        .within("peerings", "");
    let Kind::Sequence(items) = &mut peerings.kind else {
        return;
    };
    let mut items = items.iter_mut();
    let item = items.find(|item| item.text_of("remoteVirtualNetwork") == Some(remote));
    if let Some(names) = item.and_then(|item| item.get_mut("localSubnetNames")) {
        names.push(Node::added(names.place, Kind::Text(subnet.to_owned())));
    }
}

/// The network that loses packets is peered with the one that has the next hop of its route.
pub(crate) fn peer_with_next_hops(dead_end: &DeadEnd<'_>) -> Vec<Proposal> {
    let Some(own) = dead_end.topology.network_of(dead_end.lost_at) else {
        return Vec::new();
    };
    let hops = dead_end.next_hops();
    let holds = |id: &VnetId| hops.iter().any(|hop| dead_end.vnet(*id).holds(*hop));
    let networks = dead_end.all().filter(holds);
    let open = networks.filter(|id| are_not_peered(dead_end, own, *id));
    let proposals = open.take(MOST_HUBS).map(|remote| {
        let [own, remote] = [own, remote].map(|id| dead_end.name(id));
        let what = format!("peer {own} with {remote}, which has the next hop of the route");
        Proposal::repair(what, 2, move |document| {
            join(document, &own, &remote, Some(FORWARDED));
        })
    });
    proposals.collect()
}

/// The networks of the ends are peered with each other, or one of them with a network that has a gateway.
pub(crate) fn peer(dead_end: &DeadEnd<'_>) -> Vec<Proposal> {
    let mut proposals = Vec::new();
    if let Some([near, far]) = dead_end.two_networks()
        && are_not_peered(dead_end, near, far)
    {
        let [near, far] = [near, far].map(|id| dead_end.name(id));
        let what = format!("peer {near} with {far}");
        proposals.push(Proposal::addition("peering", what, 1, move |document| {
            join(document, &near, &far, None);
        }));
    }
    let ends = dead_end.networks().into_iter().flatten();
    for end in ends.filter(|end| !dead_end.has_gateway(*end)) {
        let hubs = dead_end.all().filter(|hub| dead_end.has_gateway(*hub));
        let hubs = hubs.filter(|hub| are_not_peered(dead_end, end, *hub));
        for hub in hubs.take(MOST_HUBS) {
            let [end, hub] = [end, hub].map(|id| dead_end.name(id));
            let what = format!("peer {end} with {hub}, and let {end} use the gateways of {hub}");
            proposals.push(Proposal::addition("gateway", what, 2, move |document| {
                join(document, &end, &hub, Some(USES));
            }));
        }
    }
    proposals
}

/// Whether two networks have no peering, nor one side of it.
fn are_not_peered(dead_end: &DeadEnd<'_>, one: VnetId, other: VnetId) -> bool {
    let has_side = |one, other| {
        let mut sides = dead_end.vnet(one).initiated.iter();
        sides.any(|side| side.remote == other)
    };
    let has_any = dead_end.are_peered(one, other) || has_side(one, other) || has_side(other, one);
    one != other && !has_any
}

/// Lets packets that an appliance in another network forwards enter a network. A part of edits that send packets through
/// an appliance.
pub(crate) fn let_forwarded_in(document: &mut Node, spoke: &str, hub: &str) {
    let own = side(document, spoke, hub);
    if own.is_some_and(|item| item.text().is_none()) {
        set(document, (spoke, hub), Some(FORWARDED));
    } else {
        join(document, spoke, hub, Some(FORWARDED));
    }
}

/// Lets a network use another one's gateways. A part of edits that send packets through a gateway.
pub(crate) fn let_use_gateways(document: &mut Node, spoke: &str, hub: &str) {
    join(document, spoke, hub, Some(USES));
}
