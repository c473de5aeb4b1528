//! What a lab file may leave out of a load balancer: its network, subnet and frontend address.

use crate::addresses::{Address, Prefix};
use crate::azure::facts::addresses::is_usable;
use crate::azure::virtual_network::defaults::prefix_of;
use crate::yaml::draft::Draft;
use crate::yaml::tree::{Kind, Node};
use std::collections::BTreeSet;

/// Chooses what the file leaves out.
pub(crate) fn choose(draft: &mut Draft<'_>) {
    for index in 0..draft.section("loadBalancers").len() {
        choose_subnet(draft, index);
        choose_frontend(draft, index);
    }
}

/// The network and the subnet are those of the first backend.
fn choose_subnet(draft: &mut Draft<'_>, index: usize) {
    let (_, balancer) = &draft.section("loadBalancers")[index];
    if !balancer.lacks("virtualNetwork") && !balancer.lacks("subnet") {
        return;
    }
    let backends = balancer.get("backends").map_or(&[][..], Node::items);
    let Some(backend) = backends.first().and_then(Node::text) else {
        return;
    };
    let (machine, interface) = match backend.split_once('/') {
        Some((machine, interface)) => (machine, Some(interface)),
        None => (backend, None),
    };
    let mut networks = draft.section("virtualNetworks").iter();
    let found = networks.find_map(|(key, network)| {
        let machine = network.get("virtualMachines")?.get(machine)?;
        Some((key.text.clone(), subnet_of(machine, interface)))
    });
    let Some((network, subnet)) = found else {
        return;
    };
    let Some(balancer) = draft.entry_mut("loadBalancers", index) else {
        return;
    };
    if balancer.lacks("virtualNetwork") {
        balancer.put(0, "virtualNetwork", Kind::Text(network));
    }
    if let Some(subnet) = subnet.filter(|_| balancer.lacks("subnet")) {
        balancer.put(1, "subnet", Kind::Text(subnet));
    }
}

/// The subnet of a machine's interface, by default of its primary one.
fn subnet_of(machine: &Node, interface: Option<&str>) -> Option<String> {
    let own = match (machine.get("networkInterfaces"), interface) {
        (None, _) => machine,
        (Some(all), None) => &all.entries().first()?.1,
        (Some(all), Some(name)) => all.get(name)?,
    };
    own.text_of("subnet").map(str::to_owned)
}

/// The frontend has the last free address of its subnet, so that machines that are added have the first ones.
fn choose_frontend(draft: &mut Draft<'_>, index: usize) {
    let (_, balancer) = &draft.section("loadBalancers")[index];
    if !balancer.lacks("frontendIPAddress") {
        return;
    }
    let found = balancer.text_of("virtualNetwork").and_then(|network| {
        let subnets = draft.entry("virtualNetworks", network)?.get("subnets")?;
        prefix_of(subnets.get(balancer.text_of("subnet")?)?)
    });
    let Some(subnet) = found else {
        return;
    };
    let taken = draft.addresses();
    if let Some(address) = last_free(subnet, &taken)
        && let Some(balancer) = draft.entry_mut("loadBalancers", index)
    {
        balancer.put(2, "frontendIPAddress", Kind::Text(address.to_string()));
    }
}

fn last_free(subnet: Prefix, taken: &BTreeSet<Address>) -> Option<Address> {
    let size = subnet.size();
    let mut all = (0..size).map(|distance| subnet.last().saturating_sub(distance));
    all.find(|one| is_usable(subnet, *one) && !taken.contains(one))
}
