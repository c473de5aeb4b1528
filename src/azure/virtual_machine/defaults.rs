//! Default values of a virtual machine: the subnets and addresses of its network interfaces.

use std::collections::BTreeSet;

use crate::addresses::{Address, Prefix};
use crate::azure::facts::addresses::usable;
use crate::azure::virtual_machine::draft::{interfaces, machines};
use crate::azure::virtual_network::defaults::{first_for_machines, prefix_of};
use crate::yaml::draft::{Draft, collect_addresses};
use crate::yaml::tree::{Kind, Node};

/// Expands short forms: names of machines and interfaces, and an address in place of an interface's keys.
pub(crate) fn write_out(draft: &mut Draft<'_>) {
    for index in 0..draft.section("virtualNetworks").len() {
        let network = draft.entry_mut("virtualNetworks", index);
        if let Some(machines) = network.and_then(|network| network.get_mut("virtualMachines")) {
            machines.write_out_names();
            for (_, machine) in machines.entries_mut() {
                machine.write_out_as("privateIPAddress");
                write_out_interfaces(machine);
            }
        }
    }
}

/// Chooses the values that the file omits.
pub(crate) fn choose(draft: &mut Draft<'_>) {
    let shared = draft.addresses_outside("virtualNetworks");
    for index in 0..draft.section("virtualNetworks").len() {
        let network = draft.entry_mut("virtualNetworks", index);
        if let Some(network) = network.filter(|network| lacks_anything(network)) {
            choose_in(network, &shared);
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

fn lacks_anything(network: &Node) -> bool {
    let machines = machines(network).iter();
    let endpoints = network
        .get("privateEndpoints")
        .map_or(&[][..], Node::entries);
    let endpoints = endpoints.iter().map(|(_, endpoint)| endpoint);
    let mut all = machines
        .flat_map(|(_, machine)| interfaces(machine))
        .chain(endpoints);
    all.any(|interface| interface.lacks("subnet") || interface.lacks("privateIPAddress"))
}

/// The subnets of a network while addresses are chosen in them.
struct Subnets<'a> {
    /// The first subnet that machines may be in.
    first: String,
    all: Vec<Subnet>,
    /// Every address in use in the network.
    taken: BTreeSet<Address>,
    /// Addresses of other sections, some of which are in the network.
    shared: &'a BTreeSet<Address>,
}

struct Subnet {
    name: String,
    prefix: Option<Prefix>,
    /// The addresses that were not tried yet.
    untried: Box<dyn Iterator<Item = Address>>,
}

impl Subnets<'_> {
    /// Chooses the subnet and the address of an interface if the file omits them.
    fn choose(&mut self, name: Option<&str>, interface: &mut Node) {
        let address = interface.text_of("privateIPAddress");
        let address: Option<Address> = address.and_then(|given| given.parse().ok());
        if interface.lacks("subnet") {
            let subnet = self.around(address).or_else(|| self.named(name?));
            let subnet = subnet.map_or(&self.first, |subnet| &subnet.name);
            interface.put(0, "subnet", Kind::Text(subnet.clone()));
        }
        if !interface.lacks("privateIPAddress") {
            return;
        }
        let named = interface.text_of("subnet");
        let free = named.and_then(|name| self.free_in(name));
        if let Some(address) = free {
            interface.put(1, "privateIPAddress", Kind::Text(address.to_string()));
        }
    }

    fn named(&self, name: &str) -> Option<&Subnet> {
        self.all.iter().find(|subnet| subnet.name == name)
    }

    /// The subnet that contains an address.
    fn around(&self, address: Option<Address>) -> Option<&Subnet> {
        let mut all = self.all.iter();
        let contains = |prefix: Prefix| address.is_some_and(|own| prefix.contains(&own));
        all.find(|subnet| subnet.prefix.is_some_and(contains))
    }

    /// The first free address of a subnet, which is in use from now on.
    fn free_in(&mut self, name: &str) -> Option<Address> {
        let subnet = self.all.iter_mut().find(|subnet| subnet.name == name)?;
        let is_free = |one: &Address| !self.taken.contains(one) && !self.shared.contains(one);
        let free = subnet.untried.find(is_free);
        self.taken.extend(free);
        free
    }
}

fn choose_in(network: &mut Node, shared: &BTreeSet<Address>) {
    let Some(given) = network.get("subnets") else {
        return;
    };
    let Some(first) = first_for_machines(given) else {
        return;
    };
    let all = given.entries().iter().map(|(key, subnet)| {
        let prefix = prefix_of(subnet);
        Subnet {
            name: key.text.clone(),
            prefix,
            untried: Box::new(prefix.into_iter().flat_map(usable)),
        }
    });
    let mut taken = BTreeSet::new();
    collect_addresses(network, &mut taken);
    let mut subnets = Subnets {
        first: first.to_owned(),
        all: all.collect(),
        taken,
        shared,
    };
    let machines = network.get_mut("virtualMachines").map(Node::entries_mut);
    for (_, machine) in machines.into_iter().flatten() {
        match machine.get_mut("networkInterfaces") {
            Some(several) => {
                for (key, interface) in several.entries_mut() {
                    subnets.choose(Some(&key.text), interface);
                }
            }
            None => subnets.choose(None, machine),
        }
    }
    let endpoints = network.get_mut("privateEndpoints");
    let endpoints = endpoints.map(Node::entries_mut);
    for (_, endpoint) in endpoints.into_iter().flatten() {
        subnets.choose(None, endpoint);
    }
}
