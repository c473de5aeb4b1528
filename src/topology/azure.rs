//! Virtual networks with their machines, peerings and gateways.

use std::{net::Ipv4Addr, time::Duration};

use ipnet::Ipv4Net;

use crate::spec::model::{self, GatewayKind};
use crate::topology::allocate;
use crate::topology::builder::{Builder, FABRIC, NewInterface};
use crate::topology::model::{
    Link, LinkKind, Mac, NodeId, Peering, Port, Role, VirtualNetwork, VnetId,
};

/// The subnet that gateways stand in.
pub(super) const GATEWAY_SUBNET: &str = "GatewaySubnet";

impl Builder<'_> {
    pub(super) fn virtual_networks(&mut self) {
        for vnet in &self.spec.virtual_networks {
            let id = self.add_vnet(vnet);
            for machine in &vnet.virtual_machines {
                self.add_virtual_machine(id, vnet, machine);
            }
        }
        for (index, vnet) in self.spec.virtual_networks.iter().enumerate() {
            for half in &vnet.peerings {
                self.add_peering(VnetId(index), half);
            }
        }
    }

    fn add_vnet(&mut self, vnet: &model::VirtualNetwork) -> VnetId {
        let id = VnetId(self.topology.virtual_networks.len());
        let fabric = self.common_node(FABRIC, Role::Fabric);
        let bridge = NewInterface::bare(fabric, vnet.name.value.as_str());
        let segment = self.add_segment(bridge, Some(Mac::AZURE_FABRIC), Some(id));
        self.topology.virtual_networks.push(VirtualNetwork {
            name: vnet.name.value.clone(),
            location: vnet.location.value.clone(),
            prefixes: vnet
                .address_prefixes
                .iter()
                .map(|prefix| prefix.value)
                .collect(),
            segment,
            peerings: Vec::new(),
            vpn_gateway: None,
            express_route_gateway: None,
        });
        self.remember_vnet(vnet.name.value.as_str(), id);
        id
    }

    fn add_virtual_machine(
        &mut self,
        id: VnetId,
        vnet: &model::VirtualNetwork,
        machine: &model::VirtualMachine,
    ) {
        let subnet = subnet_named(vnet, &machine.subnet.value);
        let address = machine.private_ip_address.value;
        let role = Role::VirtualMachine {
            vnet: id,
            subnet_gateway: allocate::subnet_gateway(subnet),
        };
        let node = self.add_node(machine.name.value.clone(), role, Some(address));
        self.add_nic(node, id, in_subnet(address, subnet));
    }

    /// A network interface of a machine or gateway, on its network's bridge.
    fn add_nic(&mut self, node: NodeId, vnet: VnetId, address: Ipv4Net) {
        let segment = self.topology.vnet(vnet).segment;
        let link = self.topology.node(node).name.to_string();
        self.attach(
            link,
            NewInterface::unadvertised(node, "eth0", address),
            segment,
            Duration::ZERO,
        );
    }

    fn add_peering(&mut self, local: VnetId, half: &model::Peering) {
        let remote = self.vnet_named(&half.remote_virtual_network.value);
        let other = self.other_half(local, remote);
        let peering = Peering {
            remote,
            gives_transit: half.allow_gateway_transit.value && other.use_remote_gateways.value,
            uses_remote_gateways: half.use_remote_gateways.value
                && other.allow_gateway_transit.value,
        };
        self.topology.virtual_networks[local.0]
            .peerings
            .push(peering);
        if local < remote {
            self.join_bridges(local, remote);
        }
    }

    fn other_half(&self, local: VnetId, remote: VnetId) -> &model::Peering {
        let local_name = self.spec.virtual_networks[local.0].name.value.as_str();
        self.spec.virtual_networks[remote.0]
            .peerings
            .iter()
            .find(|half| half.remote_virtual_network.value == local_name)
            .expect("the rules have seen both halves of every peering")
    }

    /// One hop, no router: a wire between isolated ports of two bridges.
    fn join_bridges(&mut self, a: VnetId, b: VnetId) {
        let fabric = self.common_node(FABRIC, Role::Fabric);
        let [name_a, name_b] = [a, b].map(|id| self.topology.vnet(id).name.to_string());
        let ends = [format!("{name_a}-{name_b}"), format!("{name_b}-{name_a}")]
            .map(|name| self.add_interface(NewInterface::bare(fabric, &name)));
        let name = format!("{name_a}-{name_b}");
        self.add_link(Link {
            name,
            ends,
            delay: Duration::ZERO,
            kind: LinkKind::Wire,
        });
        let segments = [a, b].map(|id| self.topology.vnet(id).segment);
        for (port, (own, peer)) in ends
            .into_iter()
            .zip([(segments[0], segments[1]), (segments[1], segments[0])])
        {
            self.interface_mut(port).port = Some(Port {
                segment: own,
                isolated: true,
            });
            self.topology.segments[own.0].peerings.push((port, peer));
        }
    }

    pub(super) fn gateways(&mut self) {
        for gateway in &self.spec.virtual_network_gateways {
            let vnet = self.vnet_named(&gateway.virtual_network.value);
            match &gateway.kind {
                GatewayKind::Vpn { .. } => self.add_vpn_gateway(vnet, gateway),
                GatewayKind::ExpressRoute => self.add_express_route_gateway(vnet, gateway),
            }
        }
    }

    fn add_vpn_gateway(&mut self, vnet: VnetId, gateway: &model::VirtualNetworkGateway) {
        let GatewayKind::Vpn {
            asn,
            bgp_peering_address,
            public_ip_address,
            ..
        } = &gateway.kind
        else {
            return;
        };
        let node = self.add_gateway(vnet, gateway, Role::VpnGateway { vnet });
        let added = self.node_mut(node);
        added.asn = Some(asn.value);
        let own = added.address;
        added.loopback.extend(
            bgp_peering_address
                .map(|address| address.value)
                .filter(|bgp| Some(*bgp) != own),
        );
        self.topology.virtual_networks[vnet.0].vpn_gateway = Some(node);
        self.add_public_address(node, public_ip_address.value);
    }

    fn add_express_route_gateway(&mut self, vnet: VnetId, gateway: &model::VirtualNetworkGateway) {
        let node = self.add_gateway(vnet, gateway, Role::ExpressRouteGateway { vnet });
        self.node_mut(node).asn = Some(crate::units::Asn::AZURE_GATEWAY);
        self.topology.virtual_networks[vnet.0].express_route_gateway = Some(node);
    }

    fn add_gateway(
        &mut self,
        vnet: VnetId,
        gateway: &model::VirtualNetworkGateway,
        role: Role,
    ) -> NodeId {
        let subnet = subnet_named(&self.spec.virtual_networks[vnet.0], GATEWAY_SUBNET);
        let address = gateway.private_ip_address.map_or_else(
            || self.free_gateway_address(subnet),
            |address| address.value,
        );
        let node = self.add_node(gateway.name.value.clone(), role, Some(address));
        self.add_nic(node, vnet, in_subnet(address, subnet));
        node
    }

    fn free_gateway_address(&self, subnet: Ipv4Net) -> Ipv4Addr {
        let named = addresses_in_file(self.spec);
        let given = |address| {
            self.topology
                .nodes
                .iter()
                .any(|node| node.address == Some(address))
        };
        allocate::first_free(subnet, |address| named.contains(&address) || given(address))
            .expect("the rules have seen room for every gateway")
    }
}

/// Every address that the file gives to something that may stand in a `GatewaySubnet`.
pub(super) fn addresses_in_file(spec: &model::Spec) -> Vec<Ipv4Addr> {
    let gateways = spec.virtual_network_gateways.iter().flat_map(|gateway| {
        let bgp = match &gateway.kind {
            GatewayKind::Vpn {
                bgp_peering_address,
                ..
            } => *bgp_peering_address,
            GatewayKind::ExpressRoute => None,
        };
        [gateway.private_ip_address, bgp]
            .into_iter()
            .flatten()
            .map(|address| address.value)
    });
    let endpoints = spec
        .connections
        .iter()
        .flat_map(|connection| match &connection.kind {
            model::ConnectionKind::ExpressRoute { endpoints, .. } => {
                endpoints.map(|endpoint| endpoint.value).to_vec()
            }
            _ => Vec::new(),
        });
    let machines = spec
        .virtual_networks
        .iter()
        .flat_map(|vnet| &vnet.virtual_machines);
    gateways
        .chain(endpoints)
        .chain(machines.map(|machine| machine.private_ip_address.value))
        .collect()
}

fn subnet_named(vnet: &model::VirtualNetwork, name: &str) -> Ipv4Net {
    vnet.subnets
        .iter()
        .find(|subnet| subnet.name.value == name)
        .map(|subnet| subnet.address_prefix.value)
        .expect("the rules have seen every subnet that is named")
}

fn in_subnet(address: Ipv4Addr, subnet: Ipv4Net) -> Ipv4Net {
    Ipv4Net::new(address, subnet.prefix_len()).expect("a subnet's prefix length is a valid one")
}
