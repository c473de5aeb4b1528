//! `lab up` with an edited file changes a running lab, and leaves everything else unchanged.

use std::collections::BTreeMap;
use std::{fs, thread};

use crate::lab::{Edits, Lab, Turn};
use crate::program::{self, run};
use crate::removal::traces;

/// One more machine before the others, one tunnel less, another path of a tunnel that stays, a link with a longer
/// delay, a router with another address, and a slower circuit.
pub(crate) const EDITS: Edits<'_> = &[
    (
        "      hub-vm: {",
        "      hub-vm2: { subnet: default, privateIPAddress: 10.10.30.5 }\n      hub-vm: {",
    ),
    (
        "  hub-branch:\n    connectionType: Vnet2Vnet\n    gateways: [hub-vpngw, branch-vpngw]\n    rtt: 1ms\n",
        "",
    ),
    ("innerTtl: 64", "innerTtl: 63"),
    ("    rtt: 66.2ms", "    rtt: 30ms"),
    (
        "192.168.30.0/31, 192.168.30.1/31",
        "192.168.30.8/31, 192.168.30.9/31",
    ),
    ("rtt: 0.6ms", "rtt: 0.6ms\n    # the same"),
];

#[test]
fn an_edited_file_makes_of_a_lab_what_it_would_have_built() {
    let turn = Turn::begin();
    let lab = turn.lab("edited", &[]);
    let other = turn.other_file(&lab, "other", EDITS);
    let files = [lab.file.as_str(), other.as_str()];
    let built = files.map(|file| {
        program::lab(&["up", file]).exits(0);
        let state = state(&lab);
        lab.down().exits(0);
        state
    });
    program::lab(&["up", files[0]]).exits(0);
    let supervisor = lab.supervisor();
    let told = program::lab(&["up", files[1]]).exits(0);
    insta::assert_snapshot!(
        told.said.split(" in ").next().unwrap().replace(&lab.name, "LAB"),
        @"lab LAB is changed: 1 node added, 1 link added, 2 links removed, 4 links with other impairments, 31 routes changed"
    );
    is_equal(&state(&lab), &built[1]);
    lab.run(&["status", "--check"]).exits(0);
    program::lab(&["up", files[0]]).exits(0);
    is_equal(&state(&lab), &built[0]);
    lab.run(&["status", "--check"]).exits(0);
    assert_eq!(lab.supervisor(), supervisor, "the same supervisor stays");
    lab.verify().proves_all();
    let again = program::lab(&["up", files[0]]).exits(0);
    assert_eq!(again.said, format!("lab {} is up already\n", lab.name));
    lab.down().exits(0);
    assert_eq!(traces(&lab), Vec::<String>::new());
}

#[test]
fn what_an_edit_does_not_touch_loses_no_packet() {
    let turn = Turn::begin();
    let lab = turn.lab_up("untouched", &[]);
    let other = turn.other_file(&lab, "other", EDITS);
    let train = ["ping", "-n", "-q", "-i", "0.01", "-c", "600", "10.1.31.10"];
    let said = thread::scope(|scope| {
        let pings = scope.spawn(|| lab.inside("hub-vm", &train).said);
        for file in [&other, &lab.file, &other, &lab.file] {
            program::lab(&["up", file]).exits(0);
        }
        assert!(!pings.is_finished(), "the pings ended before the changes");
        pings.join().unwrap()
    });
    assert!(said.contains("600 received, 0% packet loss"), "{said}");
}

#[test]
fn a_file_that_is_wrong_changes_nothing() {
    let turn = Turn::begin();
    let lab = turn.lab_up("spared", &[]);
    let wrong = turn.other_file(&lab, "wrong", &[("innerTtl: 64", "innerTtl: 640")]);
    let refused = program::lab(&["up", &wrong]).exits(2);
    assert!(refused.complained.contains("innerTtl: 640"), "{refused:#?}");
    lab.verify().proves_all();
}

#[test]
fn an_edit_of_what_only_failures_show_is_applied() {
    let turn = Turn::begin();
    let lab = turn.lab_up("timers", &[]);
    let slow = ["fault", "er1-hub-primary-in", "--blackhole", "--json"];
    let later = |lab: &Lab| lab.run(&slow).exits(0).json()["later_ms"].clone();
    assert!(later(&lab).is_number(), "an hold timer runs");
    lab.run(&["heal", "--all"]).exits(0);
    let edits = [("\nsites:\n", "\nconvergence: immediate\nsites:\n")];
    let fast = turn.other_file(&lab, "fast", &edits);
    let said = program::lab(&["up", &fast]).exits(0).said;
    assert!(
        said.contains("is changed: no node, link or route of the kernel in "),
        "{said}"
    );
    assert!(later(&lab).is_null(), "every failure is detected at once");
    program::lab(&["up", &fast]).exits(0);
}

#[test]
fn to_verify_another_file_changes_nothing() {
    let turn = Turn::begin();
    let lab = turn.lab_up("same", &[]);
    let other = turn.other_file(&lab, "other", EDITS);
    let refused = program::lab(&["verify", &other, "--steady"]).exits(2);
    assert!(
        refused.complained.contains("is up from another file"),
        "{refused:#?}"
    );
    lab.verify().proves_all();
}

#[test]
fn a_change_that_is_refused_half_way_is_taken_back() {
    let turn = Turn::begin();
    let lab = turn.lab_up("halfway", &[]);
    let supervisor = lab.supervisor();
    let other = turn.other_file(&lab, "other", EDITS);
    let azure = lab.namespace("azure");
    let link = ["-n", &azure, "link", "add", "hub-vm2", "type", "veth"];
    lab.run(&["fault", "er1-primary"]).exits(0);
    lab.run(&["impair", "er2-primary", "--delay", "5ms"])
        .exits(0);
    run("ip", &[&link[..], &["peer", "name", "taken"]].concat()).exits(0);
    let refused = program::lab(&["up", &other]).exits(3);
    let taken_back = format!(
        "error: the change is undone, and lab {} is rebuilt as it was\n  \
         because: the kernel refuses `link add",
        lab.name
    );
    assert!(refused.complained.starts_with(&taken_back), "{refused:#?}");
    assert!(refused.complained.contains("File exists"), "{refused:#?}");
    is_as_it_was(&lab, supervisor);
    let status = lab.run(&["status"]).said;
    assert!(
        status.contains("delay 5.3ms") || status.contains("delay 5ms"),
        "{status}"
    );
    lab.run(&["impair", "er2-primary", "--clear"]).exits(0);
    lab.run(&["heal", "--all"]).exits(0);
    lab.verify().proves_all();
    program::lab(&["up", &other]).exits(0);
    lab.run(&["status", "--check"]).exits(0);
}

/// Namespaces and files are created before the running lab is changed.
#[test]
fn a_change_that_cannot_be_prepared_changes_nothing() {
    let turn = Turn::begin();
    let lab = turn.lab_up("unprepared", &[]);
    let supervisor = lab.supervisor();
    let other = turn.other_file(&lab, "other", EDITS);
    lab.run(&["fault", "er1-primary"]).exits(0);
    let taken = lab.namespace("hub-vm2");
    run("ip", &["netns", "add", &taken]).exits(0);
    let mut program = lab
        .command_inside("hub-vm", &["sleep", "600"])
        .spawn()
        .expect("sleep");
    let refused = program::lab(&["up", &other]).exits(3);
    assert!(
        refused
            .complained
            .starts_with(&format!("error: namespace {taken}: cannot make it\n")),
        "{refused:#?}"
    );
    assert!(refused.complained.contains("File exists"), "{refused:#?}");
    is_as_it_was(&lab, supervisor);
    assert_eq!(
        program.try_wait().expect("a child"),
        None,
        "the program goes on"
    );
    program.kill().expect("a child");
    program.wait().expect("a child");
    run("ip", &["netns", "delete", &taken]).exits(0);
    program::lab(&["up", &other]).exits(0);
}

/// The lab matches its file, except for an active fault, and has the same supervisor.
#[track_caller]
fn is_as_it_was(lab: &Lab, supervisor: u32) {
    let same = program::lab(&["up", &lab.file]).exits(0).said;
    assert_eq!(same, format!("lab {} is up already\n", lab.name));
    assert_eq!(lab.supervisor(), supervisor);
    let problems = lab.run(&["status"]).exits(1).said;
    assert!(
        problems.contains("link er1-primary was taken down by `lab fault`"),
        "{problems}"
    );
    lab.run(&["status", "--check"]).exits(0);
}

#[test]
fn a_failure_outlasts_a_change() {
    let turn = Turn::begin();
    let lab = turn.lab_up("broken", &[]);
    lab.run(&["fault", "er1-primary"]).exits(0);
    let other = turn.other_file(&lab, "other", EDITS);
    program::lab(&["up", &other]).exits(0);
    let problems = lab.run(&["status"]).exits(1).said;
    assert!(
        problems.contains("link er1-primary was taken down by `lab fault`"),
        "{problems}"
    );
    lab.run(&["status", "--check"]).exits(0);
    lab.run(&["heal", "er1-primary"]).exits(0);
    program::lab(&["up", &lab.file]).exits(0);
    lab.verify().proves_all();
}

/// The kernel's state of a lab, by node and command, without values that the kernel chooses itself.
pub(crate) fn state(lab: &Lab) -> BTreeMap<(String, &'static str), String> {
    let told = |node: &String| {
        let namespace = lab.namespace(node);
        let ask = |what: &'static str, words: &[&str]| {
            let asked = [&["netns", "exec", namespace.as_str()], words].concat();
            let said = run("ip", &asked).exits(0).said;
            let mut lines: Vec<String> = said.lines().map(plain).collect();
            lines.sort();
            ((node.clone(), what), lines.join("\n"))
        };
        [
            ask("links", &["ip", "-br", "link"]),
            ask("addresses", &["ip", "-br", "-4", "addr"]),
            ask("routes", &["ip", "-4", "route", "show", "table", "all"]),
            ask("rules", &["ip", "-4", "rule"]),
            ask("neighbours", &["ip", "-4", "neigh"]),
            ask("forwarding", &["bridge", "fdb"]),
            ask("filters", &["nft", "-s", "list", "ruleset"]),
            ask(
                "settings",
                &[
                    "sysctl",
                    "net.ipv4.ip_forward",
                    "net.ipv4.conf.all.rp_filter",
                ],
            ),
        ]
    };
    lab.pinned_nodes().iter().flat_map(told).collect()
}

/// A line without interface indexes, without flags that the kernel's worker sets late, and without the Ethernet
/// addresses of intermediate devices, which the kernel chooses.
fn plain(line: &str) -> String {
    let is_intermediate = line.starts_with("in-") || line.starts_with("out-");
    let line = line.replace("NO-CARRIER,", "");
    let states = ["UP", "DOWN", "UNKNOWN", "linkdown"];
    let words = line
        .split_whitespace()
        .filter(|word| !states.contains(word));
    let words = words.map(|word| match word {
        _ if is_intermediate && word.matches(':').count() == 5 => "MAC",
        word => word.split("@if").next().unwrap_or_default(),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[track_caller]
pub(crate) fn is_equal(
    left: &BTreeMap<(String, &'static str), String>,
    right: &BTreeMap<(String, &'static str), String>,
) {
    for (key, text) in left {
        assert_eq!(Some(text), right.get(key), "{key:?}");
    }
    assert_eq!(left.len(), right.len());
}

#[test]
fn another_file_of_one_name_replaces_a_lab_only_if_asked_to() {
    let turn = Turn::begin();
    let lab = turn.lab_up("replaced", &[]);
    let nva = include_str!("../../labs/hub-nva.yaml");
    let text = nva.replace("name: hub-nva\n", &format!("name: {}\n", lab.name));
    let other = turn.file("other.yaml", &text);
    let refused = program::lab(&["up", &other]).exits(2).complained;
    let begin = format!(
        "error: lab {} is up, built from {}: {other} would change ",
        lab.name, lab.file
    );
    assert!(refused.starts_with(&begin), "{refused}");
    assert!(refused.contains("--replace"), "{refused}");
    assert_eq!(lab.pinned_nodes().len(), 22, "nothing has changed");
    program::lab(&["up", &other, "--replace"]).exits(0);
    lab.run(&["status", "--check"]).exits(0);
    // The lab's own file may change as much as its user likes.
    let own = turn.file(
        "other.yaml",
        &crate::lab::HUB_SPOKE.replace("name: hub-spoke\n", &format!("name: {}\n", lab.name)),
    );
    program::lab(&["up", &own]).exits(0);
    assert_eq!(lab.pinned_nodes().len(), 22);
}

#[test]
fn an_edited_file_is_noticed_until_up_applies_it() {
    let turn = Turn::begin();
    let lab = turn.lab_up("edited", &[]);
    let status = || lab.run(&["status"]).exits(0).said;
    let proved = || lab.run(&["verify", "--steady", "--quiet"]).exits(0);
    assert!(!status().contains("has changed"));
    assert_eq!(lab.status()["file_changed"], false);
    assert_eq!(proved().complained, "");
    let text = fs::read_to_string(&lab.file).expect("the lab's file");
    let line = "  - { from: remote-vm, to: loc2-vm,   unreachable: timeout }\n";
    assert!(text.contains(line));
    let text = text.replacen(line, "", 1);
    turn.file("edited.yaml", &text);
    let words = format!(
        "{0} has changed since the last `lab up`; `lab up {0}` applies the changes\n",
        lab.file
    );
    assert!(status().contains(&words), "{}", status());
    assert_eq!(lab.status()["file_changed"], true);
    assert_eq!(lab.status()["file"], lab.file.as_str());
    let before = proved();
    assert_eq!(before.complained, format!("warning: {words}"));
    assert!(before.said.contains("30 paths proved"), "{before:#?}");
    let up = || program::lab(&["up", &lab.file]).exits(0).said;
    let changed = format!("lab {} is changed: expectations updated in ", lab.name);
    let said = up();
    assert!(said.starts_with(&changed), "{said}");
    assert!(!status().contains("has changed"));
    let after = proved();
    assert_eq!(after.complained, "");
    assert!(after.said.contains("29 paths proved"), "{after:#?}");
    // A comment changes nothing of the lab, but the file.
    turn.file("edited.yaml", &format!("{text}# a comment\n"));
    assert!(status().contains(&words), "{}", status());
    assert_eq!(up(), format!("lab {} is up already\n", lab.name));
    assert!(!status().contains("has changed"));
}
