//! What routers and appliances are told by hand: policies toward a neighbour, and static routes.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::findings::{Finding, Located};
use crate::spec::model::{
    CircuitLink, ConnectionKind, Device, IpSecEnd, Site, SiteRouter, Spec, StaticNextHop,
};
use crate::topology::joined::circuit_addresses;
use crate::topology::rules::references::{find_router, machines, no_such, routers};
use crate::units::Asn;

/// A router or appliance, and where it stands.
#[derive(Clone, Copy)]
struct Speaker<'a> {
    name: &'a str,
    device: &'a Device,
    stand: Stand<'a>,
}

#[derive(Clone, Copy)]
enum Stand<'a> {
    Site(&'a Site, &'a SiteRouter),
    Network,
}

fn speakers(spec: &Spec) -> impl Iterator<Item = Speaker<'_>> {
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
struct Neighbour<'a> {
    name: &'a str,
    kind: &'static str,
    speaks_bgp: bool,
}

/// The connections, circuits and wan links of a device and, where its site speaks BGP within itself,
/// the routers that it speaks with.
fn neighbours<'a>(spec: &'a Spec, speaker: Speaker<'a>) -> Vec<Neighbour<'a>> {
    let mut all = connections_of(spec, speaker);
    let Stand::Site(site, router) = speaker.stand else {
        return all;
    };
    for circuit in &spec.express_route_circuits {
        if links_at(&circuit.links, speaker.name).next().is_some() {
            all.push(Neighbour {
                name: circuit.name.value.as_str(),
                kind: "circuit",
                speaks_bgp: true,
            });
        }
    }
    let own = asn_of(site, router);
    for link in &spec.wan {
        let [a, b] = &link.ends;
        let other = match speaker.name {
            name if name == a.value => b,
            name if name == b.value => a,
            _ => continue,
        };
        // A router that does not exist is another rule's finding.
        let other_speaks =
            find_router(spec, other).map_or(true, |(site, router)| asn_of(site, router).is_some());
        all.push(Neighbour {
            name: link.name.value.as_str(),
            kind: "wan link",
            speaks_bgp: own.is_some() && other_speaks,
        });
    }
    if site.ibgp {
        let others = site.routers.iter().filter(|other| {
            other.name != router.name && own.is_some() && asn_of(site, other) == own
        });
        all.extend(others.map(|other| Neighbour {
            name: other.name.value.as_str(),
            kind: "router",
            speaks_bgp: true,
        }));
    }
    all
}

fn asn_of(site: &Site, router: &SiteRouter) -> Option<Asn> {
    router.device.asn.or(site.asn).map(|asn| asn.value)
}

fn links_at<'a>(links: &'a [CircuitLink], router: &str) -> impl Iterator<Item = &'a CircuitLink> {
    links
        .iter()
        .filter(move |link| link.customer_edge.value == router)
}

fn connections_of<'a>(spec: &'a Spec, speaker: Speaker<'_>) -> Vec<Neighbour<'a>> {
    let connections = spec.connections.iter().filter_map(|connection| {
        let ConnectionKind::IpSec {
            end,
            device,
            enable_bgp,
            ..
        } = &connection.kind
        else {
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
            speaks_bgp: enable_bgp.value,
        })
    });
    connections.collect()
}

/// The names that a device's policies are for.
fn policy_names(device: &Device) -> impl Iterator<Item = &Located<String>> {
    let preferences = device.local_preference.iter().map(|(name, _)| name);
    let prepends = device.as_path_prepend.iter().map(|(name, _)| name);
    let filters = device.import.iter().chain(&device.export);
    preferences
        .chain(prepends)
        .chain(filters.map(|(name, _)| name))
}

/// A policy is for a neighbour that the device speaks BGP with.
pub(super) fn policies_name_neighbours(spec: &Spec) -> Vec<Finding> {
    let mut findings = Vec::new();
    for speaker in speakers(spec) {
        let neighbours = neighbours(spec, speaker);
        let wrong = policy_names(speaker.device)
            .filter_map(|name| no_neighbour(spec, speaker, &neighbours, name));
        findings.extend(wrong);
    }
    findings
}

fn no_neighbour(
    spec: &Spec,
    speaker: Speaker<'_>,
    neighbours: &[Neighbour<'_>],
    name: &Located<String>,
) -> Option<Finding> {
    let named: Vec<_> = neighbours
        .iter()
        .filter(|neighbour| neighbour.name == name.value)
        .collect();
    match named.as_slice() {
        [] if !is_anything(spec, &name.value) => {
            let own = neighbours.iter().map(|neighbour| neighbour.name).collect();
            let only_these = neighbours
                .iter()
                .all(|neighbour| matches!(neighbour.kind, "circuit" | "connection"));
            let kind = if only_these {
                "circuit or connection"
            } else {
                "neighbour"
            };
            Some(no_such(kind, name, own_or_all(spec, own)))
        }
        [] => {
            let message = format!("`{}` is no neighbour of `{}`", name.value, speaker.name);
            let known: Vec<_> = neighbours
                .iter()
                .filter(|neighbour| neighbour.speaks_bgp)
                .map(|neighbour| neighbour.name)
                .collect();
            let help = if known.is_empty() {
                format!("`{}` speaks BGP with nobody", speaker.name)
            } else {
                format!("it speaks BGP over {}", known.join(", "))
            };
            Some(Finding::new("not-a-neighbour", name.place, message).with_help(help))
        }
        [one] if !one.speaks_bgp => {
            let message = format!(
                "`{}` speaks no BGP over {} `{}`, so no policy holds there",
                speaker.name, one.kind, name.value
            );
            let help = if one.kind == "connection" {
                "set `enableBgp: true` on the connection, or leave this out"
            } else {
                "give both routers an `asn`, or leave this out"
            };
            Some(Finding::new("not-a-neighbour", name.place, message).with_help(help))
        }
        [_] => None,
        [one, other, ..] => {
            let message = format!(
                "`{}` is a {} and a {} of `{}`, and this could be about either",
                name.value, one.kind, other.kind, speaker.name
            );
            Some(
                Finding::new("two-neighbours", name.place, message)
                    .with_help("give one of them another name"),
            )
        }
    }
}

/// What could be meant at a device: its own neighbours or, where it has none, any connection.
fn own_or_all<'a>(spec: &'a Spec, own: Vec<&'a str>) -> Vec<&'a str> {
    if own.is_empty() {
        let connections = spec.connections.iter();
        connections.map(|one| one.name.value.as_str()).collect()
    } else {
        own
    }
}

/// Whether a circuit, a connection, a wan link or a router has that name, at whatever device.
fn is_anything(spec: &Spec, name: &str) -> bool {
    let circuits = spec.express_route_circuits.iter().map(|one| &one.name);
    let connections = spec.connections.iter().map(|one| &one.name);
    let wan = spec.wan.iter().map(|one| &one.name);
    let routers = routers(spec).map(|(_, router)| &router.name);
    circuits
        .chain(connections)
        .chain(wan)
        .chain(routers)
        .any(|known| known.value.as_str() == name)
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
