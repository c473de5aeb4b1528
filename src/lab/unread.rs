//! What is not known to be wrong with a file because a part of it could not be read.

use crate::findings::{Finding, Place};
use crate::yaml::Unread;
use crate::yaml::stand_in::mentions_stand_in;

/// Keys and kinds of mapping, and what has a name in them, as findings call it.
const NAMED_PARTS: [(&str, &[&str]); 15] = [
    (
        "virtualNetworks",
        &[
            "virtual network",
            "subnet",
            "virtual machine",
            "network interface",
        ],
    ),
    (
        "a virtual network",
        &["subnet", "virtual machine", "network interface"],
    ),
    ("subnets", &["subnet"]),
    ("virtualMachines", &["virtual machine", "network interface"]),
    ("a virtual machine", &["network interface"]),
    ("networkInterfaces", &["network interface"]),
    ("routeTables", &["route table"]),
    ("virtualNetworkGateways", &["gateway"]),
    (
        "expressRouteCircuits",
        &["circuit", "connection", "neighbour"],
    ),
    ("connections", &["connection", "neighbour"]),
    ("sites", &["router", "host", "connection", "neighbour"]),
    ("a site", &["router", "host", "connection", "neighbour"]),
    ("routers", &["router", "connection", "neighbour"]),
    ("hosts", &["host"]),
    ("wan", &["connection", "neighbour"]),
];

/// What a file may leave out, and the keys by which it is chosen then.
const CHOSEN: [(&str, &str, &[&str]); 11] = [
    (
        "a subnet",
        "addressPrefix",
        &["addressPrefixes", "addressPrefix"],
    ),
    ("a virtual machine", "subnet", SUBNET),
    ("a virtual machine", "privateIPAddress", SUBNET),
    ("a network interface", "subnet", SUBNET),
    ("a network interface", "privateIPAddress", SUBNET),
    ("a load balancer", "virtualNetwork", BACKENDS),
    ("a load balancer", "subnet", FRONTEND),
    ("a load balancer", "frontendIPAddress", FRONTEND),
    (
        "a connection",
        "endpoints",
        &[
            "gateway",
            "virtualNetworkGateways",
            "virtualNetworks",
            "virtualNetwork",
            "subnets",
            "addressPrefixes",
            "addressPrefix",
        ],
    ),
    ("a host", "address", LAN),
    ("a host", "gateway", LAN),
];
const SUBNET: &[&str] = &[
    "subnet",
    "subnets",
    "addressPrefixes",
    "addressPrefix",
    "privateIPAddress",
];
const BACKENDS: &[&str] = &[
    "backends",
    "virtualNetworks",
    "virtualMachines",
    "networkInterfaces",
];
const FRONTEND: &[&str] = &[
    "backends",
    "virtualNetworks",
    "virtualNetwork",
    "subnets",
    "subnet",
    "addressPrefixes",
    "addressPrefix",
];
const LAN: &[&str] = &["address", "gateway", "routers"];

/// The keys by which the value of a key of a mapping is chosen.
pub(super) fn chosen_by(mapping: &str, key: &str) -> &'static [&'static str] {
    let mut all = CHOSEN.iter();
    let found = all.find(|(of, chosen, _)| (*of, *chosen) == (mapping, key));
    found.map_or(&[], |(_, _, by)| by)
}

/// Whether what could not be read may be the only cause of a finding.
pub(super) fn explains(unread: &Unread, finding: &Finding) -> bool {
    let rule = &finding.rule;
    finding.place == Place::UNREADABLE
        || mentions_stand_in(&finding.message)
        || unread.anything && rule.needs_whole_file
        || unread.misses_any_of(rule.needs)
        || finding
            .missing_name()
            .is_some_and(|name| may_exist(unread, name, &finding.message))
}

/// Whether a name that nothing has may be in the part that could not be read.
fn may_exist(unread: &Unread, name: &str, message: &str) -> bool {
    let kind = message.split('`').next().unwrap_or_default();
    let mut parts = NAMED_PARTS.iter();
    unread.defined.contains(name)
        || parts.any(|(mapping, kinds)| {
            unread.without_names.contains(mapping) && kinds.iter().any(|known| kind.contains(known))
        })
}
