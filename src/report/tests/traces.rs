//! Traces as tracert prints them.

use insta::assert_snapshot;

use super::*;
use crate::report::tracert::explained_by;

#[test]
fn a_trace_has_the_layout_of_tracert() {
    assert_snapshot!(trace(&documented_path()), @r"
    Tracing route to branch-vm [10.11.30.68] over a maximum of 30 hops

      1     1 ms    <1 ms     1 ms  hub-vpngw [10.10.30.142]
      2     *        *        *     Request timed out.
      3     2 ms     2 ms    12 ms  branch-vm [10.11.30.68]

    Trace complete.
    ");
}

#[test]
fn times_of_any_size_keep_their_columns() {
    let observation = observed(vec![hop(
        12,
        &[STRANGER],
        [Some(999), Some(1_500), Some(1_234_000)],
    )]);
    assert_snapshot!(trace(&observation), @r"
    Tracing route to branch-vm [10.11.30.68] over a maximum of 30 hops

     12    <1 ms     2 ms  1234 ms  203.0.113.9
    ");
}

#[test]
fn several_answerers_stand_beside_each_other() {
    let observation = observed(vec![hop(
        1,
        &[GATEWAY, STRANGER],
        [Some(1_000), None, Some(75_000)],
    )]);
    assert_snapshot!(trace(&observation), @r"
    Tracing route to branch-vm [10.11.30.68] over a maximum of 30 hops

      1     1 ms     *       75 ms  hub-vpngw [10.10.30.142], 203.0.113.9
    ");
}

#[test]
fn a_refusal_is_reported_by_who_refused() {
    let observation = observed(vec![ObservedHop {
        refused: true,
        ..hop(2, &[GATEWAY], [Some(1_000); 3])
    }]);
    assert_snapshot!(trace(&observation), @r"
    Tracing route to branch-vm [10.11.30.68] over a maximum of 30 hops

      2  hub-vpngw [10.10.30.142]  reports: Destination host unreachable.
    ");
}

#[test]
fn a_probe_that_was_not_sent_shows_why() {
    let observation = Observation {
        hops: Vec::new(),
        send_error: Some("Network is unreachable".to_owned()),
    };
    assert_snapshot!(trace(&observation), @r"
    Tracing route to branch-vm [10.11.30.68] over a maximum of 30 hops

    Transmit error: Network is unreachable.
    ");
}

#[test]
fn an_address_without_a_name_stands_alone() {
    let target = tracert::Target {
        address: STRANGER,
        most_hops: 30,
    };
    assert_snapshot!(tracert::heading(target, &|_| None), @"Tracing route to 203.0.113.9 over a maximum of 30 hops");
}

#[test]
fn an_address_has_the_name_of_the_nearest_node() {
    let text = "name: apart\nsites:
  east: { routers: { gate: { address: 10.50.0.1/24 } }, hosts: { pc: { address: 10.50.0.4/24, gateway: 10.50.0.1 } } }
  west: { routers: { door: { address: 10.50.0.1/24 } }, hosts: { tv: { address: 10.50.0.5/24, gateway: 10.50.0.1 } } }
";
    let topology = crate::lab::resolve(&crate::lab::parse(text).unwrap()).unwrap();
    let names = tracert::names_of(&topology);
    let name = |from: &str, address: [u8; 4]| {
        let from = topology.find(from).unwrap();
        names.seen_from(from)(address.into())
    };
    assert_eq!(name("pc", [10, 50, 0, 1]).as_deref(), Some("gate"));
    assert_eq!(name("tv", [10, 50, 0, 1]).as_deref(), Some("door"));
    assert_eq!(name("tv", [10, 50, 0, 4]).as_deref(), Some("pc"));
}

#[test]
fn silent_hops_at_the_end_are_one_line() {
    let silent = |ttl| hop(ttl, &[], [None; 3]);
    let answered = hop(1, &[GATEWAY], [Some(1_000); 3]);
    let folded = trace(&observed(vec![
        answered.clone(),
        silent(2),
        silent(3),
        silent(4),
    ]));
    assert_snapshot!(folded, @r"
    Tracing route to branch-vm [10.11.30.68] over a maximum of 30 hops

      1     1 ms     1 ms     1 ms  hub-vpngw [10.10.30.142]
      no answer from hop 2 to 4
    ");
    let one = trace(&observed(vec![answered, silent(2)]));
    assert!(
        one.contains("Request timed out") && !one.contains("no answer"),
        "{one}"
    );
    let all = trace(&observed((1..=30).map(silent).collect()));
    assert!(all.ends_with("\n\n  no answer from hop 1 to 30\n"), "{all}");
}

#[test]
fn a_failed_trace_names_the_command_that_explains_it() {
    assert_eq!(
        explained_by("a", "10.0.0.4", None),
        "`lab why a 10.0.0.4` explains it\n"
    );
    assert_eq!(
        explained_by("a", "b", Some("x")),
        "`lab why a b --lab x` explains it\n"
    );
}
