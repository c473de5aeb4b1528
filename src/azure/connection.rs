//! Connections of gateways to circuits, to each other and to devices, and of circuits to each other.

pub(crate) mod cure;
pub(crate) mod decode;
pub(crate) mod defaults;
pub(crate) mod ends;
mod express_route;
mod joints;
pub(crate) mod lower;
pub mod model;
pub(crate) mod rules;
mod selectors;
mod transport;
pub(crate) mod tunnels;
pub(crate) mod vpn;

use crate::azure::resource::{Kind, no_short_forms};

/// The functions and key descriptions of this kind of resource.
pub(crate) const KIND: Kind = Kind {
    keys: include_str!("connection/keys.yaml"),
    write_out: no_short_forms,
    choose: defaults::choose,
    rules: &[
        express_route::circuit_connections_resolve,
        express_route::global_reach_joins_circuits,
        rules::tunnels_resolve,
        joints::are_made_once,
        joints::peers_of_a_gateway_differ,
        joints::instances_exist,
        joints::prefixes_are_of_the_two_gateways,
        vpn::static_connections_say_what_lies_behind,
        vpn::local_networks_lie_outside,
        vpn::appliances_have_no_local_network,
        vpn::link_local_devices_need_link_local_gateways,
        vpn::gateways_have_a_few_tunnels,
        vpn::lab_has_ports_for_its_tunnels,
        transport::transports_reach_their_device,
        transport::private_tunnels_have_a_circuit,
        selectors::selectors_let_bgp_pass,
    ],
    lower: |builder| builder.connections(),
    cures: &[
        cure::know_prefixes,
        cure::speak_bgp,
        cure::reach_globally,
        cure::connect_sites,
        cure::connect_networks,
    ],
};
