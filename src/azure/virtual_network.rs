//! Virtual networks and their subnets.

pub(crate) mod decode;
pub(crate) mod defaults;
pub(crate) mod endpoint;
pub(crate) mod lower;
pub mod model;
pub(crate) mod rules;

use crate::azure::resource::Kind;

/// The functions and key descriptions of this kind of resource.
pub(crate) const KIND: Kind = Kind {
    keys: include_str!("virtual_network/keys.yaml"),
    write_out: defaults::write_out,
    choose: defaults::choose,
    rules: &[
        rules::virtual_networks_do_not_overlap,
        rules::virtual_networks_avoid_reserved_ranges,
        rules::subnets_fit_their_network,
    ],
    lower: |builder| builder.virtual_networks(),
    cures: &[],
};
