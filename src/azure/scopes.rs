//! The scope in which an address must be unique: its virtual network, its routing domain, or the whole lab.

use std::collections::{BTreeMap, BTreeSet};

use crate::addresses::{Address, Prefix};
use crate::azure::connection::ends::device_names;
use crate::azure::domains::{Domains, connected_peerings};
use crate::azure::references::networks_of_gateways;
use crate::azure::resources::Resources;
use crate::azure::virtual_network::model::VirtualNetwork;
use crate::topology::DomainId;
use crate::topology::Space;

/// The scope in which an address must be unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope<'a> {
    /// The whole lab: public addresses, since a lab has one internet.
    Lab,
    /// A routing domain; `None` for an unknown place, which other rules report.
    Domain(Option<DomainId>),
    /// One virtual network, which does not expose the address to others.
    Network(&'a str),
}

/// Where an address is in a lab file. This determines its scope.
#[derive(Debug, Clone, Copy)]
pub(crate) enum AddressPlace<'a> {
    /// On the internet.
    Lab,
    /// In a virtual network that may not expose it.
    Subnet(&'a str),
    /// In a virtual network that exposes it.
    Network(&'a str),
    /// In a gateway's network.
    Gateway(&'a str),
    /// In a site.
    Site(&'a str),
    /// On the private peering of a circuit.
    Circuit(&'a str),
    /// On a link of a router.
    Router(&'a str),
}

/// The scopes of a lab file.
pub(crate) struct Scopes<'a> {
    domains: Domains<'a>,
    /// By network: the part of its address space that others know.
    exposed: BTreeMap<&'a str, Space>,
    gateways: BTreeMap<&'a str, &'a str>,
    /// By pair of peered networks: the part of the first that the second sees.
    shown: BTreeMap<[&'a str; 2], Space>,
}

impl<'a> Scopes<'a> {
    pub(crate) fn new(spec: &'a Resources) -> Self {
        let gateways = networks_of_gateways(spec);
        let shown = shown(spec);
        let open = open_networks(spec, &gateways);
        let exposed = spec.virtual_networks.iter().map(|vnet| {
            let name = vnet.name.value.as_str();
            if open.contains(name) {
                return (name, space(vnet));
            }
            let to_peers = shown.range([name, ""]..);
            let to_peers = to_peers.take_while(|([local, _], _)| *local == name);
            let shown = to_peers.flat_map(|(_, space)| space.prefixes());
            (name, shown.collect())
        });
        Self {
            domains: Domains::new(spec),
            exposed: exposed.collect(),
            gateways,
            shown,
        }
    }

    /// The scope of an address, or of the first address of a range.
    pub(crate) fn of(&self, at: AddressPlace<'a>, address: Address) -> Scope<'a> {
        match at {
            AddressPlace::Lab => Scope::Lab,
            AddressPlace::Subnet(vnet) => match self.exposed.get(vnet) {
                Some(exposed) if !exposed.holds(address.into()) => Scope::Network(vnet),
                _ => self.network(vnet),
            },
            AddressPlace::Network(vnet) => self.network(vnet),
            AddressPlace::Gateway(gateway) => match self.gateways.get(gateway) {
                Some(vnet) => self.network(vnet),
                None => Scope::Domain(None),
            },
            AddressPlace::Site(site) => self.site(site),
            AddressPlace::Circuit(circuit) => Scope::Domain(self.domains.circuit(circuit)),
            AddressPlace::Router(router) => Scope::Domain(self.domains.router(router)),
        }
    }

    /// The scope of the addresses that a virtual network exposes.
    pub(crate) fn network(&self, vnet: &str) -> Scope<'a> {
        Scope::Domain(self.domains.network(vnet))
    }

    /// The scope of a site's addresses.
    pub(crate) fn site(&self, site: &str) -> Scope<'a> {
        Scope::Domain(self.domains.site(site))
    }

    /// Whether an address in two networks of one domain is ambiguous: for one of the two, if the other exposes it, or
    /// for a third network, if both expose it.
    pub(crate) fn clash(&self, [a, b]: [&str; 2], range: Prefix) -> bool {
        let [Some(one), Some(other)] = [a, b].map(|name| self.exposed.get(name)) else {
            return false;
        };
        let is_shown = |pair| {
            let shown = self.shown.get(&pair);
            shown.is_some_and(|space| space.overlaps(range))
        };
        is_shown([a, b]) || is_shown([b, a]) || one.meets(other, range)
    }
}

fn space(vnet: &VirtualNetwork) -> Space {
    let prefixes = vnet.address_prefixes.iter();
    prefixes.map(|prefix| prefix.value).collect()
}

/// The part of each network that each of its peers sees: some subnets, or all.
fn shown(spec: &Resources) -> BTreeMap<[&str; 2], Space> {
    let connected: BTreeSet<[&str; 2]> = connected_peerings(spec).into_iter().collect();
    let mut shown = BTreeMap::new();
    for vnet in &spec.virtual_networks {
        for half in &vnet.peerings {
            let remote = half.remote_virtual_network.value.as_str();
            let pair = [vnet.name.value.as_str(), remote];
            if !connected.contains(&pair) {
                continue;
            }
            let subnets = half.local_subnet_names.as_ref().map(|names| {
                let subnets = vnet.subnets.iter();
                let named = subnets
                    .filter(|subnet| names.iter().any(|name| name.value == subnet.name.value));
                named.map(|subnet| subnet.address_prefix.value).collect()
            });
            shown.insert(pair, subnets.unwrap_or_else(|| space(vnet)));
        }
    }
    shown
}

/// The networks whose addresses are all known to others: those with a gateway, which advertises them, or with a
/// machine that has a connection.
fn open_networks<'a>(spec: &'a Resources, gateways: &BTreeMap<&str, &'a str>) -> BTreeSet<&'a str> {
    let connections = spec.connections.iter();
    let ends = connections.flat_map(|connection| device_names(&connection.kind));
    let ends: BTreeSet<&str> = ends.map(|name| name.value.as_str()).collect();
    let networks = spec.virtual_networks.iter().filter(|vnet| {
        let mut machines = vnet.virtual_machines.iter();
        machines.any(|machine| ends.contains(machine.name.value.as_str()))
    });
    let networks = networks.map(|vnet| vnet.name.value.as_str());
    networks.chain(gateways.values().copied()).collect()
}
