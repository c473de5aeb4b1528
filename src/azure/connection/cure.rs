//! Edits of connections that may make a path work.

use std::collections::BTreeSet;

use crate::azure::cure::DeadEnd;
use crate::azure::peering::cure::let_use_gateways;
use crate::topology::{GatewayId, SiteId, VnetId};
use crate::yaml::edit::mapping;
use crate::yaml::proposal::Proposal;
use crate::yaml::tree::{Key, Kind, Node};

const SECTION: &str = "connections";
const PREFIXES: &str = "localNetworkAddressPrefixes";

/// The most connections that are proposed of one type.
const MOST: usize = 3;

/// A connection without BGP knows the prefix of the site at one end of the path.
pub(crate) fn know_prefixes(dead_end: &DeadEnd<'_>) -> Vec<Proposal> {
    let mut proposals = Vec::new();
    for (node, _) in dead_end.ends {
        let Some((site, prefix)) = dead_end.site_of(node) else {
            continue;
        };
        let routers = routers(dead_end, site);
        let connections = without_bgp(dead_end).filter(|(_, connection)| {
            let device = connection.text_of("device");
            let prefixes = connection.get(PREFIXES).map_or(&[][..], Node::items);
            let knows = |one: &Node| one.text() == Some(&prefix.to_string());
            device.is_some_and(|device| routers.contains(device)) && !prefixes.iter().any(knows)
        });
        for (key, _) in connections.take(MOST) {
            let name = key.text.clone();
            let what =
                format!("add {prefix}, which is behind the device, to the connection {name}");
            proposals.push(Proposal::repair(what, 1, move |document| {
                let connection = document.within(SECTION, "").within(&name, "");
                let prefixes = connection.within(PREFIXES, "");
                let item = Kind::Text(prefix.to_string());
                prefixes.push(Node::added(prefixes.place, item));
            }));
        }
    }
    proposals
}

/// A connection without BGP gets it.
pub(crate) fn speak_bgp(dead_end: &DeadEnd<'_>) -> Vec<Proposal> {
    let connections = without_bgp(dead_end).take(MOST);
    let proposals = connections.map(|(key, _)| {
        let name = key.text.clone();
        let what = format!("turn on BGP in the connection {name}");
        // It takes over what the file routes by static prefixes.
        Proposal::repair(what, 2, move |document| {
            let connection = document.within(SECTION, "").within(&name, "");
            connection.set("enableBgp", Kind::Boolean(true));
        })
    });
    proposals.collect()
}

fn without_bgp<'d>(dead_end: &DeadEnd<'d>) -> impl Iterator<Item = &'d (Key, Node)> + use<'d> {
    let all = connections(dead_end.document).iter();
    all.filter(|(_, connection)| connection.flag_of("enableBgp") == Some(false))
}

/// Global Reach joins two circuits at whose customer edges the sites of the path are.
pub(crate) fn reach_globally(dead_end: &DeadEnd<'_>) -> Vec<Proposal> {
    let sites = dead_end.ends.map(|(node, _)| dead_end.site_of(node));
    let [Some((near, _)), Some((far, _))] = sites else {
        return Vec::new();
    };
    let [near, far] = [near, far].map(|site| circuits(dead_end, site));
    let pairs = near.iter().flat_map(|a| far.iter().map(move |b| [a, b]));
    let pairs = pairs.filter(|[a, b]| a != b).take(MOST);
    let proposals = pairs.map(|[a, b]| {
        let what = format!("join the circuits {a} and {b} by Global Reach");
        let circuits = [a, b].map(|name| Node::added(dead_end.document.place, text(name)));
        let keys = vec![("circuits", Kind::Sequence(circuits.into()))];
        connect(dead_end, ("globalReach", what), [a, b], keys)
    });
    proposals.collect()
}

/// A gateway that a network of the path can use is connected to the site of the path's other end.
pub(crate) fn connect_sites(dead_end: &DeadEnd<'_>) -> Vec<Proposal> {
    let mut proposals = Vec::new();
    let networks = dead_end.networks();
    for (network, (node, _)) in networks.into_iter().rev().zip(dead_end.ends) {
        let Some((network, (site, _))) = network.zip(dead_end.site_of(node)) else {
            continue;
        };
        let [vpn, express_route] = gateways(dead_end, network);
        let devices = routers(dead_end, site);
        let circuits = circuits(dead_end, site);
        for gateway in &vpn {
            let devices = devices.iter().take(MOST);
            proposals.extend(devices.filter_map(|device| {
                let what = format!("connect {gateway} to {device}");
                connect_once(dead_end, what, gateway, ("device", device))
            }));
        }
        proposals.extend(use_and_connect(dead_end, network, &devices, &circuits));
        for gateway in &express_route {
            let circuits = circuits.iter().take(MOST);
            proposals.extend(circuits.filter_map(|circuit| {
                let what = format!("connect {gateway} to the circuit {circuit}");
                connect_once(dead_end, what, gateway, ("circuit", circuit))
            }));
        }
    }
    proposals
}

/// A network uses the gateways of one that it is peered with, and a gateway there is connected to a device or a circuit.
fn use_and_connect(
    dead_end: &DeadEnd<'_>,
    network: VnetId,
    devices: &BTreeSet<String>,
    circuits: &[String],
) -> Vec<Proposal> {
    let mut proposals = Vec::new();
    for hub in dead_end.possible_hubs(network) {
        let gateway = |id: Option<GatewayId>| Some(dead_end.topology.gateway(id?).name.to_string());
        let vpn = gateway(dead_end.vnet(hub).vpn_gateway);
        let express_route = gateway(dead_end.vnet(hub).express_route_gateway);
        let to_devices = devices.iter().map(|device| (&vpn, ("device", device)));
        let to_circuits = circuits
            .iter()
            .map(|circuit| (&express_route, ("circuit", circuit)));
        let pairs = to_devices.chain(to_circuits);
        proposals.extend(pairs.filter_map(|(gateway, (key, other))| {
            let gateway = gateway.as_deref()?;
            let [spoke, hub] = [network, hub].map(|id| dead_end.name(id));
            let what =
                format!("let {spoke} use the gateways of {hub}, and connect {gateway} to {other}");
            let connection = connect_once(dead_end, what.clone(), gateway, (key, other))?;
            Some(Proposal::addition("connection", what, 4, move |document| {
                *document = connection.applied(document);
                let_use_gateways(document, &spoke, &hub);
            }))
        }));
    }
    proposals.truncate(MOST);
    proposals
}

/// A new connection of a gateway with a device or a circuit, unless there is one.
fn connect_once(
    dead_end: &DeadEnd<'_>,
    what: String,
    gateway: &str,
    (key, other): (&'static str, &str),
) -> Option<Proposal> {
    let mut all = connections(dead_end.document).iter();
    let is_there = all.any(|(_, connection)| {
        let ends = [connection.text_of("gateway"), connection.text_of(key)];
        ends == [Some(gateway), Some(other)]
    });
    let keys = vec![("gateway", text(gateway)), (key, text(other))];
    (!is_there).then(|| connect(dead_end, ("connection", what), [gateway, other], keys))
}

/// The VPN gateways of two networks of the path are connected.
pub(crate) fn connect_networks(dead_end: &DeadEnd<'_>) -> Vec<Proposal> {
    let Some(networks) = dead_end.two_networks() else {
        return Vec::new();
    };
    let [[near, _], [far, _]] = networks.map(|network| gateways(dead_end, network));
    let pairs = near.iter().flat_map(|a| far.iter().map(move |b| [a, b]));
    let pairs = pairs.filter(|[a, b]| a != b).take(MOST);
    let proposals = pairs.flat_map(|[a, b]| {
        let ends = [a, b].map(|name| Node::added(dead_end.document.place, text(name)));
        let with_bgp = vec![("gateways", Kind::Sequence(ends.into()))];
        // Gateways with one AS number do not learn from each other.
        let without_bgp = [with_bgp.clone(), vec![("enableBgp", Kind::Boolean(false))]].concat();
        [with_bgp, without_bgp].map(|keys| {
            let what = ("connection", format!("connect {a} to {b}"));
            connect(dead_end, what, [a, b], keys)
        })
    });
    proposals.collect()
}

/// A name as a value.
pub(crate) fn text(name: &str) -> Kind {
    Kind::Text(name.to_owned())
}

fn connections(document: &Node) -> &[(Key, Node)] {
    document.get(SECTION).map_or(&[], Node::entries)
}

/// A new connection of two ends.
pub(crate) fn connect(
    dead_end: &DeadEnd<'_>,
    (sort, what): (&'static str, String),
    [a, b]: [&str; 2],
    keys: Vec<(&'static str, Kind)>,
) -> Proposal {
    let name = free_name(dead_end.document, SECTION, &format!("{a}-{b}"));
    Proposal::addition(sort, what, 2, move |document| {
        let connection = document.within(SECTION, "").within(&name, "");
        connection.kind = mapping(keys.iter().cloned());
    })
}

/// A name that no entry of a section has: the first one, or one with a number.
pub(crate) fn free_name(document: &Node, section: &str, first: &str) -> String {
    let entries = document.get(section).map_or(&[][..], Node::entries);
    let is_free = |name: &String| entries.iter().all(|(key, _)| key.text != *name);
    let others = (2..).map(|number| format!("{first}-{number}"));
    let mut names = std::iter::once(first.to_owned()).chain(others);
    names.find(is_free).unwrap_or_default()
}

fn routers(dead_end: &DeadEnd<'_>, site: SiteId) -> BTreeSet<String> {
    let topology = dead_end.topology;
    let routers = topology
        .sites
        .get(site.0)
        .map_or(&[][..], |site| &site.routers);
    let names = routers
        .iter()
        .map(|node| topology.node(*node).name.to_string());
    names.collect()
}

/// The circuits that end at routers of a site.
pub(crate) fn circuits(dead_end: &DeadEnd<'_>, site: SiteId) -> Vec<String> {
    let topology = dead_end.topology;
    let ends_there = |link| {
        let mut ends = topology.link(link).ends.into_iter();
        ends.any(|end| topology.node(topology.interface(end).node).role.site() == Some(site))
    };
    let circuits = topology.circuits.iter();
    let circuits = circuits.filter(|circuit| circuit.links.iter().copied().any(ends_there));
    circuits.map(|circuit| circuit.name.to_string()).collect()
}

/// The VPN gateways and the `ExpressRoute` gateways of a network, and those of the network whose gateways it uses.
fn gateways(dead_end: &DeadEnd<'_>, network: VnetId) -> [Vec<String>; 2] {
    let own = dead_end.vnet(network);
    let used = own
        .peerings
        .iter()
        .filter(|peering| peering.uses_remote_gateways);
    let homes = std::iter::once(own).chain(used.map(|peering| dead_end.vnet(peering.remote)));
    let homes: Vec<_> = homes.collect();
    let name = |id| dead_end.topology.gateway(id).name.to_string();
    let vpn = homes.iter().filter_map(|home| home.vpn_gateway.map(name));
    let express_route = homes.iter();
    let express_route = express_route.filter_map(|home| home.express_route_gateway.map(name));
    [vpn.collect(), express_route.collect()]
}
