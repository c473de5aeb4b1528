//! Peerings: two sides, which are connected if both exist (virtual-network-peering-overview).

use std::collections::{BTreeMap, BTreeSet};

use crate::addresses::Prefix;
use crate::azure::peering::model::Peering;
use crate::azure::references::{find_subnet, find_vnet, vnet_named};
use crate::azure::resources::Resources;
use crate::azure::virtual_network::model::VirtualNetwork;
use crate::azure::virtual_network::rules::{overlap, overlaps};
use crate::findings::{Finding, Rule};

const PEERING: Rule = Rule::of_whole_files("peering");
const PEERING_INITIATED: Rule = Rule::of_whole_files("peering-initiated").needing(&[
    "remoteVirtualNetwork",
    "virtualNetwork",
    "peerings",
]);
const GATEWAY_TRANSIT: Rule = Rule::of_whole_files("gateway-transit").needing(&[
    "allowGatewayTransit",
    "virtualNetwork",
    "remoteVirtualNetwork",
    "peerings",
]);

fn halves(spec: &Resources) -> impl Iterator<Item = (&VirtualNetwork, &Peering)> {
    spec.virtual_networks
        .iter()
        .flat_map(|vnet| vnet.peerings.iter().map(move |half| (vnet, half)))
}

/// A peering of the document must be between networks of the file.
pub(crate) fn whole_peerings_name_networks(spec: &Resources) -> Vec<Finding> {
    let names = spec.peerings.iter().flat_map(|peering| &peering.networks);
    names
        .filter_map(|name| find_vnet(spec, name).err())
        .collect()
}

/// Every side of a peering, by its own network and the remote one; the first of equal ones.
fn halves_by_name(spec: &Resources) -> BTreeMap<(&str, &str), &Peering> {
    let mut by_name = BTreeMap::new();
    for (local, half) in halves(spec) {
        let remote = half.remote_virtual_network.value.as_str();
        let names = (local.name.value.as_str(), remote);
        by_name.entry(names).or_insert(half);
    }
    by_name
}

/// A peering is connected when both networks have their side. Azure accepts a single side; its state is "Initiated"
/// until the other side exists.
pub(crate) fn have_two_halves(spec: &Resources) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = BTreeSet::new();
    let by_name = halves_by_name(spec);
    let networks = spec.virtual_networks.iter();
    let networks: BTreeSet<&str> = networks.map(|vnet| vnet.name.value.as_str()).collect();
    for (local, half) in halves(spec) {
        let remote = &half.remote_virtual_network;
        let name = local.name.value.as_str();
        if !networks.contains(remote.value.as_str()) {
            findings.extend(find_vnet(spec, remote).err());
        } else if remote.value == name {
            findings.push(Finding::new(
                PEERING,
                remote.place,
                format!("`{name}` cannot be peered with itself"),
            ));
        } else if !seen.insert((name, remote.value.as_str())) {
            findings.push(Finding::new(
                PEERING,
                remote.place,
                format!("`{name}` is already peered with `{}`", remote.value),
            ));
        } else if !by_name.contains_key(&(remote.value.as_str(), name)) {
            let overlap = overlapping_half(spec, local, half);
            findings.push(overlap.unwrap_or_else(|| initiated(name, half)));
        }
    }
    findings
}

/// Azure refuses even one side of a peering between networks whose address spaces overlap
/// (virtual-network-peering-overview). Another rule reports overlaps of subnets that both sides include.
fn overlapping_half(spec: &Resources, local: &VirtualNetwork, half: &Peering) -> Option<Finding> {
    let remote = vnet_named(spec, &half.remote_virtual_network.value)?;
    let far = || remote.address_prefixes.iter().map(|prefix| prefix.value);
    let clash = |own: Vec<Prefix>| {
        let own = own.into_iter();
        let mut pairs = own.flat_map(|own| far().map(move |far| (own, far)));
        pairs.find(|(own, far)| overlaps(*own, *far))
    };
    let finding = |(own, far), help: String| {
        let whose = format!("virtual network {}", remote.name.value);
        overlap(half.remote_virtual_network.place, own, far, &whose).with_help(help)
    };
    if let Some(pair) = clash(shown_by(local, half)) {
        let help = "the address spaces of peered networks may not overlap (virtual-network-peering-overview)";
        return Some(finding(pair, help.to_owned()));
    }
    let others = local.peerings.iter();
    let others =
        others.filter(|other| other.remote_virtual_network.value != remote.name.value.as_str());
    let mut others =
        others.filter_map(|other| vnet_named(spec, &other.remote_virtual_network.value));
    others.find_map(|other| {
        let shown = other.peerings.iter();
        let mut shown = shown.filter(|back| back.remote_virtual_network.value == local.name.value.as_str());
        let pair = clash(shown_by(other, shown.next()?))?;
        let help = format!(
            "`{}` is peered with `{}` too, and networks peered with one network may not overlap (virtual-network-peering-overview)",
            local.name.value, other.name.value
        );
        Some(finding(pair, help))
    })
}

/// The part of a network that its peer sees: the address space, or the subnets of the network's side.
fn shown_by(local: &VirtualNetwork, half: &Peering) -> Vec<Prefix> {
    let Some(names) = &half.local_subnet_names else {
        let prefixes = local.address_prefixes.iter();
        return prefixes.map(|prefix| prefix.value).collect();
    };
    let subnets = names
        .iter()
        .filter_map(|name| find_subnet(local, name).ok());
    subnets.map(|subnet| subnet.address_prefix.value).collect()
}

/// The warning about a side without the other side.
fn initiated(name: &str, half: &Peering) -> Finding {
    let remote = &half.remote_virtual_network;
    let message = format!(
        "the peering `{name}` to `{0}` is Initiated: `{0}` has no peering to `{name}`, so no packet crosses it",
        remote.value
    );
    let transit = if half.use_remote_gateways.value {
        ", allowGatewayTransit: true"
    } else {
        ""
    };
    let help = format!(
        "add `- {{ remoteVirtualNetwork: {name}{transit} }}` to the peerings of `{}` (virtual-network-peering-overview)",
        remote.value
    );
    let finding = Finding::new(PEERING_INITIATED, remote.place, message).with_help(help);
    finding.as_warning()
}

/// The state of a peering between two networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// No peering.
    Absent,
    /// Only the first network has its side.
    Initiated,
    /// Only the second network has its side.
    Unanswered,
    /// Both networks have their side.
    Connected,
}

/// The state of the peering between a network and another one.
pub(crate) fn state(local: &VirtualNetwork, remote: &VirtualNetwork) -> State {
    let has_half = |local: &VirtualNetwork, remote: &VirtualNetwork| {
        let remote = remote.name.value.as_str();
        let mut halves = local.peerings.iter();
        halves.any(|half| half.remote_virtual_network.value == remote)
    };
    match (has_half(local, remote), has_half(remote, local)) {
        (false, false) => State::Absent,
        (true, false) => State::Initiated,
        (false, true) => State::Unanswered,
        (true, true) => State::Connected,
    }
}

/// The network whose gateways a network uses, over a connected peering.
pub(crate) fn used_gateways<'a>(spec: &Resources, vnet: &'a VirtualNetwork) -> Option<&'a str> {
    let mut halves = vnet.peerings.iter();
    let half = halves.find(|half| half.use_remote_gateways.value)?;
    let name = half.remote_virtual_network.value.as_str();
    let remote = vnet_named(spec, name)?;
    (state(vnet, remote) == State::Connected).then_some(name)
}

/// A peering that includes only some subnets must name subnets of its own network, each once.
pub(crate) fn show_subnets_that_exist(spec: &Resources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (local, half) in halves(spec) {
        let mut seen = BTreeSet::new();
        for name in half.local_subnet_names.iter().flatten() {
            if let Err(missing) = find_subnet(local, name) {
                findings.push(missing);
            } else if !seen.insert(name.value.as_str()) {
                findings.push(Finding::new(
                    PEERING,
                    name.place,
                    format!("this peering already shows `{}`", name.value),
                ));
            }
        }
    }
    findings
}

/// `useRemoteGateways` needs `allowGatewayTransit` and a gateway in the remote network, and no gateway in this network.
/// At most one peering of a network may have it.
pub(crate) fn transit_is_agreed(spec: &Resources) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut users = BTreeSet::new();
    let by_name = halves_by_name(spec);
    let gateways = spec.virtual_network_gateways.iter();
    let with_gateway: BTreeSet<&str> = gateways
        .map(|gateway| gateway.virtual_network.value.as_str())
        .collect();
    for (local, half) in halves(spec).filter(|(_, half)| half.use_remote_gateways.value) {
        let name = local.name.value.as_str();
        let remote = half.remote_virtual_network.value.as_str();
        let refused = |message: String, help: String| {
            Finding::new(GATEWAY_TRANSIT, half.use_remote_gateways.place, message).with_help(help)
        };
        let other = by_name.get(&(remote, name));
        if other.is_some_and(|other| !other.allow_gateway_transit.value) {
            findings.push(refused(
                format!("`{name}` may not use the gateways of `{remote}`"),
                format!("set `allowGatewayTransit: true` on the peering of `{remote}` to `{name}`"),
            ));
        }
        if !with_gateway.contains(remote) {
            findings.push(refused(
                format!("`{remote}` has no gateway that `{name}` could use"),
                format!("give `{remote}` a gateway under `virtualNetworkGateways`, or leave `useRemoteGateways` out"),
            ));
        }
        if with_gateway.contains(name) {
            findings.push(refused(
                format!("`{name}` has a gateway of its own and cannot use that of `{remote}`"),
                "a virtual network uses its own gateways or a peer's, not both".to_owned(),
            ));
        }
        if !users.insert(name) {
            findings.push(refused(
                format!("`{name}` already uses the gateways of another peering"),
                "only one peering of a virtual network may set `useRemoteGateways`".to_owned(),
            ));
        }
    }
    findings
}
