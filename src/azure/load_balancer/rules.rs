//! Rules for network virtual appliances and their load balancers.

use std::collections::BTreeSet;

use crate::azure::addresses::unusable;
use crate::azure::connection::model::{ConnectionKind, IpSecEnd};
use crate::azure::load_balancer::model::LoadBalancer;
use crate::azure::references::{find_interface, find_machine, find_subnet, find_vnet, machines};
use crate::azure::resources::Resources;
use crate::azure::virtual_machine::model::{NetworkInterface, VirtualMachine};
use crate::findings::{Finding, Located, Rule};

const IP_FORWARDING: Rule = Rule::of_whole_files("ip-forwarding").needing(&["ipForwarding"]);
const USELESS_ASN: Rule = Rule::of_whole_files("useless-asn");
const OTHER_NETWORK: Rule = Rule::new("other-network");
const BACKEND_TWICE: Rule = Rule::new("backend-twice");

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
    let ends = spec
        .connections
        .iter()
        .filter_map(|connection| match &connection.kind {
            ConnectionKind::IpSec {
                end: IpSecEnd::Appliance(name),
                ..
            } => Some(name),
            _ => None,
        });
    ends.filter_map(|name| {
        let (_, machine) = find_machine(spec, name).ok()?;
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
        machine.device.tunnel.is_none().then(|| {
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

/// A load balancer must be in a subnet of its network, with an address that is usable in the subnet.
pub(crate) fn load_balancers_stand_in_a_subnet(spec: &Resources) -> Vec<Finding> {
    let unfit = spec.load_balancers.iter().filter_map(|balancer| {
        let vnet = match find_vnet(spec, &balancer.virtual_network) {
            Ok(vnet) => vnet,
            Err(missing) => return Some(missing),
        };
        match find_subnet(vnet, &balancer.subnet) {
            Ok(subnet) => unusable(subnet.address_prefix, &balancer.frontend_ip_address),
            Err(missing) => Some(missing),
        }
    });
    unfit.collect()
}

/// The backends of a load balancer must be virtual machines of its own network that forward, each listed once
/// (load-balancer-ha-ports-overview).
pub(crate) fn backends_are_appliances(spec: &Resources) -> Vec<Finding> {
    let balancers = spec.load_balancers.iter();
    balancers
        .flat_map(|balancer| backends(spec, balancer))
        .collect()
}

fn backends(spec: &Resources, balancer: &LoadBalancer) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    let own_network = find_vnet(spec, &balancer.virtual_network).ok();
    for name in &balancer.backends {
        let (vnet, machine, interface) = match find_interface(spec, name) {
            Ok(found) => found,
            Err(missing) => {
                findings.push(missing);
                continue;
            }
        };
        if own_network.is_some_and(|own| own.name != vnet.name) {
            let message = format!(
                "`{}` is in virtual network `{}`, its load balancer in `{}`",
                name.value, vnet.name.value, balancer.virtual_network.value
            );
            findings.push(
                Finding::new(OTHER_NETWORK, name.place, message).with_help(
                    "a load balancer's backends are machines of its own network (load-balancer-overview)",
                ),
            );
        } else if !seen.insert(interface.private_ip_address.place) {
            let message = format!("`{}` is already a backend", name.value);
            findings.push(Finding::new(BACKEND_TWICE, name.place, message));
        } else {
            findings.extend(does_not_forward(
                name,
                (machine, interface),
                "behind a load balancer that routes lead to",
            ));
        }
    }
    findings
}
