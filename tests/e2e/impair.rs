//! Links that delay, lose, duplicate, reorder and throttle packets, as set in the lab file and by commands. The tests
//! are the same for the kernel's emulator and the supervisor's wires, whichever is used here.

use std::net::Ipv4Addr;

use serde_json::Value;

use crate::lab::{Lab, Turn};
use crate::pings::{Pings, pings};
use crate::program::{LAB, command, finish, lab};
use crate::removal::traces;

/// Two machines, two routers and a link between these, which the kernel carries, as it has no impairment.
const PAIR: &str = "\
name: pair
sites:
  site:
    routers:
      a: { address: 10.3.0.1/24 }
      b: { address: 10.3.1.1/24 }
    hosts:
      pc: { address: 10.3.0.10/24, gateway: 10.3.0.1 }
      server: { address: 10.3.1.10/24, gateway: 10.3.1.1 }
    links: [{ a: a, b: b, addresses: [10.5.0.0/31, 10.5.0.1/31] }]
";

const SERVER: Ipv4Addr = Ipv4Addr::new(10, 3, 1, 10);

/// The most a round trip over an unimpaired link takes, even on a busy machine; the tested delays are well above it.
const AT_REST_MS: f64 = 5.0;

fn up(turn: &Turn, more: &str) -> Lab {
    let pair = turn.named_lab("pair", &format!("{PAIR}{more}"));
    lab(&["up", &pair.file]).exits(0);
    pair
}

/// The name of the lab's only link between routers consists of both names.
fn impair(lab: &Lab, words: &[&str]) -> Value {
    lab.run(&[&["impair", "a-b", "--json"], words].concat())
        .exits(0)
        .json()
}

/// Pings over the link, two milliseconds apart.
fn over_link(lab: &Lab, count: usize) -> Pings {
    pings(lab, "pc", SERVER, count, &["-i", "0.002"])
}

/// Whether a random share is close to the configured one: within five standard deviations, which chance exceeds once in
/// a million and a half.
#[track_caller]
fn is_about(what: &str, counted: usize, of: usize, share: f64) {
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let [counted, of] = [counted as f64, of as f64];
    let deviation = (of * share * (1.0 - share)).sqrt();
    let difference = (counted - of * share).abs();
    assert!(
        difference <= 5.0 * deviation,
        "{what}: {counted} of {of}, and not some {}",
        of * share
    );
}

#[test]
fn a_link_takes_longer_on_the_run_and_is_as_before_when_cleared() {
    let turn = Turn::begin();
    let lab = up(&turn, "");
    assert!(over_link(&lab, 20).shortest() < AT_REST_MS);
    let told = impair(&lab, &["--delay", "20ms"]);
    assert_eq!(told["directions"][0]["delay_ms"], 20.0);
    assert_eq!(told["directions"][1]["from"], "b");
    let both = over_link(&lab, 20);
    assert!(
        (40.0..40.0 + AT_REST_MS).contains(&both.shortest()),
        "{both:#?}"
    );
    impair(&lab, &["--delay", "30ms", "--from", "a"]);
    let one_more = over_link(&lab, 20);
    assert!(
        (50.0..50.0 + AT_REST_MS).contains(&one_more.shortest()),
        "{one_more:#?}"
    );
    let status = lab.status();
    let links = status["links"].as_array().expect("links");
    let link = links
        .iter()
        .find(|link| link["name"] == "a-b")
        .expect("the link");
    assert_eq!(link["impaired"], true);
    assert_eq!(link["directions"][0]["delay_ms"], 30.0);
    assert_eq!(link["directions"][1]["delay_ms"], 20.0);
    assert_eq!(
        link["directions"][0]["packets"],
        link["directions"][1]["packets"]
    );
    // Without options it only prints the values.
    assert_eq!(impair(&lab, &[])["directions"][0]["delay_ms"], 30.0);
    impair(&lab, &["--clear"]);
    let cleared = over_link(&lab, 20);
    assert!(cleared.shortest() < AT_REST_MS, "{cleared:#?}");
    assert_eq!((cleared.sent, cleared.received), (20, 20));
    lab.down().exits(0);
    assert_eq!(traces(&lab), Vec::<String>::new());
}

#[test]
fn a_share_of_packets_is_lost_in_the_direction_that_is_meant() {
    let turn = Turn::begin();
    let lab = up(&turn, "");
    impair(&lab, &["--loss", "10%", "--from", "a"]);
    let Pings { sent, received, .. } = over_link(&lab, 1500);
    is_about("lost", sent - received, sent, 0.1);
    impair(&lab, &["--loss", "10%"]);
    let Pings { sent, received, .. } = over_link(&lab, 1500);
    is_about("lost both ways", sent - received, sent, 0.19);
    let dropped = |lab: &Lab| -> u64 {
        let status = lab.status();
        let links = status["links"].as_array().expect("links");
        let link = links
            .iter()
            .find(|link| link["name"] == "a-b")
            .expect("the link");
        let counts = (0..2).map(|way| link["directions"][way]["dropped"].as_u64());
        counts.map(|count| count.expect("a count")).sum()
    };
    assert!(dropped(&lab) > 0, "what is lost is counted");
    impair(&lab, &["--loss", "100%", "--from", "b"]);
    assert_eq!(over_link(&lab, 10).received, 0);
}

#[test]
fn a_share_of_packets_arrives_twice() {
    let turn = Turn::begin();
    let lab = up(&turn, "");
    impair(&lab, &["--duplicate", "5%", "--from", "b"]);
    let Pings {
        sent,
        received,
        duplicates,
        ..
    } = over_link(&lab, 1500);
    assert_eq!(received, sent);
    is_about("twice", duplicates, sent, 0.05);
}

#[test]
fn a_share_of_packets_overtakes_the_others() {
    let turn = Turn::begin();
    let lab = up(&turn, "");
    impair(&lab, &["--delay", "50ms", "--reorder", "5%", "--from", "b"]);
    let seen = over_link(&lab, 1500);
    assert_eq!(seen.received, seen.sent);
    let at_once = seen.times.iter().filter(|time| **time < 50.0).count();
    is_about("at once", at_once, seen.sent, 0.05);
    // Two pings are some milliseconds apart; overtaking needs a difference of fifty.
    assert!(
        seen.out_of_order() >= at_once / 2,
        "{}",
        seen.out_of_order()
    );
}

#[test]
fn the_time_of_a_packet_varies_as_much_as_it_should_and_nothing_is_lost() {
    let turn = Turn::begin();
    let lab = up(&turn, "");
    impair(&lab, &["--delay", "20ms", "--jitter", "5ms", "--from", "a"]);
    let seen = pings(&lab, "pc", SERVER, 1000, &["-i", "0.005"]);
    assert_eq!(seen.received, seen.sent);
    assert!(
        (15.0..16.0).contains(&seen.shortest()),
        "{}",
        seen.shortest()
    );
    // Delays between 15 and 25 ms are equally likely, so half of them are above the middle.
    let above = seen.times.iter().filter(|time| **time > 20.0 + 0.1).count();
    let percent = above * 100 / seen.sent;
    assert!(
        (40..60).contains(&percent),
        "{percent}% take longer than 20 ms"
    );
    let late = seen
        .times
        .iter()
        .filter(|time| **time > 25.0 + AT_REST_MS)
        .count();
    assert!(late <= seen.sent / 50, "{late} take longer than any may");
}

#[test]
fn without_being_asked_for_no_packet_overtakes_and_none_is_lost() {
    let turn = Turn::begin();
    let lab = up(&turn, "");
    impair(&lab, &["--delay", "10ms"]);
    let seen = over_link(&lab, 1500);
    assert_eq!((seen.received, seen.duplicates), (seen.sent, 0));
    assert_eq!(seen.out_of_order(), 0);
}

#[test]
fn what_finds_no_room_in_the_queue_is_lost() {
    let turn = Turn::begin();
    let lab = up(&turn, "");
    // A packet takes 115 ms, and all arrive within a fraction of a second: hardly more pass than fit into the queue.
    impair(&lab, &["--rate", "100kbit", "--queue", "10", "--from", "a"]);
    let options = ["-i", "0.002", "-s", "1400", "-W", "3"];
    let seen = pings(&lab, "pc", SERVER, 100, &options);
    assert!((10..=25).contains(&seen.received), "{seen:#?}");
}

#[test]
fn a_lab_file_says_it_likewise() {
    let turn = Turn::begin();
    let more = "\
impairments:
  - { link: a-b, from: a, delay: 15ms, loss: 20% }
  - { link: a-b, from: b, delay: 5ms }
";
    let lab = up(&turn, more);
    let seen = over_link(&lab, 1500);
    assert!(
        (20.0..20.0 + AT_REST_MS).contains(&seen.shortest()),
        "{}",
        seen.shortest()
    );
    is_about("lost", seen.sent - seen.received, seen.sent, 0.2);
    // Changes by commands are on top of the file, and `--clear` removes them.
    impair(&lab, &["--loss", "0%"]);
    let seen = over_link(&lab, 200);
    assert_eq!(seen.received, seen.sent);
    assert!(seen.shortest() >= 20.0);
    let cleared = impair(&lab, &["--clear"]);
    assert_eq!(cleared["directions"][0]["loss_percent"], 20.0);
}

#[test]
fn an_impaired_link_fails_and_is_healed_like_any_other() {
    let turn = Turn::begin();
    let lab = up(&turn, "");
    impair(&lab, &["--delay", "10ms"]);
    lab.run(&["fault", "a-b"]).exits(0);
    assert_eq!(over_link(&lab, 3).received, 0);
    lab.run(&["heal", "a-b"]).exits(0);
    let healed = over_link(&lab, 20);
    assert_eq!(healed.received, 20);
    assert!(healed.shortest() >= 20.0);
    lab.run(&["fault", "--blackhole", "a-b"]).exits(0);
    assert_eq!(over_link(&lab, 3).received, 0);
    lab.run(&["heal", "a-b"]).exits(0);
    assert_eq!(over_link(&lab, 20).received, 20);
}

#[test]
fn a_tunnel_takes_longer_across_the_internet() {
    let turn = Turn::begin();
    let lab = turn.lab_up("far", &[]);
    let branch = Ipv4Addr::new(10, 11, 30, 68);
    let told = lab
        .run(&[
            "impair",
            "hub-branch",
            "--delay",
            "30ms",
            "--from",
            "hub-vpngw",
            "--json",
        ])
        .exits(0)
        .json();
    assert_eq!(told["link"], "internet-hub-branch");
    assert_eq!(told["directions"][0]["from"], "hub-vpngw");
    let seen = pings(&lab, "hub-vm", branch, 10, &["-i", "0.01"]);
    assert_eq!(seen.received, 10);
    assert!(
        (30.5..30.5 + AT_REST_MS).contains(&seen.shortest()),
        "{}",
        seen.shortest()
    );
}

#[test]
fn what_no_link_can_do_is_refused_in_a_line() {
    let turn = Turn::begin();
    let lab = turn.lab_up("impossible", &[]);
    let refusal = |words: &[&str]| {
        let refused = lab.run(&[&["impair"], words].concat()).exits(2);
        assert_eq!(refused.said, "");
        let lines: Vec<&str> = refused.complained.lines().collect();
        lines[0].replace(&lab.name, "LAB")
    };
    let refusals = [
        refusal(&["er1-primry", "--loss", "1%"]),
        refusal(&["er1-primary", "--from", "hub-vm", "--loss", "1%"]),
        refusal(&["er1-primary", "--loss", "120%"]),
        refusal(&["er1-primary", "--loss", "1"]),
        refusal(&["er1-primary", "--delay", "5"]),
        refusal(&["er1-primary", "--delay", "2h"]),
        refusal(&["er1-primary", "--jitter", "5ms"]),
        refusal(&["loc1-vm", "--reorder", "5%"]),
        refusal(&["er1-primary", "--rate", "100mbps"]),
        refusal(&["er1-primary", "--rate", "2000gbit"]),
        refusal(&["er1-primary", "--queue", "0"]),
        refusal(&["er1-primary", "--clear", "--loss", "1%"]),
    ];
    insta::assert_snapshot!(refusals.join("\n"), @r"
    error: lab LAB has no link `er1-primry`; did you mean `er1-primary`?
    error: link er1-primary does not end at `hub-vm`: it connects er1-msee1 and loc1-ce1
    error: invalid value '120%' for '--loss <SHARE>': `120%` is more than all packets: write 0% to 100%
    error: invalid value '1' for '--loss <SHARE>': `1` is not a share of packets: write `1%` or `0.5%`
    error: invalid value '5' for '--delay <TIME>': `5` has no unit: write `5ms`, or us or s
    error: invalid value '2h' for '--delay <TIME>': `h` is not a unit of time: write us, ms or s
    error: jitter 5ms is more than the delay 450us that it varies: a packet cannot arrive before it is sent
    error: reorder needs a delay: a packet can overtake only delayed packets
    error: invalid value '100mbps' for '--rate <RATE>': `mbps` is not a unit of rates: write kbit, mbit or gbit
    error: invalid value '2000gbit' for '--rate <RATE>': `2000gbit` is out of range: a link carries 8kbit to 1000gbit
    error: invalid value '0' for '--queue <PACKETS>': 0 is not in 1..=4294967295
    error: the argument '--clear' cannot be used with '--loss <SHARE>'
    ");
    lab.run(&["status"]).exits(0);
}

/// The impairments that status lists as in force, by link and kind.
fn in_force(lab: &Lab) -> Vec<(Value, Value)> {
    let status = lab.status();
    let all = status["in_force"].as_array().expect("a list");
    let pair = |one: &Value| (one["link"].clone(), one["kind"].clone());
    all.iter().map(pair).collect()
}

/// A storyboard that fails the link and heals it.
const STORY: &str = "\
expect:
  - { from: pc, to: server, hops: [10.3.0.1, 10.5.0.1, 10.3.1.10] }
storyboards:
  outage:
    - { step: link-down, fault: a-b, expect: [{ from: pc, to: server, unreachable: timeout }] }
    - { step: link-back, heal: a-b, expect: steady }
";

#[test]
fn a_proof_says_what_is_in_force_and_leaves_it_and_healing_all_ends_it() {
    let turn = Turn::begin();
    let pair = up(&turn, STORY);
    impair(&pair, &["--delay", "20ms"]);
    let impaired = vec![("a-b".into(), "impaired".into())];
    assert_eq!(in_force(&pair), impaired);
    let text = pair.run(&["status"]).exits(0).said;
    let line =
        "  link a-b is impaired by `lab impair` (delay 20ms): `lab impair a-b --clear` ends that\n";
    assert!(text.contains(line), "{text}");
    let proof = pair.run(&["verify", "--json"]).exits(0).json();
    assert_eq!(proof["in_force"][0]["command"], "lab impair a-b --clear");
    let rows = pair.run(&["verify", "--steady", "-o", "tsv"]).exits(0).said;
    assert!(rows.starts_with("pc\tserver\tsteady"), "{rows}");
    // The storyboard heals what it failed, and nothing else.
    assert_eq!(in_force(&pair), impaired);
    let proof = pair.run(&["verify", "--steady", "--quiet"]).exits(0).said;
    let begin = format!("active failures and impairments that are not in the lab file:\n{line}");
    assert!(proof.starts_with(&begin), "{proof}");
    pair.run(&["fault", "a-b"]).exits(0);
    assert_eq!(in_force(&pair).len(), 2);
    let healed = pair.run(&["heal", "--all", "--json"]).exits(0).json();
    assert_eq!(healed["cleared"], serde_json::json!(["a-b"]));
    assert_eq!(in_force(&pair), []);
    assert!(over_link(&pair, 20).shortest() < AT_REST_MS);
    let healed = pair.run(&["heal", "--all"]).exits(0).said;
    assert_eq!(healed, "nothing has failed\n");
}

#[test]
fn an_interrupted_proof_leaves_impairments() {
    let turn = Turn::begin();
    let pair = up(
        &turn,
        &STORY.replace("step: link-down,", "step: link-down, wait: 60s,"),
    );
    impair(&pair, &["--loss", "10%"]);
    let mut proof = command(LAB, &["verify", "--lab", &pair.name, "--timeout", "5s"]);
    let proof = finish(&mut proof).exits(3);
    assert!(proof.complained.contains("is healed"), "{proof:#?}");
    assert_eq!(in_force(&pair), [("a-b".into(), "impaired".into())]);
}
