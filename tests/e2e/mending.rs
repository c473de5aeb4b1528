//! A running lab matches its file: after an edit, and after changes of its kernel tables by others.

use crate::change::{is_equal, state};
use crate::lab::{Lab, Turn};
use crate::program;

/// Removes the expectations, which name links that the edits remove.
fn without_expectations(text: &str) -> String {
    let end = text.find("\nexpect:").expect("expectations");
    text[..end].to_owned() + "\n"
}

/// A lab without expectations, and the text of its file.
fn plain(turn: &Turn, label: &str) -> (Lab, String) {
    let mut lab = turn.lab(label, &[]);
    let text = std::fs::read_to_string(&lab.file).expect("the lab file");
    let text = without_expectations(&text);
    lab.file = turn.file(&format!("{label}-plain.yaml"), &text);
    program::lab(&["up", &lab.file]).exits(0);
    (lab, text)
}

/// Applies a file to the running lab, and compares the lab with a fresh build of the file.
#[track_caller]
fn leads_to_a_fresh_build(turn: &Turn, lab: &Lab, text: &str) {
    let supervisor = lab.supervisor();
    let file = turn.file("edited.yaml", text);
    program::lab(&["up", &file]).exits(0);
    assert_eq!(lab.supervisor(), supervisor, "the same supervisor stays");
    lab.run(&["status", "--check"]).exits(0);
    let edited = state(lab);
    lab.down().exits(0);
    program::lab(&["up", &file]).exits(0);
    is_equal(&edited, &state(lab));
}

/// The kernel drops a whole multipath route when one of its interfaces is deleted.
#[test]
fn a_link_that_goes_leaves_the_other_next_hops_of_its_routes() {
    let turn = Turn::begin();
    let (lab, text) = plain(&turn, "multipath");
    let link =
        "      - { a: loc2-ce2, b: loc2-lan, addresses: [192.168.31.4/31, 192.168.31.5/31] }\n";
    assert!(text.contains(link));
    let before = lab.ip("loc2-lan", &["route", "show", "default"]).said;
    assert_eq!(before.matches("nexthop").count(), 2, "{before}");
    leads_to_a_fresh_build(&turn, &lab, &text.replace(link, ""));
    let after = lab.ip("loc2-lan", &["route", "show", "default"]).said;
    assert!(after.contains("default via 192.168.31.0"), "{after}");
}

/// A removed neighbor does not mean that the interface's routes were removed.
#[test]
fn a_machine_and_a_flag_that_go_together_leave_no_route_behind() {
    let turn = Turn::begin();
    let (lab, text) = plain(&turn, "stale");
    let first = "      spoke-vm: {";
    let more = "      spoke-vm2: { subnet: default, privateIPAddress: 10.11.30.5 }\n";
    let grown = turn.file(
        "grown.yaml",
        &text.replace(first, &format!("{more}{first}")),
    );
    program::lab(&["up", &grown]).exits(0);
    let routes = lab.ip("spoke-vm", &["route"]).said;
    assert!(routes.contains("10.2.30.0/25"), "{routes}");
    let shrunk = text.replace(", useRemoteGateways: true", "");
    assert_ne!(shrunk, text);
    leads_to_a_fresh_build(&turn, &lab, &shrunk);
    let routes = lab.ip("spoke-vm", &["route"]).said;
    assert!(!routes.contains("10.2.30.0/25"), "{routes}");
}

/// The kernel keeps an entry for a neighbor that did not answer.
#[test]
fn a_machine_comes_where_somebody_has_looked_for_it_before() {
    let turn = Turn::begin();
    let (lab, text) = plain(&turn, "sought");
    lab.inside("hub-vm", &["ping", "-c1", "-W1", "10.10.30.7"])
        .exits(1);
    let first = "      hub-vm: {";
    let more = "      hub-vm2: { subnet: default, privateIPAddress: 10.10.30.7 }\n";
    leads_to_a_fresh_build(&turn, &lab, &text.replace(first, &format!("{more}{first}")));
    lab.inside("hub-vm", &["ping", "-c1", "-W1", "10.10.30.7"])
        .exits(0);
}

/// Damages a machine's tables in every way that is compared.
fn damage(lab: &Lab) {
    let words: [&[&str]; 7] = [
        &["route", "del", "default"],
        &["route", "add", "99.0.0.0/8", "dev", "eth0"],
        &[
            "route",
            "add",
            "default",
            "via",
            "10.10.30.1",
            "dev",
            "eth0",
            "onlink",
            "metric",
            "7",
        ],
        &["neigh", "del", "10.10.30.1", "dev", "eth0"],
        &["addr", "add", "10.10.30.77/25", "dev", "eth0"],
        &[
            "neigh",
            "add",
            "10.10.30.9",
            "lladdr",
            "02:00:00:00:00:01",
            "dev",
            "eth0",
            "nud",
            "permanent",
        ],
        &[
            "rule",
            "add",
            "iif",
            "lo",
            "to",
            "192.0.2.1",
            "lookup",
            "77",
        ],
    ];
    for words in words {
        lab.ip("hub-vm", words);
    }
}

#[test]
fn tables_that_were_changed_by_hand_are_found_and_mended() {
    let turn = Turn::begin();
    let lab = turn.lab_up("damaged", &[]);
    let whole = state(&lab);
    damage(&lab);
    let differing = lab.run(&["status", "--check"]).exits(1).said;
    insta::assert_snapshot!(differing_lines(&differing), @"
        difference: hub-vm has an unexpected route: default via 10.10.30.1 dev eth0 onlink proto boot metric 7
        difference: hub-vm has an unexpected route: 99.0.0.0/8 dev eth0 proto boot
        difference: hub-vm lacks the route default via 10.10.30.1 dev eth0 onlink src 10.10.30.4 proto static
        difference: hub-vm lacks `neighbour add 10.10.30.1 lladdr 12:34:56:78:9a:bc dev eth0@hub-vm nud permanent`
        difference: hub-vm has an unexpected entry: address add 10.10.30.77/25 dev eth0@hub-vm
        difference: hub-vm has an unexpected entry: neighbour add 10.10.30.9 lladdr 02:00:00:00:00:01 dev eth0@hub-vm nud permanent
        difference: hub-vm has an unexpected entry: rule add iif lo@hub-vm to 192.0.2.1 lookup 77
        136 routes in 22 namespaces compared with the expected ones, 7 differences
        ");
    let said = lab.run(&["heal", "--all"]).exits(0).said;
    assert!(
        said.starts_with("7 differences from the lab file repaired"),
        "{said}"
    );
    is_equal(&state(&lab), &whole);
    damage(&lab);
    let said = program::lab(&["up", &lab.file]).exits(0).said;
    assert!(
        said.contains("is repaired: 7 differences from its file"),
        "{said}"
    );
    is_equal(&state(&lab), &whole);
    lab.run(&["status", "--check"]).exits(0);
    let said = lab.run(&["heal", "--all"]).exits(0).said;
    assert_eq!(said, "nothing has failed\n");
    let said = program::lab(&["up", &lab.file]).exits(0).said;
    assert_eq!(said, format!("lab {} is up already\n", lab.name));
}

fn differing_lines(said: &str) -> String {
    let lines = said.lines().filter(|line| line.contains("differ"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn an_interface_that_the_file_disables_is_taken_down_again() {
    let turn = Turn::begin();
    let lab = turn.lab_up("raised", &[]);
    for command in ["heal", "up"] {
        lab.ip("loc1-ce2", &["link", "set", "er1-msee2", "up"]);
        let said = lab.run(&["status", "--check"]).exits(1).said;
        assert!(
            said.contains("interface er1-msee2 is up, and the lab file disables it"),
            "{said}"
        );
        match command {
            "heal" => lab.run(&["heal", "--all"]).exits(0),
            _ => program::lab(&["up", &lab.file]).exits(0),
        };
        lab.run(&["status", "--check"]).exits(0);
        let link = lab.ip("loc1-ce2", &["link", "show", "er1-msee2"]).said;
        assert!(!link.contains(",UP"), "{link}");
    }
}

/// A link that an edit recreates keeps the changes that commands made, and a tunnel without a path is not waited for.
#[test]
fn what_commands_did_to_a_link_outlasts_that_it_is_made_anew() {
    let turn = Turn::begin();
    let (lab, text) = plain(&turn, "overlaid");
    let supervisor = lab.supervisor();
    lab.run(&["fault", "er1-primary", "internet-loc1-ce1"])
        .exits(0);
    lab.run(&["impair", "er2-primary", "--delay", "5ms"])
        .exits(0);
    let edited = text
        .replace("192.168.30.16/30", "192.168.30.24/30")
        .replace("192.168.31.16/30", "192.168.31.24/30")
        .replace("66.198.12.106", "66.198.12.107");
    let file = turn.file("renumbered.yaml", &edited);
    program::lab(&["up", &file]).exits(0);
    assert_eq!(lab.supervisor(), supervisor, "the lab is not built anew");
    let problems = lab.run(&["status"]).exits(1).said;
    assert!(
        problems.contains("link er1-primary was taken down by `lab fault`"),
        "{problems}"
    );
    assert!(problems.contains("delay 5ms"), "{problems}");
    lab.run(&["status", "--check"]).exits(0);
}

/// The kernel reports one link after the other.
#[test]
fn every_link_of_a_node_that_is_taken_down_is_said_to_be_down_by_command() {
    let turn = Turn::begin();
    let lab = turn.lab_up("commanded", &[]);
    lab.run(&["fault", "loc1-lan"]).exits(0);
    let said = lab.run(&["status"]).exits(1).said;
    let problems: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("problem"))
        .collect();
    assert_eq!(problems.len(), 3, "{problems:#?}");
    for problem in problems {
        assert!(
            problem.contains("was taken down by `lab fault`"),
            "{problem}"
        );
    }
}

/// An empty lab has no interface with a highest index.
#[test]
fn a_lab_without_nodes_becomes_one_with_all() {
    let turn = Turn::begin();
    let (lab, text) = plain(&turn, "emptied");
    let empty = turn.file("empty.yaml", &format!("name: {}\n", lab.name));
    program::lab(&["up", &empty, "--replace"]).exits(0);
    leads_to_a_fresh_build(&turn, &lab, &text);
}
