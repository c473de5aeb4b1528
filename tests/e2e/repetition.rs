//! `lab up` and `lab down` may be repeated, and repair or remove an incomplete lab.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::thread;

use nix::sys::signal::{Signal, kill};

use crate::lab::{Lab, Turn};
use crate::program::{self, finish, is_alive, pid, run, wait_until};
use crate::removal::{processes, traces};

#[test]
fn up_and_down_may_be_repeated() {
    let turn = Turn::begin();
    let lab = turn.lab_up("twice", &[]);
    let supervisor = lab.supervisor();
    let again = program::lab(&["up", &lab.file]).exits(0);
    assert_eq!(again.said, format!("lab {} is up already\n", lab.name));
    assert_eq!(lab.supervisor(), supervisor, "the same lab stays");
    lab.down().exits(0);
    let again = lab.down().exits(0);
    assert_eq!(again.said, format!("lab {} is not up\n", lab.name));
}

#[test]
fn of_two_that_bring_one_lab_up_neither_harms_the_other() {
    let turn = Turn::begin();
    let lab = turn.lab("race", &[]);
    let both: Vec<_> = thread::scope(|scope| {
        let up = || program::lab(&["up", &lab.file]);
        let racing = [scope.spawn(up), scope.spawn(up)];
        racing.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for ran in both {
        ran.exits(0);
    }
    lab.verify().proves_all();
}

#[test]
fn down_removes_a_half_built_lab() {
    let turn = Turn::begin();
    let lab = turn.lab_up("half", &[]);
    kill_supervisor(&lab);
    for node in ["hub-vm", "azure", "er1-msee1"] {
        run("ip", &["netns", "del", &lab.namespace(node)]).exits(0);
    }
    lab.run(&["status"]).exits(1);
    lab.down().exits(0);
    assert_eq!(traces(&lab), Vec::<String>::new());
}

#[test]
fn up_mends_a_lab_whose_namespace_is_gone() {
    let turn = Turn::begin();
    let lab = turn.lab_up("holed", &[]);
    run("ip", &["netns", "del", &lab.namespace("hub-vm")]).exits(0);
    let problems = lab.run(&["status", "--json"]).exits(1).json()["problems"].to_string();
    assert!(
        problems.contains("node hub-vm has no namespace"),
        "{problems}"
    );
    program::lab(&["up", &lab.file]).exits(0);
    lab.verify().proves_all();
}

#[test]
fn up_mends_a_lab_whose_supervisor_was_killed() {
    let turn = Turn::begin();
    let lab = turn.lab_up("orphan", &[]);
    kill_supervisor(&lab);
    let status = lab.run(&["status", "--json"]).exits(1).json();
    assert_eq!(status["state"], "broken");
    assert_eq!(status["supervisor"]["running"], false);
    let problems = status["problems"].to_string();
    assert!(problems.contains("the supervisor has died"), "{problems}");
    program::lab(&["up", &lab.file]).exits(0);
    lab.run(&["status"]).exits(0);
    lab.verify().proves_all();
}

#[test]
fn nobody_is_waited_for_longer_than_they_may_take() {
    let turn = Turn::begin();
    let lab = turn.lab_up("mute", &[]);
    let supervisor = lab.supervisor();
    let socket = format!("/run/netns-lab/{}/control.sock", lab.name);
    let aside = format!("{socket}.aside");
    fs::rename(&socket, &aside).expect("a file of the lab's");
    // A socket in its place that never answers.
    let mute = UnixListener::bind(&socket).expect("a folder of the lab's");
    let late = lab.run(&["status", "--timeout", "1s"]).exits(3);
    assert!(
        late.complained.starts_with("error: not done within 1s; "),
        "{late:#?}"
    );
    let late = program::lab(&["up", &lab.file, "--timeout", "1s"]).exits(3);
    assert!(late.complained.contains("`lab down"), "{late:#?}");
    drop(mute);
    fs::rename(&aside, &socket).expect("a file of the lab's");
    kill(pid(supervisor), Signal::SIGSTOP).expect("a running supervisor");
    let status = lab.run(&["status"]).exits(1).said;
    let told = format!(
        "the supervisor, process {supervisor}, is stopped; `kill -CONT {supervisor}` resumes it, `lab down {}` removes the lab",
        lab.name
    );
    assert!(status.contains(&told), "{status}");
    lab.down().exits(0);
    assert!(!is_alive(supervisor));
    assert_eq!(traces(&lab), Vec::<String>::new());
}

/// Filters are set in the middle of a build, so earlier parts must be removed again.
#[test]
fn a_lab_that_cannot_be_built_leaves_nothing() {
    let turn = Turn::begin();
    let lab = turn.lab("hopeless", &[]);
    let nft = turn.file("nft", "#!/bin/sh\nexit 1\n");
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(nft, mode).expect("the test's own file");
    let mut up = program::command(program::LAB, &["up", &lab.file]);
    let refused = finish(up.env("PATH", turn.folder())).exits(3);
    assert!(
        refused
            .complained
            .contains("nft (Debian: apt install nftables)"),
        "{refused:#?}"
    );
    assert_eq!(refused.said, "");
    // The builder has reported, and is about to end.
    let name = &lab.name;
    wait_until("its builder ends", || processes(name).is_empty());
    assert_eq!(traces(&lab), Vec::<String>::new());
}

fn kill_supervisor(lab: &Lab) {
    let supervisor = lab.supervisor();
    kill(pid(supervisor), Signal::SIGKILL).expect("a running supervisor");
    wait_until("the supervisor is gone", || !is_alive(supervisor));
}
