//! Every documented path, by Debian's traceroute and ping.

use std::collections::BTreeMap;
use std::thread;

use crate::expectations::{self, Expectation, Hop};
use crate::lab::{Lab, Turn};
use crate::traceroute::{differences, ping, ping_differences};

/// Shuts the customer edge's interface toward its MSEE.
const PRIMARY_DOWN: (&str, &str) = (
    "192.168.30.16/30, customerEdge: loc1-ce1 }",
    "192.168.30.16/30, customerEdge: loc1-ce1, enabled: false }",
);

#[test]
fn traceroute_prints_every_documented_path() {
    let turn = Turn::begin();
    let lab = turn.lab_up("paths", &[]);
    assert_none(&each_source(&lab, expectations::reachable(), differences));
}

#[test]
fn nothing_comes_back_where_nothing_is_documented() {
    let turn = Turn::begin();
    let lab = turn.lab_up("silence", &[]);
    assert_none(&each_source(&lab, expectations::unreachable(), answers));
}

#[test]
fn ping_agrees() {
    let turn = Turn::begin();
    let lab = turn.lab_up("pings", &[]);
    assert_none(&each_source(
        &lab,
        expectations::reachable(),
        ping_differences,
    ));
}

#[test]
fn the_vpn_takes_over_where_the_primary_link_is_shut() {
    let turn = Turn::begin();
    let lab = turn.lab_up("failover", &[PRIMARY_DOWN]);
    assert_none(&differences(&lab, &documented_failover()));
}

/// The only path in the articles while the primary link is down.
pub(crate) fn documented_failover() -> Expectation {
    let hop = |address: &str, milliseconds| Hop {
        answerers: vec![address.parse().expect("an address")],
        milliseconds: Some(milliseconds),
    };
    Expectation {
        from: "loc1-vm".to_owned(),
        to: "hub-vm".to_owned(),
        address: [10, 10, 30, 4].into(),
        path: Some(vec![
            hop("10.2.30.3", 0.0),
            hop("192.168.30.0", 0.0),
            hop("10.10.30.4", 3.0),
        ]),
    }
}

/// Checks expectations: one at a time for each source, and all sources at once. A few packets in flight do not slow the
/// lab.
fn each_source(
    lab: &Lab,
    expectations: Vec<Expectation>,
    check: impl Fn(&Lab, &Expectation) -> Vec<String> + Sync,
) -> Vec<String> {
    let mut sources: BTreeMap<String, Vec<Expectation>> = BTreeMap::new();
    for expectation in expectations {
        sources
            .entry(expectation.from.clone())
            .or_default()
            .push(expectation);
    }
    thread::scope(|scope| {
        let check = &check;
        let source = |source: Vec<Expectation>| {
            scope.spawn(move || {
                source
                    .iter()
                    .flat_map(|one| check(lab, one))
                    .collect::<Vec<_>>()
            })
        };
        let sources: Vec<_> = sources.into_values().map(source).collect();
        sources
            .into_iter()
            .flat_map(|source| source.join().expect("a check that ended"))
            .collect()
    })
}

/// Ping's output if it received an answer: an echo reply, or a router's error.
fn answers(lab: &Lab, expectation: &Expectation) -> Vec<String> {
    let Expectation {
        from, to, address, ..
    } = expectation;
    let ran = ping(lab, from, *address, &["-c", "2", "-i", "0.2", "-W", "1"]).exits(1);
    let is_silent = ran.said.contains(" 0 received, 100% packet loss")
        && !["From", "errors", "Unreachable"]
            .iter()
            .any(|word| ran.said.contains(word))
        && ran.complained.is_empty();
    if is_silent {
        Vec::new()
    } else {
        vec![format!("{from} to {to}: {ran:#?}")]
    }
}

#[track_caller]
fn assert_none(differences: &[String]) {
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
