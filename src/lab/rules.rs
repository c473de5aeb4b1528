//! The rules for a lab file, checked before anything is created from it: one function per rule.
//!
//! A file that Azure refuses or that the lab cannot build is an error. A configuration that Azure accepts but that
//! loses packets is a warning; the lab loses these packets too.
//!
//! Each rule checks the whole file and reports every violation, so that a user can fix all of them at once.

pub(crate) mod broadcast;
pub(crate) mod devices;
mod names;
mod peerings;
pub(crate) mod policies;
pub(crate) mod site_ranges;

use crate::azure::addresses;
use crate::azure::resource::Check;
use crate::findings::{Finding, Rule};
use crate::lab::kinds::KINDS;
use crate::lab::model::Spec;
use crate::lab::unread::explains;
use crate::lab::{expectations, storyboards};
use crate::yaml::Unread;

pub(crate) use crate::lab::expectations::rules::expectations_name_nodes;
pub(crate) use crate::lab::storyboards::rules::{
    storyboards_name_links, storyboards_name_sessions,
};

const NOT_A_NEIGHBOUR: Rule = Rule::of_whole_files("not-a-neighbour").needing(&[
    "links",
    "a",
    "b",
    "address",
    "addresses",
    "peerAddressPrefix",
    "customerEdge",
    "circuit",
    "gateway",
    "gateways",
    "appliance",
    "device",
    "enableBgp",
    "sku",
    "asn",
    "ibgp",
    "igp",
    "subnet",
    "addressPrefix",
]);

/// The rules that concern several kinds of resources.
const RESOURCES: &[Check] = &[
    names::node_names_are_unique,
    names::msee_names_are_valid,
    names::instance_names_are_valid,
    addresses::addresses_are_given_once,
];

/// The rules for the rest of the lab file.
const LAB: &[fn(&Spec) -> Vec<Finding>] = &[
    expectations::rules::name_two_machines,
    expectations::rules::end_at_their_destination,
    expectations::rules::probe_what_they_name,
    storyboards::rules::break_something,
    storyboards::rules::have_steps_of_different_names,
    storyboards::rules::break_what_works_and_heal_what_does_not,
];

/// Applies all rules except [`storyboards_name_links`] and [`expectations_name_nodes`], which need the topology.
pub(crate) fn check(spec: &Spec) -> Vec<Finding> {
    let kinds = KINDS.iter().flat_map(|kind| kind.rules);
    let resources = RESOURCES.iter().chain(kinds);
    let resources = resources.flat_map(|rule| rule(&spec.resources));
    resources
        .chain(LAB.iter().flat_map(|rule| rule(spec)))
        .collect()
}

/// Applies all rules to a partly read file, and omits findings that the unread part might resolve.
pub(crate) fn check_part(spec: &Spec, unread: &Unread) -> Vec<Finding> {
    let mut findings = check(spec);
    findings.retain(|finding| !explains(unread, finding));
    findings
}

#[cfg(test)]
mod tests;
