//! The document: reads a [`Spec`] from the text of a lab file, and resolves it to a network, or to all of its errors.
//!
//! Reading checks each value separately. Resolving checks that names exist and that addresses are compatible.

mod cure;
mod defaults;
mod document;
mod edit;
#[cfg(test)]
pub(crate) mod examples;
pub(crate) mod expectations;
mod firewalls;
pub mod hub_spokes;
pub mod impairments;
pub mod keys;
mod kinds;
mod likeness;
mod lower;
pub mod model;
mod resolve;
mod rules;
pub(crate) mod storyboards;
mod switches;
#[cfg(test)]
mod tests;
mod unread;
mod work;

use std::collections::BTreeSet;

use crate::azure::route_table::defaults::omit_unreadable;
use crate::findings::{Finding, Place};
use crate::names::LabName;
use crate::yaml::origins::Origins;
use crate::yaml::tree::Node;
use crate::yaml::{Unread, fields, reading, write};

pub(crate) use cure::{complete, proposals, tree};
pub use edit::{have_same_paths, with_expectations};
pub use firewalls::line_of_firewall;
pub use likeness::is_like_a_lab;
pub use model::Spec;
pub use resolve::{further_findings, resolve, resolve_with_warnings, warnings};
pub use work::{FACTOR_VARIABLE, excess};

/// The section whose items are expanded to parts of others.
const PEERINGS: &str = "peerings";

/// The readable part of a lab file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The file's content without its invalid parts; `None` if nothing is left.
    pub spec: Option<Spec>,
    /// The findings, in the order of the text.
    pub findings: Vec<Finding>,
    /// What could not be read.
    pub unread: Unread,
}

/// Reads as much of a lab file as possible.
#[must_use]
pub fn read(text: &str) -> Reading {
    match reading::read(text) {
        Ok(tree) => {
            let mut reading = read_document(tree);
            if reading.findings.len() > 1 && text.contains("<<") {
                omit_copies(&mut reading.findings, text);
            }
            reading
        }
        Err(stopped) => Reading {
            spec: None,
            findings: vec![unreadable(stopped)],
            unread: Unread::default(),
        },
    }
}

/// Reads as much of a lab file's document as possible.
pub(crate) fn read_document(mut tree: Node) -> Reading {
    let mut decoder = fields::Decoder::knowing(
        keys::meant_by,
        unread::chosen_by,
        keys::line_to_add,
        keys::example,
    );
    // Before short forms are expanded, since the expansion removes some keys.
    decoder.report_duplicates(&tree);
    if !decoder.findings.is_empty() {
        decoder.miss_anything();
    }
    let has_peerings = tree.get(PEERINGS).is_some();
    defaults::choose(&mut tree);
    decoder.expanded = has_peerings.then_some((keys::ROOT, PEERINGS));
    let spec = document::document(&mut decoder, &tree);
    let fields::Decoder {
        mut findings,
        mut unread,
        ..
    } = decoder;
    // What was read before an unknown key may depend on it.
    findings.retain(|finding| !unread.may_be_under_unknown_key(finding.rule.needs));
    findings.sort_by_key(|finding| finding.place);
    findings.dedup();
    omit_unreadable(&mut findings, &mut tree, &unread);
    if !findings.is_empty() {
        tree.collect_keys(&mut unread.defined);
    }
    Reading {
        spec,
        findings,
        unread,
    }
}

/// Omits the findings that merged keys repeat: the user sees the text once, and mends it there.
fn omit_copies(findings: &mut Vec<Finding>, text: &str) {
    let mut seen = BTreeSet::new();
    let mut all = findings.iter();
    if all.all(|finding| seen.insert((finding.rule.id, &finding.message))) {
        return;
    }
    let origins = Origins::of(text);
    let mut seen = BTreeSet::new();
    findings.retain(|finding| {
        let origin = origins.get(finding.place);
        origin.is_none_or(|origin| seen.insert((origin, finding.rule.id, finding.message.clone())))
    });
}

/// The text of a lab file with the names, prefixes and addresses that it leaves out; `None` if it cannot be read.
#[must_use]
pub fn filled(text: &str) -> Option<String> {
    let mut tree = reading::read(text).ok()?;
    defaults::choose(&mut tree);
    Some(write::write(&tree))
}

/// Reads a lab file.
///
/// # Errors
///
/// Every finding, at least one, in the order of the text.
pub fn parse(text: &str) -> Result<Spec, Vec<Finding>> {
    let Reading { spec, findings, .. } = read(text);
    match spec {
        Some(spec) if findings.is_empty() => Ok(spec),
        _ => Err(findings),
    }
}

/// The lab's name, if it is on a line of its own. Reads nothing else.
#[must_use]
pub fn plain_name(text: &str) -> Option<LabName> {
    let named = text.lines().find_map(|line| line.strip_prefix("name:"))?;
    LabName::new(named.split('#').next()?.trim()).ok()
}

fn unreadable(stopped: reading::Stopped) -> Finding {
    let finding = Finding::new(stopped.rule, Place::STOPPED, stopped.message);
    Finding {
        help: stopped.help.map(|help| help.into_owned().into()),
        ..finding
    }
}
