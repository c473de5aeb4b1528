//! Routers and appliances with what joins them to others, and the static routes that they are told.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::findings::{Finding, Located};
use crate::spec::model::{
    CircuitLink, ConnectionKind, Device, IpSecEnd, Site, SiteRouter, Spec, StaticNextHop,
};
use crate::topology::joined::{circuit_addresses, speaks_bgp};
use crate::topology::rules::references::{machines, no_such, routers};

/// A router or appliance, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Speaker<'a> {
    pub(super) name: &'a str,
    pub(super) device: &'a Device,
    pub(super) stand: Stand<'a>,
}

#[derive(Clone, Copy)]
pub(super) enum Stand<'a> {
    Site(&'a Site, &'a SiteRouter),
    Network,
}

pub(super) fn speakers(spec: &Spec) -> impl Iterator<Item = Speaker<'_>> {
    let machines = machines(spec).map(|(_, machine)| Speaker {
        name: machine.name.value.as_str(),
        device: &machine.device,
        stand: Stand::Network,
    });
    let routers = routers(spec).map(|(site, router)| Speaker {
        name: router.name.value.as_str(),
        device: &router.device,
        stand: Stand::Site(site, router),
    });
    machines.chain(routers)
}

/// A neighbour by the name that policies give it.
pub(super) struct Neighbour<'a> {
    pub(super) name: &'a str,
    pub(super) kind: &'static str,
    pub(super) speaks_bgp: bool,
}

pub(super) fn links_at<'a>(
    links: &'a [CircuitLink],
    router: &str,
) -> impl Iterator<Item = &'a CircuitLink> {
    links
        .iter()
        .filter(move |link| link.customer_edge.value == router)
}

/// The connections that end at a device.
pub(super) fn connections_of<'a>(spec: &'a Spec, speaker: Speaker<'_>) -> Vec<Neighbour<'a>> {
    let connections = spec.connections.iter().filter_map(|connection| {
        let ConnectionKind::IpSec { end, device, .. } = &connection.kind else {
            return None;
        };
        let own_end = match (speaker.stand, end) {
            (Stand::Site(..), _) => device,
            (Stand::Network, IpSecEnd::Appliance(appliance)) => appliance,
            (Stand::Network, IpSecEnd::Gateway(_)) => return None,
        };
        (own_end.value == speaker.name).then_some(Neighbour {
            name: connection.name.value.as_str(),
            kind: "connection",
            speaks_bgp: speaks_bgp(spec, &connection.kind),
        })
    });
    connections.collect()
}

/// What could be meant at a device: its own neighbours or, where it has none, any connection.
pub(super) fn own_or_all<'a>(spec: &'a Spec, own: Vec<&'a str>) -> Vec<&'a str> {
    if own.is_empty() {
        let connections = spec.connections.iter();
        connections.map(|one| one.name.value.as_str()).collect()
    } else {
        own
    }
}

/// A static route leads to a neighbour on one of the device's links, or into one of its tunnels.
pub(super) fn static_routes_lead_to_neighbours(spec: &Spec) -> Vec<Finding> {
    let mut findings = Vec::new();
    for speaker in speakers(spec) {
        let wrong = speaker
            .device
            .routes
            .iter()
            .filter_map(|route| match &route.next_hop {
                StaticNextHop::Address(address) => leads_nowhere(spec, speaker, address),
                StaticNextHop::Connection(name) => no_tunnel(spec, speaker, name),
            });
        findings.extend(wrong);
    }
    findings
}

fn no_tunnel(spec: &Spec, speaker: Speaker<'_>, name: &Located<String>) -> Option<Finding> {
    let own = connections_of(spec, speaker);
    if own.iter().any(|connection| connection.name == name.value) {
        return None;
    }
    let mut connections = spec.connections.iter();
    if !connections.any(|connection| connection.name.value.as_str() == name.value) {
        let own = own.iter().map(|connection| connection.name).collect();
        return Some(no_such("connection", name, own_or_all(spec, own)));
    }
    let message = format!(
        "connection `{}` does not end at `{}`, whose route leads into it",
        name.value, speaker.name
    );
    let known: Vec<_> = own.iter().map(|connection| connection.name).collect();
    let help = if known.is_empty() {
        format!("no connection ends at `{}`", speaker.name)
    } else {
        format!("its connections are {}", known.join(", "))
    };
    Some(Finding::new("not-a-neighbour", name.place, message).with_help(help))
}

/// A link of a device: its prefix, and the addresses at its other end.
type Reach = (Ipv4Net, Vec<Ipv4Addr>);

fn leads_nowhere(
    spec: &Spec,
    speaker: Speaker<'_>,
    address: &Located<Ipv4Addr>,
) -> Option<Finding> {
    let Stand::Site(site, router) = speaker.stand else {
        return Some(routed_by_the_fabric(speaker, address));
    };
    let reaches = reaches(spec, site, router);
    if reaches
        .iter()
        .any(|(_, neighbours)| neighbours.contains(&address.value))
    {
        return None;
    }
    let on_link = reaches
        .iter()
        .find(|(prefix, _)| prefix.contains(&address.value));
    let (message, known): (String, Vec<_>) = if let Some((prefix, neighbours)) = on_link {
        let message = format!(
            "no neighbour of `{}` on {prefix} has the address {}",
            speaker.name, address.value
        );
        (message, neighbours.clone())
    } else {
        let message = format!("{} is on no link of `{}`", address.value, speaker.name);
        let all = reaches.iter().flat_map(|(_, neighbours)| neighbours);
        (message, all.copied().collect())
    };
    let finding = Finding::new("not-a-neighbour", address.place, message);
    Some(if known.is_empty() {
        finding.with_help(format!("`{}` has no neighbour there", speaker.name))
    } else {
        let known: Vec<_> = known.iter().map(Ipv4Addr::to_string).collect();
        finding.with_help(format!("its neighbours have {}", known.join(", ")))
    })
}

/// What a machine sends is routed by its subnet's table, whatever the machine itself was told.
fn routed_by_the_fabric(speaker: Speaker<'_>, address: &Located<Ipv4Addr>) -> Finding {
    let message = format!(
        "Azure routes what `{}` sends by the table of its subnet, not by this route",
        speaker.name
    );
    Finding::new("useless-route", address.place, message).with_help(
        "write the route in one of `routeTables`, or lead it into a tunnel with `connection` (virtual-networks-udr-overview)",
    )
}

fn reaches(spec: &Spec, site: &Site, router: &SiteRouter) -> Vec<Reach> {
    let name = router.name.value.as_str();
    let mut all = Vec::new();
    if let Some(lan) = router.address {
        let own = lan.value;
        let routers = site.routers.iter().filter_map(|other| other.address);
        let hosts = site.hosts.iter().map(|host| host.address);
        let neighbours = routers
            .chain(hosts)
            .map(|address| address.value)
            .filter(|address| address.trunc() == own.trunc() && address.addr() != own.addr())
            .map(|address| address.addr())
            .collect();
        all.push((own.trunc(), neighbours));
    }
    let links = site.links.iter().map(|link| (&link.ends, &link.addresses));
    let wan = spec.wan.iter().map(|link| (&link.ends, &link.addresses));
    for (ends, addresses) in links.chain(wan) {
        for (own, other) in [(0, 1), (1, 0)] {
            if ends[own].value == name {
                let prefix = addresses[own].value.trunc();
                all.push((prefix, vec![addresses[other].value.addr()]));
            }
        }
    }
    let circuits = spec.express_route_circuits.iter();
    let links = circuits.flat_map(|circuit| links_at(&circuit.links, name));
    all.extend(links.map(|link| {
        let prefix = link.peer_address_prefix.value;
        let [_, msee] = circuit_addresses(prefix);
        (prefix, vec![msee])
    }));
    all
}
