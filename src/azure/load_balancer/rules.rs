//! Rules for load balancers of network virtual appliances.

use std::collections::BTreeSet;

use crate::azure::addresses::unusable;
use crate::azure::load_balancer::model::LoadBalancer;
use crate::azure::references::{find_interface, find_subnet, find_vnet};
use crate::azure::resources::Resources;
use crate::azure::virtual_machine::rules::does_not_forward;
use crate::findings::{Finding, Rule};

const OTHER_NETWORK: Rule = Rule::new("other-network");
const BACKEND_TWICE: Rule = Rule::new("backend-twice");

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
        } else if !seen.insert((&machine.name.value, &interface.name.value)) {
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
