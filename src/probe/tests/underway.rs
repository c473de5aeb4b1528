//! How many probes are underway at a time, in a simulated network that has room for no more.

use std::time::Duration;

use crate::probe::strategy::tests::{SETTLE, target};
use crate::probe::strategy::{Pacing, Target};
use crate::probe::tests::simulated_network::{Node, PACING, ms, simulate_with};
use crate::probe::trace::{Hop, Trace};

/// No pace but that of the answers.
fn at_most_underway(most_underway: usize) -> Pacing {
    Pacing {
        pace: Duration::ZERO,
        most_underway,
        ..PACING
    }
}

/// 10,100 paths of 6 hops that differ in how far they are, and one of 255 hops among them.
fn every_pair_of_a_hundred_hosts_and_one() -> Vec<(Target, Vec<Node>)> {
    let path = |last: u8, far: u64| {
        let routers = (1..last).map(|hop| Node::router(hop, far));
        let nodes = routers.chain([Node::destination(far)]).collect();
        (target(last, &[]), nodes)
    };
    let mut paths: Vec<_> = (0..10_100).map(|number| path(6, number % 3)).collect();
    paths.insert(5000, path(255, 1));
    paths
}

#[test]
fn ten_thousand_pairs_lose_nothing_where_every_queue_has_room_for_what_is_underway() {
    let paths = every_pair_of_a_hundred_hosts_and_one();
    let outcome = simulate_with(&paths, at_most_underway(250), 250);
    assert_eq!((outcome.crowd, outcome.dropped), (250, 0));
    assert_eq!(outcome.sends.len(), 3 * (10_100 * 6 + 255));
    let lost = |trace: &Trace| trace.hops.iter().map(Hop::lost).sum::<usize>();
    assert_eq!(outcome.traces.iter().map(lost).sum::<usize>(), 0);
    assert!(outcome.traces.iter().all(Trace::reached));
}

#[test]
fn more_underway_than_a_queue_has_room_for_are_lost() {
    let paths = every_pair_of_a_hundred_hosts_and_one();
    let outcome = simulate_with(&paths, at_most_underway(251), 250);
    assert!(outcome.dropped > 0);
}

#[test]
fn a_probe_that_nobody_answers_is_underway_until_it_has_settled() {
    let path = (target(1, &[1]), vec![Node::silent()]);
    let outcome = simulate_with(&vec![path; 10], at_most_underway(10), 10);
    let times: Vec<_> = outcome.sends.iter().map(|(at, _)| *at).collect();
    let rounds = [Duration::ZERO, SETTLE, 2 * SETTLE].map(|at| vec![at; 10]);
    assert_eq!(times, rounds.concat());
    assert_eq!(outcome.took, 3 * SETTLE);
}

#[test]
fn an_answer_makes_room_at_once() {
    let path = (target(1, &[]), vec![Node::destination(5)]);
    let outcome = simulate_with(&vec![path; 4], at_most_underway(2), 2);
    let times: Vec<_> = outcome.sends.iter().map(|(at, _)| *at).collect();
    let pairs: Vec<_> = (0..6).flat_map(|turn| [ms(5 * turn); 2]).collect();
    assert_eq!(times, pairs);
}

#[test]
fn a_silent_probe_is_not_underway_any_more_once_a_later_one_went_further() {
    let path = (target(2, &[1]), vec![Node::silent(), Node::destination(5)]);
    let outcome = simulate_with(&vec![path; 2], at_most_underway(4), usize::MAX);
    let times: Vec<_> = outcome.sends.iter().map(|(at, _)| *at).collect();
    let rounds = [0, 5, 10].map(|at| [ms(at); 4]);
    assert_eq!(times, rounds.concat());
    assert_eq!(outcome.took, ms(10) + SETTLE);
}

#[test]
fn a_silent_probe_is_underway_though_a_later_one_that_went_less_far_is_answered() {
    let path = (target(2, &[2]), vec![Node::router(1, 5), Node::silent()]);
    let outcome = simulate_with(&[path], at_most_underway(2), usize::MAX);
    let times: Vec<_> = outcome.sends.iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [ms(0), ms(0), ms(5), ms(10), SETTLE, SETTLE + ms(5)]);
}

#[test]
fn silent_hops_of_many_paths_hold_nobody_up() {
    let path = (target(2, &[1]), vec![Node::silent(), Node::destination(1)]);
    let outcome = simulate_with(&vec![path; 1000], at_most_underway(250), usize::MAX);
    assert_eq!(outcome.sends.len(), 6000);
    assert!(outcome.last_send() < SETTLE, "{:?}", outcome.last_send());
}
