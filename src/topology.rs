//! What a lab is made of: nodes, interfaces, links, segments and BGP sessions, all references resolved.
//!
//! [`resolve`] turns a [`Spec`] into a [`Topology`], or into every finding at once. No route is computed here: a
//! topology says which nodes may communicate, and with which addresses.
//!
//! The documented paths follow from the data plane that a topology describes:
//!
//! - A virtual network is a bridge, and a peering a link between two bridges with isolated ports.
//! - An MSEE has a leg on the bridge of every network that its circuit serves, at the far end of the long link; it owns
//!   the endpoint address there. Packets from a circuit to a network go through the gateway, over a link whose
//!   addresses nobody advertises.
//! - A VPN gateway forwards in both directions, and nobody advertises its tunnels' addresses. An active-active one is
//!   two nodes, each with its own tunnels.
//! - A tunnel over a circuit's Microsoft peering crosses the circuit's link and then the internet, from the MSEE to the
//!   gateway.
//! - A load balancer is no node: routes to its frontend lead to the machines behind it.

mod allocate;
mod azure;
mod builder;
mod capacities;
mod circuits;
mod devices;
mod domains;
mod gateways;
mod impairments;
mod internet;
mod joined;
mod lookup;
mod microsoft;
mod model;
mod onpremises;
mod owners;
mod peerings;
mod relays;
mod rules;
mod sessions;
mod silence;
mod space;
mod storyboards;
mod tunnels;
mod work;

pub use capacities::encrypted_rate;
pub use model::*;
pub use owners::Owners;
pub use space::Space;
pub use work::{FACTOR_VARIABLE, excess};

use std::collections::BTreeSet;

use crate::findings::{Finding, strictly};
use crate::names::NodeName;
use crate::spec::model::Spec;

/// Further findings of a file that could be read only in part. Names in `keys` are assumed to exist, since the part
/// that was not read may define them.
#[must_use]
pub fn further_findings(spec: &Spec, keys: &BTreeSet<String>) -> Vec<Finding> {
    levelled(spec, rules::check_part(spec, keys))
}

/// Resolves a lab file, without its warnings.
///
/// # Errors
///
/// Those of [`resolve_with_warnings`].
pub fn resolve(spec: &Spec) -> Result<Topology, Vec<Finding>> {
    resolve_with_warnings(spec).map(|(topology, _)| topology)
}

/// Resolves a lab file. Its warnings are returned beside the topology.
///
/// # Errors
///
/// Every [`Finding`] of every rule, including warnings, in no particular order, if one of them is an error.
pub fn resolve_with_warnings(spec: &Spec) -> Result<(Topology, Vec<Finding>), Vec<Finding>> {
    let mut findings = levelled(spec, rules::check(spec));
    if findings.iter().any(Finding::is_error) {
        return Err(findings);
    }
    let mut topology = builder::build(spec);
    findings.extend(unknown_links(spec, &topology));
    findings.extend(impairments::impair(spec, &mut topology));
    if findings.iter().any(Finding::is_error) {
        return Err(findings);
    }
    Ok((topology, findings))
}

/// The warnings of a lab file without errors; empty if it has errors, or is too much work.
#[must_use]
pub fn warnings(spec: &Spec, work_factor: u64) -> Vec<Finding> {
    if !excess(spec, work_factor).is_empty() {
        return Vec::new();
    }
    let findings = levelled(spec, rules::check(spec));
    if findings.iter().any(Finding::is_error) {
        return Vec::new();
    }
    findings
}

/// Turns warnings into errors if the file has `strict: true`.
fn levelled(spec: &Spec, findings: Vec<Finding>) -> Vec<Finding> {
    if spec.is_strict {
        strictly(findings)
    } else {
        findings
    }
}

/// Names in storyboards that no link, node or gateway has.
fn unknown_links(spec: &Spec, topology: &Topology) -> Vec<Finding> {
    let links = topology.links.iter().map(|link| link.name.clone());
    let nodes = topology.nodes.iter().map(|node| &node.name);
    let gateways = topology.gateways.iter().map(|gateway| &gateway.name);
    let nodes = nodes.chain(gateways).map(NodeName::to_string);
    rules::storyboards_name_links(spec, &links.collect(), &nodes.collect())
}

#[cfg(test)]
mod tests;
