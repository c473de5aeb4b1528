//! An incremental computation has the same result as a complete one.

use super::made_up::{Dice, made_up};
use super::{LABS, each_prefers_its_neighbour, resolved};
use crate::routing::{Failures, Tables, solve, solve_again};
use crate::topology::{LinkId, NodeId, SessionId, Topology};

/// The number of consecutive events in each lab.
const EVENTS: usize = 8;

/// A random event: a failure or a repair of links or sessions, alone or together.
fn happen(topology: &Topology, failures: &mut Failures, dice: &mut Dice) {
    let link = LinkId(dice.below(topology.links.len()));
    match dice.below(7) {
        0 if !topology.sessions.is_empty() => {
            let session = SessionId(dice.below(topology.sessions.len()));
            if !failures.sessions.remove(&session) {
                failures.sessions.insert(session);
            }
        }
        6 if !topology.sessions.is_empty() => {
            let session = SessionId(dice.below(topology.sessions.len()));
            if !failures.shut.remove(&session) {
                failures.shut.insert(session);
            }
        }
        1 if !failures.adjacencies.remove(&link) => drop(failures.adjacencies.insert(link)),
        2 if !failures.links.remove(&link) => drop(failures.links.insert(link)),
        3 => *failures = Failures::default(),
        _ => {
            let mut links = failures.links.clone();
            if !links.remove(&link) {
                links.insert(link);
            }
            *failures = Failures::noticed(topology, links);
        }
    }
}

/// Applies random events to a lab. Returns how often a table changed, and how often one was reused.
fn live_through(text: &str, dice: &mut Dice) -> [usize; 2] {
    let topology = resolved(text);
    let mut failures = Failures::default();
    let mut tables: Tables = solve(&topology, &failures).unwrap();
    let mut counts = [0; 2];
    for _ in 0..EVENTS {
        happen(&topology, &mut failures, dice);
        let again = solve_again(&topology, &failures, &tables);
        let anew = solve(&topology, &failures);
        assert_eq!(again, anew, "{failures:?}\n{text}");
        let Ok(again) = again else { continue };
        for node in (0..topology.nodes.len()).map(NodeId) {
            let is_kept = std::sync::Arc::ptr_eq(again.shared(node), tables.shared(node));
            counts[usize::from(is_kept)] += 1;
        }
        tables = again;
    }
    counts
}

#[test]
fn whatever_happens_one_after_the_other_the_tables_are_those_of_a_fresh_start() {
    let mut counts = [0; 2];
    for seed in 0..LABS {
        let mut dice = Dice::new(seed);
        let text = made_up(&mut dice).text();
        let [changed, kept] = live_through(&text, &mut dice);
        counts = [counts[0] + changed, counts[1] + kept];
    }
    let [changed, kept] = counts;
    assert!(changed > 1000 && kept > changed, "{counts:?}");
}

#[test]
fn labs_that_may_settle_in_several_ways_settle_as_from_a_fresh_start() {
    for sites in [
        &[("one", 65001), ("two", 65002)][..],
        &[("one", 65001), ("two", 65002), ("three", 65003)],
    ] {
        for seed in 0..40 {
            live_through(
                &each_prefers_its_neighbour(sites).text(),
                &mut Dice::new(seed),
            );
        }
    }
}

#[test]
fn shipped_labs_live_through_whatever_happens() {
    for name in [
        "hub-spoke",
        "hub-nva",
        "two-nic-nva",
        "two-hubs",
        "er-vpn-coexistence",
        "er-resiliency",
    ] {
        let path = format!("{}/labs/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        for seed in 0..6 {
            live_through(&text, &mut Dice::new(seed));
        }
    }
}
