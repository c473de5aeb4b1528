//! The boxes of Azure: regions with their networks, and circuits with their MSEEs.

use std::collections::BTreeSet;

use crate::report::picture::scene::{BoxId, BoxKind, SceneBox, Sketch, words};
use crate::topology::{
    GATEWAY_SUBNET, GatewayKind, LinkId, NodeId, Role, RouteTableId, Subnet, VnetId,
};

impl Sketch<'_> {
    pub(super) fn regions(&mut self) {
        let topology = self.topology;
        let mut locations: Vec<&str> = Vec::new();
        for vnet in &topology.virtual_networks {
            if !locations.contains(&vnet.location.as_str()) {
                locations.push(&vnet.location);
            }
        }
        for location in locations {
            let mut region = SceneBox::new(BoxKind::Region, location, None);
            region.tip = vec![format!("Azure region {location}")];
            let region = self.add(region);
            let vnets = topology.virtual_networks.iter().enumerate();
            for (index, _) in vnets.filter(|(_, vnet)| vnet.location == location) {
                self.vnet(VnetId(index), region);
            }
        }
    }

    fn vnet(&mut self, id: VnetId, region: BoxId) {
        let topology = self.topology;
        let vnet = topology.vnet(id);
        let mut shape = SceneBox::new(BoxKind::VirtualNetwork, vnet.name.as_str(), Some(region));
        shape.notes = words::wrapped(vnet.prefixes.iter().map(ToString::to_string));
        shape.tip = vec![format!("virtual network {}", vnet.name)];
        shape
            .tip
            .extend(vnet.prefixes.iter().map(ToString::to_string));
        let parent = self.add(shape);
        self.vnets.insert(id, parent);
        let gateways_first = |subnet: &&(usize, &Subnet)| subnet.1.name == GATEWAY_SUBNET;
        let subnets: Vec<_> = vnet.subnets.iter().enumerate().collect();
        let first = subnets.iter().filter(gateways_first);
        let others = subnets.iter().filter(|subnet| !gateways_first(subnet));
        for (index, subnet) in first.chain(others) {
            self.subnet(id, (*index, subnet), parent);
        }
    }

    fn subnet(&mut self, id: VnetId, (index, subnet): (usize, &Subnet), vnet: BoxId) {
        let topology = self.topology;
        let mut shape = SceneBox::new(BoxKind::Subnet, &subnet.name, Some(vnet));
        shape.beside = subnet.prefix.to_string();
        shape.tip = vec![format!("subnet {} {}", subnet.name, subnet.prefix)];
        if let Some(table) = subnet.route_table {
            let note = self.route_table(table, &mut shape.tip);
            shape.notes.push(note);
        }
        let parent = self.add(shape);
        let network = topology.vnet(id);
        if subnet.name == GATEWAY_SUBNET {
            let gateways = [network.vpn_gateway, network.express_route_gateway];
            let gateways = gateways.into_iter().flatten();
            for instance in gateways.flat_map(|gateway| &topology.gateway(gateway).instances) {
                self.node(*instance, parent);
            }
        }
        let mut standing = self.machines(id, index);
        for position in 0..topology.load_balancers.len() {
            let balancer = &topology.load_balancers[position];
            if balancer.vnet == id && subnet.prefix.contains(&balancer.frontend) {
                self.load_balancer(position, parent, &mut standing);
            }
        }
        for node in standing {
            self.node(node, parent);
        }
    }

    /// The machines of a subnet, by their primary interfaces.
    fn machines(&self, id: VnetId, index: usize) -> BTreeSet<NodeId> {
        let nodes = (0..self.topology.nodes.len()).map(NodeId);
        let is_machine = |node: NodeId| self.topology.node(node).role.is_machine();
        let is_there = |node: &NodeId| {
            let primary = self.topology.nics(*node).next();
            let primary = primary.filter(|_| is_machine(*node));
            primary.is_some_and(|(_, nic)| (nic.vnet, nic.subnet) == (id, index))
        };
        nodes.filter(is_there).collect()
    }

    /// A load balancer contains the machines behind it that are in its subnet and not yet inside another load balancer.
    fn load_balancer(&mut self, position: usize, subnet: BoxId, standing: &mut BTreeSet<NodeId>) {
        let topology = self.topology;
        let balancer = &topology.load_balancers[position];
        let mut shape = SceneBox::new(BoxKind::LoadBalancer, balancer.name.as_str(), Some(subnet));
        shape.beside = balancer.frontend.to_string();
        let names = balancer.backends.iter();
        let names: Vec<String> = names.map(|nic| topology.name_of(*nic)).collect();
        shape.tip = vec![
            format!("internal load balancer {}", balancer.name),
            format!("frontend {}", balancer.frontend),
            format!("backends {}", names.join(", ")),
        ];
        let elsewhere = balancer.backends.iter().zip(&names);
        let elsewhere: Vec<&str> = elsewhere
            .filter(|(nic, _)| !standing.contains(&topology.interface(**nic).node))
            .map(|(_, name)| name.as_str())
            .collect();
        if !elsewhere.is_empty() {
            shape.notes.push(format!("also {}", elsewhere.join(", ")));
        }
        let parent = self.add(shape);
        for nic in &balancer.backends {
            let node = topology.interface(*nic).node;
            if standing.remove(&node) {
                self.node(node, parent);
            }
        }
    }

    /// The line about its route table in a subnet's box.
    fn route_table(&self, id: RouteTableId, tip: &mut Vec<String>) -> String {
        let table = self.topology.route_table(id);
        tip.push(format!("route table {}:", table.name));
        tip.extend(
            table
                .routes
                .iter()
                .map(|route| format!("  {} {} {}", route.name, route.prefix, route.next_hop)),
        );
        let without = if table.propagates {
            ""
        } else {
            tip.push("  without what gateways learned".to_owned());
            ", no BGP routes"
        };
        format!("route table {}{without}", table.name)
    }

    pub(super) fn circuits(&mut self) {
        let topology = self.topology;
        for (position, circuit) in topology.circuits.iter().enumerate() {
            let mut shape = SceneBox::new(BoxKind::Circuit, circuit.name.as_str(), None);
            shape.beside = circuit.bandwidth.to_string();
            shape.notes = vec!["ExpressRoute circuit".to_owned()];
            shape.tip = vec![format!(
                "ExpressRoute circuit {}, {} on each of its two links",
                circuit.name, circuit.bandwidth
            )];
            let parent = self.add(shape);
            for (msee, leg) in circuit.msees.iter().zip(["primary", "secondary"]) {
                let id = self.node(*msee, parent);
                leg.clone_into(&mut self.boxes[id.0].beside);
            }
            self.peering_with_tunnels(position, parent);
        }
    }

    /// The peering of a circuit that carries tunnels, if it carries any.
    fn peering_with_tunnels(&mut self, position: usize, parent: BoxId) {
        let topology = self.topology;
        let name = topology.circuits[position].name.as_str();
        let tunnels = (0..topology.links.len()).map(LinkId);
        let tunnels = tunnels.filter(|tunnel| self.carrying_circuit(*tunnel) == Some(position));
        let tunnels: Vec<LinkId> = tunnels.collect();
        if tunnels.is_empty() {
            return;
        }
        let is_private = |tunnel: &LinkId| topology.is_private_tunnel(*tunnel);
        let (title, way) = if tunnels.iter().all(is_private) {
            ("Private peering", "the way to a network's own addresses")
        } else {
            ("Microsoft peering", "the way to Azure's public addresses")
        };
        let mut shape = SceneBox::new(BoxKind::MicrosoftPeering, name, Some(parent));
        title.clone_into(&mut shape.title);
        shape.tip = vec![format!("{title} of {name}: {way}")];
        let id = self.add(shape);
        self.microsoft.insert(position, id);
    }

    /// The addresses of a machine's further network interfaces.
    fn further_nics(&self, id: NodeId) -> Vec<String> {
        let further = self.topology.nics(id).skip(1);
        let notes = further.filter_map(|(nic, known)| {
            let address = self.topology.address_of(nic)?;
            Some(format!("{} {address}", known.name))
        });
        notes.collect()
    }

    /// A machine, gateway or router.
    pub(super) fn node(&mut self, id: NodeId, parent: BoxId) -> BoxId {
        let node = self.topology.node(id);
        let kind = match node.role {
            Role::VirtualMachine { forwards: true, .. } => BoxKind::Appliance,
            Role::VpnGateway { .. } => BoxKind::VpnGateway,
            Role::ExpressRouteGateway { .. } => BoxKind::ExpressRouteGateway,
            Role::Msee => BoxKind::Msee,
            Role::Router { .. } => BoxKind::Router,
            Role::Host { .. } => BoxKind::Host,
            Role::VirtualMachine { .. } | Role::Fabric | Role::Internet => BoxKind::Machine,
        };
        let mut shape = SceneBox::new(kind, node.name.as_str(), Some(parent));
        shape.node = Some(id);
        let address = node.address.map(|address| address.to_string());
        let asn = node.asn.map(|asn| format!("AS {asn}"));
        shape.notes = words::joined(address.into_iter().chain(asn));
        shape.notes.extend(self.further_nics(id));
        let public = words::public_addresses(self.topology, id);
        let size = self.gateway_size(id);
        shape.notes.extend(words::joined(
            size.into_iter()
                .chain(public.iter().map(ToString::to_string)),
        ));
        shape.tip = words::node(self.topology, id);
        self.add(shape)
    }

    fn gateway_size(&self, id: NodeId) -> Option<String> {
        let gateway = self.topology.gateway(self.topology.gateway_of(id)?);
        let size = gateway.size.name.to_owned();
        Some(match gateway.kind {
            GatewayKind::Vpn { .. } | GatewayKind::ExpressRoute { .. } => size,
        })
    }
}
