//! Rules for virtual machines.

use crate::azure::references::machines;
use crate::azure::resources::Resources;
use crate::findings::{Finding, Rule};

const TOO_MANY_INTERFACES: Rule = Rule::new("too-many-interfaces");

/// The maximum number of network interfaces of a virtual machine of any size (virtual-machines/sizes).
const MOST_INTERFACES: usize = 8;

/// A virtual machine must not have more than eight network interfaces.
pub(crate) fn machines_have_room(spec: &Resources) -> Vec<Finding> {
    let crowded = machines(spec).filter_map(|(_, machine)| {
        let interfaces = &machine.network_interfaces;
        let first_too_many = interfaces.get(MOST_INTERFACES)?;
        let message = format!(
            "`{}` has {} network interfaces; no size of virtual machine has more than {MOST_INTERFACES}",
            machine.name.value,
            interfaces.len()
        );
        Some(Finding::new(TOO_MANY_INTERFACES, first_too_many.name.place, message))
    });
    crowded.collect()
}
