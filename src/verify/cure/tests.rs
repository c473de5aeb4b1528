//! Labs with one mistake each, and their cures.

use std::borrow::Cow;
use std::fs;

use super::*;
use crate::findings::Finding;
use crate::lab::{parse, read, read_document, resolve};
use crate::network::Disturbances;
use crate::routing::Failures;
use crate::topology::Topology;
use crate::yaml::change;
use crate::yaml::write;

mod aliases;
mod cuts;
mod faults;
mod peerings;
mod routes;
mod sites;

/// A lab with links that are down, and sessions that are shut.
struct Broken {
    text: String,
    down: Vec<&'static str>,
}

fn lab(text: &str) -> Broken {
    Broken {
        text: text.to_owned(),
        down: Vec::new(),
    }
}

fn resolved(document: &Node) -> Option<Topology> {
    let reading = read_document(document.clone());
    let spec = reading.spec.filter(|_| reading.findings.is_empty())?;
    resolve(&spec).ok()
}

impl Broken {
    fn state(&self, topology: Topology) -> State<'static> {
        let links = self.down.iter().flat_map(|name| topology.links_named(name));
        let names = self.down.iter();
        let failures = Failures {
            shut: names
                .flat_map(|name| topology.sessions_named(name))
                .collect(),
            ..Failures::noticed(&topology, links.collect())
        };
        State::solve(Cow::Owned(topology), failures, Disturbances::default()).unwrap()
    }

    /// Every cure in words. Each is also made by hand: its lines are written into the file, and the path works.
    fn cures(&self, from: &str, to: &str) -> String {
        let topology = resolve(&parse(&self.text).unwrap_or_else(|found| panic!("{found:#?}")));
        let state = self.state(topology.unwrap_or_else(|found| panic!("{found:#?}")));
        let [from, to] = [from, to].map(|name| state.topology.find(name).unwrap());
        let why = explain(&state, from, state.topology.node(to).address.unwrap());
        let lost = Lost {
            state: &state,
            from,
            to,
            why: &why,
        };
        let solve = |document: &Node| Some(self.state(resolved(document)?));
        let cures = cures(lost, &self.text, &solve);
        for cure in &cures {
            self.make(lost, cure);
        }
        let shown: Vec<String> = cures.iter().map(shown).collect();
        shown.join("\n")
    }

    /// Writes a cure's lines into the file at their places, and follows the path in what is then a lab.
    fn make(&self, lost: Lost<'_>, cure: &Cure) {
        let Remedy::Edits(edits) = &cure.remedy else {
            return;
        };
        let mut document = crate::lab::tree(&self.text).unwrap();
        for edit in edits.iter().rev() {
            // A new key may stand for one that a merge key brings.
            let is_key = edit.action == EditAction::Add && edit.at != edit.path;
            let action = if is_key {
                Action::Replace
            } else {
                edit.action.into()
            };
            change::tests::write_at(&mut document, &edit.path, action, &edit.lines);
        }
        let text = write::write(&document);
        let findings: Vec<Finding> = read(&text).findings;
        assert_eq!(findings, [], "{text}");
        let state = self.state(resolve(&parse(&text).unwrap()).unwrap());
        assert_eq!(hops_in(&state, lost), Some(cure.hops), "{text}");
    }
}

impl From<EditAction> for Action {
    fn from(action: EditAction) -> Self {
        match action {
            EditAction::Add => Self::Add,
            EditAction::Replace => Self::Replace,
            EditAction::Remove => Self::Remove,
        }
    }
}

fn shown(cure: &Cure) -> String {
    let Cure {
        what,
        remedy,
        hops,
        cuts,
    } = cure;
    let what = if cuts.is_empty() {
        what.clone()
    } else {
        format!("{what}, cuts {cuts:?}")
    };
    match remedy {
        Remedy::Heals(heals) => format!("{what} ({hops} hops): {heals:?}\n"),
        Remedy::Edits(edits) => {
            let edits = edits.iter().map(|edit| {
                let lines = edit.lines.join("\n  ");
                format!(
                    "{:?} {} (line {})\n  {lines}\n",
                    edit.action, edit.path, edit.line
                )
            });
            format!("{what} ({hops} hops)\n{}", edits.collect::<String>())
        }
    }
}

#[test]
fn every_cure_of_a_lab_of_the_catalogue_works_when_its_lines_are_written() {
    let labs = concat!(env!("CARGO_MANIFEST_DIR"), "/labs");
    let (mut lost, mut cured) = (0, 0);
    for file in fs::read_dir(labs).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let topology = resolve(&parse(&text).unwrap()).unwrap();
        let broken = lab(&text);
        let unreachable = topology.expectations.iter();
        for expectation in unreachable.filter(|one| !one.is_reached()) {
            let [from, to] =
                [expectation.from, expectation.to].map(|node| topology.node(node).name.to_string());
            lost += 1;
            cured += usize::from(!broken.cures(&from, &to).is_empty());
        }
    }
    assert!(cured >= 8, "{cured} of {lost}");
}
