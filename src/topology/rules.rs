//! The rules for a lab file, checked before anything is built from it: one function per rule.
//!
//! What Azure refuses is an error, and so is a file that cannot be built. What Azure accepts, but loses packets by, is
//! a warning; the lab loses them too.
//!
//! Each rule checks the whole file and reports every violation, so that a user can fix a file in one go.

mod addresses;
mod appliances;
mod basic;
mod circuit_ranges;
mod circuits;
mod connections;
mod devices;
mod expectations;
mod gateway_sizes;
mod gateways;
mod names;
mod next_hops;
mod owners;
mod peerings;
mod policies;
mod ranges;
mod references;
mod route_tables;
mod scopes;
mod site_ranges;
mod sites;
mod storyboards;
mod vpn;

use std::collections::BTreeSet;

use crate::findings::Finding;
use crate::spec::model::Spec;

pub(super) use references::{no_such, with_links_of};
pub(super) use storyboards::storyboards_name_links;

/// A rule: it returns every violation in a file.
type Rule = fn(&Spec) -> Vec<Finding>;

/// The rules of Azure's side.
const AZURE: &[Rule] = &[
    names::node_names_are_unique,
    names::msee_names_are_valid,
    names::instance_names_are_valid,
    ranges::virtual_networks_do_not_overlap,
    ranges::virtual_networks_avoid_reserved_ranges,
    ranges::subnets_fit_their_network,
    addresses::machines_fit_their_subnet,
    addresses::addresses_are_given_once,
    site_ranges::sites_keep_clear_of_virtual_networks,
    circuit_ranges::circuits_keep_clear,
    peerings::have_two_halves,
    peerings::show_subnets_that_exist,
    peerings::transit_is_agreed,
    route_tables::exist,
    route_tables::have_one_route_to_a_prefix,
    route_tables::have_room,
    route_tables::leave_vpn_gateways_their_default_route,
    route_tables::leave_gateways_their_learned_routes,
    next_hops::lead_to_appliances,
    next_hops::are_directly_reachable,
    next_hops::lead_to_a_vpn_gateway_alone,
    next_hops::do_not_lead_back,
    appliances::load_balancers_stand_in_a_subnet,
    appliances::backends_are_appliances,
    appliances::appliances_forward,
    appliances::machines_with_a_number_have_a_tunnel,
    gateways::stand_in_a_gateway_subnet,
    gateways::are_one_of_a_kind,
    gateways::have_room,
    gateway_sizes::have_a_large_enough_subnet,
    gateway_sizes::are_sold_today,
    basic::gateways_have_one_instance,
    basic::gateways_stand_alone,
];

/// The rules for connections, sites and expectations.
const JOINED: &[Rule] = &[
    circuits::circuits_end_at_customer_edges,
    circuits::circuit_connections_resolve,
    circuits::global_reach_joins_circuits,
    circuits::gateways_take_a_few_circuits,
    circuits::circuits_take_a_few_networks,
    circuits::fast_path_needs_a_large_gateway,
    circuits::customer_edges_advertise_a_few_prefixes,
    circuits::networks_advertise_a_few_prefixes,
    connections::tunnels_resolve,
    connections::are_made_once,
    vpn::static_connections_say_what_lies_behind,
    vpn::local_networks_lie_outside,
    vpn::appliances_have_no_local_network,
    vpn::link_local_devices_need_link_local_gateways,
    vpn::gateways_have_a_few_tunnels,
    basic::gateways_have_no_bgp,
    vpn::lab_has_ports_for_its_tunnels,
    vpn::transports_reach_their_device,
    sites::links_join_two_routers,
    sites::wan_links_join_two_sites,
    sites::internal_peers_have_somebody_to_speak_with,
    sites::hosts_have_their_gateway_on_their_lan,
    policies::policies_name_neighbours,
    devices::static_routes_lead_to_neighbours,
    expectations::name_two_machines,
    expectations::end_at_their_destination,
    expectations::probe_what_they_name,
    storyboards::break_something,
    storyboards::have_steps_of_different_names,
    storyboards::break_what_works_and_heal_what_does_not,
];

/// Applies every rule except [`storyboards_name_links`], which needs the topology.
pub(super) fn check(spec: &Spec) -> Vec<Finding> {
    let rules = AZURE.iter().chain(JOINED);
    rules.flat_map(|rule| rule(spec)).collect()
}

/// Rules about missing parts, which a partly read file may still contain.
const ABOUT_ABSENCE: &[&str] = &[
    "peering",
    "peering-initiated",
    "gateway-transit",
    "gateway-subnet",
    "gateway-subnet-size",
    "no-asn",
    "same-asn",
    "no-tunnel",
    "no-hops",
    "outside",
    "no-such-gateway",
    "no-next-hop",
    "not-reachable",
    "ip-forwarding",
    "no-vpn-gateway",
    "useless-asn",
    "no-prefixes",
    "apipa",
    "no-microsoft-peering",
    "fast-path",
    "too-many-circuits",
    "too-many-tunnels",
    "not-a-neighbour",
    "no-internal-peers",
    "no-fault",
    "not-broken",
    "broken-already",
];

/// Applies every rule to a partly read file, and leaves out findings that may be wrong only for that reason.
pub(super) fn check_part(spec: &Spec, keys: &BTreeSet<String>) -> Vec<Finding> {
    let mut findings = check(spec);
    findings.retain(|finding| !ABOUT_ABSENCE.contains(&finding.rule));
    findings.retain(|finding| {
        finding
            .missing
            .as_deref()
            .is_none_or(|name| !keys.contains(name))
    });
    findings
}

#[cfg(test)]
mod tests;
