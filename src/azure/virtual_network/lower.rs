//! Creates virtual networks with their subnets, machines, route tables and load balancers.

use crate::addresses::{Address, Prefix};
use crate::azure::source::Builder;
use crate::azure::virtual_network::model;
use crate::topology::builder::{FABRIC, NewInterface};
use crate::topology::{Mac, Role, Subnet, VirtualNetwork, VnetId};

impl Builder<'_> {
    pub(crate) fn virtual_networks(&mut self) {
        for vnet in &self.source.resources.virtual_networks {
            let id = self.add_vnet(vnet);
            for machine in &vnet.virtual_machines {
                self.add_virtual_machine(id, vnet, machine);
            }
        }
        for (index, vnet) in self.source.resources.virtual_networks.iter().enumerate() {
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
        let subnets = vnet.subnets.iter().map(|subnet| Subnet {
            name: subnet.name.value.clone(),
            prefix: subnet.address_prefix.value,
            route_table: subnet
                .route_table
                .as_ref()
                .map(|table| self.route_table_named(&table.value)),
        });
        let network = VirtualNetwork {
            name: vnet.name.value.clone(),
            location: vnet.location.value.clone(),
            prefixes: vnet
                .address_prefixes
                .iter()
                .map(|prefix| prefix.value)
                .collect(),
            subnets: subnets.collect(),
            segment,
            peerings: Vec::new(),
            initiated: Vec::new(),
            vpn_gateway: None,
            express_route_gateway: None,
            client_pools: Vec::new(),
        };
        self.topology.virtual_networks.push(network);
        id
    }
}

/// A subnet of a network: its position and its prefix.
pub(crate) fn subnet_named(vnet: &model::VirtualNetwork, name: &str) -> (usize, Prefix) {
    vnet.subnets
        .iter()
        .enumerate()
        .find(|(_, subnet)| subnet.name.value == name)
        .map(|(index, subnet)| (index, subnet.address_prefix.value))
        .expect("the rules refuse unknown subnets")
}

pub(crate) fn in_subnet(address: Address, subnet: Prefix) -> Prefix {
    Prefix::new(address, subnet.prefix_len()).expect("the prefix length of a subnet is valid")
}
