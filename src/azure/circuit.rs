//! `ExpressRoute` circuits, with their pairs of MSEEs.

pub(crate) mod cure;
pub(crate) mod decode;
pub(crate) mod defaults;
pub(crate) mod lower;
pub(crate) mod microsoft;
pub mod model;
mod private;
pub(crate) mod ranges;
pub(crate) mod rules;
pub(crate) mod underlay;

use crate::azure::resource::Kind;

/// The functions and key descriptions of this kind of resource.
pub(crate) const KIND: Kind = Kind {
    keys: include_str!("circuit/keys.yaml"),
    write_out: defaults::write_out,
    choose: defaults::choose,
    rules: &[
        ranges::circuits_keep_clear,
        rules::circuits_end_at_customer_edges,
        rules::both_links_are_connected,
        rules::gateways_take_a_few_circuits,
        rules::circuits_take_a_few_networks,
        rules::fast_path_needs_a_large_gateway,
        rules::customer_edges_advertise_a_few_prefixes,
        rules::networks_advertise_a_few_prefixes,
    ],
    lower: |builder| builder.circuits(),
    cures: &[cure::turn_on_links],
};
