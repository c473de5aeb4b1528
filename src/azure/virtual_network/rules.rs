//! Rules for the address ranges of networks and their subnets.

use std::collections::{BTreeMap, BTreeSet};

use crate::addresses::Prefix;
use crate::azure::facts::addresses::RESERVED;
use crate::azure::references::{Wanted, find_gateway};
use crate::azure::resources::Resources;
use crate::azure::scopes::{Scope, Scopes};
use crate::azure::virtual_network::model::VirtualNetwork;
use crate::findings::{Finding, Located, Place, Rule};
use crate::topology::Space;

const RESERVED_RANGE: Rule = Rule::new("reserved-range");

/// The maximum number of overlaps whose cause is determined. Each costs a pass over all networks, and nobody reads
/// more.
const MOST_EXPLAINED: usize = 100;

/// The maximum number of prefixes in a label.
const MOST_LISTED: usize = 8;

/// Whether two prefixes overlap.
pub(crate) fn overlaps(a: Prefix, b: Prefix) -> bool {
    a.contains(&b) || b.contains(&a)
}

/// The finding for a prefix that overlaps another.
pub(crate) fn overlap(place: Place, own: Prefix, other: Prefix, whose: &str) -> Finding {
    Finding::new(
        Rule::OVERLAP,
        place,
        format!("{own} overlaps {other} of {whose}"),
    )
}

/// Networks that peerings, circuits and tunnels connect must not overlap in addresses that they expose to each other or
/// to a third network (virtual-network-peering-overview). Unconnected networks may have the same ranges.
pub(crate) fn virtual_networks_do_not_overlap(spec: &Resources) -> Vec<Finding> {
    let mut findings = Vec::new();
    let all: Vec<&VirtualNetwork> = spec.virtual_networks.iter().collect();
    if are_apart(&all) {
        return findings;
    }
    let scopes = Scopes::new(spec);
    let mut domains: BTreeMap<Scope<'_>, Vec<&VirtualNetwork>> = BTreeMap::new();
    for vnet in &spec.virtual_networks {
        let domain = scopes.network(vnet.name.value.as_str());
        domains.entry(domain).or_default().push(vnet);
    }
    for networks in domains.into_values() {
        findings.extend(overlaps_in_a_domain(spec, &scopes, &networks));
    }
    findings
}

fn overlaps_in_a_domain(
    spec: &Resources,
    scopes: &Scopes<'_>,
    networks: &[&VirtualNetwork],
) -> Vec<Finding> {
    let mut seen: Vec<(Prefix, &VirtualNetwork)> = Vec::new();
    let mut findings = Vec::new();
    if are_apart(networks) {
        return findings;
    }
    let prefixes = networks.iter().flat_map(|vnet| {
        let prefixes = vnet.address_prefixes.iter();
        prefixes.map(move |prefix| (prefix, *vnet))
    });
    for (prefix, vnet) in prefixes {
        let mut near = seen.iter();
        let clash = near.find(|(range, other)| clash(scopes, (prefix, vnet), (*range, other)));
        let is_explained = findings.len() < MOST_EXPLAINED;
        findings.extend(clash.map(|(range, other)| {
            let whose = format!("virtual network {}", other.name.value);
            let finding = overlap(prefix.place, prefix.value, *range, &whose);
            let why = || why_apart(spec, vnet.name.value.as_str(), other.name.value.as_str());
            Finding {
                help: is_explained.then(why).flatten().map(String::into_boxed_str),
                ..finding
            }
        }));
        seen.push((prefix.value, vnet));
    }
    findings
}

/// Whether a prefix of a network overlaps one of another network, or of the same, so that an address is ambiguous.
fn clash(
    scopes: &Scopes<'_>,
    (prefix, vnet): (&Located<Prefix>, &VirtualNetwork),
    (range, other): (Prefix, &VirtualNetwork),
) -> bool {
    if !overlaps(prefix.value, range) {
        return false;
    }
    let [own, other] = [vnet, other].map(|vnet| vnet.name.value.as_str());
    let both = if range.contains(&prefix.value) {
        prefix.value
    } else {
        range
    };
    own == other || scopes.clash([own, other], both)
}

/// Whether no prefixes of these networks overlap. In sorted order, a prefix that overlaps any other also overlaps the
/// next.
fn are_apart(networks: &[&VirtualNetwork]) -> bool {
    let prefixes = networks.iter().flat_map(|vnet| &vnet.address_prefixes);
    let mut all: Vec<Prefix> = prefixes.map(|prefix| prefix.value.trunc()).collect();
    all.sort_unstable();
    all.windows(2).all(|pair| !overlaps(pair[0], pair[1]))
}

/// What connects two networks, so that Azure refuses overlapping addresses or routes them wrongly.
fn why_apart(spec: &Resources, a: &str, b: &str) -> Option<String> {
    if a == b {
        return None;
    }
    let [peers_of_a, peers_of_b] = [a, b].map(|name| peers(spec, name));
    if peers_of_a.contains(b) {
        return Some(format!(
            "`{a}` and `{b}` are peered, and the address spaces of peered networks may not overlap (virtual-network-peering-overview)"
        ));
    }
    let between = spec.virtual_networks.iter().find(|vnet| {
        let name = vnet.name.value.as_str();
        peers_of_a.contains(name) && peers_of_b.contains(name)
    });
    if let Some(between) = between {
        return Some(format!(
            "`{}` is peered with both, and networks peered with one network may not overlap (virtual-network-peering-overview)",
            between.name.value
        ));
    }
    let connection = connection_between(spec, a, b)?;
    Some(format!(
        "connection `{connection}` joins them, and would lead to the same addresses in both networks"
    ))
}

/// The networks that share a peering with a network, even if only one side exists.
fn peers<'a>(spec: &'a Resources, of: &str) -> BTreeSet<&'a str> {
    let halves = spec.virtual_networks.iter().flat_map(|vnet| {
        let remotes = vnet.peerings.iter();
        remotes.map(move |half| {
            [
                vnet.name.value.as_str(),
                half.remote_virtual_network.value.as_str(),
            ]
        })
    });
    halves
        .filter_map(|[local, remote]| match of {
            of if of == local => Some(remote),
            of if of == remote => Some(local),
            _ => None,
        })
        .collect()
}

fn connection_between<'a>(spec: &'a Resources, a: &str, b: &str) -> Option<&'a str> {
    let mut connections = spec.connections.iter();
    let joining = connections.find(|connection| {
        let [one, other] = connection.kind.vpn_gateways() else {
            return false;
        };
        let [one, other] = [one, other].map(|gateway| {
            let gateway = find_gateway(spec, gateway, Wanted::Vpn).ok();
            gateway.map(|gateway| gateway.virtual_network.value.as_str())
        });
        [(one, other), (other, one)].contains(&(Some(a), Some(b)))
    });
    joining.map(|connection| connection.name.value.as_str())
}

/// A network's ranges must not be reserved by Azure or by internet standards.
pub(crate) fn virtual_networks_avoid_reserved_ranges(spec: &Resources) -> Vec<Finding> {
    let prefixes = spec
        .virtual_networks
        .iter()
        .flat_map(|vnet| &vnet.address_prefixes);
    prefixes.filter_map(reserved).collect()
}

fn reserved(prefix: &Located<Prefix>) -> Option<Finding> {
    let (range, purpose) = RESERVED.into_iter().find(|(range, _)| {
        let range: Prefix = range.parse().expect("the table contains prefixes");
        overlaps(range, prefix.value)
    })?;
    let message = format!("{} overlaps {range}, which is for {purpose}", prefix.value);
    Some(
        Finding::new(RESERVED_RANGE, prefix.place, message).with_help(
            "Azure does not allow this range in a virtual network (virtual-networks-faq)",
        ),
    )
}

/// A subnet must be inside one of its network's prefixes, and not overlap other subnets.
pub(crate) fn subnets_fit_their_network(spec: &Resources) -> Vec<Finding> {
    spec.virtual_networks.iter().flat_map(subnets_fit).collect()
}

fn subnets_fit(vnet: &VirtualNetwork) -> Vec<Finding> {
    let mut findings = Vec::new();
    let prefixes = vnet.address_prefixes.iter();
    let space: Space = prefixes.map(|prefix| prefix.value).collect();
    let is_known = vnet.address_prefixes.iter().all(Located::is_read);
    for (index, subnet) in vnet.subnets.iter().enumerate() {
        let Located {
            value: prefix,
            place,
        } = subnet.address_prefix;
        if is_known && !space.holds(prefix) {
            let message = format!(
                "{prefix} is outside the address space of virtual network {}",
                vnet.name.value
            );
            findings.push(
                Finding::new(Rule::OUTSIDE, place, message)
                    .with_label(format!("not inside {}", listed(vnet))),
            );
        }
        let clash = vnet.subnets[..index]
            .iter()
            .find(|other| overlaps(prefix, other.address_prefix.value));
        findings.extend(clash.map(|other| {
            overlap(
                place,
                prefix,
                other.address_prefix.value,
                &format!("subnet {}", other.name.value),
            )
        }));
    }
    findings
}

/// A network's prefixes, or the first of them if there are many.
fn listed(vnet: &VirtualNetwork) -> String {
    let prefixes = vnet.address_prefixes.iter();
    let first: Vec<String> = prefixes
        .take(MOST_LISTED)
        .map(|prefix| prefix.value.to_string())
        .collect();
    let more = vnet.address_prefixes.len() - first.len();
    match more {
        0 => first.join(", "),
        more => format!("{} or {more} more", first.join(", ")),
    }
}
