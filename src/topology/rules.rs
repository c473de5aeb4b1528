//! What must hold in a lab file before anything is built from it: one function a rule.
//!
//! Each rule looks at the whole file and reports everything that breaks it, so a person mends a
//! file in one go.

mod addresses;
mod connections;
mod expectations;
mod gateways;
mod names;
mod peerings;
mod sites;

use std::collections::BTreeSet;

use crate::findings::{Finding, Located, near};
use crate::spec::model::{Site, SiteRouter, Spec, VirtualNetwork};

/// Applies every rule.
pub(super) fn check(spec: &Spec) -> Vec<Finding> {
    let rules: &[fn(&Spec) -> Vec<Finding>] = &[
        names::node_names_are_unique,
        names::msee_names_are_valid,
        addresses::virtual_networks_do_not_overlap,
        addresses::subnets_fit_their_network,
        addresses::machines_fit_their_subnet,
        addresses::addresses_are_given_once,
        addresses::sites_keep_clear_of_virtual_networks,
        peerings::have_two_halves,
        peerings::transit_is_agreed,
        gateways::stand_in_a_gateway_subnet,
        gateways::are_one_of_a_kind,
        gateways::have_room,
        connections::circuits_end_at_customer_edges,
        connections::circuit_connections_resolve,
        connections::tunnels_resolve,
        connections::are_made_once,
        sites::links_join_two_routers,
        sites::hosts_have_their_gateway_on_their_lan,
        sites::local_preferences_name_neighbours,
        expectations::name_two_machines,
        expectations::end_at_their_destination,
    ];
    rules.iter().flat_map(|rule| rule(spec)).collect()
}

/// Rules that are about something that is not there, which may be what could not be read.
const ABOUT_ABSENCE: &[&str] = &[
    "peering",
    "gateway-transit",
    "gateway-subnet",
    "no-asn",
    "no-tunnel",
    "no-hops",
    "outside",
    "no-such-gateway",
];

/// Applies every rule to a file that could only be read in part, and leaves out what may be wrong
/// for that reason alone.
pub(super) fn check_part(spec: &Spec, keys: &BTreeSet<String>) -> Vec<Finding> {
    let mut findings = check(spec);
    findings.retain(|finding| !ABOUT_ABSENCE.contains(&finding.rule));
    findings.retain(|finding| {
        finding
            .missing
            .as_ref()
            .is_none_or(|name| !keys.contains(name))
    });
    findings
}

/// The finding for a name that nothing has.
fn no_such<'a>(
    kind: &str,
    name: &Located<String>,
    among: impl IntoIterator<Item = &'a str>,
) -> Finding {
    let known: Vec<&str> = among.into_iter().collect();
    let finding = Finding::missing(
        &name.value,
        name.place,
        format!("there is no {kind} `{}`", name.value),
    );
    if let Some(near) = near(&name.value, known.iter().copied()) {
        return finding.with_label(format!("did you mean `{near}`?"));
    }
    if known.is_empty() {
        finding.with_help(format!("this file has no {kind}"))
    } else {
        finding.with_help(format!("there is {}", known.join(", ")))
    }
}

/// The network of that name, or what to say.
fn find_vnet<'a>(spec: &'a Spec, name: &Located<String>) -> Result<&'a VirtualNetwork, Finding> {
    let mut networks = spec.virtual_networks.iter();
    networks
        .find(|vnet| vnet.name.value.as_str() == name.value)
        .ok_or_else(|| {
            no_such(
                "virtual network",
                name,
                spec.virtual_networks
                    .iter()
                    .map(|vnet| vnet.name.value.as_str()),
            )
        })
}

/// The router of that name with its site, or what to say.
fn find_router<'a>(
    spec: &'a Spec,
    name: &Located<String>,
) -> Result<(&'a Site, &'a SiteRouter), Finding> {
    let routers = || {
        spec.sites
            .iter()
            .flat_map(|site| site.routers.iter().map(move |router| (site, router)))
    };
    routers()
        .find(|(_, router)| router.name.value.as_str() == name.value)
        .ok_or_else(|| {
            no_such(
                "router",
                name,
                routers().map(|(_, router)| router.name.value.as_str()),
            )
        })
}

#[cfg(test)]
mod tests;
