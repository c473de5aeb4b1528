//! Site-to-site VPNs: what a gateway knows of the other end, the number of tunnels, and the links that carry them.

use crate::addresses::{Address, Prefix};
use crate::azure::connection::ends::{chosen, find_device, prefixes_known};
use crate::azure::connection::lower::speaks_bgp;
use crate::azure::connection::model::{Connection, ConnectionKind, IpSecEnd};
use crate::azure::facts::addresses::is_tunnel_bgp_address;
use crate::azure::facts::sizes::most_tunnels;
use crate::azure::gateway::model::GatewayKind;
use crate::azure::gateway::rules::instances;
use crate::azure::references::{Wanted, counted, find_gateway, find_vnet};
use crate::azure::resources::Resources;
use crate::findings::{Finding, Located, Place, Rule};
use crate::onpremises::device::model::TunnelEnd;

const NO_PREFIXES: Rule = Rule::of_whole_files("no-prefixes").needing(&[
    "enableBgp",
    "sku",
    "localNetworkAddressPrefixes",
]);
const SHADOWED_PREFIX: Rule = Rule::new("shadowed-prefix");
const USELESS_PREFIXES: Rule = Rule::new("useless-prefixes");
const APIPA: Rule = Rule::of_whole_files("apipa").needing(&[
    "enableBgp",
    "sku",
    "bgpPeeringAddress",
    "bgpPeeringAddresses",
]);
const TOO_MANY_TUNNELS: Rule = Rule::of_whole_files("too-many-tunnels").needing(&["sku"]);

/// The most tunnels of a lab: each has a UDP port, from 51820 on.
const MOST_TUNNELS_OF_A_LAB: usize = 13_000;

/// The parts of a site-to-site connection.
struct SiteToSite<'a> {
    name: &'a str,
    end: &'a IpSecEnd,
    device: &'a Located<String>,
    speaks_bgp: bool,
    prefixes: &'a [Located<Prefix>],
}

fn site_to_site(spec: &Resources) -> impl Iterator<Item = SiteToSite<'_>> {
    spec.connections
        .iter()
        .filter_map(|connection| match &connection.kind {
            ConnectionKind::IpSec {
                end,
                device,
                local_network_address_prefixes,
                ..
            } => Some(SiteToSite {
                name: connection.name.value.as_str(),
                end,
                device,
                speaks_bgp: speaks_bgp(spec, &connection.kind),
                prefixes: local_network_address_prefixes,
            }),
            _ => None,
        })
}

/// The place of `enableBgp`, or of the connection's name if the key is missing.
fn said_at(connection: &Connection) -> Place {
    let said = connection.kind.enable_bgp();
    said.map_or(connection.name.place, |said| said.place)
}

/// A gateway's end of a connection with a local network gateway.
struct KnowingEnd<'a> {
    connection: &'a Connection,
    gateway: &'a Located<String>,
    /// The device or the gateway at the other end.
    other: &'a Located<String>,
}

fn knowing_ends(spec: &Resources) -> impl Iterator<Item = KnowingEnd<'_>> {
    spec.connections.iter().flat_map(|connection| {
        let pairs = match &connection.kind {
            ConnectionKind::IpSec {
                end: IpSecEnd::Gateway(gateway),
                device,
                ..
            } => vec![[gateway, device]],
            ConnectionKind::IpSecGateways {
                gateways: [a, b], ..
            } => vec![[a, b], [b, a]],
            ConnectionKind::IpSec { .. }
            | ConnectionKind::VnetToVnet { .. }
            | ConnectionKind::ExpressRoute { .. }
            | ConnectionKind::GlobalReach { .. } => Vec::new(),
        };
        let ends = pairs.into_iter();
        ends.map(move |[gateway, other]| KnowingEnd {
            connection,
            gateway,
            other,
        })
    })
}

/// Without BGP, a gateway knows only the prefixes of its local network gateway for a site (vpn-gateway-vpn-faq).
pub(crate) fn static_connections_say_what_lies_behind(spec: &Resources) -> Vec<Finding> {
    let silent = knowing_ends(spec).filter(|end| {
        let kind = &end.connection.kind;
        !speaks_bgp(spec, kind) && prefixes_known(kind, &end.gateway.value).is_empty()
    });
    silent.map(|end| without_prefixes(&end)).collect()
}

fn without_prefixes(end: &KnowingEnd<'_>) -> Finding {
    let (gateway, other) = (&end.gateway.value, &end.other.value);
    let place = said_at(end.connection);
    if let ConnectionKind::IpSecGateways { .. } = end.connection.kind {
        let message = format!(
            "`{gateway}` learns no prefixes behind `{other}`: the connection has neither BGP nor `localNetworkAddressPrefixes` of `{gateway}`"
        );
        let help = format!(
            "add `localNetworkAddressPrefixes: {{ {gateway}: [...] }}`, the prefixes behind `{other}`, to this connection"
        );
        return Finding::new(NO_PREFIXES, place, message).with_help(help);
    }
    let message = format!(
        "the gateway learns no prefixes behind `{other}`: the connection has neither BGP nor `localNetworkAddressPrefixes`"
    );
    let help = "add `localNetworkAddressPrefixes: [...]`, the site's prefixes, to this connection";
    Finding::new(NO_PREFIXES, place, message).with_help(help)
}

/// A gateway ignores prefixes of a local network gateway inside its own network, whose system routes take precedence
/// (vpn-gateway-vpn-faq).
pub(crate) fn local_networks_lie_outside(spec: &Resources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for end in knowing_ends(spec) {
        let Some(vnet) = find_gateway(spec, end.gateway, Wanted::Vpn)
            .and_then(|gateway| find_vnet(spec, &gateway.virtual_network))
            .ok()
        else {
            continue;
        };
        for prefix in prefixes_known(&end.connection.kind, &end.gateway.value) {
            let mut ranges = vnet.address_prefixes.iter();
            let Some(range) = ranges.find(|range| range.value.contains(&prefix.value)) else {
                continue;
            };
            let message = format!(
                "{} is part of {} of virtual network {}, the gateway's own network",
                prefix.value, range.value, vnet.name.value
            );
            findings.push(Finding::new(SHADOWED_PREFIX, prefix.place, message).with_help(
                "a network's own ranges win over prefixes behind a tunnel; write the site's prefixes, or a shorter one (vpn-gateway-vpn-faq)",
            ));
        }
    }
    findings
}

/// An appliance has no local network gateway: it needs static routes to the prefixes behind its tunnels.
pub(crate) fn appliances_have_no_local_network(spec: &Resources) -> Vec<Finding> {
    let told = site_to_site(spec).filter_map(|connection| match connection.end {
        IpSecEnd::Appliance(appliance) => Some((appliance, connection.prefixes.first()?)),
        IpSecEnd::Gateway(_) => None,
    });
    told.map(|(appliance, prefix)| {
        let message = format!(
            "`{}` is an appliance, and local network gateways apply to VPN gateways only",
            appliance.value
        );
        let help = format!(
            "leave `localNetworkAddressPrefixes` out and add `routes: [{{ addressPrefix: {}, connection: ... }}]` to `{}`",
            prefix.value, appliance.value
        );
        Finding::new(USELESS_PREFIXES, prefix.place, message).with_help(help)
    })
    .collect()
}

/// A device with a link-local BGP address needs a gateway with one too (vpn-gateway-bgp-overview).
pub(crate) fn link_local_devices_need_link_local_gateways(spec: &Resources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for connection in site_to_site(spec).filter(|connection| connection.speaks_bgp) {
        let IpSecEnd::Gateway(name) = connection.end else {
            continue;
        };
        let Ok(device) = find_device(spec, connection.device) else {
            continue;
        };
        let addresses = device.device().tunnel_ends_of(connection.name).into_iter();
        let mut addresses = addresses.map(TunnelEnd::bgp_address);
        let Some(address) = addresses.find(|address| address.value.is_link_local()) else {
            continue;
        };
        let Ok(gateway) = find_gateway(spec, name, Wanted::Vpn) else {
            continue;
        };
        let has_one =
            |bgp: Option<Located<Address>>| bgp.is_some_and(|bgp| is_tunnel_bgp_address(bgp.value));
        if instances(gateway)
            .iter()
            .any(|instance| has_one(instance.bgp_peering_address))
        {
            continue;
        }
        let message = format!(
            "`{}` speaks BGP from {}, inside the tunnel, where `{}` has no address",
            connection.device.value, address.value, name.value
        );
        let help = format!(
            "give `{}` a `bgpPeeringAddress` from 169.254.21.0 to 169.254.22.255 too (vpn-gateway-bgp-overview)",
            name.value
        );
        findings.push(Finding::new(APIPA, connection.device.place, message).with_help(help));
    }
    findings
}

/// A gateway must not have more connections than its size allows.
pub(crate) fn gateways_have_a_few_tunnels(spec: &Resources) -> Vec<Finding> {
    let uses = spec.connections.iter().flat_map(|connection| {
        let names = connection.kind.vpn_gateways().iter();
        names.map(move |name| (name.value.as_str(), (connection, name)))
    });
    let too_many = counted(uses).filter_map(|(count, (connection, name))| {
        let gateway = find_gateway(spec, name, Wanted::Vpn).ok()?;
        let GatewayKind::Vpn { sku, .. } = &gateway.kind else {
            return None;
        };
        let (most, title) = most_tunnels(sku.value);
        let message = format!(
            "`{}` is a gateway of size {title}, which has at most {most} tunnels",
            name.value
        );
        let help = "Basic and Standard have 10, VpnGw1 to VpnGw3 and HighPerformance 30, VpnGw4 and VpnGw5 100 (vpn-gateway-about-vpngateways)";
        let finding = Finding::new(TOO_MANY_TUNNELS, connection.name.place, message);
        (count > most).then(|| finding.with_help(help))
    });
    too_many.collect()
}

/// Each tunnel of a lab has its own UDP port.
pub(crate) fn lab_has_ports_for_its_tunnels(spec: &Resources) -> Vec<Finding> {
    let mut count = 0;
    let mut connections = spec.connections.iter();
    let excess = connections.find(|connection| {
        count += tunnels_of(spec, &connection.kind);
        count > MOST_TUNNELS_OF_A_LAB
    });
    let finding = excess.map(|connection| {
        let message = format!("a lab has at most {MOST_TUNNELS_OF_A_LAB} tunnels");
        Finding::new(TOO_MANY_TUNNELS, connection.name.place, message)
    });
    finding.into_iter().collect()
}

/// The number of tunnels of a connection: one for each pair of instances of its ends.
fn tunnels_of(spec: &Resources, kind: &ConnectionKind) -> usize {
    let at = |name: &Located<String>| {
        find_gateway(spec, name, Wanted::Vpn).map_or(1, |found| {
            chosen(kind, &name.value, instances(found).len()).len()
        })
    };
    match kind {
        ConnectionKind::VnetToVnet { gateways, .. }
        | ConnectionKind::IpSecGateways { gateways, .. } => gateways.iter().map(at).product(),
        ConnectionKind::IpSec {
            end: IpSecEnd::Gateway(gateway),
            ..
        } => at(gateway),
        ConnectionKind::IpSec { .. } => 1,
        ConnectionKind::ExpressRoute { .. } | ConnectionKind::GlobalReach { .. } => 0,
    }
}
