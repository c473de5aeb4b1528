//! Routing domains: the parts of a lab that peerings, connections, circuits and links connect.
//!
//! An address is unique inside a domain. Two domains share only public addresses, so both may use the same private
//! ranges, as separate virtual networks in Azure may (virtual-network-vnet-plan-design-arm).

use std::collections::{BTreeMap, BTreeSet};

use crate::azure::circuit::model::msee_names;
use crate::azure::connection::model::{ConnectionKind, IpSecEnd};
use crate::azure::resources::Resources;
use crate::azure::source::Builder;
use crate::topology::Owners;
use crate::topology::{DomainId, Role};

/// A part of a lab file that is always in a single domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a> {
    Network(&'a str),
    Site(&'a str),
    Circuit(&'a str),
}

/// The domains of a lab file, by the names of its parts.
#[derive(Debug)]
pub(crate) struct Domains<'a> {
    numbers: BTreeMap<Part<'a>, usize>,
    /// For each part: another part of the same domain, or itself.
    parents: Vec<usize>,
    /// The network of each gateway.
    gateways: BTreeMap<&'a str, &'a str>,
    /// The network of each virtual machine.
    machines: BTreeMap<&'a str, &'a str>,
    /// The site of each router.
    routers: BTreeMap<&'a str, &'a str>,
}

impl<'a> Domains<'a> {
    /// Finds the domains of a lab file. Unknown names connect nothing.
    pub(crate) fn new(spec: &'a Resources) -> Self {
        let mut domains = Self::apart(spec);
        domains.join_peerings(spec);
        domains.join_circuits(spec);
        for connection in &spec.connections {
            domains.join_connection(&connection.kind);
        }
        for link in &spec.wan {
            let [a, b] = link.ends.each_ref().map(|end| domains.site_of(&end.value));
            domains.join(a, b);
        }
        // A part comes after its parent, which already points to the first part of the domain.
        for number in 0..domains.parents.len() {
            domains.parents[number] = domains.parents[domains.parents[number]];
        }
        domains
    }

    /// Every part in its own domain.
    fn apart(spec: &'a Resources) -> Self {
        let networks = spec.virtual_networks.iter();
        let networks = networks.map(|vnet| Part::Network(vnet.name.value.as_str()));
        let sites = spec.sites.iter();
        let sites = sites.map(|site| Part::Site(site.name.value.as_str()));
        let circuits = spec.express_route_circuits.iter();
        let circuits = circuits.map(|circuit| Part::Circuit(circuit.name.value.as_str()));
        let parts: BTreeSet<Part<'_>> = networks.chain(sites).chain(circuits).collect();
        let gateways = spec.virtual_network_gateways.iter();
        let machines = spec.virtual_networks.iter().flat_map(|vnet| {
            let machines = vnet.virtual_machines.iter();
            machines.map(|machine| (machine.name.value.as_str(), vnet.name.value.as_str()))
        });
        let routers = spec.sites.iter().flat_map(|site| {
            let routers = site.routers.iter();
            routers.map(|router| (router.name.value.as_str(), site.name.value.as_str()))
        });
        Self {
            parents: (0..parts.len()).collect(),
            numbers: parts.into_iter().zip(0..).collect(),
            gateways: gateways
                .map(|gateway| {
                    let vnet = gateway.virtual_network.value.as_str();
                    (gateway.name.value.as_str(), vnet)
                })
                .collect(),
            machines: machines.collect(),
            routers: routers.collect(),
        }
    }

    /// A peering with only one side connects nothing.
    fn join_peerings(&mut self, spec: &'a Resources) {
        for [local, remote] in connected_peerings(spec) {
            self.join(Some(Part::Network(local)), Some(Part::Network(remote)));
        }
    }

    fn join_circuits(&mut self, spec: &'a Resources) {
        for circuit in &spec.express_route_circuits {
            let name = circuit.name.value.as_str();
            for link in &circuit.links {
                let edge = link.customer_edge.as_ref();
                let site = edge.and_then(|edge| self.site_of(&edge.value));
                self.join(Some(Part::Circuit(name)), site);
            }
        }
    }

    fn join_connection(&mut self, kind: &'a ConnectionKind) {
        let (a, b) = match kind {
            ConnectionKind::ExpressRoute {
                gateway, circuit, ..
            } => (
                self.network_of(&gateway.value),
                Some(Part::Circuit(circuit.value.as_str())),
            ),
            ConnectionKind::VnetToVnet { gateways, .. }
            | ConnectionKind::IpSecGateways { gateways, .. } => {
                let [a, b] = gateways;
                (self.network_of(&a.value), self.network_of(&b.value))
            }
            ConnectionKind::IpSec { end, device, .. } => {
                let near = match end {
                    IpSecEnd::Gateway(gateway) => self.network_of(&gateway.value),
                    IpSecEnd::Appliance(machine) => self.network_of_machine(&machine.value),
                };
                let far = self.site_of(&device.value);
                (near, far.or_else(|| self.network_of_machine(&device.value)))
            }
            ConnectionKind::GlobalReach { circuits, .. } => {
                let [a, b] = circuits
                    .each_ref()
                    .map(|circuit| Part::Circuit(circuit.value.as_str()));
                (Some(a), Some(b))
            }
        };
        self.join(a, b);
    }

    fn network_of(&self, gateway: &str) -> Option<Part<'a>> {
        let network = self.gateways.get(gateway);
        network.map(|network| Part::Network(network))
    }

    fn network_of_machine(&self, machine: &str) -> Option<Part<'a>> {
        let network = self.machines.get(machine);
        network.map(|network| Part::Network(network))
    }

    fn site_of(&self, router: &str) -> Option<Part<'a>> {
        self.routers.get(router).map(|site| Part::Site(site))
    }

    fn join(&mut self, a: Option<Part<'a>>, b: Option<Part<'a>>) {
        let [a, b] = [a, b].map(|part| self.numbers.get(&part?).copied());
        if let (Some(a), Some(b)) = (a, b) {
            let [a, b] = [a, b].map(|number| self.root(number));
            self.parents[a.max(b)] = a.min(b);
        }
    }

    /// The representative part of a domain. Shortens the paths to it.
    fn root(&mut self, mut number: usize) -> usize {
        while self.parents[number] != number {
            self.parents[number] = self.parents[self.parents[number]];
            number = self.parents[number];
        }
        number
    }

    fn of(&self, part: Part<'_>) -> Option<DomainId> {
        let number = self.numbers.get(&part)?;
        Some(DomainId(self.parents[*number]))
    }

    /// The domain of a virtual network.
    pub(crate) fn network(&self, name: &str) -> Option<DomainId> {
        self.of(Part::Network(name))
    }

    /// The domain of a site.
    pub(crate) fn site(&self, name: &str) -> Option<DomainId> {
        self.of(Part::Site(name))
    }

    /// The domain of a circuit.
    pub(crate) fn circuit(&self, name: &str) -> Option<DomainId> {
        self.of(Part::Circuit(name))
    }

    /// The domain of a site's router.
    pub(crate) fn router(&self, name: &str) -> Option<DomainId> {
        self.routers.get(name).and_then(|site| self.site(site))
    }
}

/// The networks of every peering with both sides, once for each side: its own network first.
pub(crate) fn connected_peerings(spec: &Resources) -> Vec<[&str; 2]> {
    let halves = spec.virtual_networks.iter().flat_map(|vnet| {
        let remotes = vnet.peerings.iter();
        remotes.map(|half| {
            let remote = half.remote_virtual_network.value.as_str();
            [vnet.name.value.as_str(), remote]
        })
    });
    let halves: BTreeSet<[&str; 2]> = halves.collect();
    let connected = halves.iter().filter(|[a, b]| halves.contains(&[*b, *a]));
    connected.copied().collect()
}

impl Builder<'_> {
    /// Finds the addresses that several nodes have and, if there are any, the domain of every node.
    pub(crate) fn domains(&mut self) {
        self.topology.shared_addresses = Owners::shared(&self.topology);
        if self.topology.shared_addresses.is_empty() {
            return;
        }
        let domains = Domains::new(self.source.resources);
        let circuits = self.source.resources.express_route_circuits.iter();
        let msees: BTreeMap<String, &str> = circuits
            .flat_map(|circuit| {
                let name = circuit.name.value.as_str();
                msee_names(name).map(|msee| (msee, name))
            })
            .collect();
        let topology = &self.topology;
        let of_nodes = topology.nodes.iter().map(|node| match node.role {
            Role::VirtualMachine { vnet, .. }
            | Role::VpnGateway { vnet }
            | Role::ExpressRouteGateway { vnet } => {
                domains.network(topology.vnet(vnet).name.as_str())
            }
            Role::Router { site } | Role::Host { site, .. } => {
                domains.site(topology.sites[site.0].name.as_str())
            }
            Role::Msee => domains.circuit(msees.get(node.name.as_str())?),
            Role::Fabric | Role::Internet => None,
        });
        self.topology.domains = of_nodes.collect();
    }
}
