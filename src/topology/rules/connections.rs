//! Circuits and connections: everything they name exists and fits.

use std::collections::{BTreeMap, BTreeSet};

use crate::findings::{Finding, Located};
use crate::spec::model::{ConnectionKind, GatewayKind, Site, Spec, VirtualNetworkGateway};
use crate::topology::rules::addresses::unusable;
use crate::topology::rules::gateways::gateway_subnet;
use crate::topology::rules::{find_router, find_vnet, no_such};
use crate::units::Asn;

/// A circuit's links end at routers whose site has an AS number.
pub(super) fn circuits_end_at_customer_edges(spec: &Spec) -> Vec<Finding> {
    let links = spec
        .express_route_circuits
        .iter()
        .flat_map(|circuit| &circuit.links);
    links
        .filter_map(|link| speaks_bgp(spec, &link.customer_edge).err())
        .collect()
}

/// The AS number of the site that a router stands in, or what to say.
fn speaks_bgp(spec: &Spec, router: &Located<String>) -> Result<Asn, Finding> {
    let (site, _) = find_router(spec, router)?;
    site.asn
        .map(|asn| asn.value)
        .ok_or_else(|| without_asn(site, router))
}

fn without_asn(site: &Site, router: &Located<String>) -> Finding {
    let message = format!(
        "router `{}` speaks BGP with Azure, but its site `{}` has no `asn`",
        router.value, site.name.value
    );
    Finding::new("no-asn", router.place, message).with_help(format!(
        "add `asn: 65001`, or another private number, to site `{}`",
        site.name.value
    ))
}

/// The gateway of that name, or what to say.
fn find_gateway<'a>(
    spec: &'a Spec,
    name: &Located<String>,
    wanted: Wanted,
) -> Result<&'a VirtualNetworkGateway, Finding> {
    let all = || {
        spec.virtual_network_gateways
            .iter()
            .filter(|gateway| wanted.is(gateway))
    };
    let gateways = &spec.virtual_network_gateways;
    match gateways
        .iter()
        .find(|gateway| gateway.name.value.as_str() == name.value)
    {
        Some(gateway) if wanted.is(gateway) => Ok(gateway),
        Some(_) => Err(Finding::new(
            "wrong-gateway",
            name.place,
            format!("`{}` is not {}", name.value, wanted.title()),
        )),
        None => Err(no_such(
            "gateway",
            name,
            all().map(|gateway| gateway.name.value.as_str()),
        )),
    }
}

#[derive(Clone, Copy)]
enum Wanted {
    Vpn,
    ExpressRoute,
}

impl Wanted {
    fn is(self, gateway: &VirtualNetworkGateway) -> bool {
        matches!(
            (self, &gateway.kind),
            (Self::Vpn, GatewayKind::Vpn { .. }) | (Self::ExpressRoute, GatewayKind::ExpressRoute)
        )
    }

    fn title(self) -> &'static str {
        match self {
            Self::Vpn => "a VPN gateway, which this connection needs",
            Self::ExpressRoute => "an ExpressRoute gateway, which this connection needs",
        }
    }
}

/// A circuit's connection names an `ExpressRoute` gateway and a circuit, and its endpoints lie in
/// the gateway's subnet.
pub(super) fn circuit_connections_resolve(spec: &Spec) -> Vec<Finding> {
    let mut findings = Vec::new();
    for connection in &spec.connections {
        let ConnectionKind::ExpressRoute {
            gateway,
            circuit,
            endpoints,
        } = &connection.kind
        else {
            continue;
        };
        let circuits = || {
            spec.express_route_circuits
                .iter()
                .map(|circuit| circuit.name.value.as_str())
        };
        if !circuits().any(|name| name == circuit.value) {
            findings.push(no_such("circuit", circuit, circuits()));
        }
        match find_gateway(spec, gateway, Wanted::ExpressRoute) {
            Err(finding) => findings.push(finding),
            Ok(gateway) => {
                let subnet = find_vnet(spec, &gateway.virtual_network)
                    .ok()
                    .and_then(gateway_subnet);
                let misplaced = endpoints
                    .iter()
                    .filter_map(|endpoint| unusable(subnet?, endpoint));
                findings.extend(misplaced);
            }
        }
    }
    findings
}

/// A tunnel joins two VPN gateways, or one and a device, in different autonomous systems.
pub(super) fn tunnels_resolve(spec: &Spec) -> Vec<Finding> {
    spec.connections
        .iter()
        .flat_map(|connection| tunnel_resolves(spec, &connection.kind))
        .collect()
}

fn tunnel_resolves(spec: &Spec, kind: &ConnectionKind) -> Vec<Finding> {
    let (ends, last) = match kind {
        ConnectionKind::ExpressRoute { .. } => return Vec::new(),
        ConnectionKind::VnetToVnet { gateways } => (
            gateways
                .each_ref()
                .map(|gateway| gateway_asn(spec, gateway)),
            &gateways[1],
        ),
        ConnectionKind::IpSec { gateway, device } => (
            [gateway_asn(spec, gateway), device_asn(spec, device)],
            device,
        ),
    };
    match ends {
        [Ok(a), Ok(b)] if a == b => {
            let message = format!(
                "both ends of this tunnel have the AS number {a}, so neither would take the other's routes"
            );
            vec![
                Finding::new("same-asn", last.place, message)
                    .with_help("give one of them another private `asn`"),
            ]
        }
        ends => ends.into_iter().filter_map(Result::err).collect(),
    }
}

fn gateway_asn(spec: &Spec, name: &Located<String>) -> Result<Asn, Finding> {
    match &find_gateway(spec, name, Wanted::Vpn)?.kind {
        GatewayKind::Vpn { asn, .. } => Ok(asn.value),
        GatewayKind::ExpressRoute => Ok(Asn::AZURE_GATEWAY),
    }
}

fn device_asn(spec: &Spec, name: &Located<String>) -> Result<Asn, Finding> {
    let (site, router) = find_router(spec, name)?;
    if router.tunnel.is_none() {
        let message = format!(
            "router `{}` has no `tunnel`, so no connection can end there",
            name.value
        );
        let help = "add `tunnel: { sourceAddress: ..., address: ... }` to it";
        return Err(Finding::new("no-tunnel", name.place, message).with_help(help));
    }
    site.asn
        .map(|asn| asn.value)
        .ok_or_else(|| without_asn(site, name))
}

/// Two things are joined by one connection.
pub(super) fn are_made_once(spec: &Spec) -> Vec<Finding> {
    let mut seen: BTreeMap<BTreeSet<&str>, &str> = BTreeMap::new();
    let mut findings = Vec::new();
    for connection in &spec.connections {
        let ends = match &connection.kind {
            ConnectionKind::ExpressRoute {
                gateway, circuit, ..
            } => [gateway, circuit],
            ConnectionKind::VnetToVnet { gateways: [a, b] } => [a, b],
            ConnectionKind::IpSec { gateway, device } => [gateway, device],
        };
        let ends: BTreeSet<&str> = ends.map(|end| end.value.as_str()).into();
        if ends.len() == 1 {
            findings.push(Finding::new(
                "same-end",
                connection.name.place,
                "a connection needs two different ends",
            ));
        } else if let Some(other) = seen.insert(ends, connection.name.value.as_str()) {
            let message = format!("connection `{other}` joins these two already");
            findings.push(Finding::new(
                "joined-already",
                connection.name.place,
                message,
            ));
        }
    }
    findings
}
