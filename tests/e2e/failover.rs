//! A lab's routes follow its links, whoever takes them down, and other traffic loses no packet.

use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::change::EDITS;
use crate::expectations::{Expectation, Hop};
use crate::lab::{Lab, Turn};
use crate::paths::documented_failover;
use crate::program::{self, wait_until};
use crate::traceroute::{differences, ping};
use crate::train::Train;

/// Routes of hub-spoke without failures.
const ALL_ROUTES: u64 = 137;

/// A LAN with two routers, which also have a link between them.
const TWO_ROUTERS: &str = "\
sites:
  site:
    routers:
      a: { address: 10.3.0.1/24 }
      b: { address: 10.3.0.2/24 }
    hosts:
      pc: { address: 10.3.0.10/24, gateway: 10.3.0.1 }
    links: [{ a: a, b: b, addresses: [10.5.0.0/31, 10.5.0.1/31] }]
";

#[test]
fn a_link_taken_down_moves_its_paths_to_the_vpn_and_healed_brings_them_back() {
    let turn = Turn::begin();
    let lab = turn.lab_up("fault", &[]);
    agrees(&lab);
    let fault = lab.run(&["fault", "er1-primary", "--json"]).exits(0).json();
    assert_eq!(fault["links"], serde_json::json!(["er1-primary"]));
    assert_eq!([&fault["routes"], &fault["nodes"]], [13, 9]);
    assert_eq!(fault["later_ms"], Value::Null);
    takes_the_vpn(&lab);
    let status = lab.run(&["status", "--json"]).exits(1).json();
    assert_eq!(status["state"], "up");
    assert_eq!(
        status["problems"],
        serde_json::json!(["link er1-primary was taken down by `lab fault`"])
    );
    assert_eq!(agrees(&lab), ALL_ROUTES - 8);
    lab.run(&["heal", "er1-primary"]).exits(0);
    assert_eq!(agrees(&lab), ALL_ROUTES);
    lab.run(&["status"]).exits(0);
    lab.verify().proves_all();
}

#[test]
fn an_interface_that_is_shut_by_hand_is_followed_likewise() {
    let turn = Turn::begin();
    let lab = turn.lab_up("by-hand", &[]);
    let set = |state: &str| {
        let words = ["ip", "link", "set", "er1-msee1", state];
        lab.inside("loc1-ce1", &words).exits(0);
    };
    set("down");
    wait_until("the routes are without it", || {
        checked(&lab) == (ALL_ROUTES - 8, 0)
    });
    takes_the_vpn(&lab);
    let far = || lab.ip("er1-msee1", &["link", "show", "loc1-ce1"]).said;
    wait_until("the far end has no carrier", || {
        far().contains("NO-CARRIER")
    });
    let problems = lab.status()["problems"].clone();
    assert_eq!(
        problems,
        serde_json::json!(["link er1-primary was taken down"])
    );
    set("up");
    wait_until("the routes are back", || checked(&lab) == (ALL_ROUTES, 0));
    lab.verify().proves_all();
    set("down");
    lab.run(&["heal", "--all"]).exits(0);
    assert_eq!(agrees(&lab), ALL_ROUTES);
    // Down and up before the supervisor reacts: the kernel still removes routes and neighbours.
    let flap = "ip link set er1-msee1 down; ip link set er1-msee1 up";
    lab.inside("loc1-ce1", &["sh", "-c", flap]).exits(0);
    wait_until("the routes are back again", || {
        checked(&lab) == (ALL_ROUTES, 0)
    });
    lab.verify().proves_all();
}

#[test]
fn a_node_fails_with_all_its_links() {
    let turn = Turn::begin();
    let lab = turn.lab_up("node", &[]);
    for node in [
        "er1-msee1",
        "loc1-ce1",
        "hub-vpngw",
        "hub-vm",
        "azure",
        "internet",
    ] {
        lab.run(&["fault", node]).exits(0);
        agrees(&lab);
        lab.run(&["heal", node]).exits(0);
        assert_eq!(agrees(&lab), ALL_ROUTES, "after {node}");
    }
    lab.run(&["fault", "er1-msee1"]).exits(0);
    takes_the_vpn(&lab);
    lab.run(&["fault", "er2-primary", "hub-branch"]).exits(0);
    lab.run(&["heal", "--all"]).exits(0);
    lab.verify().proves_all();
}

#[test]
fn a_blackhole_is_noticed_when_nothing_was_heard_for_its_time() {
    let turn = Turn::begin();
    let lab = turn.lab_up("blackhole", &[]);
    let pings = |count: &str| {
        ping(
            &lab,
            "hub-vm",
            [10, 2, 30, 10].into(),
            &["-c", count, "-i", "0.01", "-W", "0.2", "-q"],
        )
    };
    let fault = lab
        .run(&["fault", "er1-primary", "--blackhole", "--json"])
        .exits(0)
        .json();
    let later = fault["later_ms"].as_f64().expect("a time that is to come");
    assert!((500.0..=900.0).contains(&later), "{later} ms");
    assert_eq!(fault["routes"], 0);
    let lost = pings("20").exits(1);
    assert!(lost.said.contains(" 0 received"), "{lost:?}");
    let is_over = || {
        let status = lab.status();
        status["links"].as_array().is_some_and(|links| {
            let is_silent = |link: &&Value| link["fault"] == "blackhole" && link["state"] == "up";
            links.iter().filter(is_silent).count() == 1
        }) && pings("1").code == Some(0)
    };
    wait_until("the VPN has taken over", is_over);
    takes_the_vpn(&lab);
    agrees(&lab);
    lab.run(&["heal", "er1-primary"]).exits(0);
    assert_eq!(agrees(&lab), ALL_ROUTES);
    lab.verify().proves_all();
}

/// The kernel drops packets in another way than a wire of the supervisor.
#[test]
fn any_link_can_be_a_blackhole() {
    let turn = Turn::begin();
    let lab = turn.lab_up("silent", &[]);
    let reaches = |from: &str, to: [u8; 4]| {
        let options = ["-c", "3", "-i", "0.01", "-W", "0.3", "-q"];
        ping(&lab, from, to.into(), &options)
            .said
            .contains(" 0% packet loss")
    };
    let (spoke, branch) = ([10, 11, 30, 4], [10, 11, 30, 68]);
    assert!(reaches("hub-vm", spoke) && reaches("hub-vm", branch));
    lab.run(&["fault", "--blackhole", "hub-spoke", "hub-branch"])
        .exits(0);
    assert!(!reaches("hub-vm", spoke) && !reaches("hub-vm", branch));
    agrees(&lab);
    lab.run(&["heal", "hub-spoke", "hub-branch"]).exits(0);
    assert!(reaches("hub-vm", spoke) && reaches("hub-vm", branch));
    let rules = lab.inside("azure", &["nft", "list", "ruleset"]).exits(0);
    assert_eq!(rules.said, "");
}

#[test]
fn a_timed_path_that_is_down_loses_packets_and_takes_no_other_way() {
    let turn = Turn::begin();
    let lab = turn.lab_up("timed", &[]);
    let fault = lab
        .run(&["fault", "internet-hub-branch", "--json"])
        .exits(0)
        .json();
    let later = fault["later_ms"].as_f64().expect("a time that is to come");
    assert!((170_000.0..=180_000.0).contains(&later), "{later} ms");
    let lost = ping(
        &lab,
        "hub-vm",
        [10, 11, 30, 68].into(),
        &["-c", "3", "-i", "0.05", "-W", "0.3"],
    );
    assert!(lost.said.contains(" 0 received"), "{lost:?}");
    agrees(&lab);
    lab.run(&["heal", "internet-hub-branch"]).exits(0);
    lab.verify().proves_all();
}

#[test]
#[expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "the figures are wanted where the test runs, and time must pass"
)]
fn flows_that_do_not_cross_the_fault_lose_nothing() {
    let turn = Turn::begin();
    let lab = turn.lab_up("steady", &[]);
    let steady = [
        ("hub-vm", "10.11.30.4"),
        ("hub-vm", "10.11.30.68"),
        ("branch-vm", "10.2.30.10"),
        ("loc2-vm", "10.10.30.4"),
        ("remote-vm", "10.11.30.4"),
    ]
    .map(|(from, to)| Train::start(&lab, from, to));
    let across = [("hub-vm", "10.2.30.10"), ("loc1-vm", "10.10.30.4")]
        .map(|(from, to)| Train::start(&lab, from, to));
    let pause = || thread::sleep(Duration::from_millis(500));
    pause();
    let fault = lab.run(&["fault", "er1-primary", "--json"]).exits(0).json();
    pause();
    let heal = lab.run(&["heal", "er1-primary", "--json"]).exits(0).json();
    pause();
    for train in across {
        let answered = train.end();
        println!(
            "{}: {} lost, the longest outage {} ms",
            answered.words(),
            answered.lost(),
            answered.outage_ms(),
        );
        assert!(answered.outage_ms() <= 300, "{answered:?}");
    }
    println!(
        "routes installed after {} ms, back after {} ms",
        fault["elapsed_ms"], heal["elapsed_ms"]
    );
    for train in steady {
        // Some 150 pings are sent, half as many on a very busy machine.
        train.end().lost_none(30);
    }
}

#[test]
fn a_route_put_there_or_taken_away_by_hand_is_found() {
    let turn = Turn::begin();
    let lab = turn.lab_up("alien", &[]);
    lab.ip(
        "hub-vm",
        &[
            "route",
            "add",
            "10.99.0.0/16",
            "via",
            "10.10.30.1",
            "dev",
            "eth0",
            "onlink",
        ],
    );
    lab.ip("spoke-vm", &["route", "del", "10.10.30.0/24"]);
    let found = lab.run(&["status", "--check"]).exits(1).said;
    let lines: Vec<&str> = found
        .lines()
        .filter(|line| line.starts_with("difference: "))
        .collect();
    assert_eq!(
        lines,
        [
            "difference: hub-vm has an unexpected route: 10.99.0.0/16 via 10.10.30.1 dev eth0 onlink proto boot",
            "difference: spoke-vm lacks the route 10.10.30.0/24 dev eth0 src 10.11.30.4 proto static",
        ]
    );
    // A failure elsewhere does not touch a user's changes.
    lab.run(&["fault", "er2-primary"]).exits(0);
    let words = ["route", "show", "10.99.0.0/16"];
    assert_ne!(lab.ip("hub-vm", &words).said, "");
}

#[test]
fn up_leaves_a_fault_alone_and_down_leaves_nothing_of_it() {
    let turn = Turn::begin();
    let lab = turn.lab_up("faulty", &[]);
    lab.run(&["fault", "er1-primary"]).exits(0);
    lab.run(&["fault", "hub-vm", "--blackhole"]).exits(0);
    let supervisor = lab.supervisor();
    let up = program::lab(&["up", &lab.file]).exits(0);
    assert!(up.said.contains("is up already"), "{up:?}");
    assert_eq!(lab.supervisor(), supervisor);
    assert_eq!(lab.status()["problems"].as_array().map(Vec::len), Some(2));
    lab.down().exits(0);
    program::lab(&["up", &lab.file]).exits(0);
    assert_eq!(lab.status()["problems"], serde_json::json!([]));
    assert_eq!(agrees(&lab), ALL_ROUTES);
    lab.verify().proves_all();
}

#[test]
fn a_name_that_is_none_and_a_link_that_was_never_up_are_refused() {
    let turn = Turn::begin();
    let lab = turn.lab_up("refused", &[]);
    let wrong = lab.run(&["fault", "er1-primry"]).exits(2);
    assert!(
        wrong.complained.contains("did you mean `er1-primary`?"),
        "{wrong:?}"
    );
    let disabled = lab.run(&["fault", "er1-secondary"]).exits(2);
    assert!(
        disabled.complained.contains("is not enabled"),
        "{disabled:?}"
    );
    assert!(
        lab.run(&["heal", "--all"])
            .exits(0)
            .said
            .contains("nothing has failed")
    );
}

/// The kernel removes a connected prefix when its own interface goes down, but not when only the far end does; it
/// restores the prefix behind the route that replaced it.
#[test]
fn a_prefix_gives_way_to_another_router_and_comes_back() {
    let turn = Turn::begin();
    let name = format!("two-{}", std::process::id());
    let file = turn.file("two.yaml", &format!("name: {name}\n{TWO_ROUTERS}"));
    let lab = Lab { name, file };
    program::lab(&["up", &lab.file]).exits(0);
    let at_rest = agrees(&lab);
    let links = lab.status()["links"].clone();
    let links = links.as_array().expect("a list of links");
    let lan = links
        .iter()
        .find(|link| link["name"] == "b-lan")
        .expect("the second router's link");
    let port = lan["ends"][1]
        .as_str()
        .and_then(|end| end.strip_prefix("a:"))
        .expect("a port of the first router's");
    let shown = || {
        lab.ip("b", &["route", "show", "10.3.0.0/24"])
            .said
            .trim()
            .to_owned()
    };
    let own = shown();
    assert!(
        own.starts_with("10.3.0.0/24 dev lan0 proto kernel scope link src 10.3.0.2"),
        "{own}"
    );
    for (node, interface) in [("b", "lan0"), ("a", port)] {
        lab.ip(node, &["link", "set", interface, "down"]);
        wait_until("the other way is taken", || {
            shown() == "10.3.0.0/24 via 10.5.0.0 dev a proto ospf"
        });
        agrees(&lab);
        lab.ip(node, &["link", "set", interface, "up"]);
        wait_until("the interface is used again", || shown() == own);
        wait_until("all is as at rest", || checked(&lab) == (at_rest, 0));
    }
    lab.run(&["fault", "b-lan"]).exits(0);
    assert_eq!(shown(), "10.3.0.0/24 via 10.5.0.0 dev a proto ospf");
    lab.run(&["heal", "b-lan"]).exits(0);
    assert_eq!(shown(), own);
    assert_eq!(agrees(&lab), at_rest);
}

/// Both directions of the documented failover. The way back crosses the customer edge's tunnel address, which the hub
/// has a route to, and the LAN router's link, which it does not.
#[track_caller]
fn takes_the_vpn(lab: &Lab) {
    let found = differences(lab, &documented_failover());
    assert!(found.is_empty(), "{}", found.join("\n"));
    let hop = |answerers: &[[u8; 4]], milliseconds| Hop {
        answerers: answerers.iter().map(|address| (*address).into()).collect(),
        milliseconds,
    };
    let back = Expectation {
        from: "hub-vm".to_owned(),
        to: "loc1-vm".to_owned(),
        address: [10, 2, 30, 10].into(),
        path: Some(vec![
            hop(&[[10, 10, 30, 142]], Some(0.0)),
            hop(&[[10, 2, 30, 125]], Some(1.0)),
            hop(&[], None),
            hop(&[[10, 2, 30, 10]], Some(1.0)),
        ]),
    };
    let found = differences(lab, &back);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The live tables match the expected ones; returns the number of routes.
#[track_caller]
fn agrees(lab: &Lab) -> u64 {
    let json = lab.run(&["status", "--check", "--json"]).exits(0).json();
    assert_eq!(json["check"]["differences"], serde_json::json!([]));
    json["check"]["routes"].as_u64().expect("a count")
}

/// How many routes are correct, and how many differ.
fn checked(lab: &Lab) -> (u64, usize) {
    let json = lab.run(&["status", "--check", "--json"]).json();
    let differences = json["check"]["differences"].as_array().map_or(0, Vec::len);
    (
        json["check"]["routes"].as_u64().unwrap_or_default(),
        differences,
    )
}

#[test]
fn a_session_that_is_shut_takes_its_routes_along_and_its_link_still_carries_packets() {
    let turn = Turn::begin();
    let lab = turn.lab_up("session", &[]);
    let session = "session:er1-msee1/loc1-ce1";
    let shut = lab.run(&["fault", "session:er1-msee1/loc1-ce1", "--json"]);
    let shut = shut.exits(0).json();
    assert_eq!(shut["sessions"], serde_json::json!([session]));
    assert_eq!(shut["links"], serde_json::json!([]));
    agrees(&lab);
    takes_the_vpn(&lab);
    // The other end of the primary link, whose BGP session it was.
    lab.inside("loc1-ce1", &["ping", "-c", "1", "-W", "1", "192.168.30.18"])
        .exits(0);
    let status = lab.run(&["status", "--json"]).exits(1).json();
    assert_eq!(
        status["problems"],
        serde_json::json!([format!("{session} was shut by `lab fault`")])
    );
    assert_eq!(status["in_force"][0]["kind"], "shut");
    let file = turn.other_file(&lab, "edited", EDITS);
    program::lab(&["up", &file]).exits(0);
    agrees(&lab);
    assert_eq!(
        lab.status()["problems"],
        status["problems"],
        "it outlasts a change"
    );
    program::lab(&["up", &lab.file]).exits(0);
    let why = lab.run(&["why", "loc1-vm", "hub-vm"]).exits(0).said;
    assert!(why.contains("vpn"), "{why}");
    let refused = lab.run(&["fault", "--blackhole", session]).exits(2);
    assert!(refused.complained.contains("only links can be blackholed"));
    let refused = lab.run(&["fault", "session:er1-msee1/loc1-ce9"]).exits(2);
    assert!(refused.complained.contains("did you mean"), "{refused:#?}");
    lab.run(&["heal", "session:loc1-ce1/er1-msee1"]).exits(0);
    assert_eq!(agrees(&lab), ALL_ROUTES);
    lab.run(&["fault", "session:er1"]).exits(0);
    lab.run(&["heal", "--all"]).exits(0);
    assert_eq!(agrees(&lab), ALL_ROUTES);
    lab.verify().proves_all();
}
