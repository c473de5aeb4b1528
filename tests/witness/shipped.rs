//! The shipped labs.

use netns_lab::engine::CATALOGUE;
use netns_lab::lab::parse;
use netns_lab::lab::resolve;
use netns_lab::routing::{Failures, solve};

use crate::contest::{Lab, compare};

/// The lab that always exists.
pub(crate) fn hub_spoke() -> Lab {
    let (name, text) = CATALOGUE[0];
    shipped(name, text)
}

fn shipped(name: &str, text: &str) -> Lab {
    let spec = parse(text).expect("a shipped lab is well formed");
    let topology = resolve(&spec).expect("a shipped lab breaks no rule");
    let failures = Failures::default();
    let tables = solve(&topology, &failures).expect("a shipped lab settles");
    Lab {
        title: name.to_owned(),
        text: text.to_owned(),
        topology,
        failures,
        tables,
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "people see what was compared")]
fn privileged_bird_agrees_on_every_shipped_lab() {
    let labs = CATALOGUE.iter().map(|(name, text)| shipped(name, text));
    let labs: Vec<Lab> = labs.collect();
    let (counts, disagreements) = compare(&labs);
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
    println!("shipped: {counts}");
}
