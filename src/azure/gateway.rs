//! Virtual network gateways: VPN gateways and `ExpressRoute` gateways, which are one kind of resource in Azure.

pub mod capacity;
pub(crate) mod cure;
pub(crate) mod decode;
pub(crate) mod defaults;
pub(crate) mod lower;
pub mod model;
pub(crate) mod rules;
mod sessions;
pub(crate) mod sizes;
pub(crate) mod subnet;

use crate::azure::resource::Kind;

/// The functions and key descriptions of this kind of resource.
pub(crate) const KIND: Kind = Kind {
    keys: include_str!("gateway/keys.yaml"),
    write_out: defaults::write_out,
    choose: defaults::choose,
    rules: &[
        rules::stand_in_a_gateway_subnet,
        rules::are_one_of_a_kind,
        rules::have_room,
        rules::sizes::have_a_large_enough_subnet,
        rules::sizes::are_sold_today,
        rules::basic::gateways_have_one_instance,
        rules::basic::gateways_stand_alone,
        rules::basic::gateways_have_no_bgp,
        rules::clients::default_sites_are_connected,
        rules::clients::client_pools_lie_outside,
    ],
    lower: |builder| builder.gateways(),
    cures: &[cure::allow_remote_networks, cure::add_gateways],
};
