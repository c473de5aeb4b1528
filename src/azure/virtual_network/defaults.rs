//! What a lab file may leave out of a virtual network: its region, address space and subnets.

use crate::addresses::Prefix;
use crate::topology::GATEWAY_SUBNET;
use crate::yaml::draft::{Draft, collect};
use crate::yaml::edit::list_of_texts;
use crate::yaml::tree::{Kind, Node};

/// The region of networks before which no network of the file has one.
const LOCATION: &str = "westeurope";

/// The address space that the Azure portal proposes is a /16 of this one.
const SPACE: &str = "10.0.0.0/8";
const SPACE_LENGTH: u8 = 16;

/// The subnet that the Azure portal proposes.
const SUBNET: &str = "default";
const SUBNET_LENGTH: u8 = 24;

/// The smallest subnet that a gateway of any size accepts (vpn-gateway-about-vpn-gateway-settings).
const GATEWAY_SUBNET_LENGTH: u8 = 27;
const GATEWAY_SUBNET_SIZE: u64 = 32;

/// How many places at the end of an address space are tried for the subnet of gateways.
const MOST_TRIED: u64 = 64;

/// Subnets in which only Azure's own services stand.
const RESERVED_NAMES: [&str; 5] = [
    GATEWAY_SUBNET,
    "RouteServerSubnet",
    "AzureBastionSubnet",
    "AzureFirewallSubnet",
    "AzureFirewallManagementSubnet",
];

/// Chooses what the file leaves out.
pub(crate) fn choose(draft: &mut Draft<'_>) {
    draft.write_out_names("virtualNetworks");
    let mut location = LOCATION.to_owned();
    for index in 0..draft.section("virtualNetworks").len() {
        choose_location(draft, index, &mut location);
        choose_space(draft, index);
        choose_subnets(draft, index);
    }
}

/// A network is in the region of the one before it.
fn choose_location(draft: &mut Draft<'_>, index: usize, location: &mut String) {
    let Some(network) = draft.entry_mut("virtualNetworks", index) else {
        return;
    };
    if let Some(given) = network.text_of("location") {
        given.clone_into(location);
    } else if network.lacks("location") {
        network.put(0, "location", Kind::Text(location.clone()));
    }
}

fn choose_space(draft: &mut Draft<'_>, index: usize) {
    let (_, network) = &draft.section("virtualNetworks")[index];
    if !network.lacks("addressPrefixes") {
        return;
    }
    let place = network.place;
    let space = SPACE.parse().expect("it is a prefix");
    let around_given = first_prefix(network)
        .and_then(|one| Prefix::new(one.addr(), SPACE_LENGTH))
        .map(|block| block.trunc());
    if let Some(prefix) = around_given.or_else(|| draft.free_prefix(space, SPACE_LENGTH))
        && let Some(network) = draft.entry_mut("virtualNetworks", index)
    {
        let prefixes = list_of_texts(place, [prefix.to_string()]);
        network.put(1, "addressPrefixes", prefixes);
    }
}

/// The first prefix or address that the file gives to something in a network.
fn first_prefix(network: &Node) -> Option<Prefix> {
    let mut given = Vec::new();
    collect(network, &mut given);
    given.into_iter().next()
}

fn choose_subnets(draft: &mut Draft<'_>, index: usize) {
    let (key, network) = &draft.section("virtualNetworks")[index];
    let mut gateways = draft.section("virtualNetworkGateways").iter();
    let has_gateway = gateways.any(|(_, gateway)| {
        let named = gateway.text_of("virtualNetwork").or(gateway.text());
        named == Some(&key.text)
    });
    let has_balancer = balances_without_subnet(draft, network);
    let Some(network) = draft.entry_mut("virtualNetworks", index) else {
        return;
    };
    let wants_default = has_balancer || has_machines_without_subnet(network);
    let spaces = prefixes(network);
    let has = |name: &str| {
        network
            .get("subnets")
            .is_some_and(|all| all.get(name).is_some())
    };
    let wants_gateway = has_gateway && !has(GATEWAY_SUBNET);
    if network.lacks("subnets") {
        if !(wants_gateway || wants_default) {
            return;
        }
        network.put(2, "subnets", Kind::Mapping(Vec::new()));
    }
    let Some(subnets) = network.get_mut("subnets") else {
        return;
    };
    write_out(subnets);
    if wants_default && first_for_machines(subnets).is_none() {
        subnets.put(0, SUBNET, Kind::Mapping(Vec::new()));
    }
    if wants_gateway {
        add_gateway_subnet(subnets, &spaces);
    }
    choose_prefixes(subnets, &spaces);
}

fn has_machines_without_subnet(network: &Node) -> bool {
    let Some(machines) = network.get("virtualMachines") else {
        return false;
    };
    let in_list = !machines.items().is_empty();
    let mut machines = machines.entries().iter();
    in_list || machines.any(|(_, machine)| machine.get("subnet").is_none())
}

/// Whether a load balancer needs a subnet of a network to be chosen: one with a backend in this network.
fn balances_without_subnet(draft: &Draft<'_>, network: &Node) -> bool {
    let machines = network.get("virtualMachines");
    let has = |name: &str| machines.is_some_and(|machines| machines.get(name).is_some());
    let mut balancers = draft.section("loadBalancers").iter();
    balancers.any(|(_, balancer)| {
        let backends = balancer.get("backends").map_or(&[][..], Node::items);
        balancer.lacks("subnet") && backends.iter().any(|one| one.text().is_some_and(has))
    })
}

/// Writes out the short forms of subnets: a list of their names, and a prefix in place of a subnet's keys.
fn write_out(subnets: &mut Node) {
    subnets.write_out_names();
    for (_, subnet) in subnets.entries_mut() {
        subnet.write_out_as("addressPrefix");
    }
}

/// The first subnet that machines may be in.
pub(crate) fn first_for_machines(subnets: &Node) -> Option<&str> {
    let mut names = subnets.entries().iter().map(|(key, _)| key.text.as_str());
    names.find(|name| !RESERVED_NAMES.contains(name))
}

/// The prefixes of a network that can be read.
fn prefixes(network: &Node) -> Vec<Prefix> {
    let given = network.get("addressPrefixes").map_or(&[][..], Node::items);
    let given = given
        .iter()
        .filter_map(|prefix| prefix.text()?.parse().ok());
    given.collect()
}

/// The prefix of a subnet that can be read.
pub(crate) fn prefix_of(subnet: &Node) -> Option<Prefix> {
    subnet.text_of("addressPrefix")?.parse().ok()
}

/// The subnet of gateways is at the end of the address space, where further subnets do not need the room: in its last
/// /24, as in the documents' examples, or in its last /27.
fn add_gateway_subnet(subnets: &mut Node, spaces: &[Prefix]) {
    let taken = taken(subnets);
    let larger = spaces
        .iter()
        .filter(|space| space.prefix_len() < SUBNET_LENGTH);
    let ends = larger.filter_map(|space| {
        let block = Prefix::new(space.last(), SUBNET_LENGTH)?.network();
        Prefix::new(block, GATEWAY_SUBNET_LENGTH)
    });
    let lasts = spaces.iter().flat_map(|space| {
        let ends = (0..MOST_TRIED).map(|at| space.last().saturating_sub(at * GATEWAY_SUBNET_SIZE));
        let all = ends.filter_map(|end| Some(Prefix::new(end, GATEWAY_SUBNET_LENGTH)?.trunc()));
        all.filter(|one| space.contains(one))
    });
    let lasts = lasts.filter(|one| is_free(*one, &taken));
    let mut found = ends.filter(|one| is_free(*one, &taken)).chain(lasts);
    if let Some(prefix) = found.next() {
        let at = subnets.entries().len();
        subnets.put(at, GATEWAY_SUBNET, Kind::Text(prefix.to_string()));
        write_out(subnets);
    }
}

/// Each subnet without a prefix gets the first free /24 of the address space, or the largest free part that is smaller.
fn choose_prefixes(subnets: &mut Node, spaces: &[Prefix]) {
    for index in 0..subnets.entries().len() {
        let (_, subnet) = &subnets.entries()[index];
        if !subnet.lacks("addressPrefix") {
            continue;
        }
        let taken = taken(subnets);
        let mut lengths = SUBNET_LENGTH..=29;
        let found = lengths.find_map(|length| {
            let mut parts = spaces.iter().flat_map(|space| parts(*space, length));
            parts.find(|one| is_free(*one, &taken))
        });
        if let Some(prefix) = found {
            let subnet = &mut subnets.entries_mut()[index].1;
            subnet.put(0, "addressPrefix", Kind::Text(prefix.to_string()));
        }
    }
}

/// The parts of a space that have a length, or the space itself if it is smaller.
fn parts(space: Prefix, length: u8) -> impl Iterator<Item = Prefix> {
    space.subnets(length.max(space.prefix_len()))
}

fn taken(subnets: &Node) -> Vec<Prefix> {
    let subnets = subnets.entries().iter();
    subnets
        .filter_map(|(_, subnet)| prefix_of(subnet))
        .collect()
}

fn is_free(prefix: Prefix, taken: &[Prefix]) -> bool {
    let mut taken = taken.iter();
    !taken.any(|other| other.contains(&prefix) || prefix.contains(other))
}
