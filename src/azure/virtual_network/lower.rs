//! Creates virtual networks with their subnets, machines, route tables and load balancers.

use crate::addresses::{Address, Prefix};
use crate::azure::source::Builder;
use crate::azure::virtual_network::model;
use crate::topology::builder::{FABRIC, NewInterface};
use crate::topology::{Mac, PrivateEndpoint, Role, Subnet, VirtualNetwork, VnetId};

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
            service_endpoints: subnet
                .service_endpoints
                .iter()
                .flat_map(|(service, prefixes)| {
                    prefixes
                        .iter()
                        .map(|prefix| (service.value.clone(), prefix.value))
                })
                .collect(),
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
            private_endpoints: vnet.private_endpoints.iter().map(lowered(vnet)).collect(),
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

/// The rows of interfaces need an endpoint's address and the policies of its subnet.
fn lowered(
    vnet: &model::VirtualNetwork,
) -> impl Fn(&model::PrivateEndpoint) -> PrivateEndpoint + '_ {
    |endpoint| {
        let mut subnets = vnet.subnets.iter();
        let own = subnets.find(|subnet| subnet.name.value == endpoint.subnet.value);
        PrivateEndpoint {
            name: endpoint.name.value.clone(),
            address: endpoint.private_ip_address.value,
            obeys_route_tables: own
                .is_some_and(|subnet| subnet.endpoint_policies.include_route_tables()),
        }
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
