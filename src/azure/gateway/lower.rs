//! Creates virtual network gateways and their instances.

use crate::addresses::{Address, Prefix};
use crate::azure::facts::addresses::{
    first_free, is_tunnel_bgp_address, last_usable, subnet_gateway,
};
use crate::azure::gateway::model;
use crate::azure::gateway::model::instance_names;
use crate::azure::source::Builder;
use crate::azure::virtual_network::lower::{in_subnet, subnet_named};
use crate::names::NodeName;
use crate::topology::GATEWAY_SUBNET;
use crate::topology::{
    ClientPool, Gateway, GatewayId, GatewayKind, Instance, Nic, NodeId, Role, VnetId,
};
use crate::units::Asn;

/// The name of an instance's network interface. Azure does not show it.
const INSTANCE_NIC: &str = "eth0";

impl<'a> Builder<'a> {
    pub(crate) fn gateways(&mut self) {
        for gateway in &self.source.resources.virtual_network_gateways {
            let vnet = self.vnet_named(&gateway.virtual_network.value);
            match &gateway.kind {
                model::GatewayKind::Vpn {
                    asn,
                    instances,
                    client_pools,
                    ..
                } => {
                    let nodes = self.add_vpn_gateway(vnet, gateway, asn.value, instances);
                    let pools = client_pools.iter();
                    let pools = pools.flat_map(|pool| shares(pool.value, &nodes));
                    self.topology.virtual_networks[vnet.0].client_pools = pools.collect();
                }
                model::GatewayKind::ExpressRoute {
                    private_ip_addresses: [first, _],
                    allow_remote_vnet_traffic,
                    ..
                } => {
                    let name = gateway.name.value.clone();
                    let address = first.map(|address| address.value);
                    let role = Role::ExpressRouteGateway { vnet };
                    let node = self.add_instance(vnet, name, role, address);
                    self.node_mut(node).asn = Some(Asn::AZURE_GATEWAY);
                    self.limit_network_access(node, gateway.size.throughput);
                    let kind = GatewayKind::ExpressRoute {
                        allows_remote_vnets: *allow_remote_vnet_traffic,
                    };
                    let id = self.add_gateway(vnet, gateway, kind, vec![node]);
                    self.topology.virtual_networks[vnet.0].express_route_gateway = Some(id);
                }
            }
        }
        self.bgp_addresses();
        self.express_route_instances();
    }

    fn add_vpn_gateway(
        &mut self,
        vnet: VnetId,
        gateway: &model::VirtualNetworkGateway,
        asn: Asn,
        instances: &[model::VpnGatewayInstance],
    ) -> Vec<NodeId> {
        let names = instance_names(gateway.name.value.as_str(), instances.len());
        let (mut nodes, mut ports) = (Vec::new(), Vec::new());
        for (name, instance) in names.iter().zip(instances) {
            let name =
                NodeName::new(name).expect("the rules check that the names of instances are valid");
            let address = instance.private_ip_address.map(|address| address.value);
            let node = self.add_instance(vnet, name, Role::VpnGateway { vnet }, address);
            self.node_mut(node).asn = Some(asn);
            let [_, port] = self.add_public_address(node, instance.public_ip_address.value);
            nodes.push(node);
            ports.push(port);
        }
        let kind = GatewayKind::Vpn {
            public: instances[0].public_ip_address.value,
        };
        let id = self.add_gateway(vnet, gateway, kind, nodes.clone());
        self.topology.virtual_networks[vnet.0].vpn_gateway = Some(id);
        self.add_capacity(gateway, ports);
        nodes
    }

    fn add_gateway(
        &mut self,
        vnet: VnetId,
        gateway: &model::VirtualNetworkGateway,
        kind: GatewayKind,
        instances: Vec<NodeId>,
    ) -> GatewayId {
        let id = GatewayId(self.topology.gateways.len());
        self.topology.gateways.push(Gateway {
            name: gateway.name.value.clone(),
            vnet,
            instances,
            kind,
            size: gateway.size,
        });
        id
    }

    /// A node in its network's `GatewaySubnet`, with the given address or the first free one.
    fn add_instance(
        &mut self,
        vnet: VnetId,
        name: NodeName,
        role: Role,
        address: Option<Address>,
    ) -> NodeId {
        let (index, subnet) = self.gateway_subnet(vnet);
        let address = address.unwrap_or_else(|| self.free_gateway_address(vnet, subnet));
        let network = self.source.resources.virtual_networks[vnet.0]
            .name
            .value
            .as_str();
        self.source.given.insert((network, address));
        let node = self.add_node(name, role, Some(address));
        let nic = Nic {
            name: NodeName::new(INSTANCE_NIC).expect("`eth0` is a valid name"),
            vnet,
            subnet: index,
            subnet_gateway: subnet_gateway(subnet),
            forwards: true,
        };
        self.add_nic(node, nic, in_subnet(address, subnet));
        node
    }

    /// The `GatewaySubnet` of a network: its position and its prefix.
    fn gateway_subnet(&self, vnet: VnetId) -> (usize, Prefix) {
        subnet_named(
            &self.source.resources.virtual_networks[vnet.0],
            GATEWAY_SUBNET,
        )
    }

    fn free_gateway_address(&self, vnet: VnetId, subnet: Prefix) -> Address {
        first_free(subnet, |address| self.is_given(vnet, address))
            .expect("the rules require a free address for every gateway")
    }

    /// Whether something in a network already has this address.
    fn is_given(&self, vnet: VnetId, address: Address) -> bool {
        let vnet = self.source.resources.virtual_networks[vnet.0]
            .name
            .value
            .as_str();
        self.source.given.contains(&(vnet, address))
    }

    /// Sets the BGP address of each instance. All other addresses are already assigned, so a gateway without a stated
    /// one gets a free address.
    fn bgp_addresses(&mut self) {
        for index in 0..self.topology.gateways.len() {
            let gateway = GatewayId(index);
            let nodes = self.topology.gateway(gateway).instances.clone();
            for (node, instance) in nodes.into_iter().zip(self.vpn_instances(gateway)) {
                let given = instance.bgp_peering_address.map(|address| address.value);
                let address = given.or_else(|| self.usual_bgp_address(gateway, node));
                self.set_bgp_address(node, address);
            }
        }
    }

    /// The default BGP address of an instance: the last usable address of its subnet or, for one of two instances, its
    /// own address (vpn-gateway-bgp-overview).
    fn usual_bgp_address(&self, gateway: GatewayId, node: NodeId) -> Option<Address> {
        let gateway = self.topology.gateway(gateway);
        if gateway.instances.len() > 1 {
            return self.topology.node(node).address;
        }
        let address = last_usable(self.gateway_subnet(gateway.vnet).1);
        (!self.is_given(gateway.vnet, address)).then_some(address)
    }

    /// Sets a BGP address: one inside the network on the instance's loopback, one for tunnels on the tunnel interfaces.
    fn set_bgp_address(&mut self, node: NodeId, address: Option<Address>) {
        let Some(address) = address else {
            return;
        };
        self.source.bgp_addresses.insert(node, address);
        let instance = self.node_mut(node);
        if instance.address != Some(address) && !is_tunnel_bgp_address(address) {
            instance.loopback.push(address);
        }
    }

    /// Adds the instances of `ExpressRoute` gateways. They share a node, since no trace shows a difference: packets from
    /// the network go past the gateway, and it never answers. All other addresses are already assigned.
    fn express_route_instances(&mut self) {
        for index in 0..self.topology.gateways.len() {
            let gateway = &self.source.resources.virtual_network_gateways[index];
            let model::GatewayKind::ExpressRoute {
                private_ip_addresses: [_, given],
                ..
            } = &gateway.kind
            else {
                continue;
            };
            let node = self.topology.gateway(GatewayId(index)).instances[0];
            let vnet = self.topology.gateway(GatewayId(index)).vnet;
            let first = self.topology.node(node).address;
            let second = given.map(|address| address.value);
            let second = second.or_else(|| first.and_then(|first| self.neighbouring(vnet, first)));
            let names = instance_names(gateway.name.value.as_str(), 2);
            let addresses = first.into_iter().chain(second);
            let instances = names
                .into_iter()
                .zip(addresses)
                .filter_map(|(name, address)| {
                    let name = NodeName::new(&name).ok()?;
                    Some(Instance { name, address })
                });
            self.node_mut(node).instances = instances.collect();
            let vnet = self.source.resources.virtual_networks[vnet.0]
                .name
                .value
                .as_str();
            self.source
                .given
                .extend(second.map(|address| (vnet, address)));
        }
    }

    /// The next free address of a `GatewaySubnet` after another one, or else the first free one.
    fn neighbouring(&self, vnet: VnetId, first: Address) -> Option<Address> {
        let subnet = self.gateway_subnet(vnet).1;
        let is_taken = |address| {
            let mut bgp = self.source.bgp_addresses.values();
            self.is_given(vnet, address) || bgp.any(|own| *own == address)
        };
        first_free(subnet, |address| address <= first || is_taken(address))
            .or_else(|| first_free(subnet, is_taken))
    }

    /// The gateway with that name. The rules ensure that it exists.
    pub(crate) fn gateway_named(&self, name: &str) -> GatewayId {
        let mut gateways = self.topology.gateways.iter();
        gateways
            .position(|gateway| gateway.name.as_str() == name)
            .map(GatewayId)
            .expect("the rules refuse unknown gateways")
    }

    /// The instances of a VPN gateway in the file; none for an `ExpressRoute` gateway.
    fn vpn_instances(&self, gateway: GatewayId) -> &'a [model::VpnGatewayInstance] {
        match &self.source.resources.virtual_network_gateways[gateway.0].kind {
            model::GatewayKind::Vpn { instances, .. } => instances,
            model::GatewayKind::ExpressRoute { .. } => &[],
        }
    }

    /// The connection to a VPN gateway's default site.
    pub(crate) fn default_site(&self, gateway: GatewayId) -> Option<&'a str> {
        match &self.source.resources.virtual_network_gateways[gateway.0].kind {
            model::GatewayKind::Vpn { default_site, .. } => {
                default_site.as_ref().map(|site| site.value.as_str())
            }
            model::GatewayKind::ExpressRoute { .. } => None,
        }
    }

    /// The public addresses of a VPN gateway's instances.
    pub(crate) fn public_addresses(&self, gateway: GatewayId) -> impl Iterator<Item = Address> {
        let instances = self.vpn_instances(gateway).iter();
        instances.map(|instance| instance.public_ip_address.value)
    }
}

/// The parts of a client pool: each of two instances has half of it (vpn-gateway-vpn-faq).
fn shares(pool: Prefix, instances: &[NodeId]) -> Vec<ClientPool> {
    let halves = pool.prefix_len() + u8::from(instances.len() > 1);
    let parts = pool.subnets(halves);
    let shared = parts.zip(instances.iter().cycle());
    shared
        .map(|(prefix, instance)| ClientPool {
            prefix,
            instance: *instance,
        })
        .collect()
}
