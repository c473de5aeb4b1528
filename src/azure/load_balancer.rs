//! Internal load balancers in front of network virtual appliances.

pub(crate) mod decode;
pub(crate) mod defaults;
pub(crate) mod lower;
pub mod model;
pub(crate) mod rules;

use crate::azure::resource::{Kind, no_short_forms};

/// The functions and key descriptions of this kind of resource.
pub(crate) const KIND: Kind = Kind {
    keys: include_str!("load_balancer/keys.yaml"),
    write_out: no_short_forms,
    choose: defaults::choose,
    rules: &[
        rules::load_balancers_stand_in_a_subnet,
        rules::backends_are_appliances,
    ],
    lower: |builder| builder.load_balancers(),
    cures: &[],
};
