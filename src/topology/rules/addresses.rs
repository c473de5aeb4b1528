//! Address spaces, subnets and addresses.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::findings::{Finding, Located, Place};
use crate::spec::model::{ConnectionKind, GatewayKind, Spec, VirtualNetwork};
use crate::topology::allocate;
use crate::topology::joined::circuit_addresses;
use crate::topology::rules::no_such;

fn overlaps(a: Ipv4Net, b: Ipv4Net) -> bool {
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
    let mut seen: Vec<(Ipv4Net, String)> = Vec::new();
    let mut findings = Vec::new();
    for vnet in &spec.virtual_networks {
        for prefix in &vnet.address_prefixes {
            let clash = seen
                .iter()
                .find(|(other, _)| overlaps(prefix.value, *other));
            findings.extend(
                clash.map(|(other, whose)| overlap(prefix.place, prefix.value, *other, whose)),
            );
            seen.push((prefix.value, format!("virtual network {}", vnet.name.value)));
        }
    }
    findings
}

/// A subnet lies inside one of its network's prefixes and clear of the other subnets.
pub(super) fn subnets_fit_their_network(spec: &Spec) -> Vec<Finding> {
    spec.virtual_networks.iter().flat_map(subnets_fit).collect()
}

fn subnets_fit(vnet: &VirtualNetwork) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, subnet) in vnet.subnets.iter().enumerate() {
        let Located {
            value: prefix,
            place,
        } = subnet.address_prefix;
        if !vnet
            .address_prefixes
            .iter()
            .any(|whole| whole.value.contains(&prefix))
        {
            let message = format!(
                "{prefix} is outside the address space of virtual network {}",
                vnet.name.value
            );
            let whole: Vec<_> = vnet
                .address_prefixes
                .iter()
                .map(|whole| whole.value.to_string())
                .collect();
            findings.push(
                Finding::new("outside", place, message)
                    .with_label(format!("not inside {}", whole.join(", "))),
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

/// A machine's address is one that its subnet can give.
pub(super) fn machines_fit_their_subnet(spec: &Spec) -> Vec<Finding> {
    let machines = spec.virtual_networks.iter().flat_map(|vnet| {
        vnet.virtual_machines
            .iter()
            .map(move |machine| (vnet, machine))
    });
    let unfit = machines.filter_map(|(vnet, machine)| {
        let Some(subnet) = vnet
            .subnets
            .iter()
            .find(|subnet| subnet.name.value == machine.subnet.value)
        else {
            let names = vnet.subnets.iter().map(|subnet| subnet.name.value.as_str());
            return Some(no_such("subnet", &machine.subnet, names));
        };
        unusable(subnet.address_prefix.value, &machine.private_ip_address)
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
fn given(spec: &Spec) -> Vec<(Located<Ipv4Addr>, String)> {
    let mut all = Vec::new();
    let mut add = |address: Located<Ipv4Addr>, whose: String| all.push((address, whose));
    for vnet in &spec.virtual_networks {
        vnet.virtual_machines
            .iter()
            .for_each(|machine| add(machine.private_ip_address, machine.name.value.to_string()));
    }
    for gateway in &spec.virtual_network_gateways {
        gateway
            .private_ip_address
            .into_iter()
            .for_each(|address| add(address, gateway.name.value.to_string()));
        if let GatewayKind::Vpn {
            bgp_peering_address,
            public_ip_address,
            ..
        } = &gateway.kind
        {
            // A gateway may speak BGP from its own address.
            let own = gateway.private_ip_address.map(|address| address.value);
            let bgp = bgp_peering_address.filter(|bgp| Some(bgp.value) != own);
            if let Some(bgp) = bgp {
                add(bgp, format!("BGP at {}", gateway.name.value));
            }
            add(*public_ip_address, gateway.name.value.to_string());
        }
    }
    for circuit in &spec.express_route_circuits {
        for link in &circuit.links {
            let Located {
                value: prefix,
                place,
            } = link.peer_address_prefix;
            let owners = [
                link.customer_edge.value.clone(),
                format!("an MSEE of {}", circuit.name.value),
            ];
            for (value, whose) in circuit_addresses(prefix).into_iter().zip(owners) {
                add(Located { value, place }, whose);
            }
        }
    }
    for connection in &spec.connections {
        if let ConnectionKind::ExpressRoute { endpoints, .. } = &connection.kind {
            for endpoint in endpoints {
                add(*endpoint, format!("connection {}", connection.name.value));
            }
        }
    }
    all.extend(spec.sites.iter().flat_map(site_addresses));
    all
}

fn site_addresses(site: &crate::spec::model::Site) -> Vec<(Located<Ipv4Addr>, String)> {
    let bare = |address: &Located<Ipv4Net>| Located {
        value: address.value.addr(),
        place: address.place,
    };
    let mut all = Vec::new();
    for router in &site.routers {
        all.extend(
            router
                .address
                .iter()
                .map(|address| (bare(address), router.name.value.to_string())),
        );
        let tunnel = router
            .tunnel
            .iter()
            .flat_map(|tunnel| [tunnel.source_address, tunnel.address]);
        all.extend(tunnel.map(|address| (address, router.name.value.to_string())));
    }
    all.extend(
        site.hosts
            .iter()
            .map(|host| (bare(&host.address), host.name.value.to_string())),
    );
    for link in &site.links {
        let ends = link.ends.iter().zip(&link.addresses);
        all.extend(ends.map(|(end, address)| (bare(address), end.value.clone())));
    }
    all
}

/// What a site calls its own is not part of a virtual network.
pub(super) fn sites_keep_clear_of_virtual_networks(spec: &Spec) -> Vec<Finding> {
    let mut findings = Vec::new();
    for site in &spec.sites {
        let links = site.links.iter().flat_map(|link| link.addresses.iter());
        let lans = site
            .routers
            .iter()
            .filter_map(|router| router.address.as_ref());
        let own = site.advertise.iter().chain(links).chain(lans);
        findings.extend(own.flat_map(|own| inside_virtual_networks(spec, own)));
    }
    findings
}

fn inside_virtual_networks(spec: &Spec, own: &Located<Ipv4Net>) -> Vec<Finding> {
    let inside = spec.virtual_networks.iter().filter_map(|vnet| {
        let prefix = vnet
            .address_prefixes
            .iter()
            .find(|prefix| prefix.value.contains(&own.value.trunc()))?;
        Some(overlap(
            own.place,
            own.value,
            prefix.value,
            &format!("virtual network {}", vnet.name.value),
        ))
    });
    inside.collect()
}
