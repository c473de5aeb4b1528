//! Ranges of circuits' links, beside all others.

use ipnet::Ipv4Net;

use crate::findings::{Finding, Located};
use crate::spec::model::{ConnectionKind, Spec};
use crate::topology::Space;
use crate::topology::rules::addresses::{Given, given};
use crate::topology::rules::ranges::{overlap, overlaps};
use crate::topology::rules::scopes::{Scope, Scopes};

/// The links of circuits have prefixes of their own: they are part of no network, LAN or other link that they are joined
/// to (expressroute-routing, "IP addresses used for peerings"; expressroute-global-reach). Those of Microsoft peering are
/// public, and so nothing else's in the lab.
pub(super) fn circuits_keep_clear(spec: &Spec) -> Vec<Finding> {
    let scopes = Scopes::new(spec);
    let (taken, given) = (ranges(spec, &scopes), given(spec));
    let circuit_links = circuit_ranges(spec, &scopes);
    let space: Space = taken.iter().map(|taken| taken.range.value).collect();
    let mut findings = Vec::new();
    for (
        index,
        Taken {
            range: own, scope, ..
        },
    ) in circuit_links.iter().enumerate()
    {
        // Two equal /30s give the same addresses twice, which is another rule's finding.
        let earlier = circuit_links[..index]
            .iter()
            .filter(|other| other.range.value != own.value || own.value.prefix_len() < 30);
        let near: &[_] = if space.overlaps(own.value) {
            &taken
        } else {
            &[]
        };
        let clash = near.iter().chain(earlier).find(|other| {
            overlaps(own.value, other.range.value) && is_one_scope(*scope, other.scope)
        });
        if let Some(Taken { range, whose, .. }) = clash {
            findings.push(
                overlap(own.place, own.value, range.value.trunc(), whose)
                    .with_help("a circuit's links need prefixes that nothing else has"),
            );
        } else if own.value.prefix_len() < 30 {
            let joined = given
                .iter()
                .filter(|given| is_one_scope(*scope, given.scope));
            findings.extend(holds_an_address(joined, own));
        }
    }
    findings
}

/// A range that something has.
struct Taken<'a> {
    range: Located<Ipv4Net>,
    whose: String,
    /// Where it means that.
    scope: Scope<'a>,
}

/// Whether one address may mean either of two things.
fn is_one_scope(one: Scope<'_>, other: Scope<'_>) -> bool {
    one == other || one == Scope::Lab || other == Scope::Lab
}

/// Every range of a network, a LAN or a link outside circuits.
fn ranges<'a>(spec: &Spec, scopes: &Scopes<'a>) -> Vec<Taken<'a>> {
    let mut all = Vec::new();
    for vnet in &spec.virtual_networks {
        let name = vnet.name.value.as_str();
        let prefixes = vnet.address_prefixes.iter();
        all.extend(prefixes.map(|prefix| Taken {
            range: *prefix,
            whose: format!("virtual network {name}"),
            scope: scopes.network(name),
        }));
    }
    for site in &spec.sites {
        let name = site.name.value.as_str();
        let lans = site.routers.iter().filter_map(|router| router.address);
        let links = site.links.iter().flat_map(|link| link.addresses);
        all.extend(lans.chain(links).map(|range| Taken {
            range,
            whose: format!("site {name}"),
            scope: scopes.site(name),
        }));
    }
    for link in &spec.wan {
        all.extend(link.addresses.into_iter().map(|range| Taken {
            range,
            whose: format!("wan link {}", link.name.value),
            scope: scopes.router(&link.ends[0].value),
        }));
    }
    all
}

/// The prefixes of circuits' links: a /30 each, and a /29 between two circuits.
fn circuit_ranges<'a>(spec: &Spec, scopes: &Scopes<'a>) -> Vec<Taken<'a>> {
    let mut all = Vec::new();
    for circuit in &spec.express_route_circuits {
        let name = circuit.name.value.as_str();
        let taken = |range, scope| Taken {
            range,
            whose: format!("circuit {name}"),
            scope,
        };
        for link in &circuit.links {
            all.push(taken(link.peer_address_prefix, scopes.circuit(name)));
            let microsoft = link.microsoft_peer_address_prefix;
            all.extend(microsoft.map(|range| taken(range, Scope::Lab)));
        }
    }
    for connection in &spec.connections {
        if let ConnectionKind::GlobalReach {
            circuits,
            address_prefix,
        } = &connection.kind
        {
            all.push(Taken {
                range: *address_prefix,
                whose: format!("connection {}", connection.name.value),
                scope: scopes.circuit(&circuits[0].value),
            });
        }
    }
    all
}

/// An address that the file gives to something else, out of a prefix for links between MSEEs.
fn holds_an_address<'a>(
    given: impl IntoIterator<Item = &'a Given<'a>>,
    own: &Located<Ipv4Net>,
) -> Option<Finding> {
    let mut given = given.into_iter();
    let Given { address, whose, .. } =
        given.find(|given| own.value.contains(&given.address.value))?;
    let message = format!(
        "{} holds {}, which belongs to {whose}",
        own.value, address.value
    );
    Some(
        Finding::new("overlap", own.place, message)
            .with_help("a circuit's links need prefixes that nothing else has"),
    )
}
