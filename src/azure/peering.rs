//! Peerings of virtual networks.

pub(crate) mod cure;
pub(crate) mod decode;
pub(crate) mod defaults;
pub(crate) mod edit;
pub(crate) mod lower;
pub mod model;
pub(crate) mod rules;

use crate::azure::resource::{Kind, made_by_others, nothing_to_choose};

/// What this kind of resource has to say.
pub(crate) const KIND: Kind = Kind {
    keys: include_str!("peering/keys.yaml"),
    write_out: defaults::write_out,
    choose: nothing_to_choose,
    rules: &[
        rules::whole_peerings_name_networks,
        rules::have_two_halves,
        rules::show_subnets_that_exist,
        rules::transit_is_agreed,
    ],
    lower: made_by_others,
    cures: &[
        cure::complete,
        cure::use_gateways,
        cure::let_in,
        cure::show_subnets,
        cure::peer_with_next_hops,
        cure::peer,
    ],
};
