//! Ranges of addresses: those of networks, of their subnets, of sites and of links.

use std::collections::BTreeSet;

use ipnet::Ipv4Net;

use crate::findings::{Finding, Located, Place};
use crate::spec::model::{ConnectionKind, Site, Spec, VirtualNetwork};
use crate::topology::Space;
use crate::topology::rules::addresses::{Given, given};
use crate::topology::rules::references::{Wanted, find_gateway};

/// The ranges that no virtual network may have, and what they are for (virtual-networks-faq).
const RESERVED: [(&str, &str); 5] = [
    ("224.0.0.0/4", "multicast"),
    ("255.255.255.255/32", "broadcast"),
    ("127.0.0.0/8", "loopback addresses"),
    ("169.254.0.0/16", "link-local addresses"),
    ("168.63.129.16/32", "Azure's DNS"),
];

/// Most overlaps of networks whose cause is looked for: that takes a look at every network, and nobody reads more.
const MOST_EXPLAINED: usize = 100;

/// Most prefixes that a label lists.
const MOST_LISTED: usize = 8;

/// Whether two prefixes have an address in common.
pub(super) fn overlaps(a: Ipv4Net, b: Ipv4Net) -> bool {
    a.contains(&b) || b.contains(&a)
}

fn overlap(place: Place, own: Ipv4Net, other: Ipv4Net, whose: &str) -> Finding {
    Finding::new(
        "overlap",
        place,
        format!("{own} overlaps {other} of {whose}"),
    )
}

/// Networks that peerings, circuits and tunnels may join must not share addresses
/// (virtual-network-peering-overview).
pub(super) fn virtual_networks_do_not_overlap(spec: &Spec) -> Vec<Finding> {
    let mut seen: Vec<(Ipv4Net, &VirtualNetwork)> = Vec::new();
    let mut findings = Vec::new();
    if are_apart(spec) {
        return findings;
    }
    for vnet in &spec.virtual_networks {
        for prefix in &vnet.address_prefixes {
            let clash = seen
                .iter()
                .find(|(other, _)| overlaps(prefix.value, *other));
            let is_explained = findings.len() < MOST_EXPLAINED;
            findings.extend(clash.map(|(range, other)| {
                let whose = format!("virtual network {}", other.name.value);
                let finding = overlap(prefix.place, prefix.value, *range, &whose);
                let why = || why_apart(spec, vnet.name.value.as_str(), other.name.value.as_str());
                Finding {
                    help: is_explained.then(why).flatten(),
                    ..finding
                }
            }));
            seen.push((prefix.value, vnet));
        }
    }
    findings
}

/// Whether no prefix of a network overlaps another one, looked up at once: among prefixes in order, one that
/// overlaps any overlaps the next.
fn are_apart(spec: &Spec) -> bool {
    let networks = spec.virtual_networks.iter();
    let prefixes = networks.flat_map(|vnet| &vnet.address_prefixes);
    let mut all: Vec<Ipv4Net> = prefixes.map(|prefix| prefix.value.trunc()).collect();
    all.sort_unstable();
    all.windows(2).all(|pair| !overlaps(pair[0], pair[1]))
}

/// What joins two networks, so that Azure refuses or confuses addresses that both have.
fn why_apart(spec: &Spec, a: &str, b: &str) -> Option<String> {
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
        "connection `{connection}` joins them, and would have two ways to the same addresses"
    ))
}

/// The networks that have at least a half of a peering with another.
fn peers<'a>(spec: &'a Spec, of: &str) -> BTreeSet<&'a str> {
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

fn connection_between<'a>(spec: &'a Spec, a: &str, b: &str) -> Option<&'a str> {
    let mut connections = spec.connections.iter();
    let joining = connections.find(|connection| {
        let ConnectionKind::VnetToVnet { gateways, .. } = &connection.kind else {
            return false;
        };
        let [one, other] = gateways.each_ref().map(|gateway| {
            let gateway = find_gateway(spec, gateway, Wanted::Vpn).ok();
            gateway.map(|gateway| gateway.virtual_network.value.as_str())
        });
        [(one, other), (other, one)].contains(&(Some(a), Some(b)))
    });
    joining.map(|connection| connection.name.value.as_str())
}

/// A network's ranges are none of those that Azure and the Internet's protocols keep.
pub(super) fn virtual_networks_avoid_reserved_ranges(spec: &Spec) -> Vec<Finding> {
    let prefixes = spec
        .virtual_networks
        .iter()
        .flat_map(|vnet| &vnet.address_prefixes);
    prefixes.filter_map(reserved).collect()
}

fn reserved(prefix: &Located<Ipv4Net>) -> Option<Finding> {
    let (range, purpose) = RESERVED.into_iter().find(|(range, _)| {
        let range: Ipv4Net = range.parse().expect("the table holds prefixes");
        overlaps(range, prefix.value)
    })?;
    let message = format!("{} overlaps {range}, which is for {purpose}", prefix.value);
    Some(
        Finding::new("reserved-range", prefix.place, message)
            .with_help("Azure takes no such range for a virtual network (virtual-networks-faq)"),
    )
}

/// A subnet lies inside one of its network's prefixes and clear of the other subnets.
pub(super) fn subnets_fit_their_network(spec: &Spec) -> Vec<Finding> {
    spec.virtual_networks.iter().flat_map(subnets_fit).collect()
}

fn subnets_fit(vnet: &VirtualNetwork) -> Vec<Finding> {
    let mut findings = Vec::new();
    let prefixes = vnet.address_prefixes.iter();
    let space: Space = prefixes.map(|prefix| prefix.value).collect();
    for (index, subnet) in vnet.subnets.iter().enumerate() {
        let Located {
            value: prefix,
            place,
        } = subnet.address_prefix;
        if !space.holds(prefix) {
            let message = format!(
                "{prefix} is outside the address space of virtual network {}",
                vnet.name.value
            );
            findings.push(
                Finding::new("outside", place, message)
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

/// A network's prefixes, the first of them where they are many.
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

/// What a site calls its own is not part of a virtual network, and neither are the addresses that
/// its routers speak BGP from (vpn-gateway-vpn-faq).
pub(super) fn sites_keep_clear_of_virtual_networks(spec: &Spec) -> Vec<Finding> {
    let sites = spec.sites.iter().flat_map(own_prefixes);
    let wan = spec.wan.iter().flat_map(|link| link.addresses);
    let networks = spec.virtual_networks.iter();
    let prefixes = networks.flat_map(|vnet| &vnet.address_prefixes);
    let space: Space = prefixes.map(|prefix| prefix.value).collect();
    sites
        .chain(wan)
        .filter(|own| space.holds(own.value.trunc()))
        .filter_map(|own| inside_virtual_network(spec, own))
        .collect()
}

/// What a site advertises, and the prefixes and tunnel addresses of its routers.
fn own_prefixes(site: &Site) -> Vec<Located<Ipv4Net>> {
    let links = site.links.iter().flat_map(|link| link.addresses);
    let routers = site.routers.iter().flat_map(|router| {
        let tunnel = router.device.tunnel.iter().map(|tunnel| Located {
            value: Ipv4Net::from(tunnel.address.value),
            place: tunnel.address.place,
        });
        let advertised = router.device.advertise.iter().copied();
        router.address.into_iter().chain(tunnel).chain(advertised)
    });
    site.advertise
        .iter()
        .copied()
        .chain(links)
        .chain(routers)
        .collect()
}

/// The first network that holds a prefix: where several do, they overlap each other.
fn inside_virtual_network(spec: &Spec, own: Located<Ipv4Net>) -> Option<Finding> {
    spec.virtual_networks.iter().find_map(|vnet| {
        let mut prefixes = vnet.address_prefixes.iter();
        let prefix = prefixes.find(|prefix| prefix.value.contains(&own.value.trunc()))?;
        Some(overlap(
            own.place,
            own.value,
            prefix.value,
            &format!("virtual network {}", vnet.name.value),
        ))
    })
}

/// The links of circuits have prefixes of their own: they are part of no network, LAN or other link
/// (expressroute-routing, "IP addresses used for peerings"; expressroute-global-reach).
pub(super) fn circuits_keep_clear(spec: &Spec) -> Vec<Finding> {
    let (taken, given) = (ranges(spec), given(spec));
    let circuit_links: Vec<_> = circuit_ranges(spec).collect();
    let space: Space = taken.iter().map(|(range, _)| range.value).collect();
    let mut findings = Vec::new();
    for (index, (own, _)) in circuit_links.iter().enumerate() {
        // Two equal /30s give the same addresses twice, which is another rule's finding.
        let earlier = circuit_links[..index]
            .iter()
            .filter(|(other, _)| other.value != own.value || own.value.prefix_len() < 30);
        let near: &[_] = if space.overlaps(own.value) {
            &taken
        } else {
            &[]
        };
        let clash = near
            .iter()
            .chain(earlier)
            .find(|(other, _)| overlaps(own.value, other.value));
        if let Some((other, whose)) = clash {
            findings.push(
                overlap(own.place, own.value, other.value.trunc(), whose)
                    .with_help("a circuit's links need prefixes that nothing else has"),
            );
        } else if own.value.prefix_len() < 30 {
            findings.extend(holds_an_address(&given, own));
        }
    }
    findings
}

/// Every range of a network, a LAN or a link outside circuits, and whose it is.
fn ranges(spec: &Spec) -> Vec<(Located<Ipv4Net>, String)> {
    let networks = spec.virtual_networks.iter().flat_map(|vnet| {
        let prefixes = vnet.address_prefixes.iter();
        prefixes.map(move |prefix| (*prefix, format!("virtual network {}", vnet.name.value)))
    });
    let sites = spec.sites.iter().flat_map(|site| {
        let lans = site.routers.iter().filter_map(|router| router.address);
        let links = site.links.iter().flat_map(|link| link.addresses);
        lans.chain(links)
            .map(move |prefix| (prefix, format!("site {}", site.name.value)))
    });
    let wan = spec.wan.iter().flat_map(|link| {
        let prefixes = link.addresses.into_iter();
        prefixes.map(move |prefix| (prefix, format!("wan link {}", link.name.value)))
    });
    networks.chain(sites).chain(wan).collect()
}

/// The prefixes of circuits' links: a /30 each, and a /29 between two circuits.
fn circuit_ranges(spec: &Spec) -> impl Iterator<Item = (Located<Ipv4Net>, String)> {
    let circuits = spec.express_route_circuits.iter().flat_map(|circuit| {
        let links = circuit.links.iter();
        let prefixes = links.flat_map(|link| {
            std::iter::once(link.peer_address_prefix).chain(link.microsoft_peer_address_prefix)
        });
        prefixes.map(move |prefix| (prefix, format!("circuit {}", circuit.name.value)))
    });
    let between = spec
        .connections
        .iter()
        .filter_map(|connection| match &connection.kind {
            ConnectionKind::GlobalReach { address_prefix, .. } => Some((
                *address_prefix,
                format!("connection {}", connection.name.value),
            )),
            _ => None,
        });
    circuits.chain(between)
}

/// An address that the file gives to something else, out of a prefix for links between MSEEs.
fn holds_an_address(given: &[Given], own: &Located<Ipv4Net>) -> Option<Finding> {
    let (address, whose) = given
        .iter()
        .find(|(address, _)| own.value.contains(&address.value))?;
    let message = format!(
        "{} holds {}, which belongs to {whose}",
        own.value, address.value
    );
    Some(
        Finding::new("overlap", own.place, message)
            .with_help("a circuit's links need prefixes that nothing else has"),
    )
}
