//! Rules for the BGP policies of routers and appliances for a neighbor's routes.

use crate::azure::resources::Resources;
use crate::findings::{Finding, Located};
use crate::findings::{Rule, near, no_such};
use crate::lab::rules::devices::{
    Neighbour, Speaker, Stand, connections_of, links_at, own_or_all, speakers,
};
use crate::lab::rules::peerings::peerings;
use crate::onpremises::device::model::Device;
use crate::onpremises::device::neighbours::{Peering, meant, unclear};
use crate::onpremises::site::find::{find_router, routers};
use crate::onpremises::site::model::{Site, SiteRouter};
use crate::units::Asn;

const USELESS_POLICY: Rule = Rule::new("useless-policy");
const TWO_NEIGHBOURS: Rule = Rule::new("two-neighbours");
const TWO_POLICIES: Rule = Rule::new("two-policies");

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

pub(super) fn asn_of(site: &Site, router: &SiteRouter) -> Option<Asn> {
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

/// The names of neighbors whose filters set local preferences or prepend.
fn choosing_filters(device: &Device) -> impl Iterator<Item = &Located<String>> {
    let filters = device.import.iter().chain(&device.export);
    let choosing = filters.filter(|(_, filter)| {
        let mut set = filter.entries.iter().map(|entry| &entry.set);
        set.any(|set| set.local_preference.is_some() || set.prepend.is_some())
    });
    choosing.map(|(name, _)| name)
}

/// Inside an autonomous system the local preference is advertised with the route, and the AS path is not prepended (RFC
/// 4271, sections 5.1.2 and 5.1.5). A policy for such a neighbor has no effect.
fn changes_nothing(
    speaker: Speaker<'_>,
    peerings: &[Peering<'_>],
    name: &Located<String>,
) -> Option<Finding> {
    let mut meant = meant(peerings, &name.value).into_iter();
    let inside = meant.find(|index| peerings[*index].is_inside_site())?;
    let message = format!(
        "`{}` and `{}` are in one autonomous system, where local preference and AS path prepending are not set",
        speaker.name, peerings[inside].neighbour
    );
    let help = "set it where the route enters the autonomous system, or leave this out (RFC 4271, section 5.1.5)";
    Some(Finding::new(USELESS_POLICY, name.place, message).with_help(help))
}

/// Of two names for one session, one must mean fewer sessions than the other, so that it is clear which applies.
fn two_policies(peerings: &[Peering<'_>], device: &Device) -> Vec<Finding> {
    let preferences: Vec<_> = device.local_preference.iter().map(|one| &one.0).collect();
    let prepends: Vec<_> = device.as_path_prepend.iter().map(|one| &one.0).collect();
    let import: Vec<_> = device.import.iter().map(|one| &one.0).collect();
    let export: Vec<_> = device.export.iter().map(|one| &one.0).collect();
    let all = [preferences, prepends, import, export].into_iter();
    let pairs = all.flat_map(|names| unclear(peerings, names.into_iter()));
    let finding = |[first, second]: [&Located<String>; 2]| {
        let message = format!(
            "`{}` and `{}` are for the same session, and it is not clear which of the two applies",
            first.value, second.value
        );
        Finding::new(TWO_POLICIES, second.place, message)
            .with_other(first.place, "the other name")
            .with_help("leave one of them out: of two names, the one for fewer sessions applies")
    };
    pairs.map(finding).collect()
}

/// A policy must be for a neighbor with which the device has a BGP session.
pub(crate) fn policies_name_neighbours(spec: &Resources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for speaker in speakers(spec) {
        if policy_names(speaker.device).next().is_none() {
            continue;
        }
        let neighbours = neighbours(spec, speaker);
        let peerings = peerings(spec, speaker);
        let is_neighbour = |name: &str| neighbours.iter().any(|one| one.name == name);
        let wrong = policy_names(speaker.device)
            .filter(|name| is_neighbour(&name.value) || meant(&peerings, &name.value).is_empty())
            .filter_map(|name| no_neighbour(spec, speaker, (&neighbours, &peerings), name));
        findings.extend(wrong);
        let idle = choice_names(speaker.device)
            .chain(choosing_filters(speaker.device))
            .filter_map(|name| changes_nothing(speaker, &peerings, name));
        findings.extend(idle);
        findings.extend(two_policies(&peerings, speaker.device));
    }
    findings
}

/// The names of tunnels, legs, nodes and pairs of nodes.
fn finer_names(peerings: &[Peering<'_>]) -> Vec<String> {
    let names = peerings.iter().flat_map(|peering| {
        let node = peering.neighbour.clone();
        let pair = format!("{}/{node}", peering.device);
        peering.link.iter().cloned().chain([node, pair])
    });
    names.collect()
}

fn no_neighbour(
    spec: &Resources,
    speaker: Speaker<'_>,
    (neighbours, peerings): (&[Neighbour<'_>], &[Peering<'_>]),
    name: &Located<String>,
) -> Option<Finding> {
    let named: Vec<_> = neighbours
        .iter()
        .filter(|neighbour| neighbour.name == name.value)
        .collect();
    match named.as_slice() {
        [] if !is_anything(spec, &name.value) => {
            let own: Vec<&str> = neighbours.iter().map(|neighbour| neighbour.name).collect();
            let only_these = neighbours
                .iter()
                .all(|neighbour| matches!(neighbour.kind, "circuit" | "connection"));
            let kind = if only_these {
                "circuit or connection"
            } else {
                "neighbour"
            };
            let finer = finer_names(peerings);
            let is_near = near(&name.value, own.iter().copied()).is_some();
            if !is_near && near(&name.value, finer.iter().map(String::as_str)).is_some() {
                return Some(no_such(kind, name, finer.iter().map(String::as_str)));
            }
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
