//! What has the address that a user-defined route names.

use std::net::Ipv4Addr;

use crate::spec::model::{
    ConnectionKind, GatewayKind, LoadBalancer, Spec, Subnet, VirtualMachine, VirtualNetwork,
    VirtualNetworkGateway,
};
use crate::topology::allocate::is_tunnel_bgp_address;
use crate::topology::azure::GATEWAY_SUBNET;
use crate::topology::rules::gateways::instances;
use crate::topology::rules::references::machines;

/// What may be a next hop, or is at least a machine that could forward.
pub(super) enum Owner<'a> {
    /// A virtual machine, with its network.
    Machine(&'a VirtualNetwork, &'a VirtualMachine),
    /// A load balancer.
    LoadBalancer(&'a LoadBalancer),
    /// A VPN gateway, one of whose instances has the address.
    VpnGateway(&'a VirtualNetworkGateway),
}

impl<'a> Owner<'a> {
    /// What has an address in a virtual network, an `ExpressRoute` gateway left out.
    pub(super) fn of(spec: &'a Spec, address: Ipv4Addr) -> Option<Self> {
        let machine = machines(spec)
            .find(|(_, machine)| machine.private_ip_address.value == address)
            .map(|(vnet, machine)| Self::Machine(vnet, machine));
        let balancer = || {
            let mut balancers = spec.load_balancers.iter();
            balancers
                .find(|balancer| balancer.frontend_ip_address.value == address)
                .map(Self::LoadBalancer)
        };
        let gateway = || {
            let mut gateways = spec.virtual_network_gateways.iter();
            gateways
                .find(|gateway| answers(gateway, address))
                .map(Self::VpnGateway)
        };
        machine.or_else(balancer).or_else(gateway)
    }

    /// Its name.
    pub(super) fn name(&self) -> &'a str {
        match self {
            Self::Machine(_, machine) => machine.name.value.as_str(),
            Self::LoadBalancer(balancer) => balancer.name.value.as_str(),
            Self::VpnGateway(gateway) => gateway.name.value.as_str(),
        }
    }

    /// The name of its network.
    pub(super) fn vnet(&self) -> &'a str {
        match self {
            Self::Machine(vnet, _) => vnet.name.value.as_str(),
            Self::LoadBalancer(balancer) => &balancer.virtual_network.value,
            Self::VpnGateway(gateway) => &gateway.virtual_network.value,
        }
    }

    /// Whether what it forwards leaves from that subnet.
    pub(super) fn forwards_from(&self, vnet: &VirtualNetwork, subnet: &Subnet) -> bool {
        if self.vnet() != vnet.name.value.as_str() {
            return false;
        }
        match self {
            Self::Machine(_, machine) => machine.subnet.value == subnet.name.value,
            Self::VpnGateway(_) => subnet.name.value == GATEWAY_SUBNET,
            Self::LoadBalancer(balancer) => vnet.virtual_machines.iter().any(|machine| {
                let name = machine.name.value.as_str();
                machine.subnet.value == subnet.name.value
                    && balancer
                        .backends
                        .iter()
                        .any(|backend| backend.value == name)
            }),
        }
    }
}

/// Whether an instance of a gateway has an address in its network.
fn answers(gateway: &VirtualNetworkGateway, address: Ipv4Addr) -> bool {
    let mut own = instances(gateway)
        .iter()
        .flat_map(|instance| [instance.private_ip_address, instance.bgp_peering_address])
        .flatten();
    own.any(|own| own.value == address && !is_tunnel_bgp_address(address))
}

/// The `ExpressRoute` gateway that has an address, or whose circuits have one next to it.
pub(super) fn express_route_owner(spec: &Spec, address: Ipv4Addr) -> Option<&str> {
    let own = spec.virtual_network_gateways.iter().find_map(|gateway| {
        let GatewayKind::ExpressRoute {
            private_ip_address: Some(own),
            ..
        } = &gateway.kind
        else {
            return None;
        };
        (own.value == address).then_some(gateway.name.value.as_str())
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
