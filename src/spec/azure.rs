//! The Azure sections: virtual networks, their gateways, and circuits.

use super::fields::{Decoder, Fields};
use super::model::{
    CircuitLink, ExpressRouteCircuit, GatewayKind, Peering, Subnet, VirtualMachine, VirtualNetwork,
    VirtualNetworkGateway, VpnSku,
};
use super::tree::{Key, Node};
use super::values::{
    address, bandwidth, boolean, choice, duration, gateway_asn, key_text, link_prefix, located,
    name, node_name, prefix, reference,
};
use crate::findings::{Located, Place};
use crate::units::Asn;

#[derive(Debug, Clone, Copy)]
enum GatewayType {
    Vpn,
    ExpressRoute,
}

const GATEWAY_TYPES: [(&str, GatewayType); 2] = [
    ("Vpn", GatewayType::Vpn),
    ("ExpressRoute", GatewayType::ExpressRoute),
];

const SKUS: [(&str, VpnSku); 5] = [
    ("VpnGw1", VpnSku::VpnGw1),
    ("VpnGw2", VpnSku::VpnGw2),
    ("VpnGw3", VpnSku::VpnGw3),
    ("VpnGw4", VpnSku::VpnGw4),
    ("VpnGw5", VpnSku::VpnGw5),
];

/// An entry of `virtualNetworks`.
pub(super) fn virtual_network(d: &mut Decoder, key: &Key, node: &Node) -> Option<VirtualNetwork> {
    let name = node_name(d, key);
    d.mapping(node, key.place, "a virtual network", |fields| {
        let location = fields.required("location", location);
        let address_prefixes = fields.required("addressPrefixes", |d, node| {
            d.filled_list(node, "a list of prefixes", prefix)
        });
        let subnets = fields.optional("subnets", |d, node| {
            d.named(node, "subnets by their names", subnet)
        });
        let virtual_machines = fields.optional("virtualMachines", |d, node| {
            d.named(node, "virtual machines by their names", virtual_machine)
        });
        let peerings = fields.optional("peerings", |d, node| {
            d.list(node, "a list of peerings", peering)
        });
        Some(VirtualNetwork {
            name: name?,
            location: location?,
            address_prefixes: address_prefixes?,
            subnets: subnets.unwrap_or_default(),
            virtual_machines: virtual_machines.unwrap_or_default(),
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
        Some(Subnet {
            name: name?,
            address_prefix: address_prefix?,
        })
    })
}

fn virtual_machine(d: &mut Decoder, key: &Key, node: &Node) -> Option<VirtualMachine> {
    let name = node_name(d, key);
    d.mapping(node, key.place, "a virtual machine", |fields| {
        let subnet = fields.required("subnet", reference);
        let private_ip_address = fields.required("privateIPAddress", address);
        Some(VirtualMachine {
            name: name?,
            subnet: subnet?,
            private_ip_address: private_ip_address?,
        })
    })
}

fn peering(d: &mut Decoder, node: &Node) -> Option<Peering> {
    d.mapping(node, node.place, "a peering", |fields| {
        let remote_virtual_network = fields.required("remoteVirtualNetwork", reference);
        let allow_gateway_transit = fields.optional("allowGatewayTransit", boolean);
        let use_remote_gateways = fields.optional("useRemoteGateways", boolean);
        let default = located(node.place, false);
        Some(Peering {
            remote_virtual_network: remote_virtual_network?,
            allow_gateway_transit: allow_gateway_transit.unwrap_or(default),
            use_remote_gateways: use_remote_gateways.unwrap_or(default),
        })
    })
}

/// An entry of `virtualNetworkGateways`.
pub(super) fn gateway(d: &mut Decoder, key: &Key, node: &Node) -> Option<VirtualNetworkGateway> {
    let name = node_name(d, key);
    d.mapping(node, key.place, "a gateway", |fields| {
        let virtual_network = fields.required("virtualNetwork", reference);
        let private_ip_address = fields.optional("privateIPAddress", address);
        let kind = gateway_kind(fields, key.place);
        Some(VirtualNetworkGateway {
            name: name?,
            virtual_network: virtual_network?,
            private_ip_address,
            kind: kind?,
        })
    })
}

fn gateway_kind(fields: &mut Fields<'_>, name: Place) -> Option<GatewayKind> {
    let gateway_type = fields.required("gatewayType", |d, node| choice(d, node, &GATEWAY_TYPES));
    match gateway_type {
        Some(GatewayType::Vpn) => vpn(fields, name),
        Some(GatewayType::ExpressRoute) => {
            fields.narrow("an ExpressRoute gateway");
            Some(GatewayKind::ExpressRoute)
        }
        None => {
            fields.allow_incomplete();
            vpn(fields, name);
            None
        }
    }
}

fn vpn(fields: &mut Fields<'_>, name: Place) -> Option<GatewayKind> {
    let sku = fields.optional("sku", |d, node| choice(d, node, &SKUS));
    let asn = fields.optional("asn", gateway_asn);
    let bgp_peering_address = fields.optional("bgpPeeringAddress", address);
    let public_ip_address = fields.required("publicIPAddress", address);
    Some(GatewayKind::Vpn {
        sku: sku.unwrap_or(VpnSku::VpnGw1),
        asn: asn.unwrap_or(located(name, Asn::AZURE_GATEWAY)),
        bgp_peering_address,
        public_ip_address: public_ip_address?,
    })
}

/// An entry of `expressRouteCircuits`.
pub(super) fn circuit(d: &mut Decoder, key: &Key, node: &Node) -> Option<ExpressRouteCircuit> {
    let name = node_name(d, key);
    d.mapping(node, key.place, "a circuit", |fields| {
        let bandwidth = fields.required("bandwidthInMbps", bandwidth);
        let primary = fields.required("primary", circuit_link);
        let secondary = fields.required("secondary", circuit_link);
        let round_trip_time = fields.optional("rtt", duration);
        Some(ExpressRouteCircuit {
            name: name?,
            bandwidth: bandwidth?,
            links: [primary?, secondary?],
            round_trip_time: round_trip_time.unwrap_or_default(),
        })
    })
}

fn circuit_link(d: &mut Decoder, node: &Node) -> Option<CircuitLink> {
    d.mapping(node, node.place, "a circuit's link", |fields| {
        let peer_address_prefix = fields.required("peerAddressPrefix", link_prefix);
        let customer_edge = fields.required("customerEdge", reference);
        let enabled = fields.optional("enabled", boolean);
        Some(CircuitLink {
            peer_address_prefix: peer_address_prefix?,
            customer_edge: customer_edge?,
            enabled: enabled.is_none_or(|enabled| enabled.value),
        })
    })
}
