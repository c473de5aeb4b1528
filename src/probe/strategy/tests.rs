//! Tests of the strategy in a simulated network, with a simulated clock.

use std::{collections::BTreeSet, time::Duration};

use crate::probe::strategy::{Pacing, Strategy, Target};
use crate::probe::tests::simulated_network::{
    DESTINATION, Node, PACE, PACING, ms, router, simulate, some_instant, ttl,
};
use crate::probe::trace::ReplyKind;

pub(in crate::probe) const SETTLE: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(1);

/// A target whose hops all answer, except the silent ones.
pub(in crate::probe) fn target(last_ttl: u8, silent: &[u8]) -> Target {
    Target {
        destination: DESTINATION,
        first_ttl: ttl(1),
        last_ttl: ttl(last_ttl),
        silent: silent.iter().copied().map(ttl).collect(),
        round_trip: SETTLE,
        settle: SETTLE,
        patience: PATIENCE,
    }
}

fn probing(probes_per_hop: u8) -> Pacing {
    Pacing {
        probes_per_hop,
        ..PACING
    }
}

#[test]
fn a_run_ends_when_nothing_more_can_be_learnt() {
    let routers = || vec![Node::router(1, 25), Node::router(2, 50)];
    let path = |more: Node| [routers(), vec![more]].concat();
    let hidden = vec![
        Node::router(1, 25),
        Node::silent(),
        Node::router(3, 60),
        Node::destination(75),
    ];
    for (name, target, nodes, after_last_send) in [
        (
            "all answered",
            target(3, &[]),
            path(Node::destination(75)),
            ms(75),
        ),
        (
            "a silent hop is settled",
            target(4, &[2]),
            hidden.clone(),
            SETTLE,
        ),
        (
            "an awaited hop is given up",
            target(4, &[]),
            hidden,
            ms(1000 - 2),
        ),
        (
            "all silent",
            target(2, &[1, 2]),
            vec![Node::silent()],
            SETTLE,
        ),
        (
            "patience is each probe's own",
            target(3, &[]),
            path(Node::destination(75).losing(&[1])),
            ms(1000 - 3),
        ),
        (
            "patience that ran out leaves the settling",
            Target {
                patience: ms(20),
                ..target(2, &[2])
            },
            vec![Node::silent(), Node::silent()],
            SETTLE,
        ),
    ] {
        let outcome = simulate(&[(target, nodes)]);
        assert_eq!(
            outcome.took,
            outcome.last_send() + after_last_send,
            "{name}"
        );
    }
}

#[test]
fn silence_is_final_sooner_where_all_who_are_awaited_have_answered() {
    let target = Target {
        round_trip: ms(10),
        ..target(3, &[2])
    };
    let nodes = |answer: u64, late: Node| vec![Node::router(1, 5), late, Node::destination(answer)];
    let took = |nodes: Vec<Node>| {
        let outcome = simulate(&[(target.clone(), nodes)]);
        outcome.took.saturating_sub(outcome.last_send())
    };
    // One round trip after the last probe, then the quiet time.
    assert_eq!(took(nodes(10, Node::silent())), ms(10 + 30));
    // The last answer shows how late the machine is, so the quiet time starts with it.
    assert_eq!(took(nodes(25, Node::silent())), ms(25 + 30));
    // Never longer than the settling time.
    assert_eq!(took(nodes(95, Node::silent())), SETTLE);
    // No answer is awaited, so nothing shows how late the machine is.
    let alone = Target {
        round_trip: ms(10),
        ..self::target(1, &[1])
    };
    let outcome = simulate(&[(alone, vec![Node::silent()])]);
    assert_eq!(outcome.took, outcome.last_send() + SETTLE);
}

#[test]
fn a_hop_that_should_be_silent_is_caught_when_it_answers_late() {
    let nodes = vec![Node::router(1, 99), Node::destination(10)];
    let outcome = simulate(&[(target(2, &[1]), nodes)]);
    assert_eq!(outcome.addresses(), [[router(1)], [DESTINATION]]);
    assert_eq!(outcome.took + PACE, outcome.last_send() + ms(99));
}

#[test]
fn an_answer_that_is_awaited_comes_in_after_all_else_has_settled() {
    let nodes = vec![Node::silent(), Node::destination(400)];
    let outcome = simulate(&[(target(2, &[1]), nodes)]);
    let hop = &outcome.traces[0].hops[1];
    assert_eq!(hop.best_round_trip_time(), Some(ms(400)));
    assert_eq!(outcome.took, outcome.last_send() + ms(400));
}

#[test]
fn a_lost_probe_leaves_a_gap_in_its_round() {
    let nodes = vec![Node::router(1, 5).losing(&[1]), Node::destination(10)];
    let outcome = simulate(&[(target(2, &[]), nodes)]);
    let [first, second] = &outcome.traces[0].hops[..] else {
        panic!("{:?}", outcome.traces);
    };
    let answered: Vec<_> = first.probes.iter().map(Option::is_some).collect();
    assert_eq!(answered, [true, false, true]);
    assert_eq!((first.lost(), second.lost()), (1, 0));
    assert!(outcome.traces[0].reached());
}

#[test]
fn siblings_of_equal_paths_are_all_seen() {
    let both = Node {
        siblings: vec![router(1), router(2)],
        ..Node::router(0, 5)
    };
    let outcome = simulate(&[(target(3, &[]), vec![both, Node::destination(10)])]);
    assert_eq!(outcome.addresses()[0], [router(1), router(2)]);
}

#[test]
fn an_unknown_length_is_found_and_nothing_is_sent_or_shown_behind_it() {
    let nodes = vec![
        Node::router(1, 5),
        Node::router(2, 9),
        Node::destination(15),
    ];
    let outcome = simulate(&[(Target::trace(DESTINATION, ttl(30), PATIENCE), nodes)]);
    assert_eq!(
        outcome.addresses(),
        [[router(1)], [router(2)], [DESTINATION]]
    );
    // The third probe was sent at 2 ms. Its answer arrived at 17 ms, before the 18th probe.
    assert_eq!(outcome.sends.len(), 17 + 2 * 3);
    assert_eq!(outcome.took, outcome.last_send() + ms(15));
}

#[test]
fn a_refusal_ends_a_trace() {
    let refusing = Node {
        kind: ReplyKind::Unreachable(1),
        ..Node::router(2, 9)
    };
    let nodes = vec![Node::router(1, 5), refusing];
    let outcome = simulate(&[(Target::trace(DESTINATION, ttl(30), PATIENCE), nodes)]);
    assert_eq!(outcome.addresses(), [[router(1)], [router(2)]]);
    assert!(!outcome.traces[0].reached());
}

#[test]
fn a_refusal_is_not_awaited_twice_for_routers_refuse_only_so_often() {
    let refusing = Node {
        kind: ReplyKind::Unreachable(1),
        ..Node::router(1, 10)
    };
    let outcome = simulate(&[(target(1, &[]), vec![refusing.losing(&[1, 2])])]);
    assert_eq!(outcome.took, outcome.last_send() + SETTLE);
    assert_eq!(outcome.traces[0].hops[0].lost(), 2);
}

#[test]
fn rounds_follow_each_other_and_targets_take_turns_at_an_even_pace() {
    let far = || {
        vec![
            Node::router(1, 500),
            Node::router(2, 500),
            Node::destination(500),
        ]
    };
    let near = vec![Node::destination(500)];
    let outcome = simulate(&[
        (target(3, &[]), far()),
        (target(1, &[]), near),
        (target(3, &[]), far()),
    ]);
    let round = [(0, 1), (1, 1), (2, 1), (0, 2), (2, 2), (0, 3), (2, 3)];
    let order: Vec<_> = outcome
        .sends
        .iter()
        .map(|(_, send)| (send.target, send.ttl.get()))
        .collect();
    assert_eq!(order, [round, round, round].concat());
    for (turn, (at, _)) in (0..).zip(&outcome.sends) {
        assert_eq!(*at, PACE * turn);
    }
}

#[test]
fn a_ping_repeats_one_hop_and_goes_on_after_the_destination_answered() {
    let outcome = simulate(&[(
        Target::ping(DESTINATION, ttl(64), PATIENCE),
        vec![Node::destination(0)],
    )]);
    let sent: Vec<_> = outcome
        .sends
        .iter()
        .map(|(at, send)| (*at, send.ttl.get(), send.sequence))
        .collect();
    assert_eq!(sent, [(ms(0), 64, 0), (ms(1), 64, 1), (ms(2), 64, 2)]);
    assert_eq!(outcome.traces[0].hops[0].lost(), 0);
    assert_eq!(outcome.took, ms(2));
}

#[test]
fn a_sender_that_woke_late_keeps_its_pace_but_does_not_burst() {
    let start = some_instant();
    let pace = Duration::from_micros(100);
    let targets = vec![target(30, &[]); 10];
    let mut strategy = Strategy::new(targets, Pacing { pace, ..PACING }, start);
    let mut sends_at = |after: u64| {
        let now = start + Duration::from_micros(after);
        std::iter::from_fn(|| strategy.next_send(now)).count()
    };
    let counts = [0, 50, 100, 350, 400, 60_000, 60_050].map(&mut sends_at);
    assert_eq!(counts, [1, 0, 1, 2, 1, 11, 0]);
}

#[test]
fn a_probe_that_was_not_sent_is_not_waited_for() {
    let start = some_instant();
    let mut strategy = Strategy::new(vec![target(1, &[])], probing(2), start);
    for turn in 0..2 {
        let send = strategy.next_send(start + PACE * turn).unwrap();
        strategy.not_sent(0, send.sequence, format!("reason {turn}"));
    }
    assert!(strategy.finished(start + PACE));
    assert_eq!(strategy.next_deadline(), None);
    let hop = strategy.into_traces().remove(0).hops.remove(0);
    assert_eq!(
        (hop.lost(), hop.send_error.as_deref()),
        (2, Some("reason 0"))
    );
}

#[test]
fn an_answer_counts_once_and_only_for_a_probe_that_was_sent() {
    let start = some_instant();
    let mut strategy = Strategy::new(vec![target(2, &[])], probing(1), start);
    let answer = |sequence| Node::router(1, 0).answer(sequence, 0).unwrap();
    assert_eq!(strategy.next_send(start).map(|send| send.sequence), Some(0));
    for (name, target, sequence, counts) in [
        ("not sent yet", 0, 1, false),
        ("no such probe", 0, 2, false),
        ("no such target", 1, 0, false),
        ("ours", 0, 0, true),
        ("the same again", 0, 0, false),
    ] {
        let received = strategy.received(target, &answer(sequence), start + ms(3));
        assert_eq!(received.is_some(), counts, "{name}");
    }
}

#[test]
fn no_time_is_too_odd() {
    let start = some_instant();
    let endless = Target {
        patience: Duration::MAX,
        settle: Duration::MAX,
        ..target(1, &[])
    };
    let pacing = Pacing {
        pace: Duration::MAX,
        ..PACING
    };
    let mut strategy = Strategy::new(vec![endless], pacing, start);
    strategy.next_send(start);
    strategy.sent(0, 0, start + ms(5));
    let answer = Node::destination(0).answer(0, 0).unwrap();
    let answered = strategy.received(0, &answer, start).unwrap();
    assert_eq!(answered.reply.round_trip_time, Duration::ZERO);
    assert!(strategy.next_deadline() > Some(start));
}

#[test]
fn nothing_to_probe_is_finished_at_once() {
    let start = some_instant();
    let backwards = Target {
        first_ttl: ttl(9),
        ..target(3, &[])
    };
    for (targets, probes) in [(vec![], 3), (vec![backwards], 3), (vec![target(3, &[])], 0)] {
        let mut strategy = Strategy::new(targets, probing(probes), start);
        assert_eq!(strategy.next_send(start), None);
        assert!(strategy.finished(start));
        assert!(strategy.into_traces().iter().all(|trace| !trace.reached()));
    }
}

#[test]
fn every_probe_of_the_longest_target_has_a_sequence_number_of_its_own() {
    let start = some_instant();
    let pacing = Pacing {
        pace: Duration::ZERO,
        ..probing(5)
    };
    let mut strategy = Strategy::new(vec![target(255, &[])], pacing, start);
    let sends: Vec<_> = std::iter::from_fn(|| strategy.next_send(start)).collect();
    let sequences: BTreeSet<_> = sends.iter().map(|send| send.sequence).collect();
    assert_eq!((sends.len(), sequences.len()), (255 * 5, 255 * 5));
}

#[test]
fn every_pair_of_a_lossless_network_is_traced_as_it_is() {
    let length = |number: usize| 1 + u8::try_from(number % 7).unwrap();
    let is_silent = |number: usize, hop: u8| (number + usize::from(hop)).is_multiple_of(5);
    let paths: Vec<_> = (0..200)
        .map(|number| {
            let last = length(number);
            let silent: Vec<_> = (1..last).filter(|hop| is_silent(number, *hop)).collect();
            let node = |hop: u8| match hop {
                hop if hop == last => Node::destination(10 * u64::from(hop)),
                hop if is_silent(number, hop) => Node::silent(),
                hop => Node::router(hop, 10 * u64::from(hop)),
            };
            (target(last, &silent), (1..=last).map(node).collect())
        })
        .collect();
    let outcome = simulate(&paths);
    for (number, trace) in outcome.traces.iter().enumerate() {
        assert_eq!(trace.hops.len(), usize::from(length(number)));
        for hop in &trace.hops {
            let is_quiet = hop.ttl.get() < length(number) && is_silent(number, hop.ttl.get());
            assert_eq!(hop.lost(), if is_quiet { 3 } else { 0 }, "{number} {hop:?}");
        }
    }
    assert!(outcome.took <= outcome.last_send() + SETTLE);
}
