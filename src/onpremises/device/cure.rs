//! Edits of devices that may make a path work.

use crate::addresses::Prefix;
use crate::topology::{NodeId, Role, Topology};
use crate::yaml::edit::mapping;
use crate::yaml::proposal::Proposal;
use crate::yaml::tree::{Kind, Node};

/// The most static routes that are proposed of one sort.
const MOST: usize = 6;

/// A place where a route is not propagated.
#[derive(Debug, Clone)]
pub(crate) struct Gap {
    /// The node that has the route.
    pub(crate) holder: String,
    /// The node that does not receive it.
    pub(crate) listener: String,
    /// The names by which the policies of the two mean their session, those for fewer sessions first.
    pub(crate) names: [Vec<String>; 2],
    /// The route's prefix.
    pub(crate) prefix: Prefix,
}

/// Filters of devices let a missing route pass.
pub(crate) fn open_filters(document: &Node, gaps: &[Gap]) -> Vec<Proposal> {
    let mut proposals = Vec::new();
    for gap in gaps {
        for (device, names, filter) in [
            (&gap.holder, &gap.names[0], "export"),
            (&gap.listener, &gap.names[1], "import"),
        ] {
            let Some(path) = find(document, device) else {
                continue;
            };
            let filters = at(document, &path).and_then(|device| device.get(filter));
            let name = names
                .iter()
                .find(|name| filters.is_some_and(|all| all.get(name).is_some()));
            let Some(name) = name.cloned() else {
                continue;
            };
            let prefix = gap.prefix;
            let what = format!("let {prefix} pass the {filter} filter of {device} for {name}");
            proposals.push(Proposal::repair(what, 1, move |document| {
                let device = within(document, &path);
                permit(device.within(filter, "").within(&name, ""), prefix);
            }));
        }
    }
    proposals
}

/// Adds a prefix to a filter: at its end or, if it has entries, before them, since the first that matches decides. If
/// all of them deny, the filter permits the rest, and still does so after that.
fn permit(filter: &mut Node, prefix: Prefix) {
    let place = filter.place;
    let added = |prefix: Prefix| Node::added(place, Kind::Text(prefix.to_string()));
    let items = filter.items();
    let has_entries = items
        .iter()
        .any(|item| matches!(item.kind, Kind::Mapping(_)));
    let only_denies = items.iter().all(|item| item.get("deny").is_some());
    match &mut filter.kind {
        Kind::Sequence(items) if has_entries => items.insert(0, added(prefix)),
        _ => filter.push(added(prefix)),
    }
    if has_entries && only_denies {
        filter.push(added(Prefix::ALL_IPV4));
    }
}

/// Devices propagate what they learned.
pub(crate) fn become_transit(document: &Node, gaps: &[Gap]) -> Vec<Proposal> {
    let proposals = gaps.iter().filter_map(|gap| {
        let path = find(document, &gap.holder)?;
        if at(document, &path)?.flag_of("transit") == Some(true) {
            return None;
        }
        let what = format!(
            "let {} propagate what it learned, with `transit`",
            gap.holder
        );
        Some(Proposal::repair(what, 1, move |document| {
            within(document, &path).within("transit", "address").kind = Kind::Boolean(true);
        }))
    });
    proposals.collect()
}

/// The addresses at one end of a path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    /// The prefix of the network or of the site's LAN.
    pub(crate) prefix: Prefix,
    /// It is that of a site.
    pub(crate) is_of_site: bool,
}

/// Devices get static routes to the ends of a path: over their tunnels without BGP, and those that lose packets to their
/// neighbors.
pub(crate) fn add_static_routes(
    document: &Node,
    topology: &Topology,
    lost_at: NodeId,
    ranges: &[Range],
) -> Vec<Proposal> {
    let over_tunnels = tunnels(document).flat_map(|(device, is_of_site, connection)| {
        let ranges = ranges
            .iter()
            .filter(move |range| range.is_of_site != is_of_site);
        let next_hop = ("connection", connection);
        ranges.filter_map(move |range| static_route(document, device, range.prefix, next_hop))
    });
    let mut proposals: Vec<Proposal> = over_tunnels.take(MOST).collect();
    let device = topology.node(lost_at);
    if device.role.site().is_none() {
        return proposals;
    }
    let neighbors = neighbors(topology, lost_at);
    let over_links = neighbors.iter().flat_map(|neighbor| {
        let next_hop = ("nextHopIpAddress", neighbor.as_str());
        ranges.iter().filter_map(move |range| {
            static_route(document, device.name.as_str(), range.prefix, next_hop)
        })
    });
    proposals.extend(over_links.take(MOST));
    proposals
}

/// The ends of tunnels without BGP that are devices: the device, whether it is a site's, and the connection.
fn tunnels(document: &Node) -> impl Iterator<Item = (&str, bool, &str)> {
    let connections = document.get("connections").map_or(&[][..], Node::entries);
    let without_bgp = connections
        .iter()
        .filter(|(_, connection)| connection.flag_of("enableBgp") == Some(false));
    without_bgp.flat_map(|(key, connection)| {
        let ends = [("device", true), ("appliance", false)].into_iter();
        ends.filter_map(|(end, is_of_site)| {
            Some((connection.text_of(end)?, is_of_site, key.text.as_str()))
        })
    })
}

/// The addresses of the routers at the other ends of a router's links.
fn neighbors(topology: &Topology, node: NodeId) -> Vec<String> {
    let links = topology.links.iter();
    let across = links.filter_map(|link| {
        let [one, other] = link.ends.map(|end| topology.interface(end));
        match [one.node, other.node] {
            [own, _] if own == node => Some(other),
            [_, own] if own == node => Some(one),
            _ => None,
        }
    });
    let routers = across.filter(|interface| {
        let role = &topology.node(interface.node).role;
        matches!(role, Role::Router { .. })
    });
    let addresses = routers.filter_map(|interface| interface.addresses.first());
    addresses
        .map(|address| address.addr().to_string())
        .collect()
}

/// A static route of a device, unless it has one to that prefix.
fn static_route(
    document: &Node,
    device: &str,
    prefix: Prefix,
    (key, next_hop): (&'static str, &str),
) -> Option<Proposal> {
    let path = find(document, device)?;
    let routes = at(document, &path).and_then(|device| device.get("routes"));
    let prefix = prefix.to_string();
    let is_same = |route: &Node| route.text_of("addressPrefix") == Some(&prefix);
    if routes.is_some_and(|routes| routes.items().iter().any(is_same)) {
        return None;
    }
    let what = format!("add a static route to {prefix} over {next_hop} on {device}");
    let next_hop = next_hop.to_owned();
    Some(Proposal::repair(what, 1, move |document| {
        let routes = within(document, &path).within("routes", "address");
        let texts = [("addressPrefix", &prefix), (key, &next_hop)];
        let texts = texts.map(|(key, text)| (key, Kind::Text(text.clone())));
        let place = routes.place;
        routes.push(Node::added(place, mapping(texts)));
    }))
}

/// Where a device is: the section, the entry of it, the key in this, and the device.
type Path = [String; 4];

/// The router of a site or the virtual machine with that name.
fn find(document: &Node, name: &str) -> Option<Path> {
    let places = [("sites", "routers"), ("virtualNetworks", "virtualMachines")];
    places.into_iter().find_map(|(section, within)| {
        let mut entries = document.get(section)?.entries().iter();
        let (key, _) = entries.find(|(_, entry)| {
            let devices = entry.get(within).map_or(&[][..], Node::entries);
            devices.iter().any(|(key, _)| key.text == name)
        })?;
        Some([section, &key.text, within, name].map(str::to_owned))
    })
}

fn at<'d>(document: &'d Node, path: &Path) -> Option<&'d Node> {
    path.iter().try_fold(document, |node, key| node.get(key))
}

fn within<'d>(document: &'d mut Node, path: &Path) -> &'d mut Node {
    path.iter().fold(document, |node, key| node.within(key, ""))
}
