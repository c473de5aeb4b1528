//! Default values of a virtual network: its region, address space and subnets.

use std::collections::BTreeSet;

use crate::addresses::Prefix;
use crate::azure::virtual_machine::draft::interfaces;
use crate::topology::GATEWAY_SUBNET;
use crate::yaml::draft::{Draft, Taken, collect};
use crate::yaml::edit::list_of_texts;
use crate::yaml::tree::{Kind, Node};

/// The region of networks without a region, if no earlier network of the file has one.
const LOCATION: &str = "westeurope";

/// The range of address spaces. The Azure portal proposes a /16 of it.
const SPACE: Prefix = Prefix::v4([10, 0, 0, 0], 8);
const SPACE_LENGTH: u8 = 16;

/// The subnet that the Azure portal proposes.
const SUBNET: &str = "default";
const SUBNET_LENGTH: u8 = 24;

/// The smallest subnet that Azure has (virtual-networks-faq).
const SMALLEST_SUBNET_LENGTH: u8 = 29;

/// The smallest subnet that all sizes of gateways accept (vpn-gateway-about-vpn-gateway-settings).
const GATEWAY_SUBNET_LENGTH: u8 = 27;
const GATEWAY_SUBNET_SIZE: u64 = 32;

/// How many positions at the end of an address space are tried for the `GatewaySubnet`.
const MOST_TRIED: u64 = 64;

/// Subnets that are reserved for Azure's own services.
const RESERVED_NAMES: [&str; 5] = [
    GATEWAY_SUBNET,
    "RouteServerSubnet",
    "AzureBastionSubnet",
    "AzureFirewallSubnet",
    "AzureFirewallManagementSubnet",
];

/// Expands short forms: names of networks, names of subnets, and a prefix in place of a subnet's keys.
pub(crate) fn write_out(draft: &mut Draft<'_>) {
    draft.write_out_names("virtualNetworks");
    for index in 0..draft.section("virtualNetworks").len() {
        let network = draft.entry_mut("virtualNetworks", index);
        if let Some(subnets) = network.and_then(|network| network.get_mut("subnets")) {
            subnets.write_out_names();
            for (_, subnet) in subnets.entries_mut() {
                subnet.write_out_as("addressPrefix");
            }
        }
    }
}

/// Chooses the values that the file omits.
pub(crate) fn choose(draft: &mut Draft<'_>) {
    let gateways = draft.section("virtualNetworkGateways").iter();
    let with_gateway = gateways.filter_map(|(_, gateway)| gateway.text_of("virtualNetwork"));
    let with_gateway: BTreeSet<String> = with_gateway.map(str::to_owned).collect();
    let mut location = LOCATION.to_owned();
    for index in 0..draft.section("virtualNetworks").len() {
        choose_location(draft, index, &mut location);
        choose_space(draft, index);
        let has_gateway = with_gateway.contains(&draft.section("virtualNetworks")[index].0.text);
        if let Some(network) = draft.entry_mut("virtualNetworks", index) {
            choose_subnets(network, has_gateway);
        }
    }
}

/// Sets the region of a network to that of the network before it.
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
    let around_given = first_prefix(network)
        .and_then(|one| Prefix::new(one.addr(), SPACE_LENGTH))
        .map(|block| block.trunc());
    if let Some(prefix) = around_given.or_else(|| draft.free_prefix(SPACE, SPACE_LENGTH))
        && let Some(network) = draft.entry_mut("virtualNetworks", index)
    {
        let prefixes = list_of_texts(place, [prefix.to_string()]);
        network.put(1, "addressPrefixes", prefixes);
    }
}

/// The first prefix or address in a network that the file states.
fn first_prefix(network: &Node) -> Option<Prefix> {
    let mut given = Vec::new();
    collect(network, &mut given);
    given.into_iter().next()
}

fn choose_subnets(network: &mut Node, has_gateway: bool) {
    let wants_default = has_machines_without_subnet(network);
    let spaces = prefixes(network);
    if network.lacks("subnets") {
        if !(has_gateway || wants_default) {
            return;
        }
        network.put(2, "subnets", Kind::Mapping(Vec::new()));
    }
    let Some(subnets) = network.get_mut("subnets") else {
        return;
    };
    if wants_default && first_for_machines(subnets).is_none() {
        subnets.put(0, SUBNET, Kind::Mapping(Vec::new()));
    }
    let mut taken = Taken::default();
    let given = subnets.entries().iter();
    given
        .filter_map(|(_, subnet)| prefix_of(subnet))
        .for_each(|prefix| taken.add(prefix));
    let wants_gateway = match subnets.get(GATEWAY_SUBNET) {
        Some(own) => own.lacks("addressPrefix"),
        None => has_gateway,
    };
    if wants_gateway {
        choose_gateway_prefix(subnets, &spaces, &mut taken);
    }
    choose_prefixes(subnets, &spaces, &mut taken);
}

fn has_machines_without_subnet(network: &Node) -> bool {
    let machines = network
        .get("virtualMachines")
        .map_or(&[][..], Node::entries);
    let mut interfaces = machines.iter().flat_map(|(_, machine)| interfaces(machine));
    interfaces.any(|interface| interface.lacks("subnet"))
}

/// The first subnet that machines may be in.
pub(crate) fn first_for_machines(subnets: &Node) -> Option<&str> {
    let mut names = subnets.entries().iter().map(|(key, _)| key.text.as_str());
    names.find(|name| !RESERVED_NAMES.contains(name))
}

/// The IPv4 prefixes of a network that are readable.
fn prefixes(network: &Node) -> Vec<Prefix> {
    let given = network.get("addressPrefixes").map_or(&[][..], Node::items);
    given.iter().filter_map(prefix).collect()
}

/// The IPv4 prefix of a subnet, if it is readable.
pub(crate) fn prefix_of(subnet: &Node) -> Option<Prefix> {
    prefix(subnet.get("addressPrefix")?)
}

fn prefix(node: &Node) -> Option<Prefix> {
    let found: Prefix = node.text()?.parse().ok()?;
    found.addr().is_ipv4().then_some(found)
}

/// The `GatewaySubnet` is at the end of the address space, so that further subnets have room before it: in the last
/// /24, as in the documents' examples, or in the last /27. If there is no room, a rule reports the missing prefix.
fn choose_gateway_prefix(subnets: &mut Node, spaces: &[Prefix], taken: &mut Taken) {
    let larger = spaces.iter();
    let larger = larger.filter(|space| space.prefix_len() < SUBNET_LENGTH);
    let ends = larger.filter_map(|space| {
        let block = Prefix::new(space.last(), SUBNET_LENGTH)?.network();
        Prefix::new(block, GATEWAY_SUBNET_LENGTH)
    });
    let lasts = spaces.iter().flat_map(|space| {
        let ends = (0..MOST_TRIED).map(|at| space.last().saturating_sub(at * GATEWAY_SUBNET_SIZE));
        let all = ends.filter_map(|end| Some(Prefix::new(end, GATEWAY_SUBNET_LENGTH)?.trunc()));
        all.filter(|one| space.contains(one))
    });
    if let Some(prefix) = ends.chain(lasts).find(|one| taken.is_free(*one)) {
        taken.add(prefix);
        let at_end = subnets.entries().len();
        if subnets.get(GATEWAY_SUBNET).is_none() {
            subnets.put(at_end, GATEWAY_SUBNET, Kind::Mapping(Vec::new()));
        }
        if let Some(own) = subnets.get_mut(GATEWAY_SUBNET) {
            own.put(0, "addressPrefix", Kind::Text(prefix.to_string()));
        }
    }
}

/// Each subnet without a prefix gets the first free /24 of the first address prefix with room for one, otherwise the
/// largest free prefix there.
fn choose_prefixes(subnets: &mut Node, spaces: &[Prefix], taken: &mut Taken) {
    let mut spaces = spaces.iter().peekable();
    for (_, subnet) in subnets.entries_mut() {
        if !subnet.lacks("addressPrefix") {
            continue;
        }
        while let Some(space) = spaces.peek() {
            let mut lengths = SUBNET_LENGTH..=SMALLEST_SUBNET_LENGTH;
            let free =
                |length: u8| taken.free(**space, length.max(space.prefix_len()), space.network());
            if let Some(prefix) = lengths.find_map(free) {
                subnet.put(0, "addressPrefix", Kind::Text(prefix.to_string()));
                break;
            }
            // It has no room for further subnets either.
            spaces.next();
        }
    }
}
