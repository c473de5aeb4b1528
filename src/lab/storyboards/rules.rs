//! Rules for storyboards, which are sequences of failures.

use std::collections::{BTreeMap, BTreeSet};

use crate::findings::{Finding, Located, Place, Rule, no_such, with_links_of};
use crate::lab::model::{Spec, Step, Storyboard};
use crate::topology::{SessionId, Topology, is_session_name};

const NO_FAULT: Rule = Rule::of_whole_files("no-fault").needing(&["fault", "blackhole"]);
const BROKEN_ALREADY: Rule = Rule::of_whole_files("broken-already").needing(&["heal"]);
const NOT_BROKEN: Rule = Rule::of_whole_files("not-broken").needing(&["fault", "blackhole"]);
const NOT_A_LINK: Rule = Rule::new("not-a-link");

/// The name of the lab's state before any failure in reports.
const STEADY: &str = "steady";

/// A storyboard must cause a failure.
pub(crate) fn break_something(spec: &Spec) -> Vec<Finding> {
    let idle = spec.storyboards.iter().filter(|storyboard| {
        storyboard
            .steps
            .iter()
            .all(|step| broken_in(step).next().is_none())
    });
    idle.map(|storyboard| {
        let message = format!("storyboard `{}` has no failure", storyboard.name.value);
        Finding::new(NO_FAULT, storyboard.name.place, message)
            .with_help("give one of its steps `fault: [...]` or `blackhole: [...]`, names of links")
    })
    .collect()
}

fn broken_in(step: &Step) -> impl Iterator<Item = &Located<String>> {
    step.fault.iter().chain(&step.blackhole)
}

/// The steps of a storyboard need unique names, since reports use them to identify states.
pub(crate) fn have_steps_of_different_names(spec: &Spec) -> Vec<Finding> {
    spec.storyboards.iter().flat_map(same_names).collect()
}

fn same_names(storyboard: &Storyboard) -> Vec<Finding> {
    let mut seen: BTreeMap<&str, Place> = BTreeMap::new();
    let mut findings = Vec::new();
    for step in &storyboard.steps {
        let name = step.name.value.as_str();
        let taken = |message: String| Finding::new(Rule::NAME_TAKEN, step.name.place, message);
        if name == STEADY {
            findings.push(taken(format!(
                "`{STEADY}` is already the name of the state before any failure"
            )));
        } else if let Some(first) = seen.get(name) {
            let message =
                format!("`{name}` is already the name of an earlier step of this storyboard");
            findings.push(taken(message).with_other(*first, "the first one"));
        } else {
            seen.insert(name, step.name.place);
        }
    }
    findings
}

/// A step must fail only what works, and heal only what has failed. Links and nodes are compared by name; sessions, which
/// have several names, need the topology.
pub(crate) fn break_what_works_and_heal_what_does_not(spec: &Spec) -> Vec<Finding> {
    spec.storyboards.iter().flat_map(out_of_turn).collect()
}

fn out_of_turn(storyboard: &Storyboard) -> Vec<Finding> {
    let mut broken: BTreeSet<&str> = BTreeSet::new();
    let mut findings = Vec::new();
    for step in &storyboard.steps {
        let before = broken.clone();
        for name in broken_in(step).filter(|name| !is_session_name(&name.value)) {
            if !broken.insert(&name.value) {
                findings.push(broken_already(name));
            }
        }
        for name in step
            .heal
            .iter()
            .filter(|name| !is_session_name(&name.value))
        {
            if !before.contains(name.value.as_str()) {
                findings.push(not_broken(name, &before));
            }
            broken.remove(name.value.as_str());
        }
    }
    findings
}

fn broken_already(name: &Located<String>) -> Finding {
    let message = format!("`{}` has already failed", name.value);
    Finding::new(BROKEN_ALREADY, name.place, message)
        .with_help("heal it in an earlier step, or leave it out here")
}

fn not_broken(name: &Located<String>, broken: &BTreeSet<&str>) -> Finding {
    let message = format!("`{}` has not failed before this step heals it", name.value);
    let finding = Finding::new(NOT_BROKEN, name.place, message);
    if broken.is_empty() {
        finding.with_help("nothing has failed before this step")
    } else {
        let names: Vec<_> = broken.iter().copied().collect();
        finding.with_help(format!("failed before this step: {}", names.join(", ")))
    }
}

/// A step must name links and nodes of the lab, or active-active gateways. Only links can be blackholed. This check
/// needs the topology.
///
/// `links` are the names of the lab's links, and `nodes` those of its nodes and of active-active gateways.
pub(crate) fn storyboards_name_links(
    spec: &Spec,
    links: &BTreeSet<String>,
    nodes: &BTreeSet<String>,
) -> Vec<Finding> {
    let known = Known { links, nodes };
    let either = steps(spec)
        .flat_map(|step| step.fault.iter().chain(&step.heal))
        .filter(|name| !is_session_name(&name.value))
        .filter(|name| !links.contains(&name.value) && !nodes.contains(&name.value))
        .map(|name| known.unknown(name));
    let links_only = steps(spec)
        .flat_map(|step| &step.blackhole)
        .filter(|name| !links.contains(&name.value))
        .map(|name| known.no_link(name));
    either.chain(links_only).collect()
}

/// A step must name BGP sessions of the lab, shut those that are open, and open those that are shut. This check needs the
/// topology.
pub(crate) fn storyboards_name_sessions(spec: &Spec, topology: &Topology) -> Vec<Finding> {
    let out_of_turn = spec.storyboards.iter();
    let out_of_turn = out_of_turn.flat_map(|storyboard| sessions_out_of_turn(storyboard, topology));
    unknown_sessions(spec, topology)
        .into_iter()
        .chain(out_of_turn)
        .collect()
}

fn sessions_out_of_turn(storyboard: &Storyboard, topology: &Topology) -> Vec<Finding> {
    let mut shut: BTreeSet<SessionId> = BTreeSet::new();
    let mut findings = Vec::new();
    for step in &storyboard.steps {
        let before = shut.clone();
        let names: Vec<String> = before.iter().map(|id| topology.session_name(*id)).collect();
        let names = names.iter().map(String::as_str).collect();
        for name in &step.fault {
            let meant = topology.sessions_named(&name.value);
            if !meant.is_disjoint(&shut) {
                findings.push(broken_already(name));
            }
            shut.extend(meant);
        }
        for name in &step.heal {
            let meant = topology.sessions_named(&name.value);
            if !meant.is_empty() && meant.is_disjoint(&before) {
                findings.push(not_broken(name, &names));
            }
            shut.retain(|session| !meant.contains(session));
        }
    }
    findings
}

fn unknown_sessions(spec: &Spec, topology: &Topology) -> Vec<Finding> {
    let names = steps(spec).flat_map(|step| step.fault.iter().chain(&step.heal));
    let unknown = names.filter(|name| {
        is_session_name(&name.value) && topology.sessions_named(&name.value).is_empty()
    });
    unknown
        .map(|name| {
            let all: Vec<String> = topology.session_names().collect();
            let finding = no_such("BGP session", name, all.iter().map(String::as_str));
            finding.with_help(
                "`session:A/B` is the session of two speakers, and `session:NAME` all sessions of a connection, a circuit or \
                 a speaker; a tunnel without BGP has none",
            )
        })
        .collect()
}

fn steps(spec: &Spec) -> impl Iterator<Item = &Step> {
    let storyboards = spec.storyboards.iter();
    storyboards.flat_map(|storyboard| &storyboard.steps)
}

struct Known<'a> {
    links: &'a BTreeSet<String>,
    nodes: &'a BTreeSet<String>,
}

impl Known<'_> {
    fn unknown(&self, name: &Located<String>) -> Finding {
        let all = self.links.union(self.nodes).map(String::as_str);
        self.with_links_of(name, no_such("link or node", name, all))
    }

    fn no_link(&self, name: &Located<String>) -> Finding {
        if is_session_name(&name.value) {
            let message = format!(
                "`{}` is a BGP session, and only links can be blackholed",
                name.value
            );
            return Finding::new(NOT_A_LINK, name.place, message)
                .with_help("name it under `fault`, which shuts it");
        }
        if !self.nodes.contains(&name.value) {
            let all = self.links.iter().map(String::as_str);
            return self.with_links_of(name, no_such("link", name, all));
        }
        let message = format!(
            "`{}` is a node, and only links can be blackholed",
            name.value
        );
        let finding = Finding::new(NOT_A_LINK, name.place, message)
            .with_help("name it under `fault`, or name one of its links here");
        self.with_links_of(name, finding)
    }

    fn with_links_of(&self, name: &Located<String>, finding: Finding) -> Finding {
        with_links_of(name, finding, self.links.iter().map(String::as_str))
    }
}
