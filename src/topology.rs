//! What a lab is made of: nodes, interfaces, links, segments and BGP sessions, all references resolved.
//!
//! [`resolve`] turns a [`Spec`] into a [`Topology`], or into every finding at once. No route is
//! computed here; what may talk to what is, and with which addresses.
//!
//! The data plane that a topology describes makes the documented paths come out by themselves:
//!
//! - A virtual network is a bridge, and a peering a link between two bridges with isolated ports.
//! - An MSEE has a leg on the bridge of every network its circuit serves, at the far end of the
//!   long link; it owns the endpoint address there. Packets from a circuit to a network take the
//!   gateway, over a link whose addresses nobody advertises.
//! - A VPN gateway forwards both ways, and its tunnels' addresses are advertised by nobody. An
//!   active-active one is two nodes, each with its own tunnels.
//! - A tunnel over a circuit's Microsoft peering crosses the circuit's link and then the internet,
//!   from the MSEE to the gateway.
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

/// What else is wrong with a file that could only be read in part. Names among `keys` are taken to
/// be there: what defines them may be what could not be read.
#[must_use]
pub fn further_findings(spec: &Spec, keys: &BTreeSet<String>) -> Vec<Finding> {
    levelled(spec, rules::check_part(spec, keys))
}

/// Resolves a lab file, and leaves its warnings aside.
///
/// # Errors
///
/// Those of [`resolve_with_warnings`].
pub fn resolve(spec: &Spec) -> Result<Topology, Vec<Finding>> {
    resolve_with_warnings(spec).map(|(topology, _)| topology)
}

/// Resolves a lab file. Its warnings are handed on beside the topology.
///
/// # Errors
///
/// Every [`Finding`] that a rule makes, warnings among them, in no particular order, where one of
/// them is an error. Nothing is resolved by halves.
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

/// The warnings of a lab file that breaks no rule; none where it breaks one, or is too much work.
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

/// Findings as the file wants them: with `strict: true`, its warnings are errors.
fn levelled(spec: &Spec, findings: Vec<Finding>) -> Vec<Finding> {
    if spec.is_strict {
        strictly(findings)
    } else {
        findings
    }
}

/// What storyboards name that is neither a link nor stands for some.
fn unknown_links(spec: &Spec, topology: &Topology) -> Vec<Finding> {
    let links = topology.links.iter().map(|link| link.name.clone());
    let nodes = topology.nodes.iter().map(|node| &node.name);
    let gateways = topology.gateways.iter().map(|gateway| &gateway.name);
    let nodes = nodes.chain(gateways).map(NodeName::to_string);
    rules::storyboards_name_links(spec, &links.collect(), &nodes.collect())
}

#[cfg(test)]
mod tests;
