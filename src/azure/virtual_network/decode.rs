//! The `virtualNetworks` section: subnets, virtual machines and peerings.

use crate::azure::peering::decode::peering;
use crate::azure::virtual_machine::decode::virtual_machine;
use crate::azure::virtual_network::model::{Subnet, VirtualNetwork};
use crate::findings::Located;
use crate::yaml::fields::Decoder;
use crate::yaml::tree::{Key, Node};
use crate::yaml::values::{key_text, located, name, node_name, prefix, reference};

/// An entry of `virtualNetworks`.
pub(crate) fn virtual_network(d: &mut Decoder, key: &Key, node: &Node) -> Option<VirtualNetwork> {
    let name = node_name(d, key);
    d.mapping(node, key.place, "a virtual network", |fields| {
        let location = fields.required("location", location);
        let address_prefixes = fields.required("addressPrefixes", |d, node| {
            d.filled_list(node, "a list of prefixes", prefix)
        });
        let subnets = fields.named("subnets", "subnets", subnet);
        let virtual_machines = fields.named("virtualMachines", "virtual machines", virtual_machine);
        let peerings = fields.if_given("peerings", |d, node| {
            d.list(node, "a list of peerings", peering)
        });
        Some(VirtualNetwork {
            name: name?,
            location: location?,
            address_prefixes: address_prefixes?,
            subnets,
            virtual_machines,
            peerings: peerings.unwrap_or_default(),
        })
    })
}

fn location(d: &mut Decoder, node: &Node) -> Option<Located<String>> {
    let region = name(d, node, "the name of a region")?.to_owned();
    Some(located(node.place, region))
}

fn subnet(d: &mut Decoder, key: &Key, node: &Node) -> Option<Subnet> {
    let name = key_text(d, key);
    d.mapping(node, key.place, "a subnet", |fields| {
        let address_prefix = fields.required("addressPrefix", prefix);
        let route_table = fields.optional("routeTable", reference);
        Some(Subnet {
            name,
            address_prefix: address_prefix?,
            route_table,
        })
    })
}
