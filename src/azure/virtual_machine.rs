//! Virtual machines with their network interfaces. Network virtual appliances are virtual machines that forward.

pub(crate) mod cure;
pub(crate) mod decode;
pub(crate) mod defaults;
pub(crate) mod draft;
pub(crate) mod lower;
pub mod model;
pub(crate) mod rules;

use crate::azure::addresses;
use crate::azure::resource::{Kind, made_by_others};

/// The functions and key descriptions of this kind of resource.
pub(crate) const KIND: Kind = Kind {
    keys: include_str!("virtual_machine/keys.yaml"),
    write_out: defaults::write_out,
    choose: defaults::choose,
    rules: &[
        addresses::machines_fit_their_subnet,
        rules::machines_have_room,
        rules::appliances_forward,
        rules::machines_with_a_number_have_a_tunnel,
    ],
    lower: made_by_others,
    cures: &[cure::forward],
};
