//! Rules for virtual machines, and for those that are network virtual appliances.

use crate::azure::connection::ends::device_names;
use crate::azure::references::{machine_named, machines};
use crate::azure::resources::Resources;
use crate::azure::virtual_machine::model::{NetworkInterface, VirtualMachine};
use crate::findings::{Finding, Located, Rule};

const IP_FORWARDING: Rule = Rule::of_whole_files("ip-forwarding").needing(&["ipForwarding"]);
const USELESS_ASN: Rule = Rule::of_whole_files("useless-asn");
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

/// The warning about a machine that should forward but whose network interface does not have IP forwarding enabled.
/// Azure accepts this and drops the packets (virtual-networks-udr-overview).
pub(crate) fn does_not_forward(
    said: &Located<String>,
    (machine, interface): (&VirtualMachine, &NetworkInterface),
    role: &str,
) -> Option<Finding> {
    if interface.ip_forwarding.value {
        return None;
    }
    let machine_name = &machine.name.value;
    let name = &interface.name.value;
    let (which, whose) = if machine.network_interfaces.len() == 1 {
        (String::new(), machine_name.to_string())
    } else {
        (format!(" `{name}`"), format!("{machine_name}/{name}"))
    };
    let message = format!(
        "`{machine_name}` is {role}, but its network interface{which} drops packets for other addresses"
    );
    let help = format!("add `ipForwarding: true` to `{whose}` (virtual-networks-udr-overview)");
    let finding = Finding::new(IP_FORWARDING, said.place, message).with_help(help);
    Some(finding.as_warning())
}

/// A virtual machine with a tunnel must forward.
pub(crate) fn appliances_forward(spec: &Resources) -> Vec<Finding> {
    let connections = spec.connections.iter();
    let ends = connections.flat_map(|connection| device_names(&connection.kind));
    ends.filter_map(|name| {
        let (_, machine) = machine_named(spec, &name.value)?;
        does_not_forward(
            name,
            (machine, machine.primary()),
            "the end of a connection",
        )
    })
    .collect()
}

/// A virtual machine uses BGP only over its tunnels, so an ASN without a tunnel has no effect.
pub(crate) fn machines_with_a_number_have_a_tunnel(spec: &Resources) -> Vec<Finding> {
    let idle = machines(spec).filter_map(|(_, machine)| {
        let asn = machine.device.asn?;
        machine.device.tunnel_ends().next().is_none().then(|| {
            let message = format!(
                "`{}` has an AS number but no `tunnel`, so it has no BGP neighbours",
                machine.name.value
            );
            Finding::new(USELESS_ASN, asn.place, message).with_help(
                "add `tunnel: { sourceAddress: ..., address: ... }` to it, or leave `asn` out",
            )
        })
    });
    idle.collect()
}
