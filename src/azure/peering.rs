//! Peerings of virtual networks. Each peering has two sides, one in each network.

pub(crate) mod cure;
pub(crate) mod decode;
pub(crate) mod defaults;
pub(crate) mod edit;
pub(crate) mod lower;
pub mod model;
pub(crate) mod rules;

use crate::azure::resource::{Kind, made_by_others, nothing_to_choose};

/// The functions and key descriptions of this kind of resource.
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
