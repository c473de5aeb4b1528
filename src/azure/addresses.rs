//! Addresses: each must fit its subnet and be unique in its scope.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::addresses::{Address, Prefix};
use crate::azure::circuit::model::CircuitLink;
use crate::azure::connection::model::ConnectionKind;
use crate::azure::facts::addresses::{circuit_addresses, is_private, is_usable};
use crate::azure::gateway::model::{GatewayKind, VirtualNetworkGateway};
use crate::azure::references::{find_subnet, interfaces, machines};
use crate::azure::resources::Resources;
use crate::azure::scopes::{AddressPlace, Scope, Scopes};
use crate::findings::{Finding, Located, Place, Rule};
use crate::onpremises::device::model::Device;
use crate::onpremises::site::model::{Site, SiteRouter};

const ADDRESS_TAKEN: Rule = Rule::new("address-taken");

/// An address that the file states.
pub(crate) struct Given<'a> {
    /// The address.
    pub(crate) address: Located<Address>,
    /// Its owner.
    pub(crate) whose: Cow<'a, str>,
    /// Where it is, which determines its scope.
    pub(crate) at: AddressPlace<'a>,
}

impl<'a> Given<'a> {
    fn new(
        address: Located<Address>,
        whose: impl Into<Cow<'a, str>>,
        at: AddressPlace<'a>,
    ) -> Self {
        Self {
            address,
            whose: whose.into(),
            at,
        }
    }
}

/// The address of a machine's interface must be usable in its subnet.
pub(crate) fn machines_fit_their_subnet(spec: &Resources) -> Vec<Finding> {
    let unfit = interfaces(spec).filter_map(|(vnet, _, interface)| {
        match find_subnet(vnet, &interface.subnet) {
            Err(missing) => Some(missing),
            Ok(subnet) => unusable(subnet.address_prefix, &interface.private_ip_address),
        }
    });
    unfit.collect()
}

/// The finding for an address that is not usable in its subnet.
pub(crate) fn unusable(subnet: Located<Prefix>, address: &Located<Address>) -> Option<Finding> {
    let is_known = subnet.is_read();
    let subnet = subnet.value;
    if !is_known || is_usable(subnet, address.value) {
        return None;
    }
    let finding = Finding::new(
        Rule::OUTSIDE,
        address.place,
        format!("{} is not a usable address of {subnet}", address.value),
    );
    Some(if subnet.contains(&address.value) {
        finding.with_label("reserved by Azure").with_help(
            "Azure reserves the first four addresses and the last address of each subnet",
        )
    } else {
        finding.with_label(format!("outside {subnet}"))
    })
}

/// No two addresses in the same scope may be equal.
pub(crate) fn addresses_are_given_once(spec: &Resources) -> Vec<Finding> {
    let given = given(spec);
    if are_different(&given) {
        return Vec::new();
    }
    let scopes = Scopes::new(spec);
    let mut seen: BTreeMap<Address, Vec<(Scope<'_>, Cow<'_, str>, Place)>> = BTreeMap::new();
    let mut findings = Vec::new();
    for Given { address, whose, at } in given {
        let own = scopes.of(at, address.value);
        let others = seen.entry(address.value).or_default();
        // A public address is unique in the whole lab.
        let other = others
            .iter()
            .find(|(scope, ..)| *scope == own || [*scope, own].contains(&Scope::Lab));
        if let Some((_, other, first)) = other {
            let message = format!("{} already belongs to {other}", address.value);
            findings.push(
                Finding::new(ADDRESS_TAKEN, address.place, message)
                    .with_other(*first, "the other one"),
            );
        } else {
            others.push((own, whose, address.place));
        }
    }
    findings
}

/// Whether all addresses differ, as in most labs.
pub(crate) fn are_different(given: &[Given<'_>]) -> bool {
    let mut all: Vec<Address> = given.iter().map(|given| given.address.value).collect();
    all.sort_unstable();
    all.windows(2).all(|pair| pair[0] != pair[1])
}

/// Every address that the file states, with its owner.
pub(crate) fn given(spec: &Resources) -> Vec<Given<'_>> {
    let mut all = Vec::new();
    for (vnet, machine) in machines(spec) {
        let name = machine.name.value.as_str();
        let vnet = vnet.name.value.as_str();
        let interfaces = machine.network_interfaces.iter();
        all.extend(interfaces.map(|interface| {
            let at = AddressPlace::Subnet(vnet);
            Given::new(interface.private_ip_address, name, at)
        }));
        let own = machine.network_interfaces.iter();
        let own = own.map(|interface| interface.private_ip_address.value);
        all.extend(tunnel_addresses(
            name,
            &machine.device,
            AddressPlace::Network(vnet),
            &own.collect(),
        ));
    }
    for balancer in &spec.load_balancers {
        let at = AddressPlace::Subnet(&balancer.virtual_network.value);
        let whose = format!("load balancer {}", balancer.name.value);
        all.push(Given::new(balancer.frontend_ip_address, whose, at));
    }
    for gateway in &spec.virtual_network_gateways {
        let at = AddressPlace::Network(&gateway.virtual_network.value);
        all.extend(gateway_addresses(gateway, at));
    }
    for circuit in &spec.express_route_circuits {
        let name = circuit.name.value.as_str();
        let links = circuit.links.iter();
        all.extend(links.flat_map(|link| link_addresses(name, link, AddressPlace::Circuit(name))));
    }
    for connection in &spec.connections {
        if let ConnectionKind::ExpressRoute {
            gateway, endpoints, ..
        } = &connection.kind
        {
            let whose = format!("connection {}", connection.name.value);
            let at = AddressPlace::Gateway(&gateway.value);
            all.extend(endpoints.map(|endpoint| Given::new(endpoint, whose.clone(), at)));
        }
    }
    for site in &spec.sites {
        all.extend(site_addresses(
            spec,
            site,
            AddressPlace::Site(site.name.value.as_str()),
        ));
    }
    for link in &spec.wan {
        let at = AddressPlace::Router(&link.ends[0].value);
        all.extend(link_ends(&link.ends, &link.addresses, at));
    }
    all
}

fn gateway_addresses<'a>(
    gateway: &'a VirtualNetworkGateway,
    at: AddressPlace<'a>,
) -> Vec<Given<'a>> {
    let name = gateway.name.value.as_str();
    let mut all = Vec::new();
    match &gateway.kind {
        GatewayKind::ExpressRoute {
            private_ip_addresses,
            ..
        } => {
            let own = private_ip_addresses.iter().copied().flatten();
            all.extend(own.map(|address| Given::new(address, name, at)));
        }
        GatewayKind::Vpn { instances, .. } => {
            for instance in instances {
                let own = instance.private_ip_address;
                all.extend(own.map(|address| Given::new(address, name, at)));
                // An instance may use its own address for BGP.
                let bgp = instance
                    .bgp_peering_address
                    .filter(|bgp| Some(bgp.value) != own.map(|address| address.value));
                all.extend(bgp.map(|address| Given::new(address, format!("BGP at {name}"), at)));
                all.push(Given::new(
                    instance.public_ip_address,
                    name,
                    AddressPlace::Lab,
                ));
            }
        }
    }
    all
}

/// The addresses of a circuit's link, including those of its Microsoft peering, which are public.
fn link_addresses<'a>(
    circuit: &str,
    link: &'a CircuitLink,
    at: AddressPlace<'a>,
) -> Vec<Given<'a>> {
    let microsoft = link.microsoft_peer_address_prefix;
    let prefixes = [
        Some((link.peer_address_prefix, at)),
        microsoft.map(|prefix| (prefix, AddressPlace::Lab)),
    ];
    let edge = link.customer_edge.as_ref();
    let owners = [
        Cow::from(edge.map_or("a customer edge", |edge| edge.value.as_str())),
        format!("an MSEE of {circuit}").into(),
    ];
    let addresses = prefixes.into_iter().flatten().flat_map(|(prefix, at)| {
        let addresses = circuit_addresses(prefix.value).into_iter();
        let addresses = addresses.zip(owners.clone());
        addresses.map(move |(value, whose)| {
            let place = prefix.place;
            Given::new(Located { value, place }, whose, at)
        })
    });
    addresses.collect()
}

/// Every address of a site, with its owner.
pub(crate) fn site_addresses<'a>(
    spec: &'a Resources,
    site: &'a Site,
    at: AddressPlace<'a>,
) -> Vec<Given<'a>> {
    let mut all = Vec::new();
    for router in &site.routers {
        let name = router.name.value.as_str();
        let lan = router.address.iter();
        all.extend(lan.map(|address| Given::new(bare(address), name, at)));
        // Most routers have no tunnel, and a router's links are found among all of its site.
        if router.device.tunnel_ends().next().is_some() {
            let own = addresses_of_router(spec, site, router);
            all.extend(tunnel_addresses(name, &router.device, at, &own));
        }
    }
    all.extend(
        site.hosts
            .iter()
            .map(|host| Given::new(bare(&host.address), host.name.value.as_str(), at)),
    );
    for link in &site.links {
        all.extend(link_ends(&link.ends, &link.addresses, at));
    }
    all
}

/// The addresses of a router's LAN and links.
fn addresses_of_router(spec: &Resources, site: &Site, router: &SiteRouter) -> BTreeSet<Address> {
    let name = router.name.value.as_str();
    let inside = site.links.iter().map(|link| (&link.ends, &link.addresses));
    let wan = spec.wan.iter().map(|link| (&link.ends, &link.addresses));
    let links = inside.chain(wan).flat_map(|(ends, addresses)| {
        let ends = ends.iter().zip(addresses);
        ends.filter(|(end, _)| end.value == name)
            .map(|(_, address)| address.value.addr())
    });
    let circuits = spec.express_route_circuits.iter();
    let circuits = circuits.flat_map(|circuit| &circuit.links);
    let edges = circuits.filter(|link| link.ends_at(name));
    let edges = edges.map(|link| circuit_addresses(link.peer_address_prefix.value)[0]);
    let lan = router.address.iter().map(|address| address.value.addr());
    lan.chain(links).chain(edges).collect()
}

/// Where a source address of encrypted packets is: one for private peering is an address of its site.
fn source_place(source: Address, at: AddressPlace<'_>) -> AddressPlace<'_> {
    if is_private(source) {
        at
    } else {
        AddressPlace::Lab
    }
}

/// The addresses of a device's tunnels. Several tunnels may have one address, and a BGP address may be one of the
/// device's own interfaces.
fn tunnel_addresses<'a>(
    name: &'a str,
    device: &Device,
    at: AddressPlace<'a>,
    own: &BTreeSet<Address>,
) -> Vec<Given<'a>> {
    let mut seen = BTreeSet::new();
    let addresses = device.tunnel_ends().flat_map(|tunnel| {
        let bgp = tunnel.bgp_peering_address;
        [
            Some(tunnel.source_address)
                .filter(|source| !own.contains(&source.value))
                .map(|source| (source, source_place(source.value, at))),
            Some((tunnel.address, at)),
            bgp.filter(|bgp| !own.contains(&bgp.value))
                .map(|bgp| (bgp, at)),
        ]
    });
    addresses
        .flatten()
        .filter(|(address, _)| seen.insert(address.value))
        .map(|(address, at)| Given::new(address, name, at))
        .collect()
}

fn link_ends<'a>(
    ends: &'a [Located<String>; 2],
    addresses: &[Located<Prefix>; 2],
    at: AddressPlace<'a>,
) -> Vec<Given<'a>> {
    let ends = ends.iter().zip(addresses);
    ends.map(|(end, address)| Given::new(bare(address), end.value.as_str(), at))
        .collect()
}

/// An address without its prefix length.
pub(crate) fn bare(address: &Located<Prefix>) -> Located<Address> {
    Located {
        value: address.value.addr(),
        place: address.place,
    }
}
