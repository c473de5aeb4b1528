//! The prefixes of circuits' links must not overlap other ranges.

use std::cell::OnceCell;

use crate::addresses::Prefix;
use crate::azure::addresses::{self, Given};
use crate::azure::connection::model::ConnectionKind;
use crate::azure::resources::Resources;
use crate::azure::scopes::{AddressPlace, Scope, Scopes};
use crate::azure::virtual_network::rules::{overlap, overlaps};
use crate::findings::{Finding, Located, Rule};
use crate::topology::Space;

/// The prefixes of circuits' links must not overlap any network, LAN or other link that they are connected to
/// (expressroute-routing, "IP addresses used for peerings"; expressroute-global-reach). Those of Microsoft peering are
/// public and thus unique in the lab.
pub(crate) fn circuits_keep_clear(spec: &Resources) -> Vec<Finding> {
    let (taken, given) = (ranges(spec), OnceCell::new());
    let circuit_links = circuit_ranges(spec);
    let scopes = OnceCell::new();
    let scope = |(at, address)| {
        let scopes = scopes.get_or_init(|| Scopes::new(spec));
        scopes.of(at, address)
    };
    let space: Space = taken.iter().map(|taken| taken.range.value).collect();
    let mut findings = Vec::new();
    for (index, Taken { range: own, at, .. }) in circuit_links.iter().enumerate() {
        // Two equal /30s have the same addresses, which another rule reports.
        let earlier = circuit_links[..index]
            .iter()
            .filter(|other| other.range.value != own.value || own.value.prefix_len() < 30);
        let near: &[_] = if space.overlaps(own.value) {
            &taken
        } else {
            &[]
        };
        let clash = near.iter().chain(earlier).find(|other| {
            overlaps(own.value, other.range.value)
                && is_one_scope(
                    scope((*at, own.value.addr())),
                    scope((other.at, other.range.value.addr())),
                )
        });
        if let Some(Taken { range, whose, .. }) = clash {
            findings.push(
                overlap(own.place, own.value, range.value.trunc(), whose)
                    .with_help("a circuit's links need prefixes that nothing else uses"),
            );
        } else if own.value.prefix_len() < 30 {
            let given = given.get_or_init(|| addresses::given(spec)).iter();
            let held = given.filter(|given| own.value.contains(&given.address.value));
            let joined = held.filter(|given| {
                let other = scope((given.at, given.address.value));
                is_one_scope(scope((*at, own.value.addr())), other)
            });
            findings.extend(holds_an_address(joined, own));
        }
    }
    findings
}

/// A range that the file states.
struct Taken<'a> {
    range: Located<Prefix>,
    whose: String,
    /// Where it is, which determines its scope.
    at: AddressPlace<'a>,
}

/// Whether two ranges share a scope.
fn is_one_scope(one: Scope<'_>, other: Scope<'_>) -> bool {
    one == other || one == Scope::Lab || other == Scope::Lab
}

/// Every range of a network, a LAN or a link outside circuits.
fn ranges(spec: &Resources) -> Vec<Taken<'_>> {
    let mut all = Vec::new();
    for vnet in &spec.virtual_networks {
        let name = vnet.name.value.as_str();
        let prefixes = vnet.address_prefixes.iter();
        all.extend(prefixes.map(|prefix| Taken {
            range: *prefix,
            whose: format!("virtual network {name}"),
            at: AddressPlace::Network(name),
        }));
    }
    for site in &spec.sites {
        let name = site.name.value.as_str();
        let lans = site.routers.iter().filter_map(|router| router.address);
        let links = site.links.iter().flat_map(|link| link.addresses);
        all.extend(lans.chain(links).map(|range| Taken {
            range,
            whose: format!("site {name}"),
            at: AddressPlace::Site(name),
        }));
    }
    for link in &spec.wan {
        all.extend(link.addresses.into_iter().map(|range| Taken {
            range,
            whose: format!("wan link {}", link.name.value),
            at: AddressPlace::Router(&link.ends[0].value),
        }));
    }
    all
}

/// The prefixes of circuits' links: a /30 each, and a /29 between two circuits.
fn circuit_ranges(spec: &Resources) -> Vec<Taken<'_>> {
    let mut all = Vec::new();
    for circuit in &spec.express_route_circuits {
        let name = circuit.name.value.as_str();
        let taken = |range, at| Taken {
            range,
            whose: format!("circuit {name}"),
            at,
        };
        for link in &circuit.links {
            all.push(taken(link.peer_address_prefix, AddressPlace::Circuit(name)));
            let microsoft = link.microsoft_peer_address_prefix;
            all.extend(microsoft.map(|range| taken(range, AddressPlace::Lab)));
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
                at: AddressPlace::Circuit(&circuits[0].value),
            });
        }
    }
    all
}

/// The finding for a prefix of links between MSEEs that contains another address of the file.
fn holds_an_address<'a>(
    mut held: impl Iterator<Item = &'a Given<'a>>,
    own: &Located<Prefix>,
) -> Option<Finding> {
    let Given { address, whose, .. } = held.next()?;
    let message = format!(
        "{} contains {}, which belongs to {whose}",
        own.value, address.value
    );
    Some(
        Finding::new(Rule::OVERLAP, own.place, message)
            .with_help("a circuit's links need prefixes that nothing else uses"),
    )
}
