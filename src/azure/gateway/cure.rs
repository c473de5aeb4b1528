//! Edits of gateways that may make a path work.

use crate::azure::cure::DeadEnd;
use crate::topology::{GatewayId, GatewayKind, VnetId};
use crate::yaml::proposal::Proposal;
use crate::yaml::tree::Kind;

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
            let gateway = document
                .within("virtualNetworkGateways", "")
                .within(gateway, "");
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
