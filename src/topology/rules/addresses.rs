//! Addresses: those that a subnet can give, and each to one thing.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::findings::{Finding, Located};
use crate::spec::model::{
    CircuitLink, ConnectionKind, Device, GatewayKind, Site, Spec, VirtualNetworkGateway,
};
use crate::topology::allocate;
use crate::topology::joined::circuit_addresses;
use crate::topology::rules::references::{find_subnet, machines};

/// An address of the file, and what it belongs to.
pub(super) type Given = (Located<Ipv4Addr>, String);

/// A machine's address is one that its subnet can give.
pub(super) fn machines_fit_their_subnet(spec: &Spec) -> Vec<Finding> {
    let unfit =
        machines(spec).filter_map(|(vnet, machine)| match find_subnet(vnet, &machine.subnet) {
            Err(missing) => Some(missing),
            Ok(subnet) => unusable(subnet.address_prefix.value, &machine.private_ip_address),
        });
    unfit.collect()
}

/// The finding for an address that a subnet cannot give.
pub(super) fn unusable(subnet: Ipv4Net, address: &Located<Ipv4Addr>) -> Option<Finding> {
    if allocate::is_usable(subnet, address.value) {
        return None;
    }
    let finding = Finding::new(
        "outside",
        address.place,
        format!("{} is not an address that {subnet} can give", address.value),
    );
    Some(if subnet.contains(&address.value) {
        finding.with_label("kept by Azure").with_help(
            "Azure keeps the first four addresses of a subnet and the last one for itself",
        )
    } else {
        finding.with_label(format!("outside {subnet}"))
    })
}

/// No address is given to two things.
pub(super) fn addresses_are_given_once(spec: &Spec) -> Vec<Finding> {
    let mut seen: BTreeMap<Ipv4Addr, String> = BTreeMap::new();
    let mut findings = Vec::new();
    for (address, whose) in given(spec) {
        if let Some(other) = seen.get(&address.value) {
            findings.push(Finding::new(
                "address-taken",
                address.place,
                format!("{} belongs to {other} already", address.value),
            ));
        } else {
            seen.insert(address.value, whose);
        }
    }
    findings
}

/// Every address that the file gives, and to what.
pub(super) fn given(spec: &Spec) -> Vec<Given> {
    let mut all = Vec::new();
    for (_, machine) in machines(spec) {
        let name = &machine.name.value;
        all.push((machine.private_ip_address, name.to_string()));
        all.extend(tunnel_addresses(name.as_str(), &machine.device));
    }
    all.extend(spec.load_balancers.iter().map(|balancer| {
        (
            balancer.frontend_ip_address,
            format!("load balancer {}", balancer.name.value),
        )
    }));
    all.extend(
        spec.virtual_network_gateways
            .iter()
            .flat_map(gateway_addresses),
    );
    for circuit in &spec.express_route_circuits {
        let links = circuit.links.iter();
        all.extend(links.flat_map(|link| link_addresses(circuit.name.value.as_str(), link)));
    }
    for connection in &spec.connections {
        if let ConnectionKind::ExpressRoute { endpoints, .. } = &connection.kind {
            let whose = format!("connection {}", connection.name.value);
            all.extend(endpoints.map(|endpoint| (endpoint, whose.clone())));
        }
    }
    all.extend(spec.sites.iter().flat_map(site_addresses));
    for link in &spec.wan {
        all.extend(link_ends(&link.ends, &link.addresses));
    }
    all
}

fn gateway_addresses(gateway: &VirtualNetworkGateway) -> Vec<Given> {
    let name = gateway.name.value.to_string();
    let mut all = Vec::new();
    match &gateway.kind {
        GatewayKind::ExpressRoute {
            private_ip_address, ..
        } => all.extend(private_ip_address.map(|address| (address, name))),
        GatewayKind::Vpn { instances, .. } => {
            for instance in instances {
                let own = instance.private_ip_address;
                all.extend(own.map(|address| (address, name.clone())));
                // An instance may speak BGP from its own address.
                let bgp = instance
                    .bgp_peering_address
                    .filter(|bgp| Some(bgp.value) != own.map(|address| address.value));
                all.extend(bgp.map(|address| (address, format!("BGP at {name}"))));
                all.push((instance.public_ip_address, name.clone()));
            }
        }
    }
    all
}

/// The addresses of a circuit's link, with those of its Microsoft peering.
fn link_addresses(circuit: &str, link: &CircuitLink) -> Vec<Given> {
    let prefixes = [
        Some(link.peer_address_prefix),
        link.microsoft_peer_address_prefix,
    ];
    let owners = [
        link.customer_edge.value.clone(),
        format!("an MSEE of {circuit}"),
    ];
    let addresses = prefixes.into_iter().flatten().flat_map(|prefix| {
        let addresses = circuit_addresses(prefix.value);
        addresses.map(|value| Located {
            value,
            place: prefix.place,
        })
    });
    addresses.zip(owners.into_iter().cycle()).collect()
}

fn site_addresses(site: &Site) -> Vec<Given> {
    let mut all = Vec::new();
    for router in &site.routers {
        let name = router.name.value.as_str();
        let lan = router.address.iter();
        all.extend(lan.map(|address| (bare(address), name.to_owned())));
        all.extend(tunnel_addresses(name, &router.device));
    }
    all.extend(
        site.hosts
            .iter()
            .map(|host| (bare(&host.address), host.name.value.to_string())),
    );
    for link in &site.links {
        all.extend(link_ends(&link.ends, &link.addresses));
    }
    all
}

fn tunnel_addresses(name: &str, device: &Device) -> Vec<Given> {
    let tunnel = device.tunnel.iter();
    tunnel
        .flat_map(|tunnel| [tunnel.source_address, tunnel.address])
        .map(|address| (address, name.to_owned()))
        .collect()
}

fn link_ends<'a>(
    ends: &'a [Located<String>; 2],
    addresses: &'a [Located<Ipv4Net>; 2],
) -> impl Iterator<Item = Given> + 'a {
    ends.iter()
        .zip(addresses)
        .map(|(end, address)| (bare(address), end.value.clone()))
}

/// An address without its prefix length.
fn bare(address: &Located<Ipv4Net>) -> Located<Ipv4Addr> {
    Located {
        value: address.value.addr(),
        place: address.place,
    }
}
