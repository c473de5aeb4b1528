//! Edits of gateways that may make a path work.

use crate::azure::connection::cure::{circuits, connect, free_name, text};
use crate::azure::cure::DeadEnd;
use crate::azure::peering::cure::let_use_gateways;
use crate::topology::{GatewayId, GatewayKind, VnetId};
use crate::yaml::edit::mapping;
use crate::yaml::proposal::Proposal;
use crate::yaml::tree::Kind;

/// The most gateways that are proposed.
const MOST: usize = 3;

const GATEWAYS: &str = "virtualNetworkGateways";
const REMOTE: &str = "allowRemoteVnetTraffic";

/// The `ExpressRoute` gateways of two networks let the networks of their circuits reach each other.
pub(crate) fn allow_remote_networks(dead_end: &DeadEnd<'_>) -> Vec<Proposal> {
    let Some(networks) = dead_end.two_networks() else {
        return Vec::new();
    };
    let used = networks.map(|network| express_route_gateway(dead_end, network));
    let [Some(near), Some(far)] = used else {
        return Vec::new();
    };
    let closed = [near, far].into_iter().filter(|id| {
        let kind = dead_end.topology.gateway(*id).kind;
        let allows = GatewayKind::ExpressRoute {
            allows_remote_vnets: true,
        };
        kind != allows
    });
    let closed: Vec<String> = closed
        .map(|id| dead_end.topology.gateway(id).name.to_string())
        .collect();
    if near == far || closed.is_empty() {
        return Vec::new();
    }
    let what = format!("set `{REMOTE}` on {}", closed.join(" and "));
    vec![Proposal::repair(what, closed.len(), move |document| {
        for gateway in &closed {
            let gateway = document.within(GATEWAYS, "").within(gateway, "");
            gateway.within(REMOTE, "virtualNetwork").kind = Kind::Boolean(true);
        }
    })]
}

/// The `ExpressRoute` gateway of a network, or that of a network whose gateways it uses.
fn express_route_gateway(dead_end: &DeadEnd<'_>, network: VnetId) -> Option<GatewayId> {
    let own = dead_end.vnet(network);
    let used = own
        .peerings
        .iter()
        .find(|peering| peering.uses_remote_gateways);
    let remote = || dead_end.vnet(used?.remote).express_route_gateway;
    own.express_route_gateway.or_else(remote)
}

/// A new gateway in a network of the path, or in one that it is peered with, is connected to a circuit at whose customer
/// edges the path's other end is.
pub(crate) fn add_gateways(dead_end: &DeadEnd<'_>) -> Vec<Proposal> {
    let mut proposals = Vec::new();
    let networks = dead_end.networks();
    for (network, (node, _)) in networks.into_iter().rev().zip(dead_end.ends) {
        let Some((network, (site, _))) = network.zip(dead_end.site_of(node)) else {
            continue;
        };
        let own = dead_end.vnet(network);
        let uses_one = own
            .peerings
            .iter()
            .any(|peering| peering.uses_remote_gateways);
        let itself = (!uses_one).then_some(network);
        let hubs = dead_end.possible_hubs(network);
        let homes = hubs.into_iter().chain(itself);
        let homes = homes.filter(|home| dead_end.vnet(*home).express_route_gateway.is_none());
        let homes: Vec<VnetId> = homes.collect();
        for circuit in circuits(dead_end, site) {
            let homes = homes.iter().copied();
            proposals.extend(homes.map(|home| add_gateway(dead_end, [network, home], &circuit)));
        }
    }
    proposals.truncate(MOST);
    proposals
}

/// A new `ExpressRoute` gateway in a network, which another one may use.
fn add_gateway(dead_end: &DeadEnd<'_>, [network, home]: [VnetId; 2], circuit: &str) -> Proposal {
    let [spoke, hub] = [network, home].map(|id| dead_end.name(id));
    let gateway = free_name(dead_end.document, GATEWAYS, &format!("{hub}-ergw"));
    let alone = format!("connect {hub} to the circuit {circuit} by a new gateway");
    let what = if network == home {
        alone
    } else {
        format!("{alone}, and let {spoke} use it")
    };
    let keys = vec![("gateway", text(&gateway)), ("circuit", text(circuit))];
    let ends = [gateway.as_str(), circuit];
    let connection = connect(dead_end, ("connection", what.clone()), ends, keys);
    // A gateway in a hub serves its other spokes too.
    let [own, others] = [network, home].map(|id| dead_end.vnet(id).peerings.len());
    let size = match (network == home, others > own) {
        (false, true) => 5,
        (true, _) => 6,
        (false, false) => 7,
    };
    Proposal::addition("connection", what, size, move |document| {
        let added = document.within(GATEWAYS, "").within(&gateway, "");
        added.kind = mapping([
            ("virtualNetwork", text(&hub)),
            ("gatewayType", text("ExpressRoute")),
        ]);
        *document = connection.applied(document);
        if spoke != hub {
            let_use_gateways(document, &spoke, &hub);
        }
    })
}
