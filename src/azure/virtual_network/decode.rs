//! The `virtualNetworks` section: subnets, virtual machines and peerings.

use crate::azure::peering::decode::peering;
use crate::azure::virtual_machine::decode::virtual_machine;
use crate::azure::virtual_network::endpoint::{self, private_endpoint, service_endpoints};
use crate::azure::virtual_network::model::{Subnet, VirtualNetwork};
use crate::findings::{Located, Place};
use crate::yaml::fields::Decoder;
use crate::yaml::tree::{Key, Node};
use crate::yaml::values::{key_text, located, name, node_name, prefix, reference};

/// An entry of `virtualNetworks`.
pub(crate) fn virtual_network(d: &mut Decoder, key: &Key, node: &Node) -> Option<VirtualNetwork> {
    let name = node_name(d, key);
    let before = d.findings.len();
    let read = d.mapping(node, key.place, "a virtual network", |fields| {
        let location = fields.required("location", location);
        let address_prefixes = fields.required("addressPrefixes", |d, node| {
            d.filled_list(node, "a list of prefixes", prefix)
        });
        let subnets = fields.named("subnets", "subnets", subnet);
        let mut virtual_machines =
            fields.named("virtualMachines", "virtual machines", virtual_machine);
        let private_endpoints =
            fields.named("privateEndpoints", "private endpoints", private_endpoint);
        virtual_machines.extend(private_endpoints.iter().map(endpoint::machine));
        let peerings = fields.if_given("peerings", |d, node| {
            d.list(node, "a list of peerings", peering)
        });
        Some(VirtualNetwork {
            name: name?,
            location: location?,
            address_prefixes: address_prefixes?,
            subnets,
            virtual_machines,
            private_endpoints,
            peerings: peerings.unwrap_or_default(),
        })
    });
    let mut network = read?;
    if d.findings.len() > before {
        forget_chosen_prefixes(&mut network, node);
    }
    Some(network)
}

/// Prefixes that were chosen may be others once the findings about the network are mended: nothing is outside them. A
/// chosen value has the place of the mapping to which it was added, before all values of that mapping.
fn forget_chosen_prefixes(network: &mut VirtualNetwork, node: &Node) {
    let subnets = node.get("subnets");
    for prefix in &mut network.address_prefixes {
        if prefix.place == node.place {
            prefix.place = Place::UNREADABLE;
        }
    }
    for subnet in &mut network.subnets {
        let own = subnets.and_then(|subnets| subnets.get(&subnet.name.value));
        let is_chosen = |own: &Node| [own.place, node.place].contains(&subnet.address_prefix.place);
        if own.is_some_and(is_chosen) {
            subnet.address_prefix.place = Place::UNREADABLE;
        }
    }
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
        let endpoint_policies =
            fields.if_given("privateEndpointNetworkPolicies", endpoint::policies);
        let service_endpoints = fields.if_given("serviceEndpoints", service_endpoints);
        Some(Subnet {
            name,
            address_prefix: address_prefix?,
            route_table,
            endpoint_policies: endpoint_policies.unwrap_or_default(),
            service_endpoints: service_endpoints.unwrap_or_default(),
        })
    })
}
