//! Default values of a load balancer: its network, subnet and frontend address.

use std::collections::BTreeSet;

use crate::addresses::{Address, Prefix};
use crate::azure::facts::addresses::is_usable;
use crate::azure::virtual_machine::draft::Places;
use crate::azure::virtual_network::defaults::prefix_of;
use crate::yaml::draft::Draft;
use crate::yaml::tree::{Kind, Node};

/// Chooses the values that the file omits.
pub(crate) fn choose(draft: &mut Draft<'_>) {
    let places = Places::of(draft);
    for index in 0..draft.section("loadBalancers").len() {
        choose_subnet(draft, index, &places);
        choose_frontend(draft, index);
    }
}

/// Sets the network and the subnet to those of the first backend.
fn choose_subnet(draft: &mut Draft<'_>, index: usize, places: &Places) {
    let (_, balancer) = &draft.section("loadBalancers")[index];
    if !balancer.lacks("virtualNetwork") && !balancer.lacks("subnet") {
        return;
    }
    let backends = balancer.get("backends").map_or(&[][..], Node::items);
    let Some(backend) = backends.first().and_then(Node::text) else {
        return;
    };
    let Some((network, interface)) = places.interface(draft, backend) else {
        return;
    };
    let network = network.to_owned();
    let subnet = interface.text_of("subnet").map(str::to_owned);
    let Some(balancer) = draft.entry_mut("loadBalancers", index) else {
        return;
    };
    if balancer.lacks("virtualNetwork") {
        balancer.put(0, "virtualNetwork", Kind::Text(network.clone()));
    }
    let is_there = balancer.text_of("virtualNetwork") == Some(&network);
    if let Some(subnet) = subnet.filter(|_| is_there && balancer.lacks("subnet")) {
        balancer.put(1, "subnet", Kind::Text(subnet));
    }
}

/// Sets the frontend to the last free address of its subnet, so that new machines get the first free addresses.
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
    let free = last_free(subnet, taken);
    taken.extend(free);
    if let Some(address) = free
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
