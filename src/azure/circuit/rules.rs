//! Rules for ExpressRoute circuits, their connections and the limits of their sizes.

use crate::azure::facts::limits::{MOST_FROM_A_NETWORK, MOST_FROM_A_SITE, MOST_NETWORKS};
use crate::azure::facts::sizes::{has_fast_path, most_circuits};

use crate::azure::circuit::lower::LEGS;
use crate::azure::connection::model::{Connection, ConnectionKind};
use crate::azure::connection::rules::router_asn;
use crate::azure::gateway::model::{ExpressRouteSku, GatewayKind, VirtualNetworkGateway};
use crate::azure::references::{Wanted, counted, find_gateway, find_vnet};
use crate::azure::resources::Resources;
use crate::findings::{Finding, Located, Rule};
use crate::onpremises::site::find::find_router;

const TOO_MANY_CIRCUITS: Rule = Rule::of_whole_files("too-many-circuits").needing(SIZE);
const TOO_MANY_NETWORKS: Rule = Rule::new("too-many-networks");
const FAST_PATH: Rule = Rule::of_whole_files("fast-path").needing(SIZE);
const SIZE: &[&str] = &["sku", "autoScaleConfiguration", "bounds", "min", "max"];
const ONE_LINK: Rule =
    Rule::of_whole_files("one-link").needing(&["customerEdge", "primary", "secondary"]);
const TOO_MANY_PREFIXES: Rule = Rule::new("too-many-prefixes");

/// A circuit's links must end at routers with an ASN of their own or of their site.
pub(crate) fn circuits_end_at_customer_edges(spec: &Resources) -> Vec<Finding> {
    let links = spec
        .express_route_circuits
        .iter()
        .flat_map(|circuit| &circuit.links);
    links
        .filter_map(|link| router_asn(spec, link.customer_edge.as_ref()?).err())
        .collect()
}

/// A circuit with one connected link has no backup. Azure's agreement on availability needs both links
/// (expressroute-introduction).
pub(crate) fn both_links_are_connected(spec: &Resources) -> Vec<Finding> {
    let circuits = spec.express_route_circuits.iter();
    let missing = circuits.filter_map(|circuit| {
        let legs = LEGS.into_iter().zip(&circuit.links);
        let (bare, connected): (Vec<_>, Vec<_>) =
            legs.partition(|(_, link)| link.customer_edge.is_none());
        let [(leg, link)] = bare[..] else {
            return None;
        };
        let edge = connected.first()?.1.customer_edge.as_ref()?;
        let message = format!(
            "nobody is connected to the {leg} link of circuit `{}`",
            circuit.name.value
        );
        let help = format!("add `customerEdge`, such as `{}`, to it", edge.value);
        let finding = Finding::new(ONE_LINK, link.peer_address_prefix.place, message);
        Some(finding.with_help(help).as_warning())
    });
    missing.collect()
}

/// Every connection between a gateway and a circuit, with the names of both.
fn circuit_connections(
    spec: &Resources,
) -> impl Iterator<Item = (&Connection, &Located<String>, &Located<String>)> {
    spec.connections
        .iter()
        .filter_map(|connection| match &connection.kind {
            ConnectionKind::ExpressRoute {
                gateway, circuit, ..
            } => Some((connection, gateway, circuit)),
            _ => None,
        })
}

fn sku_of(gateway: &VirtualNetworkGateway) -> Option<ExpressRouteSku> {
    match &gateway.kind {
        GatewayKind::ExpressRoute { sku, .. } => Some(sku.value),
        GatewayKind::Vpn { .. } => None,
    }
}

/// A gateway must not have more circuits than its size allows.
pub(crate) fn gateways_take_a_few_circuits(spec: &Resources) -> Vec<Finding> {
    let uses = circuit_connections(spec);
    let uses = uses.map(|(connection, name, _)| (name.value.as_str(), (connection, name)));
    let too_many = counted(uses).filter_map(|(count, (connection, name))| {
        let gateway = find_gateway(spec, name, Wanted::ExpressRoute).ok();
        let (most, title) = most_circuits(gateway.and_then(sku_of)?);
        let message = format!(
            "`{}` is a gateway of size {title}, which accepts at most {most} circuits",
            name.value
        );
        let help = "a gateway accepts 4, 8 or 16 circuits, depending on its `sku` and scale units (expressroute-about-virtual-network-gateways)";
        let finding = Finding::new(TOO_MANY_CIRCUITS, connection.name.place, message);
        (count > most).then(|| finding.with_help(help))
    });
    too_many.collect()
}

/// A circuit must not have more virtual networks than Azure allows.
pub(crate) fn circuits_take_a_few_networks(spec: &Resources) -> Vec<Finding> {
    let uses = circuit_connections(spec);
    let uses = uses.map(|(connection, _, name)| (name.value.as_str(), (connection, name)));
    let too_many = counted(uses).filter(|(count, _)| *count > MOST_NETWORKS);
    let findings = too_many.map(|(_, (connection, name))| {
        let message = format!(
            "circuit `{}` already has {MOST_NETWORKS} virtual networks, the maximum",
            name.value
        );
        let help = "use another circuit, or peer the network with one that has a connection (expressroute-faqs)";
        Finding::new(TOO_MANY_NETWORKS, connection.name.place, message).with_help(help)
    });
    findings.collect()
}

/// `FastPath` needs a gateway of the largest size (about-fastpath).
pub(crate) fn fast_path_needs_a_large_gateway(spec: &Resources) -> Vec<Finding> {
    let bypassing = spec
        .connections
        .iter()
        .filter_map(|connection| match &connection.kind {
            ConnectionKind::ExpressRoute {
                gateway,
                gateway_bypass,
                ..
            } => gateway_bypass
                .value
                .then_some((gateway, gateway_bypass.place)),
            _ => None,
        });
    let refused = bypassing.filter_map(|(name, place)| {
        let gateway = find_gateway(spec, name, Wanted::ExpressRoute).ok()?;
        let sku = sku_of(gateway).filter(|sku| !has_fast_path(*sku))?;
        let (_, title) = most_circuits(sku);
        let message = format!(
            "`{}` is a gateway of size {title}, which does not support FastPath",
            name.value
        );
        let help = format!(
            "give `{}` `sku: ErGw3Az` or `UltraPerformance`, or ErGwScale with a `min` of 10 scale units or more (about-fastpath)",
            name.value
        );
        Some(Finding::new(FAST_PATH, place, message).with_help(help))
    });
    refused.collect()
}

/// Azure ends a session over a circuit that brings more prefixes than allowed (expressroute-faqs). Prefixes that a
/// customer edge itself learned are not counted.
pub(crate) fn customer_edges_advertise_a_few_prefixes(spec: &Resources) -> Vec<Finding> {
    let links = spec
        .express_route_circuits
        .iter()
        .flat_map(|circuit| &circuit.links);
    let excessive = links.filter_map(|link| {
        let edge = link.customer_edge.as_ref()?;
        let (site, router) = find_router(&spec.sites, edge).ok()?;
        let count = site.advertise.len() + router.device.advertise.len();
        (count > MOST_FROM_A_SITE).then(|| {
            let message = format!(
                "`{}` advertises {count} prefixes; a circuit accepts at most {MOST_FROM_A_SITE}",
                edge.value
            );
            too_many_prefixes(edge, message)
        })
    });
    excessive.collect()
}

/// The same for prefixes from a virtual network (expressroute-faqs).
pub(crate) fn networks_advertise_a_few_prefixes(spec: &Resources) -> Vec<Finding> {
    let excessive = circuit_connections(spec).filter_map(|(_, name, _)| {
        let gateway = find_gateway(spec, name, Wanted::ExpressRoute).ok()?;
        let vnet = find_vnet(spec, &gateway.virtual_network).ok()?;
        let own = vnet.name.value.as_str();
        let users = spec.virtual_networks.iter().filter(|user| {
            let mut halves = user.peerings.iter();
            halves.any(|half| {
                half.use_remote_gateways.value && half.remote_virtual_network.value == own
            })
        });
        let count: usize = std::iter::once(vnet)
            .chain(users)
            .map(|vnet| vnet.address_prefixes.len())
            .sum();
        (count > MOST_FROM_A_NETWORK).then(|| {
            let message = format!(
                "`{}` advertises {count} ranges of `{own}` and its peers; a circuit accepts at most {MOST_FROM_A_NETWORK}",
                name.value
            );
            too_many_prefixes(name, message)
        })
    });
    excessive.collect()
}

fn too_many_prefixes(speaker: &Located<String>, message: String) -> Finding {
    Finding::new(TOO_MANY_PREFIXES, speaker.place, message)
        .with_help("summarize adjacent prefixes into shorter ones (expressroute-faqs)")
}
