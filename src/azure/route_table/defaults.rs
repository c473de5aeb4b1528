//! Names as next hops: the name of a machine, an interface (`VM/NIC`) or a load balancer replaces its address, which
//! the file may omit.

use crate::azure::virtual_machine::draft::Places;
use crate::findings::Finding;
use crate::names::NodeName;
use crate::yaml::Unread;
use crate::yaml::draft::Draft;
use crate::yaml::tree::{Kind, Node};

/// The keys with the machines and load balancers that a name may mean.
const PARTS: [&str; 4] = [
    "virtualNetworks",
    "virtualMachines",
    "networkInterfaces",
    "loadBalancers",
];

/// Chooses the values that the file omits, and replaces names by addresses.
pub(crate) fn choose(draft: &mut Draft<'_>) {
    let places = Places::of(draft);
    for index in 0..draft.section("routeTables").len() {
        let (_, table) = &draft.section("routeTables")[index];
        let routes = table.get("routes").map_or(&[][..], Node::entries);
        let named: Vec<Option<String>> = routes
            .iter()
            .map(|(_, route)| address_of(draft, &places, route.text_of("nextHopIpAddress")?))
            .collect();
        let table = draft.entry_mut("routeTables", index);
        let routes = table.and_then(|table| table.get_mut("routes"));
        let routes = routes.map(Node::entries_mut).unwrap_or_default();
        for ((_, route), named) in routes.iter_mut().zip(named) {
            if let Some(address) = named
                && let Some(next_hop) = route.get_mut("nextHopIpAddress")
            {
                next_hop.kind = Kind::Text(address);
            }
            if route.lacks("nextHopType") && !route.lacks("nextHopIpAddress") {
                let kind = Kind::Text("VirtualAppliance".to_owned());
                route.put(1, "nextHopType", kind);
            }
        }
    }
}

/// The address that a name stands for.
fn address_of(draft: &Draft<'_>, places: &Places, name: &str) -> Option<String> {
    if let Some(balancer) = draft.entry("loadBalancers", name) {
        return balancer.text_of("frontendIPAddress").map(str::to_owned);
    }
    let (_, interface) = places.interface(draft, name)?;
    interface.text_of("privateIPAddress").map(str::to_owned)
}

/// Omits the findings about names as next hops that may be names of what could not be read. If there are no other
/// findings, everything could be read.
pub(crate) fn omit_unreadable(findings: &mut Vec<Finding>, root: &mut Node, unread: &Unread) {
    let about_names = findings
        .iter()
        .filter(|finding| finding.missing_name().is_some());
    let about_names = about_names.count();
    if about_names == 0 || about_names == findings.len() {
        return;
    }
    let draft = Draft::new(root);
    let places = Places::of(&draft);
    let names_are_missing =
        has_parts_without_names(draft.root) || PARTS.iter().any(|part| unread.keys.contains(part));
    let is_unreadable = |name: &str| {
        names_are_missing && name.split('/').all(|part| NodeName::new(part).is_ok())
            || draft.entry("loadBalancers", name).is_some()
            || places.may_have(&draft, name)
    };
    findings.retain(|finding| !finding.missing_name().is_some_and(is_unreadable));
}

/// Whether machines or load balancers may be in a part that is no mapping.
fn has_parts_without_names(root: &Node) -> bool {
    let is_unreadable = |node: &Node| !matches!(node.kind, Kind::Mapping(_));
    let networks = root.get("virtualNetworks");
    let mut all = networks.map_or(&[][..], Node::entries).iter();
    networks.is_some_and(is_unreadable)
        || root.get("loadBalancers").is_some_and(is_unreadable)
        || all.any(|(_, network)| {
            is_unreadable(network) || network.get("virtualMachines").is_some_and(is_unreadable)
        })
}
