//! The owner of the next-hop address in a user-defined route.

use crate::addresses::Address;
use crate::azure::connection::model::ConnectionKind;
use crate::azure::facts::addresses::is_tunnel_bgp_address;
use crate::azure::gateway::model::{GatewayKind, VirtualNetworkGateway};
use crate::azure::gateway::rules::instances;
use crate::azure::load_balancer::model::LoadBalancer;
use crate::azure::references::{interfaces, machine_of, vnet_named};
use crate::azure::resources::Resources;
use crate::azure::virtual_machine::model::{NetworkInterface, VirtualMachine};
use crate::azure::virtual_network::model::{Subnet, VirtualNetwork};
use crate::topology::GATEWAY_SUBNET;

/// A possible next hop, or a machine that could forward.
pub(crate) enum Owner<'a> {
    /// A virtual machine, with its network and the interface that has the address.
    Machine(&'a VirtualNetwork, &'a VirtualMachine, &'a NetworkInterface),
    /// A load balancer.
    LoadBalancer(&'a LoadBalancer),
    /// A VPN gateway with an instance that has the address.
    VpnGateway(&'a VirtualNetworkGateway),
}

impl<'a> Owner<'a> {
    /// The owner of an address as seen from a virtual network, without `ExpressRoute` gateways. The order is: owners in
    /// the network itself, in a peered network whose peering includes them, in any peered network, anywhere in the lab.
    pub(crate) fn seen_from(
        spec: &'a Resources,
        vnet: &VirtualNetwork,
        address: Address,
    ) -> Option<Self> {
        let own = vnet.name.value.as_str();
        let distance = |owner: &Self| {
            let remote = owner.vnet();
            let mut halves = vnet.peerings.iter();
            let is_peered = halves.any(|half| half.remote_virtual_network.value == remote);
            match () {
                () if remote == own => 0,
                () if is_peered && hidden_subnet(spec, own, remote, address).is_none() => 1,
                () if is_peered => 2,
                () => 3,
            }
        };
        let is_own = |owner: &Self| {
            let mut ranges = vnet.address_prefixes.iter();
            let is_there = || vnet_named(spec, owner.vnet()).is_some();
            owner.vnet() == own
                || !(is_there() && ranges.any(|range| range.value.contains(&address)))
        };
        // An address in the network's own ranges belongs to no other network there.
        let seen = Self::all(spec, address).filter(is_own);
        seen.min_by_key(distance)
    }

    /// Every owner of an address in any virtual network, without `ExpressRoute` gateways.
    pub(crate) fn all(spec: &'a Resources, address: Address) -> impl Iterator<Item = Self> {
        let machines = interfaces(spec)
            .filter(move |(_, _, interface)| interface.private_ip_address.value == address)
            .map(|(vnet, machine, interface)| Self::Machine(vnet, machine, interface));
        let balancers = spec.load_balancers.iter();
        let balancers = balancers
            .filter(move |balancer| balancer.frontend_ip_address.value == address)
            .map(Self::LoadBalancer);
        let gateways = spec.virtual_network_gateways.iter();
        let gateways = gateways
            .filter(move |gateway| answers(gateway, address))
            .map(Self::VpnGateway);
        machines.chain(balancers).chain(gateways)
    }

    /// Its name.
    pub(crate) fn name(&self) -> &'a str {
        match self {
            Self::Machine(_, machine, _) => machine.name.value.as_str(),
            Self::LoadBalancer(balancer) => balancer.name.value.as_str(),
            Self::VpnGateway(gateway) => gateway.name.value.as_str(),
        }
    }

    /// The name of its network.
    pub(crate) fn vnet(&self) -> &'a str {
        match self {
            Self::Machine(vnet, ..) => vnet.name.value.as_str(),
            Self::LoadBalancer(balancer) => &balancer.virtual_network.value,
            Self::VpnGateway(gateway) => &gateway.virtual_network.value,
        }
    }

    /// Whether it forwards all packets from that subnet. A machine with interfaces in several subnets does not.
    pub(crate) fn forwards_from(&self, vnet: &VirtualNetwork, subnet: &Subnet) -> bool {
        if self.vnet() != vnet.name.value.as_str() {
            return false;
        }
        match self {
            Self::Machine(_, machine, _) => is_only_in(machine, subnet),
            Self::VpnGateway(_) => subnet.name.value == GATEWAY_SUBNET,
            Self::LoadBalancer(balancer) => vnet.virtual_machines.iter().any(|machine| {
                let name = machine.name.value.as_str();
                let mut backends = balancer.backends.iter();
                is_only_in(machine, subnet)
                    && backends.any(|backend| machine_of(&backend.value) == name)
            }),
        }
    }
}

/// Whether all interfaces of a machine are in one subnet.
fn is_only_in(machine: &VirtualMachine, subnet: &Subnet) -> bool {
    let mut interfaces = machine.network_interfaces.iter();
    interfaces.all(|interface| interface.subnet.value == subnet.name.value)
}

/// The subnet of an address in a peered network, if the peering does not include the subnet.
pub(crate) fn hidden_subnet<'a>(
    spec: &'a Resources,
    own: &str,
    remote: &str,
    address: Address,
) -> Option<&'a str> {
    let remote = vnet_named(spec, remote)?;
    let mut halves = remote.peerings.iter();
    let half = halves.find(|half| half.remote_virtual_network.value == own)?;
    let shown = half.local_subnet_names.as_ref()?;
    let mut subnets = remote.subnets.iter();
    let subnet = subnets.find(|subnet| subnet.address_prefix.value.contains(&address))?;
    let name = subnet.name.value.as_str();
    (!shown.iter().any(|shown| shown.value == name)).then_some(name)
}

/// Whether an instance of a gateway has an address in its network.
fn answers(gateway: &VirtualNetworkGateway, address: Address) -> bool {
    let mut own = instances(gateway)
        .iter()
        .flat_map(|instance| [instance.private_ip_address, instance.bgp_peering_address])
        .flatten();
    own.any(|own| own.value == address && !is_tunnel_bgp_address(address))
}

/// The `ExpressRoute` gateway with an address, or with a circuit that has an endpoint with it.
pub(crate) fn express_route_owner(spec: &Resources, address: Address) -> Option<&str> {
    let own = spec.virtual_network_gateways.iter().find_map(|gateway| {
        let GatewayKind::ExpressRoute {
            private_ip_addresses,
            ..
        } = &gateway.kind
        else {
            return None;
        };
        let mut own = private_ip_addresses.iter().flatten();
        own.any(|own| own.value == address)
            .then_some(gateway.name.value.as_str())
    });
    let mut connections = spec.connections.iter();
    own.or_else(|| {
        connections.find_map(|connection| {
            let ConnectionKind::ExpressRoute {
                gateway, endpoints, ..
            } = &connection.kind
            else {
                return None;
            };
            let mut endpoints = endpoints.iter();
            endpoints
                .any(|endpoint| endpoint.value == address)
                .then_some(gateway.value.as_str())
        })
    })
}
