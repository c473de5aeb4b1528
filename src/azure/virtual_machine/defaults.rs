//! What a lab file may leave out of a virtual machine: the subnets and addresses of its network interfaces.

use crate::addresses::{Address, Prefix};
use crate::azure::facts::addresses::first_free;
use crate::azure::virtual_network::defaults::{first_for_machines, prefix_of};
use crate::yaml::draft::{Draft, collect_addresses};
use crate::yaml::tree::{Key, Kind, Node};
use std::collections::BTreeSet;

/// Chooses what the file leaves out.
pub(crate) fn choose(draft: &mut Draft<'_>) {
    for index in 0..draft.section("virtualNetworks").len() {
        let Some(network) = draft.entry_mut("virtualNetworks", index) else {
            continue;
        };
        if let Some(machines) = network.get_mut("virtualMachines") {
            machines.write_out_names();
            for (_, machine) in machines.entries_mut() {
                machine.write_out_as("privateIPAddress");
                write_out_interfaces(machine);
            }
        }
        if lacks_anything(network) {
            choose_in(draft, index);
        }
    }
}

fn write_out_interfaces(machine: &mut Node) {
    if let Some(interfaces) = machine.get_mut("networkInterfaces") {
        interfaces.write_out_names();
        for (_, interface) in interfaces.entries_mut() {
            interface.write_out_as("privateIPAddress");
        }
    }
}

fn machines(network: &Node) -> &[(Key, Node)] {
    network.get("virtualMachines").map_or(&[], Node::entries)
}

/// The mappings with the keys of a machine's interfaces: those of `networkInterfaces`, or the machine's own.
fn interfaces(machine: &Node) -> impl Iterator<Item = &Node> {
    let several = machine.get("networkInterfaces");
    let one = several.is_none().then_some(machine);
    let several = several.into_iter().flat_map(Node::entries);
    several.map(|(_, interface)| interface).chain(one)
}

fn lacks_anything(network: &Node) -> bool {
    let mut all = machines(network)
        .iter()
        .flat_map(|(_, machine)| interfaces(machine));
    all.any(|interface| interface.lacks("subnet") || interface.lacks("privateIPAddress"))
}

fn choose_in(draft: &mut Draft<'_>, index: usize) {
    let mut taken = addresses_given(draft, index);
    let Some(network) = draft.entry_mut("virtualNetworks", index) else {
        return;
    };
    let Some(first) = network.get("subnets").and_then(first_for_machines) else {
        return;
    };
    let first = first.to_owned();
    let subnets: Vec<_> = network
        .get("subnets")
        .map_or(&[][..], Node::entries)
        .iter()
        .map(|(key, subnet)| (key.text.clone(), prefix_of(subnet)))
        .collect();
    let mut choose = |name: Option<&str>, interface: &mut Node| {
        if interface.lacks("subnet") {
            let address = interface.text_of("privateIPAddress");
            let address: Option<Address> = address.and_then(|given| given.parse().ok());
            let around = |prefix: &Option<Prefix>| {
                address.is_some_and(|given| prefix.is_some_and(|prefix| prefix.contains(&given)))
            };
            let own = subnets
                .iter()
                .find(|(known, prefix)| Some(known.as_str()) == name || around(prefix));
            let subnet = own.map_or(&first, |(known, _)| known);
            interface.put(0, "subnet", Kind::Text(subnet.clone()));
        }
        if !interface.lacks("privateIPAddress") {
            return;
        }
        let within = subnets
            .iter()
            .find(|(known, _)| Some(known.as_str()) == interface.text_of("subnet"));
        let free =
            within.and_then(|(_, prefix)| first_free((*prefix)?, |one| taken.contains(&one)));
        if let Some(address) = free {
            taken.insert(address);
            interface.put(1, "privateIPAddress", Kind::Text(address.to_string()));
        }
    };
    let machines = network.get_mut("virtualMachines").map(Node::entries_mut);
    for (_, machine) in machines.into_iter().flatten() {
        match machine.get_mut("networkInterfaces") {
            Some(several) => {
                for (key, interface) in several.entries_mut() {
                    choose(Some(&key.text), interface);
                }
            }
            None => choose(None, machine),
        }
    }
}

/// Every address that the file gives to something in a network, or that may be in it.
fn addresses_given(draft: &Draft<'_>, index: usize) -> BTreeSet<Address> {
    let mut taken = BTreeSet::new();
    collect_addresses(&draft.section("virtualNetworks")[index].1, &mut taken);
    for section in ["loadBalancers", "virtualNetworkGateways", "connections"] {
        for (_, node) in draft.section(section) {
            collect_addresses(node, &mut taken);
        }
    }
    taken
}
