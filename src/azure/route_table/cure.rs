//! Edits of route tables that may make a path work.

use crate::addresses::Prefix;
use crate::azure::cure::DeadEnd;
use crate::azure::peering::cure::{let_forwarded_in, let_use_gateways};
use crate::topology::{InterfaceId, NodeId, UserNextHop, VnetId};
use crate::yaml::edit::mapping;
use crate::yaml::proposal::Proposal;
use crate::yaml::tree::{Kind, Node};

const SECTION: &str = "routeTables";
const APPLIANCE: &str = "VirtualAppliance";
const GATEWAY: &str = "VirtualNetworkGateway";

/// The size of an edit that is tried after all others.
const LAST: usize = 100;

/// The most appliances that are proposed as next hops.
const MOST_APPLIANCES: usize = 3;

/// The subnet of the appliance that loses packets has no route table any more: its routes may lead back to the appliance.
pub(crate) fn leave_appliances(dead_end: &DeadEnd<'_>) -> Vec<Proposal> {
    let role = &dead_end.topology.node(dead_end.lost_at).role;
    let subnet = subnet_of(dead_end, dead_end.lost_at);
    let Some(subnet) = subnet.filter(|_| role.is_machine() && role.forwards()) else {
        return Vec::new();
    };
    let Some(table) = subnet.table else {
        return Vec::new();
    };
    let network = dead_end.name(subnet.network);
    let name = subnet.name;
    let what = format!("take the route table {table} off the subnet {name} of {network}");
    vec![Proposal::repair(what, 2, move |document| {
        let network = document.within("virtualNetworks", "").within(&network, "");
        let subnet = network.within("subnets", "").within(&name, "");
        subnet.remove("routeTable");
    })]
}

/// A user-defined route of the path is removed. One without a next hop is there to drop packets, so that its removal is
/// the last choice.
pub(crate) fn remove_routes(dead_end: &DeadEnd<'_>) -> Vec<Proposal> {
    let routes = dead_end.routes.iter().rev().cloned();
    let proposals = routes.map(|route| {
        let drops = next_hop_of(dead_end, &route) == Some(UserNextHop::None);
        let [table, route] = route;
        let what = format!("remove the user-defined route {table}/{route}");
        let edit = move |document: &mut Node| {
            let section = document.within(SECTION, "");
            section
                .within(&table, "")
                .within("routes", "")
                .remove(&route);
        };
        if drops {
            Proposal::addition("drop", what, LAST, edit)
        } else {
            Proposal::repair(what, 2, edit)
        }
    });
    proposals.collect()
}

/// The next hop of a user-defined route.
fn next_hop_of(dead_end: &DeadEnd<'_>, [table, route]: &[String; 2]) -> Option<UserNextHop> {
    let mut tables = dead_end.topology.route_tables.iter();
    let table = tables.find(|known| known.name.as_str() == table.as_str())?;
    let mut routes = table.routes.iter();
    let route = routes.find(|known| known.name.as_str() == route.as_str())?;
    Some(route.next_hop)
}

/// A user-defined route of the path gets another next hop: an appliance.
pub(crate) fn change_next_hops(dead_end: &DeadEnd<'_>) -> Vec<Proposal> {
    let Some(near) = dead_end.topology.network_of(dead_end.lost_at) else {
        return Vec::new();
    };
    let mut proposals = Vec::new();
    for appliance in appliances(dead_end, [near, near]) {
        let hop = dead_end.topology.name_of(appliance);
        let routes = dead_end.routes.iter().rev();
        proposals.extend(routes.map(|route| {
            let drops = next_hop_of(dead_end, route) == Some(UserNextHop::None);
            lead_to(route.clone(), hop.clone(), drops)
        }));
    }
    proposals
}

/// A route, which may be there to drop packets, gets an appliance as next hop.
fn lead_to([table, route]: [String; 2], hop: String, drops: bool) -> Proposal {
    let what = format!("send the packets of the route {table}/{route} to {hop}");
    let edit = move |document: &mut Node| {
        let table = document.within(SECTION, "").within(&table, "");
        let route = table.within("routes", "").within(&route, "");
        if route.get("nextHopType").is_some() {
            route.set("nextHopType", Kind::Text(APPLIANCE.to_owned()));
        }
        route.set("nextHopIpAddress", Kind::Text(hop.clone()));
    };
    if drops {
        Proposal::addition("drop", what, LAST + 1, edit)
    } else {
        Proposal::repair(what, 3, edit)
    }
}

/// The route tables of the ends' subnets let the routes of gateways through.
pub(crate) fn propagate(dead_end: &DeadEnd<'_>) -> Vec<Proposal> {
    let mut tables: Vec<String> = Vec::new();
    for (node, _) in dead_end.ends {
        let Some(table) = subnet_of(dead_end, node).and_then(|subnet| subnet.table) else {
            continue;
        };
        let mut known = dead_end.topology.route_tables.iter();
        let is_off = known.any(|one| one.name.as_str() == table && !one.propagates);
        if is_off && !tables.contains(&table) {
            tables.push(table);
        }
    }
    let both = (tables.len() > 1).then(|| tables.clone());
    let proposals = tables.into_iter().map(|one| vec![one]).chain(both);
    let proposals = proposals.map(|tables| {
        let what = format!(
            "let the route table {} take the routes of gateways",
            tables.join(" and ")
        );
        Proposal::repair(what, tables.len(), move |document| {
            for table in &tables {
                let table = document.within(SECTION, "").within(table, "");
                table.set("disableBgpRoutePropagation", Kind::Boolean(false));
            }
        })
    });
    proposals.collect()
}

/// User-defined routes send what two networks exchange through an appliance in a network between them. If one of them
/// has its routes already, this is a repair.
pub(crate) fn through_appliances(dead_end: &DeadEnd<'_>) -> Vec<Proposal> {
    let Some(networks) = dead_end.two_networks() else {
        return Vec::new();
    };
    let appliances = appliances(dead_end, networks).into_iter();
    appliances
        .filter_map(|nic| through_appliance(dead_end, networks, nic))
        .collect()
}

fn through_appliance(
    dead_end: &DeadEnd<'_>,
    networks: [VnetId; 2],
    nic: InterfaceId,
) -> Option<Proposal> {
    let topology = dead_end.topology;
    let hop = topology.name_of(nic);
    let hub = topology.network_of(topology.interface(nic).node)?;
    let next_hop = UserNextHop::VirtualAppliance(topology.address_of(nic)?);
    let routes = missing_routes(dead_end, networks, (next_hop, Some(&hop)))?;
    let spokes = networks.into_iter().filter(|one| *one != hub);
    let closed = spokes.filter(|one| !lets_forwarded_in(dead_end, *one, hub));
    let closed: Vec<String> = closed.map(|one| dead_end.name(one)).collect();
    let [near, far, hub] = [networks[0], networks[1], hub].map(|id| dead_end.name(id));
    let where_to = format!("through {hop} in {hub}");
    let what = match routes.as_slice() {
        [] => return None,
        [one] => format!("send what {} sends to {} {where_to}", one.network, one.to),
        _ => format!("send what {near} and {far} exchange {where_to}"),
    };
    let is_begun = routes.len() == 1;
    let edit = move |document: &mut Node| {
        write_all(&routes, document);
        for spoke in &closed {
            let_forwarded_in(document, spoke, &hub);
        }
    };
    Some(if is_begun {
        Proposal::repair(what, 4, edit)
    } else {
        Proposal::addition("appliance", what, 5, edit)
    })
}

/// User-defined routes send what two networks exchange through the VPN gateway of a network between them.
pub(crate) fn through_gateways(dead_end: &DeadEnd<'_>) -> Vec<Proposal> {
    let Some(networks) = dead_end.two_networks() else {
        return Vec::new();
    };
    let hubs = dead_end.between(networks).into_iter();
    let hubs = hubs.filter(|hub| {
        let network = dead_end.vnet(*hub);
        network.vpn_gateway.is_some() && network.express_route_gateway.is_none()
    });
    let proposals = hubs.filter_map(|hub| {
        let next_hop = UserNextHop::VirtualNetworkGateway;
        let routes = missing_routes(dead_end, networks, (next_hop, None))?;
        let spokes = networks.into_iter().filter(|one| *one != hub);
        let without = spokes.filter(|one| !uses_gateways(dead_end, *one, hub));
        let without: Vec<String> = without.map(|one| dead_end.name(one)).collect();
        let [near, far, hub] = [networks[0], networks[1], hub].map(|id| dead_end.name(id));
        let what = format!("send what {near} and {far} exchange through the VPN gateway of {hub}");
        Some(Proposal::addition("gateway", what, 6, move |document| {
            write_all(&routes, document);
            for spoke in &without {
                let_use_gateways(document, spoke, &hub);
            }
        }))
    });
    proposals.collect()
}

/// The interfaces of appliances that both networks reach directly, one for each appliance.
fn appliances(dead_end: &DeadEnd<'_>, networks: [VnetId; 2]) -> Vec<InterfaceId> {
    let topology = dead_end.topology;
    let hubs = dead_end.between(networks);
    let nodes = (0..topology.nodes.len()).map(NodeId);
    let appliances = nodes.filter(|node| {
        let is_hub = topology
            .network_of(*node)
            .is_some_and(|id| hubs.contains(&id));
        is_hub && topology.node(*node).role.is_machine() && topology.node(*node).role.forwards()
    });
    let interfaces = appliances.filter_map(|node| {
        let mut nics = topology.nics(node).filter(|(_, nic)| nic.forwards);
        nics.next().map(|(id, _)| id)
    });
    interfaces.take(MOST_APPLIANCES).collect()
}

/// Whether a network accepts what an appliance in another one forwards.
fn lets_forwarded_in(dead_end: &DeadEnd<'_>, spoke: VnetId, hub: VnetId) -> bool {
    let mut peerings = dead_end.vnet(spoke).peerings.iter();
    peerings.any(|peering| peering.remote == hub && peering.takes_forwarded)
}

fn uses_gateways(dead_end: &DeadEnd<'_>, spoke: VnetId, hub: VnetId) -> bool {
    let mut peerings = dead_end.vnet(spoke).peerings.iter();
    peerings.any(|peering| peering.remote == hub && peering.uses_remote_gateways)
}

/// A subnet of a machine.
struct MachineSubnet {
    network: VnetId,
    name: String,
    table: Option<String>,
}

fn subnet_of(dead_end: &DeadEnd<'_>, node: NodeId) -> Option<MachineSubnet> {
    let topology = dead_end.topology;
    let nic = topology.interface(topology.nic(node)?).nic.as_ref()?;
    let subnet = topology.vnet(nic.vnet).subnets.get(nic.subnet)?;
    Some(MachineSubnet {
        network: nic.vnet,
        name: subnet.name.clone(),
        table: subnet
            .route_table
            .map(|id| topology.route_table(id).name.to_string()),
    })
}

/// New routes of one subnet.
struct NewRoutes {
    network: String,
    subnet: String,
    table: String,
    /// The subnet does not have the table yet.
    is_new: bool,
    /// The destination's name, and its prefixes.
    to: String,
    prefixes: Vec<Prefix>,
    /// The appliance; without one, the VPN gateway is the next hop.
    hop: Option<String>,
}

/// The routes that the subnets of the ends lack, each to the other end's network with a next hop, which has a name if it
/// is an appliance.
fn missing_routes(
    dead_end: &DeadEnd<'_>,
    [near, far]: [VnetId; 2],
    (next_hop, hop): (UserNextHop, Option<&str>),
) -> Option<Vec<NewRoutes>> {
    let mut routes = Vec::new();
    for ((node, _), other) in dead_end.ends.into_iter().zip([far, near]) {
        let subnet = subnet_of(dead_end, node)?;
        let prefixes = &dead_end.vnet(other).prefixes;
        if has_routes(dead_end, &subnet, prefixes, next_hop) {
            continue;
        }
        let [network, to] = [subnet.network, other].map(|id| dead_end.name(id));
        let is_new = subnet.table.is_none();
        let table = subnet
            .table
            .unwrap_or_else(|| free_name(dead_end.document, &network, &to));
        routes.push(NewRoutes {
            subnet: subnet.name,
            prefixes: prefixes.clone(),
            hop: hop.map(str::to_owned),
            network,
            table,
            is_new,
            to,
        });
    }
    Some(routes)
}

/// Whether a subnet's table sends all of these prefixes to a next hop.
fn has_routes(
    dead_end: &DeadEnd<'_>,
    subnet: &MachineSubnet,
    prefixes: &[Prefix],
    next_hop: UserNextHop,
) -> bool {
    let mut tables = dead_end.topology.route_tables.iter();
    let table = tables.find(|table| subnet.table.as_deref() == Some(table.name.as_str()));
    let is_sent = |prefix: &Prefix| {
        let routes = table.map_or(&[][..], |table| &table.routes);
        let mut to_hop = routes.iter().filter(|route| route.next_hop == next_hop);
        to_hop.any(|route| route.prefix.contains(prefix))
    };
    prefixes.iter().all(is_sent)
}

/// A name that no route table has.
fn free_name(document: &Node, from: &str, to: &str) -> String {
    let tables = document.get(SECTION);
    let is_free = |name: &String| tables.is_none_or(|tables| tables.get(name).is_none());
    let first = format!("{from}-to-{to}");
    let mut names = (2..).map(|number| format!("{first}-{number}"));
    if is_free(&first) {
        return first;
    }
    names.find(is_free).unwrap_or_default()
}

fn write_all(routes: &[NewRoutes], document: &mut Node) {
    for route in routes {
        route.write(document);
    }
}

impl NewRoutes {
    /// Writes the routes into a document.
    fn write(&self, document: &mut Node) {
        let table = document.within(SECTION, "").within(&self.table, "");
        let routes = table.within("routes", "");
        for (number, prefix) in self.prefixes.iter().enumerate() {
            let name = match number {
                0 => self.to.clone(),
                _ => format!("{}-{}", self.to, number + 1),
            };
            let hop = match &self.hop {
                Some(hop) => ("nextHopIpAddress", hop.clone()),
                None => ("nextHopType", GATEWAY.to_owned()),
            };
            let entries = [("addressPrefix", prefix.to_string()), hop];
            let route = mapping(entries.map(|(key, text)| (key, Kind::Text(text))));
            routes.within(&name, "").kind = route;
        }
        if self.is_new {
            let network = document
                .within("virtualNetworks", "")
                .within(&self.network, "");
            let subnet = network.within("subnets", "").within(&self.subnet, "");
            subnet.within("routeTable", "addressPrefix").kind = Kind::Text(self.table.clone());
        }
    }
}
