//! Reads the `loadBalancers` section.

use crate::azure::load_balancer::model::LoadBalancer;
use crate::yaml::fields::Decoder;
use crate::yaml::tree::{Key, Node};
use crate::yaml::values::{address, node_name, reference};

/// An entry of `loadBalancers`.
pub(crate) fn load_balancer(d: &mut Decoder, key: &Key, node: &Node) -> Option<LoadBalancer> {
    let name = node_name(d, key);
    d.mapping(node, key.place, "a load balancer", |fields| {
        let virtual_network = fields.required("virtualNetwork", reference);
        let subnet = fields.required("subnet", reference);
        let frontend_ip_address = fields.required("frontendIPAddress", address);
        let backends = fields.required("backends", |d, node| {
            d.filled_list(node, "a list of virtual machines", reference)
        });
        Some(LoadBalancer {
            name: name?,
            virtual_network: virtual_network?,
            subnet: subnet?,
            frontend_ip_address: frontend_ip_address?,
            backends: backends?,
        })
    })
}
