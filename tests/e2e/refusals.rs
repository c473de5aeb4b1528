//! Refused input, and users without the required rights.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use crate::lab::{Lab, Turn};
use crate::program::{LAB, Ran, lab, run};
use crate::removal::traces;

/// The user `nobody` (with Debian's number).
const NOBODY: [&str; 4] = ["--reuid=65534", "--regid=65534", "--clear-groups", "--"];

/// Runs a copy of the program as that user.
fn as_nobody(turn: &Turn, arguments: &[&str]) -> Ran {
    let copy = turn.folder().join("lab");
    if !copy.exists() {
        fs::set_permissions(turn.folder(), Permissions::from_mode(0o755))
            .expect("the test's own folder");
        fs::copy(LAB, &copy).expect("a copy of the program");
        fs::set_permissions(&copy, Permissions::from_mode(0o755)).expect("the test's own copy");
    }
    let copy = copy.to_str().expect("a folder with a plain name");
    run("setpriv", &[&NOBODY[..], &[copy], arguments].concat())
}

#[test]
fn roots_lab_is_nobody_elses() {
    let turn = Turn::begin();
    let up = turn.lab_up("rights", &[]);
    let name: &str = &up.name;
    let commands: [&[&str]; 9] = [
        &["down", name],
        &["status", "--lab", name],
        &["verify", "--lab", name],
        &["exec", "--lab", name, "hub-vm", "--", "true"],
        &["shell", "--lab", name, "hub-vm"],
        &["trace", "--lab", name, "hub-vm", "spoke-vm"],
        &["ping", "--lab", name, "hub-vm", "spoke-vm"],
        &["fault", "--lab", name, "er1-primary"],
        &["routes", "--lab", name, "hub-vm"],
    ];
    for words in commands {
        let refused = as_nobody(&turn, words).exits(2);
        let told = format!("error: lab {name} is root's: run it with sudo\n");
        assert_eq!(refused.complained, told, "{words:?}");
        assert_eq!(refused.said, "", "{refused:#?}");
    }
    for words in [&["ls"][..], &["down", "--all"]] {
        let none = as_nobody(&turn, words).exits(0);
        assert_eq!(
            none.said, "no lab of yours is up; only sudo shows root's\n",
            "{words:?}"
        );
    }
    let which = as_nobody(&turn, &["status"]).exits(2).complained;
    assert!(which.contains("no lab of yours is up"), "{which}");
    up.run(&["status"]).exits(0);
}

#[test]
fn plan_and_validate_need_no_root() {
    let turn = Turn::begin();
    assert!(
        as_nobody(&turn, &["plan", "hub-spoke"])
            .exits(0)
            .said
            .contains("netns add hub-spoke.hub-vm")
    );
    assert!(
        as_nobody(&turn, &["validate", "hub-spoke"])
            .exits(0)
            .said
            .contains("30 expected paths")
    );
    let plan = as_nobody(&turn, &["plan", "hub-spoke", "--json"])
        .exits(0)
        .json();
    assert_eq!(plan["lab"], "hub-spoke");
    assert!(
        plan["operations"]
            .as_array()
            .is_some_and(|operations| operations.len() > 100)
    );
}

#[test]
fn a_bad_file_is_refused_with_its_findings_and_nothing_is_built() {
    let turn = Turn::begin();
    let bad = turn.lab(
        "bad",
        &[
            ("gateway: remote-ergw", "gateway: remote-ergv"),
            (
                "peerAddressPrefix: 192.168.31.20/30",
                "peerAddressPrefix: 192.168.31.20/33",
            ),
        ],
    );
    for command in ["up", "verify", "validate", "plan"] {
        let refused = lab(&[command, &bad.file]).exits(2);
        assert!(refused.complained.contains(&bad.file), "{refused:#?}");
        assert!(
            refused.complained.contains("192.168.31.20/33"),
            "{refused:#?}"
        );
        assert_eq!(refused.said, "");
    }
    let findings = lab(&["validate", &bad.file, "--json"]).exits(2).json();
    let first = &findings["findings"][0];
    assert!(
        first["line"].as_u64().is_some_and(|line| line > 1),
        "{findings:#}"
    );
    assert_eq!(traces_of_labs(&bad), Vec::<String>::new());
}

#[test]
fn what_is_not_there_is_bad_input() {
    let _turn = Turn::begin();
    lab(&["up", "no-such-lab"]).exits(2);
    lab(&["trace", "--lab", "no-such-lab", "hub-vm", "spoke-vm"]).exits(2);
    lab(&["status", "no-such-lab"]).exits(2);
    lab(&["no-such-command"]).exits(2);
}

fn traces_of_labs(bad: &Lab) -> Vec<String> {
    let found = traces(bad);
    found.into_iter().filter(|path| path != &bad.file).collect()
}
