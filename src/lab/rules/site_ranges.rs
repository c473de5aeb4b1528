//! The ranges of sites must not overlap those of the virtual networks that they are connected to.

use std::collections::{BTreeMap, BTreeSet};

use crate::addresses::Prefix;
use crate::azure::connection::ends::{Customer, find_device};
use crate::azure::connection::model::ConnectionKind;
use crate::azure::references::networks_of_gateways;
use crate::azure::resources::Resources;
use crate::azure::virtual_network::model::VirtualNetwork;
use crate::azure::virtual_network::rules::overlap;
use crate::findings::{Finding, Located, Rule};
use crate::onpremises::device::model::Device;
use crate::onpremises::site::find::routers;
use crate::onpremises::site::model::Site;
use crate::topology::Space;

const IGNORED_PREFIX: Rule = Rule::new("ignored-prefix");

/// A site's range should not be inside a virtual network of a gateway that is connected to the site, or inside one that
/// uses that gateway: the gateway ignores the advertisement, and Azure sends nothing there. The BGP addresses of the
/// site's routers must not be inside such a network (vpn-gateway-vpn-faq).
pub(crate) fn sites_keep_clear_of_virtual_networks(spec: &Resources) -> Vec<Finding> {
    let ends = connected_networks(spec);
    let mut findings = Vec::new();
    for site in &spec.sites {
        let networks = networks_of(&ends, [site.name.value.as_str()]);
        let space: Space = networks.iter().flat_map(|vnet| prefixes_of(vnet)).collect();
        let inside = |own: &Located<Prefix>| space.holds(own.value.trunc());
        let own = own_prefixes(site).into_iter().filter(inside);
        findings.extend(own.filter_map(|own| ignored(&networks, own)));
        let peers = peer_addresses(site).filter(inside);
        findings.extend(peers.filter_map(|own| inside_virtual_network(&networks, own)));
    }
    let sites: BTreeMap<&str, &str> = routers(&spec.sites)
        .map(|(site, router)| (router.name.value.as_str(), site.name.value.as_str()))
        .collect();
    for link in &spec.wan {
        let ends_at = link.ends.iter();
        let ends_at = ends_at.filter_map(|end| sites.get(end.value.as_str()).copied());
        let networks = networks_of(&ends, ends_at);
        let own = link.addresses.into_iter();
        findings.extend(own.filter_map(|own| ignored(&networks, own)));
    }
    findings
}

/// By site: the networks that it is connected to, and those that use their gateways.
fn connected_networks(spec: &Resources) -> BTreeMap<&str, Vec<&VirtualNetwork>> {
    let gateways = networks_of_gateways(spec);
    let mut ends: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (gateway, site) in ended_connections(spec) {
        let vnet = gateways.get(gateway).copied();
        ends.entry(site).or_default().extend(vnet);
    }
    ends.into_iter()
        .map(|(site, ends)| (site, users_of(spec, &ends)))
        .collect()
}

/// Some networks, and those that use their gateways.
fn users_of<'a>(spec: &'a Resources, homes: &BTreeSet<&str>) -> Vec<&'a VirtualNetwork> {
    let networks = spec.virtual_networks.iter();
    let own = networks.filter(|vnet| {
        let mut halves = vnet.peerings.iter();
        let used = halves.find(|half| half.use_remote_gateways.value);
        homes.contains(vnet.name.value.as_str())
            || used.is_some_and(|half| homes.contains(half.remote_virtual_network.value.as_str()))
    });
    own.collect()
}

/// The BGP address of a virtual machine with a tunnel to a gateway must not be inside the gateway's network, or inside
/// one that uses the gateway (vpn-gateway-vpn-faq).
pub(crate) fn machines_keep_clear_of_their_gateways_networks(spec: &Resources) -> Vec<Finding> {
    let gateways = networks_of_gateways(spec);
    let mut findings = Vec::new();
    for connection in &spec.connections {
        let Some([gateway, device]) = connection.kind.gateway_and_device() else {
            continue;
        };
        let Ok(Customer::Machine(machine)) = find_device(spec, device) else {
            continue;
        };
        let homes = gateways.get(gateway.value.as_str()).copied();
        let networks = users_of(spec, &homes.into_iter().collect());
        let peers = peer_address(&machine.device);
        findings.extend(peers.filter_map(|peer| inside_virtual_network(&networks, peer)));
    }
    findings
}

/// Every gateway with the site at the other end of one of its connections, by a tunnel or over a circuit.
fn ended_connections(spec: &Resources) -> Vec<(&str, &str)> {
    let sites: BTreeMap<&str, &str> = routers(&spec.sites)
        .map(|(site, router)| (router.name.value.as_str(), site.name.value.as_str()))
        .collect();
    let edges = |circuit: &str| {
        let mut circuits = spec.express_route_circuits.iter();
        let found = circuits.find(|found| found.name.value.as_str() == circuit);
        let links = found.into_iter().flat_map(|circuit| &circuit.links);
        links
            .filter_map(|link| Some(link.customer_edge.as_ref()?.value.as_str()))
            .collect()
    };
    let connections = spec.connections.iter();
    let ended = connections.flat_map(|connection| {
        let tunnel = connection.kind.gateway_and_device();
        let (gateway, routers): (&str, Vec<&str>) = match (&connection.kind, tunnel) {
            (
                ConnectionKind::ExpressRoute {
                    gateway, circuit, ..
                },
                _,
            ) => (gateway.value.as_str(), edges(&circuit.value)),
            (_, Some([gateway, device])) => (gateway.value.as_str(), vec![device.value.as_str()]),
            (_, None) => ("", Vec::new()),
        };
        let ends = routers.into_iter();
        let ends = ends.filter_map(|router| sites.get(router).copied());
        ends.map(|site| (gateway, site)).collect::<Vec<_>>()
    });
    ended.collect()
}

fn networks_of<'a>(
    ends: &BTreeMap<&str, Vec<&'a VirtualNetwork>>,
    sites: impl IntoIterator<Item = &'a str>,
) -> Vec<&'a VirtualNetwork> {
    let networks = sites.into_iter().filter_map(|site| ends.get(site));
    networks.flatten().copied().collect()
}

fn prefixes_of(vnet: &VirtualNetwork) -> impl Iterator<Item = Prefix> + '_ {
    vnet.address_prefixes.iter().map(|prefix| prefix.value)
}

/// The prefixes that a site advertises, and those of its routers' links.
fn own_prefixes(site: &Site) -> Vec<Located<Prefix>> {
    let links = site.links.iter().flat_map(|link| link.addresses);
    let routers = site.routers.iter().flat_map(|router| {
        let advertised = router.device.advertise.iter().copied();
        router.address.into_iter().chain(advertised)
    });
    site.advertise
        .iter()
        .copied()
        .chain(links)
        .chain(routers)
        .collect()
}

/// The addresses that a site's routers use for BGP with gateways.
fn peer_addresses(site: &Site) -> impl Iterator<Item = Located<Prefix>> + '_ {
    let routers = site.routers.iter();
    routers.flat_map(|router| peer_address(&router.device))
}

/// The addresses that a device uses for BGP with gateways.
fn peer_address(device: &Device) -> impl Iterator<Item = Located<Prefix>> + '_ {
    device.tunnel_ends().map(|tunnel| {
        let address = tunnel.bgp_address();
        Located {
            value: Prefix::from(address.value),
            place: address.place,
        }
    })
}

/// The warning about a site's prefix inside a network's address space.
fn ignored(networks: &[&VirtualNetwork], own: Located<Prefix>) -> Option<Finding> {
    let finding = inside_virtual_network(networks, own)?;
    let message = format!(
        "{}: gateways ignore it, and Azure sends nothing there",
        finding.message
    );
    let finding = Finding {
        rule: IGNORED_PREFIX,
        message: message.into(),
        ..finding
    };
    let help =
        "give the site a range outside the networks that it is connected to (vpn-gateway-vpn-faq)";
    Some(finding.with_help(help).as_warning())
}

/// The finding for the first network that contains a prefix.
fn inside_virtual_network(networks: &[&VirtualNetwork], own: Located<Prefix>) -> Option<Finding> {
    networks.iter().find_map(|vnet| {
        let mut prefixes = prefixes_of(vnet);
        let prefix = prefixes.find(|prefix| prefix.contains(&own.value.trunc()))?;
        let whose = format!("virtual network {}", vnet.name.value);
        Some(overlap(own.place, own.value, prefix, &whose))
    })
}
