//! Resolves the content of a lab file to a [`Topology`], or to all of its findings.

use crate::findings::{Finding, strictly};
use crate::lab::impairments::apply;
use crate::lab::model::Spec;
use crate::lab::work::excess;
use crate::lab::{lower, rules, work};
use crate::names::NodeName;
use crate::topology::Topology;
use crate::yaml::Unread;

/// Further findings of a file that was read only in part, without those that the unread part might resolve.
#[must_use]
pub fn further_findings(spec: &Spec, unread: &Unread) -> Vec<Finding> {
    let bounded = work::with_few_pairs(spec);
    levelled(spec, rules::check_part(&bounded, unread))
}

/// Resolves a lab file, without its warnings.
///
/// # Errors
///
/// Those of [`resolve_with_warnings`].
pub fn resolve(spec: &Spec) -> Result<Topology, Vec<Finding>> {
    resolve_with_warnings(spec).map(|(topology, _)| topology)
}

/// Resolves a lab file, and returns its warnings with the topology.
///
/// # Errors
///
/// If a rule is violated: every [`Finding`] of every rule, including warnings, in no particular order.
pub fn resolve_with_warnings(spec: &Spec) -> Result<(Topology, Vec<Finding>), Vec<Finding>> {
    let mut findings = levelled(spec, rules::check(spec));
    if findings.iter().any(Finding::is_error) {
        return Err(findings);
    }
    let mut topology = lower::build(spec);
    findings.extend(unknown_links(spec, &topology));
    findings.extend(rules::expectations_name_nodes(spec, &topology));
    findings.extend(apply::impair(spec, &mut topology));
    if findings.iter().any(Finding::is_error) {
        return Err(findings);
    }
    Ok((topology, findings))
}

/// The warnings of a lab file without errors; empty if it has errors or exceeds a limit.
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

/// Converts warnings to errors if the file has `strict: true`.
fn levelled(spec: &Spec, findings: Vec<Finding>) -> Vec<Finding> {
    if spec.is_strict {
        strictly(findings)
    } else {
        findings
    }
}

/// The findings for names in storyboards that no link, node, gateway or BGP session has.
fn unknown_links(spec: &Spec, topology: &Topology) -> Vec<Finding> {
    let links = topology.links.iter().map(|link| link.name.clone());
    let nodes = topology.nodes.iter().map(|node| &node.name);
    let gateways = topology.gateways.iter().map(|gateway| &gateway.name);
    let nodes = nodes.chain(gateways).map(NodeName::to_string);
    let mut findings = rules::storyboards_name_links(spec, &links.collect(), &nodes.collect());
    findings.extend(rules::storyboards_name_sessions(spec, topology));
    findings
}
