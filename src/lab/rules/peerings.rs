//! The BGP sessions that a file gives to a router or appliance, with all their names.

use crate::azure::circuit::lower::LEGS;
use crate::azure::circuit::model::msee_names;
use crate::azure::connection::ends::chosen;
use crate::azure::connection::lower::speaks_bgp;
use crate::azure::connection::model::{Connection, ConnectionKind, IpSecEnd};
use crate::azure::gateway::model::{GatewayKind, instance_names};
use crate::azure::resources::Resources;
use crate::lab::rules::devices::{Speaker, Stand};
use crate::lab::rules::policies::asn_of;
use crate::onpremises::device::neighbours::Peering;
use crate::onpremises::site::find::find_router;
use crate::onpremises::site::model::{Site, SiteRouter};

/// The BGP sessions of a device.
pub(crate) fn peerings<'a>(spec: &'a Resources, speaker: Speaker<'a>) -> Vec<Peering<'a>> {
    let connections = spec.connections.iter();
    let mut all: Vec<Peering<'_>> = connections
        .flat_map(|connection| tunnels(spec, speaker, connection))
        .collect();
    if let Stand::Site(site, router) = speaker.stand {
        all.extend(legs(spec, speaker.name));
        if asn_of(site, router).is_some() {
            all.extend(wan_links(spec, speaker.name));
            all.extend(inside(site, router));
        }
    }
    all
}

fn tunnels<'a>(
    spec: &'a Resources,
    speaker: Speaker<'a>,
    connection: &'a Connection,
) -> Vec<Peering<'a>> {
    let session = connection.name.value.as_str();
    let to = |neighbour: String, gateway, link: String| Peering {
        device: speaker.name,
        neighbour,
        gateway,
        session,
        link: Some(link),
    };
    let ConnectionKind::IpSec { end, device, .. } = &connection.kind else {
        return Vec::new();
    };
    let is_device = device.value == speaker.name;
    match end {
        IpSecEnd::Gateway(gateway) if is_device && speaks_bgp(spec, &connection.kind) => {
            let names = instances(spec, &gateway.value);
            let count = names.len();
            let tunnel = |index: usize| {
                let ending = if count == 1 {
                    String::new()
                } else {
                    format!("-in{index}")
                };
                let gateway = Some(gateway.value.as_str());
                to(names[index].clone(), gateway, format!("{session}{ending}"))
            };
            let chosen = chosen(&connection.kind, &gateway.value, count);
            chosen.into_iter().map(tunnel).collect()
        }
        IpSecEnd::Appliance(other) if speaks_bgp(spec, &connection.kind) => {
            let far = [(is_device, other), (other.value == speaker.name, device)];
            let far = far.into_iter().filter(|(is_own, _)| *is_own);
            far.map(|(_, far)| to(far.value.clone(), None, session.to_owned()))
                .collect()
        }
        IpSecEnd::Gateway(_) | IpSecEnd::Appliance(_) => Vec::new(),
    }
}

/// The nodes of a VPN gateway. Another rule reports a gateway that does not exist.
fn instances(spec: &Resources, gateway: &str) -> Vec<String> {
    let mut gateways = spec.virtual_network_gateways.iter();
    let found = gateways.find(|found| found.name.value.as_str() == gateway);
    match found.map(|found| &found.kind) {
        Some(GatewayKind::Vpn { instances, .. }) => instance_names(gateway, instances.len()),
        Some(GatewayKind::ExpressRoute { .. }) | None => Vec::new(),
    }
}

fn legs<'a>(spec: &'a Resources, router: &'a str) -> impl Iterator<Item = Peering<'a>> {
    spec.express_route_circuits.iter().flat_map(move |circuit| {
        let session = circuit.name.value.as_str();
        let legs = circuit.links.iter().zip(msee_names(session)).zip(LEGS);
        let own = legs.filter(move |((link, _), _)| link.ends_at(router));
        own.map(move |((_, neighbour), leg)| Peering {
            device: router,
            neighbour,
            gateway: None,
            session,
            link: Some(format!("{session}-{leg}")),
        })
    })
}

fn wan_links<'a>(spec: &'a Resources, router: &'a str) -> impl Iterator<Item = Peering<'a>> {
    spec.wan.iter().filter_map(move |link| {
        let [a, b] = &link.ends;
        let other = match router {
            own if own == a.value => b,
            own if own == b.value => a,
            _ => return None,
        };
        let (site, far) = find_router(&spec.sites, other).ok()?;
        asn_of(site, far)?;
        let session = link.name.value.as_str();
        Some(Peering {
            device: router,
            neighbour: other.value.clone(),
            gateway: None,
            session,
            link: Some(session.to_owned()),
        })
    })
}

/// The routers of its site with its ASN, if the site uses iBGP.
fn inside<'a>(site: &'a Site, router: &'a SiteRouter) -> impl Iterator<Item = Peering<'a>> {
    let own = asn_of(site, router);
    let others = site
        .routers
        .iter()
        .filter(move |other| site.ibgp && other.name != router.name && asn_of(site, other) == own);
    others.map(move |other| Peering {
        device: router.name.value.as_str(),
        neighbour: other.name.value.to_string(),
        gateway: None,
        session: site.name.value.as_str(),
        link: None,
    })
}
