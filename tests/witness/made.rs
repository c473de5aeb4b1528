//! Random labs.
#![expect(
    clippy::disallowed_methods,
    reason = "how many labs, and which, a test can be told by its environment alone"
)]

use std::collections::BTreeSet;
use std::env;

use netns_lab::lab::parse;
use netns_lab::lab::resolve;
use netns_lab::routing::{Failures, solve};
use netns_lab::topology::{LinkId, SessionId, Topology};
use netns_lab::yaml::{Source, render};

use crate::contest::{Counts, Lab, compare, name_of};
use crate::dice::Dice;
use crate::random::lab_file;

/// How many labs run at the same time: each speaker is a process.
const AT_ONCE: usize = 25;

/// A random lab, some with failures.
fn made(seed: u64) -> (String, Topology, Failures) {
    let text = lab_file(seed);
    let refused = |findings: &[_]| -> ! {
        let source = Source {
            file: format!("seed {seed}"),
            text: text.clone(),
        };
        panic!("{text}\n{}", render(&source, findings));
    };
    let spec = parse(&text).unwrap_or_else(|findings| refused(&findings));
    let topology = resolve(&spec).unwrap_or_else(|findings| refused(&findings));
    let failures = failures(seed, &topology);
    (text, topology, failures)
}

/// In every third lab, one or two links that sessions need; in every third of all, one or two sessions that are shut.
fn failures(seed: u64, topology: &Topology) -> Failures {
    let mut dice = Dice::new(!seed);
    let sessions = &topology.sessions;
    let carriers: Vec<LinkId> = sessions
        .iter()
        .flat_map(|session| session.carriers.clone())
        .collect();
    let mut some = |all: usize| -> BTreeSet<usize> {
        if all == 0 || !dice.percent(33) {
            return BTreeSet::new();
        }
        let numbers: Vec<usize> = (0..all).collect();
        let count = dice.between(1, 2);
        (0..count).map(|_| dice.pick(&numbers)).collect()
    };
    let down = some(carriers.len());
    let shut = some(sessions.len());
    Failures {
        shut: shut.into_iter().map(SessionId).collect(),
        ..Failures::noticed(
            topology,
            down.into_iter().map(|one| carriers[one]).collect(),
        )
    }
}

fn title(seed: u64, topology: &Topology, failures: &Failures) -> String {
    let down = failures.links.iter();
    let down = down.map(|id| topology.link(*id).name.clone());
    let shut = failures.shut.iter();
    let shut = shut.map(|id| topology.session_name(*id));
    let down: Vec<String> = down.chain(shut).collect();
    if down.is_empty() {
        format!("seed {seed}")
    } else {
        format!("seed {seed}, without {}", down.join(" and "))
    }
}

fn number(name: &str, usual: u64) -> u64 {
    match env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|error| panic!("{name}={text}: {error}")),
        Err(_) => usual,
    }
}

/// The labs of some seeds in which BGP converges, and the titles of the others.
fn solved(seeds: &[u64]) -> (Vec<Lab>, Vec<String>) {
    let mut labs = Vec::new();
    let mut unsettled = Vec::new();
    for seed in seeds {
        let (text, topology, failures) = made(*seed);
        let title = title(*seed, &topology, &failures);
        match solve(&topology, &failures) {
            Ok(tables) => labs.push(Lab {
                title,
                text,
                topology,
                failures,
                tables,
            }),
            Err(why) => unsettled.push(format!("{title}: {why}")),
        }
    }
    (labs, unsettled)
}

#[test]
#[expect(clippy::print_stdout, reason = "people see what was compared")]
fn privileged_bird_agrees_on_random_labs() {
    let first = number("BGP_WITNESS_SEED", 1);
    let seeds: Vec<u64> = (first..first + number("BGP_WITNESS_LABS", 20)).collect();
    let mut counts = Counts::default();
    let (mut disagreements, mut unsettled) = (Vec::new(), Vec::new());
    for seeds in seeds.chunks(AT_ONCE) {
        let (labs, skipped) = solved(seeds);
        unsettled.extend(skipped);
        let (batch, differing) = compare(&labs);
        counts += batch;
        disagreements.extend(differing);
    }
    assert!(
        disagreements.is_empty(),
        "{}\nBIRD and the solver disagree on {} of {} labs",
        disagreements.join("\n"),
        disagreements.len(),
        seeds.len()
    );
    println!("random: {counts}");
    for lab in unsettled {
        println!("  skipped: {lab}");
    }
}

#[test]
fn every_seed_makes_a_valid_lab_and_together_they_have_every_kind_of_session() {
    let mut kinds = BTreeSet::new();
    for seed in 0..300 {
        let (_, topology, _) = made(seed);
        kinds.extend(
            topology
                .sessions
                .iter()
                .map(|session| name_of(session.kind)),
        );
    }
    let kinds: Vec<&str> = kinds.into_iter().collect();
    insta::assert_snapshot!(
        kinds.join(" "),
        @"Coexistence GatewayConnection GlobalReach Instances PrivatePeering Site StaticTunnel Tunnel Wan"
    );
}

#[test]
fn the_same_seed_makes_the_same_lab() {
    assert_eq!(lab_file(7), lab_file(7));
    assert_ne!(lab_file(7), lab_file(8));
}
