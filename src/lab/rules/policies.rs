//! Rules for the BGP policies of routers and appliances for a neighbor's routes.

use crate::azure::resources::Resources;
use crate::findings::{Finding, Located};
use crate::findings::{Rule, no_such};
use crate::lab::rules::devices::{
    Neighbour, Speaker, Stand, connections_of, links_at, own_or_all, speakers,
};
use crate::onpremises::device::model::Device;
use crate::onpremises::site::find::{find_router, routers};
use crate::onpremises::site::model::{Site, SiteRouter};
use crate::units::Asn;

const USELESS_POLICY: Rule = Rule::new("useless-policy");
const TWO_NEIGHBOURS: Rule = Rule::new("two-neighbours");

/// The connections, circuits and WAN links of a device and, if its site uses iBGP, the routers with which it has a
/// session.
fn neighbours<'a>(spec: &'a Resources, speaker: Speaker<'a>) -> Vec<Neighbour<'a>> {
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
        // Another rule reports a router that does not exist.
        let other_speaks = find_router(&spec.sites, other)
            .map_or(true, |(site, router)| asn_of(site, router).is_some());
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

/// The names of neighbors in a device's policies.
fn policy_names(device: &Device) -> impl Iterator<Item = &Located<String>> {
    let filters = device.import.iter().chain(&device.export);
    choice_names(device).chain(filters.map(|(name, _)| name))
}

/// The names of neighbors in its local preferences and prepends.
fn choice_names(device: &Device) -> impl Iterator<Item = &Located<String>> {
    let preferences = device.local_preference.iter().map(|(name, _)| name);
    preferences.chain(device.as_path_prepend.iter().map(|(name, _)| name))
}

/// Inside an autonomous system the local preference is advertised with the route, and the AS path is not prepended (RFC
/// 4271, sections 5.1.2 and 5.1.5). A policy for such a neighbor has no effect.
fn changes_nothing(
    speaker: Speaker<'_>,
    neighbours: &[Neighbour<'_>],
    name: &Located<String>,
) -> Option<Finding> {
    let mut routers = neighbours.iter().filter(|one| one.kind == "router");
    routers.find(|router| router.name == name.value)?;
    let message = format!(
        "`{}` and `{}` are in one autonomous system, where local preference and AS path prepending are not set",
        speaker.name, name.value
    );
    let help = "set it where the route enters the autonomous system, or leave this out (RFC 4271, section 5.1.5)";
    Some(Finding::new(USELESS_POLICY, name.place, message).with_help(help))
}

/// A policy must be for a neighbor with which the device has a BGP session.
pub(crate) fn policies_name_neighbours(spec: &Resources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for speaker in speakers(spec) {
        let neighbours = neighbours(spec, speaker);
        let wrong = policy_names(speaker.device)
            .filter_map(|name| no_neighbour(spec, speaker, &neighbours, name));
        findings.extend(wrong);
        let idle = choice_names(speaker.device)
            .filter_map(|name| changes_nothing(speaker, &neighbours, name));
        findings.extend(idle);
    }
    findings
}

fn no_neighbour(
    spec: &Resources,
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
            let message = format!("`{}` is not a neighbour of `{}`", name.value, speaker.name);
            let known: Vec<_> = neighbours
                .iter()
                .filter(|neighbour| neighbour.speaks_bgp)
                .map(|neighbour| neighbour.name)
                .collect();
            let help = if known.is_empty() {
                format!("`{}` has no BGP neighbours", speaker.name)
            } else {
                format!("it speaks BGP over {}", known.join(", "))
            };
            Some(Finding::new(super::NOT_A_NEIGHBOUR, name.place, message).with_help(help))
        }
        [one] if !one.speaks_bgp => {
            let message = format!(
                "`{}` does not speak BGP over {} `{}`, so no policy applies there",
                speaker.name, one.kind, name.value
            );
            let help = if one.kind == "connection" {
                "set `enableBgp: true` on the connection, or leave this out"
            } else {
                "give both routers an `asn`, or leave this out"
            };
            Some(Finding::new(super::NOT_A_NEIGHBOUR, name.place, message).with_help(help))
        }
        [_] => None,
        [one, other, ..] => {
            let message = format!(
                "`{}` is a {} and a {} of `{}`, so the name is ambiguous",
                name.value, one.kind, other.kind, speaker.name
            );
            Some(
                Finding::new(TWO_NEIGHBOURS, name.place, message)
                    .with_help("give one of them another name"),
            )
        }
    }
}

/// Whether a circuit, connection, WAN link or router of any device has that name.
fn is_anything(spec: &Resources, name: &str) -> bool {
    let circuits = spec.express_route_circuits.iter().map(|one| &one.name);
    let connections = spec.connections.iter().map(|one| &one.name);
    let wan = spec.wan.iter().map(|one| &one.name);
    let routers = routers(&spec.sites).map(|(_, router)| &router.name);
    circuits
        .chain(connections)
        .chain(wan)
        .chain(routers)
        .any(|known| known.value.as_str() == name)
}
