//! Loads a lab by name or file, and computes everything from it.

use std::io;

use crate::control::Phase;
use crate::engine::EngineError;
use crate::engine::catalogue::{CATALOGUE, names};
use crate::engine::running::{recorded, up_names};
use crate::engine::text::{self, NoText};
use crate::findings::{self, Finding};
use crate::lab::FACTOR_VARIABLE;
use crate::lab::{self, Reading};
use crate::plan::{self, Plan};
use crate::routing::{self, Failures, Tables};
use crate::topology::Topology;
use crate::yaml::Source;

/// A lab file and everything computed from it.
#[derive(Debug, Clone)]
pub struct Lab {
    /// The file.
    pub source: Source,
    /// Its topology.
    pub topology: Topology,
    /// The routes of every node.
    pub tables: Tables,
    /// The plan that builds it.
    pub plan: Plan,
    /// The warnings of the file. The lab can be built nevertheless.
    pub warnings: Vec<Finding>,
}

/// The lab file of a name or path: a name in the catalogue, a file, standard input for `-`, or else the file that the
/// running lab with that name was built from.
///
/// # Errors
///
/// [`EngineError::NoSuchLab`], and [`EngineError::Unfit`] for a file that is no text or too large.
pub fn source(name: &str) -> Result<Source, EngineError> {
    if let Some((known, text)) = CATALOGUE.iter().find(|(known, _)| *known == name) {
        return Ok(Source {
            file: (*known).to_owned(),
            text: (*text).to_owned(),
        });
    }
    let (path, file) = match name {
        "-" => ("/dev/stdin", "<stdin>"),
        name => (name, name),
    };
    match text::read(path) {
        Ok(text) => Ok(Source {
            file: file.to_owned(),
            text,
        }),
        Err(NoText::Unfit(why)) => Err(EngineError::Unfit(format!("{file}{why}"))),
        Err(NoText::Unreadable(source)) => {
            recorded(name)?.ok_or_else(|| no_such_lab(name, &up_names(), source))
        }
    }
}

/// The error for a name that is neither a lab nor a file.
fn no_such_lab(name: &str, up: &[String], source: io::Error) -> EngineError {
    let catalogue: Vec<&str> = names().collect();
    let up = up.iter().map(String::as_str);
    let labs = catalogue.iter().copied().chain(up);
    EngineError::NoSuchLab {
        name: name.to_owned(),
        near: findings::near(name, labs).map(str::to_owned),
        known: catalogue.join(", "),
        source,
    }
}

/// Loads a lab by name or path.
///
/// # Errors
///
/// [`EngineError`], with all findings together if the file has errors.
pub fn load(name: &str) -> Result<Lab, EngineError> {
    load_text(source(name)?)
}

/// Loads a lab from its text.
///
/// # Errors
///
/// [`EngineError`], with all findings together if the text has errors.
pub fn load_text(source: Source) -> Result<Lab, EngineError> {
    load_timed(source, &mut |_| {})
}

/// Loads a lab from the text of a running lab. Its size was accepted when it was built.
pub(super) fn load_recorded(source: Source) -> Result<Lab, EngineError> {
    load_within(source, u64::MAX, &mut |_| {})
}

/// Loads a lab from its text, and calls `lap` at the end of each phase.
///
/// # Errors
///
/// [`EngineError`], with all findings together if the text has errors.
pub fn load_timed(source: Source, lap: &mut dyn FnMut(Phase)) -> Result<Lab, EngineError> {
    load_within(source, work_factor()?, lap)
}

/// The factor by which the user raises the work limit.
fn work_factor() -> Result<u64, EngineError> {
    let Some(given) = std::env::var_os(FACTOR_VARIABLE) else {
        return Ok(1);
    };
    let factor = given.to_str().and_then(|given| given.parse().ok());
    factor.filter(|factor| *factor > 0).ok_or_else(|| {
        let given = given.to_string_lossy();
        EngineError::Unfit(format!(
            "{FACTOR_VARIABLE} is `{given}`, which is not a whole number of 1 or more; unset it, or set how many times as \
             much work as usual a lab may take"
        ))
    })
}

fn load_within(
    source: Source,
    work_factor: u64,
    lap: &mut dyn FnMut(Phase),
) -> Result<Lab, EngineError> {
    let reading = lab::read(&source.text);
    lap(Phase::Parse);
    let (topology, warnings) = match resolve(reading, work_factor) {
        Ok(resolved) => resolved,
        Err(_) if !lab::is_like_a_lab(&source.text) => return Err(not_a_lab(&source.file)),
        Err(findings) => return Err(EngineError::Findings(source, findings)),
    };
    lap(Phase::Resolve);
    let tables = routing::solve(&topology, &Failures::default())?;
    lap(Phase::Routes);
    let plan = plan::plan(&topology, &tables);
    lap(Phase::Plan);
    Ok(Lab {
        source,
        topology,
        tables,
        plan,
        warnings,
    })
}

/// The topology of a lab file's text, without its routes; `None` if the text has errors.
#[must_use]
pub fn topology_of(text: &str) -> Option<Topology> {
    resolved(lab::read(text))
}

/// The topology of a lab file that was read; `None` if the file has errors or is too much work.
pub(super) fn resolved(reading: Reading) -> Option<Topology> {
    let resolved = resolve(reading, work_factor().ok()?);
    resolved.ok().map(|(topology, _)| topology)
}

/// The warnings of a lab file's text, without any other computation. Empty if the text has errors, which loading it
/// reports.
#[must_use]
pub fn warnings(source: &Source) -> Vec<Finding> {
    let Reading { spec, findings, .. } = lab::read(&source.text);
    match (spec, work_factor()) {
        (Some(spec), Ok(factor)) if findings.is_empty() => lab::warnings(&spec, factor),
        _ => Vec::new(),
    }
}

/// The error contains no text of the file: it may be a key or a list of passwords.
fn not_a_lab(file: &str) -> EngineError {
    EngineError::Unfit(format!(
        "{file} is not a lab file: it has none of the keys of one, such as `name:` and `sites:`; `lab init` writes one to \
         begin with"
    ))
}

/// Resolves a lab file, or returns all errors of its syntax and content.
fn resolve(reading: Reading, work_factor: u64) -> Result<(Topology, Vec<Finding>), Vec<Finding>> {
    let Reading {
        spec,
        mut findings,
        unread,
    } = reading;
    match spec {
        Some(spec) if findings.is_empty() => {
            let excess = lab::excess(&spec, work_factor);
            if excess.is_empty() {
                lab::resolve_with_warnings(&spec)
            } else {
                Err(excess)
            }
        }
        Some(spec) => {
            findings.extend(lab::further_findings(&spec, &unread));
            Err(findings)
        }
        None => Err(findings),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::topology::NodeId;
    use crate::yaml::render;

    fn refused(text: &str) -> String {
        let source = Source {
            file: "lab.yaml".to_owned(),
            text: text.to_owned(),
        };
        match load_text(source) {
            Err(EngineError::Findings(source, findings)) => render(&source, &findings),
            other => format!("{other:?}"),
        }
    }

    /// The machines whose paths matter for a lab.
    fn ends(topology: &Topology) -> impl Iterator<Item = NodeId> {
        let nodes = (0..topology.nodes.len()).map(NodeId);
        nodes.filter(|node| topology.node(*node).role.is_end())
    }

    #[test]
    fn a_mistyped_lab_has_a_near_name_of_the_catalogue_or_of_what_is_up() {
        let up = ["classroom".to_owned()];
        let missing = |name| no_such_lab(name, &up, io::ErrorKind::NotFound.into()).to_string();
        insta::assert_snapshot!(missing("hubspoke"), @"there is no lab `hubspoke`, and no file of that name can be read; did you mean `hub-spoke`?");
        insta::assert_snapshot!(missing("clasroom"), @"there is no lab `clasroom`, and no file of that name can be read; did you mean `classroom`?");
        insta::assert_snapshot!(missing("lab.yaml"), @r"there is no lab `lab.yaml`, and no file of that name can be read; the catalogue has hub-spoke, hub-nva, two-nic-nva, two-hubs, branch-in-vnet, er-vpn-coexistence, er-resiliency, s2s-over-expressroute, ipsec-over-expressroute, active-active");
    }

    #[test]
    fn every_lab_of_the_catalogue_expects_something_of_every_ordered_pair() {
        for (name, _) in CATALOGUE {
            let Lab { topology, .. } = load(name).unwrap();
            assert_eq!(topology.name.as_str(), *name);
            let expected: BTreeSet<(NodeId, NodeId)> = topology
                .expectations
                .iter()
                .map(|expectation| (expectation.from, expectation.to))
                .collect();
            let all = ends(&topology).flat_map(|from| ends(&topology).map(move |to| (from, to)));
            let missing: Vec<String> = all
                .filter(|pair| pair.0 != pair.1 && !expected.contains(pair))
                .map(|(from, to)| {
                    let [from, to] = [from, to].map(|node| &topology.node(node).name);
                    format!("{from} -> {to}")
                })
                .collect();
            assert!(missing.is_empty(), "{name}: {missing:?}");
            assert!(!topology.storyboards.is_empty(), "{name} has no storyboard");
        }
    }

    #[test]
    fn every_lab_of_the_catalogue_is_the_same_in_its_long_form() {
        for (name, text) in CATALOGUE {
            let long = lab::filled(text).unwrap();
            let spec = |text| lab::resolve(&lab::parse(text).unwrap());
            assert!(spec(text) == spec(&long), "{name}: {long}");
            assert_eq!(lab::filled(&long).unwrap(), long, "{name}");
        }
    }

    #[test]
    fn a_files_text_and_what_it_says_are_found_wrong_together() {
        let text = "\
name: demo
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.0.0.0/24]
    subnets:
      default: { adressPrefix: 10.0.0.0/25 }
    virtualMachines:
      vm1: { subnet: default, privateIPAddress: 10.0.0.4 }
    peerings:
      - { remoteVirtualNetwork: spok, allowGatewayTransit: maybe }
      - { remoteVirtualNetwork: spok }
  spoke:
    location: region1
    addressPrefixes: [10.0.1.0/24, 10.0.1.128/25]
";
        insta::assert_snapshot!(refused(text), @r"
        error[unknown-key]: `adressPrefix` is not a key of a subnet
         --> lab.yaml:7:18
          |
        7 |       default: { adressPrefix: 10.0.0.0/25 }
          |                  ^^^^^^^^^^^^
          |
          = help: did you mean `addressPrefix`?

        error[no-such-name]: there is no virtual network `spok`
          --> lab.yaml:11:33
           |
        11 |       - { remoteVirtualNetwork: spok, allowGatewayTransit: maybe }
           |                                 ^^^^ did you mean `spoke`?

        error[wrong-type]: expected true or false, found text
          --> lab.yaml:11:60
           |
        11 |       - { remoteVirtualNetwork: spok, allowGatewayTransit: maybe }
           |                                                            ^^^^^

        error[no-such-name]: there is no virtual network `spok`
          --> lab.yaml:12:33
           |
        12 |       - { remoteVirtualNetwork: spok }
           |                                 ^^^^ did you mean `spoke`?

        error[overlap]: 10.0.1.128/25 overlaps 10.0.1.0/24 of virtual network spoke
          --> lab.yaml:15:36
           |
        15 |     addressPrefixes: [10.0.1.0/24, 10.0.1.128/25]
           |                                    ^^^^^^^^^^^^^

        5 findings in lab.yaml
        ");
    }
}
