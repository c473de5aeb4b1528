//! The rules for a lab file, checked before anything is built from it: one function per rule.
//!
//! What Azure refuses is an error, and so is a file that cannot be built. What Azure accepts, but loses packets by, is
//! a warning; the lab loses them too.
//!
//! Each rule checks the whole file and reports every violation, so that a user can fix a file in one go.

mod devices;
mod names;
mod policies;
mod site_ranges;

use std::collections::BTreeSet;

use crate::azure::Resources;
use crate::azure::{
    addresses, circuit, connection, gateway, load_balancer, peering, route_table, virtual_machine,
    virtual_network,
};
use crate::findings::Finding;
use crate::lab::model::Spec;
use crate::lab::{expectations, storyboards};
use crate::onpremises::site;

pub(crate) use crate::lab::storyboards::rules::storyboards_name_links;

/// The rules for resources.
const RESOURCES: &[fn(&Resources) -> Vec<Finding>] = &[
    names::node_names_are_unique,
    names::msee_names_are_valid,
    names::instance_names_are_valid,
    virtual_network::rules::virtual_networks_do_not_overlap,
    virtual_network::rules::virtual_networks_avoid_reserved_ranges,
    virtual_network::rules::subnets_fit_their_network,
    addresses::machines_fit_their_subnet,
    virtual_machine::rules::machines_have_room,
    addresses::addresses_are_given_once,
    site_ranges::sites_keep_clear_of_virtual_networks,
    circuit::ranges::circuits_keep_clear,
    peering::rules::have_two_halves,
    peering::rules::show_subnets_that_exist,
    peering::rules::transit_is_agreed,
    route_table::rules::exist,
    route_table::rules::have_one_route_to_a_prefix,
    route_table::rules::have_room,
    route_table::rules::leave_vpn_gateways_their_default_route,
    route_table::rules::leave_gateways_their_learned_routes,
    route_table::next_hops::lead_to_appliances,
    route_table::next_hops::are_directly_reachable,
    route_table::next_hops::lead_to_a_vpn_gateway_alone,
    route_table::next_hops::do_not_lead_back,
    load_balancer::rules::load_balancers_stand_in_a_subnet,
    load_balancer::rules::backends_are_appliances,
    load_balancer::rules::appliances_forward,
    load_balancer::rules::machines_with_a_number_have_a_tunnel,
    gateway::rules::stand_in_a_gateway_subnet,
    gateway::rules::are_one_of_a_kind,
    gateway::rules::have_room,
    gateway::rules::sizes::have_a_large_enough_subnet,
    gateway::rules::sizes::are_sold_today,
    gateway::rules::basic::gateways_have_one_instance,
    gateway::rules::basic::gateways_stand_alone,
    circuit::rules::circuits_end_at_customer_edges,
    circuit::rules::circuit_connections_resolve,
    circuit::rules::global_reach_joins_circuits,
    circuit::rules::gateways_take_a_few_circuits,
    circuit::rules::circuits_take_a_few_networks,
    circuit::rules::fast_path_needs_a_large_gateway,
    circuit::rules::customer_edges_advertise_a_few_prefixes,
    circuit::rules::networks_advertise_a_few_prefixes,
    connection::rules::tunnels_resolve,
    connection::rules::are_made_once,
    connection::vpn::static_connections_say_what_lies_behind,
    connection::vpn::local_networks_lie_outside,
    connection::vpn::appliances_have_no_local_network,
    connection::vpn::link_local_devices_need_link_local_gateways,
    connection::vpn::gateways_have_a_few_tunnels,
    gateway::rules::basic::gateways_have_no_bgp,
    connection::vpn::lab_has_ports_for_its_tunnels,
    connection::vpn::transports_reach_their_device,
    |all| site::rules::links_join_two_routers(&all.sites),
    |all| site::rules::wan_links_join_two_sites(&all.sites, &all.wan),
    |all| site::rules::internal_peers_have_somebody_to_speak_with(&all.sites),
    |all| site::rules::hosts_have_their_gateway_on_their_lan(&all.sites),
    policies::policies_name_neighbours,
    devices::static_routes_lead_to_neighbours,
];

/// The rules for the lab around them.
const LAB: &[fn(&Spec) -> Vec<Finding>] = &[
    expectations::rules::name_two_machines,
    expectations::rules::end_at_their_destination,
    expectations::rules::probe_what_they_name,
    storyboards::rules::break_something,
    storyboards::rules::have_steps_of_different_names,
    storyboards::rules::break_what_works_and_heal_what_does_not,
];

/// Applies every rule except [`storyboards_name_links`], which needs the topology.
pub(crate) fn check(spec: &Spec) -> Vec<Finding> {
    let resources = RESOURCES.iter().flat_map(|rule| rule(&spec.resources));
    resources
        .chain(LAB.iter().flat_map(|rule| rule(spec)))
        .collect()
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
pub(crate) fn check_part(spec: &Spec, keys: &BTreeSet<String>) -> Vec<Finding> {
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
