//! Route tables, and their user-defined routes.

pub(crate) mod cure;
pub(crate) mod decode;
pub(crate) mod defaults;
pub(crate) mod lower;
pub mod model;
pub(crate) mod next_hops;
pub(crate) mod owners;
pub(crate) mod rules;

use crate::azure::resource::{Kind, no_short_forms};

/// The functions and key descriptions of this kind of resource.
pub(crate) const KIND: Kind = Kind {
    keys: include_str!("route_table/keys.yaml"),
    write_out: no_short_forms,
    choose: defaults::choose,
    rules: &[
        rules::exist,
        rules::have_one_route_to_a_prefix,
        rules::have_room,
        rules::leave_vpn_gateways_their_default_route,
        rules::leave_gateways_their_learned_routes,
        next_hops::lead_to_appliances,
        next_hops::are_directly_reachable,
        next_hops::lead_to_a_vpn_gateway_alone,
        next_hops::do_not_lead_back,
    ],
    lower: |builder| builder.route_tables(),
    cures: &[
        cure::leave_appliances,
        cure::remove_routes,
        cure::change_next_hops,
        cure::propagate,
        cure::through_appliances,
        cure::through_gateways,
    ],
};
