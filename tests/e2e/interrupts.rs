//! Ctrl-C rolls back; a second one ends the command at once, which names what remains.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Stdio};

use nix::sys::signal::{Signal, kill};

use crate::lab::{Lab, Turn};
use crate::program::{self, Beside, LAB, command, is_alive, pid, run, wait_until};
use crate::removal::traces;

/// Enough routers for a build that can be interrupted.
const ROUTERS: &str = "1000";

#[test]
fn a_build_that_is_interrupted_is_rolled_back() {
    let turn = Turn::begin();
    let lab = chain(&turn);
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let mut up = begin(&lab);
        kill(pid(up.pid()), signal).expect("a running build");
        let (code, complained) = end(up.streams());
        assert_eq!(code, Some(130), "{complained}");
        let rolled_back = format!(
            "error: interrupted: what was built of lab {} is removed\n",
            lab.name
        );
        assert_eq!(complained, rolled_back);
        assert_eq!(traces(&lab), Vec::<String>::new());
    }
}

#[test]
fn a_build_that_takes_too_long_is_rolled_back() {
    let turn = Turn::begin();
    let lab = chain(&turn);
    let late = program::lab(&["up", &lab.file, "--timeout", "200ms"]).exits(3);
    let told = format!(
        "error: not done within 200ms: what was built of lab {} is removed\n",
        lab.name
    );
    assert_eq!(late.complained, told);
    assert_eq!(traces(&lab), Vec::<String>::new());
}

#[test]
fn a_second_interrupt_leaves_at_once_and_says_what_remains() {
    let turn = Turn::begin();
    let lab = chain(&turn);
    let mut up = begin(&lab);
    let builder = child_of(up.pid());
    kill(pid(up.pid()), Signal::SIGINT).expect("a running build");
    wait_until("the builder is ended", || !is_alive(builder));
    // If it comes too late, everything is removed already and the process may be gone.
    let _ = kill(pid(up.pid()), Signal::SIGINT);
    let (code, complained) = end(up.streams());
    assert_eq!(code, Some(130), "{complained}");
    let remains = format!(
        "error: interrupted: something of lab {0} remains, and `lab down {0}` removes it\n",
        lab.name
    );
    if complained == remains {
        lab.down().exits(0);
    } else {
        assert!(complained.contains("is removed"), "{complained}");
    }
    assert_eq!(traces(&lab), Vec::<String>::new());
}

#[test]
fn a_proof_that_is_interrupted_takes_its_lab_along() {
    let turn = Turn::begin();
    let lab = turn.lab("proved", &[]);
    let mut words = command(LAB, &["verify", &lab.file]);
    words.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut verify = Beside::start(&mut words);
    let socket = format!("/run/netns-lab/{}/control.sock", lab.name);
    let builds = || children(verify.pid());
    wait_until("its lab is up", || {
        Path::new(&socket).exists() && !builds().is_empty()
    });
    // Its storyboard still waits for seconds.
    let held = format!("/proc/{}/status", verify.pid());
    wait_until("it guards the lab", || {
        let status = std::fs::read_to_string(&held).unwrap_or_default();
        let blocked = status
            .lines()
            .find_map(|line| line.strip_prefix("SigBlk:\t"));
        let threads = status
            .lines()
            .find_map(|line| line.strip_prefix("Threads:\t"));
        let is_interrupt_blocked =
            |set: &str| u64::from_str_radix(set, 16).is_ok_and(|set| set & 2 != 0);
        blocked.is_some_and(is_interrupt_blocked)
            && threads.is_some_and(|count| count != "1" && count != "2")
    });
    kill(pid(verify.pid()), Signal::SIGINT).expect("a running proof");
    let (code, complained) = end(verify.streams());
    assert_eq!(code, Some(130), "{complained}");
    assert!(complained.ends_with("is removed\n"), "{complained}");
    assert_eq!(traces(&lab), Vec::<String>::new());
}

/// A lab whose storyboard takes a link down and then waits longer than any test.
const WAITING: &str = "\
name: waiting
sites:
  s:
    routers: { left: {}, right: {} }
    links: [{ a: left, b: right, addresses: [10.0.0.0/31, 10.0.0.1/31] }]
storyboards:
  long:
    - { step: broken, fault: left-right, wait: 60s }
";

#[test]
fn a_proof_that_takes_too_long_removes_its_lab_and_its_reports_say_so() {
    let turn = Turn::begin();
    let lab = turn.named_lab("waiting", WAITING);
    let old = turn.file("old.xml", "old");
    let new = turn.folder().join("new.md");
    let words = [
        "verify",
        &lab.file,
        "--timeout",
        "1200ms",
        "--quiet",
        "--junit",
        &old,
    ];
    let late =
        program::lab(&[&words[..], &["--markdown", &new.display().to_string()]].concat()).exits(3);
    let told = format!(
        "error: not done within 1.2s: what was built of lab {} is removed\n",
        lab.name
    );
    assert_eq!(late.complained, told);
    let read = |path: &Path| std::fs::read_to_string(path).expect("the report");
    let error = "<error message=\"not done within 1.2s: what was built of lab ";
    assert!(read(Path::new(&old)).contains(error));
    assert!(read(&new).starts_with("## ❌ waiting: not proved"));
    let left = traces(&lab).into_iter().filter(|path| path != &lab.file);
    assert_eq!(left.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn a_proof_of_a_lab_that_was_up_is_ended_and_heals_what_it_broke() {
    let turn = Turn::begin();
    let lab = turn.named_lab("waiting", WAITING);
    program::lab(&["up", &lab.file]).exits(0);
    let faults = || {
        let status = lab.run(&["status", "--json"]).said;
        status.contains("taken down by `lab fault`")
    };
    let mut words = command(LAB, &["verify", &lab.file, "--quiet"]);
    words.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut verify = Beside::start(&mut words);
    wait_until("the proof has broken a link", faults);
    kill(pid(verify.pid()), Signal::SIGINT).expect("a running proof");
    let (code, complained) = end(verify.streams());
    let told = format!(
        "error: interrupted: lab {} stays up, and what the proof had failed is healed\n",
        lab.name
    );
    assert_eq!((code, complained), (Some(130), told));
    assert!(!faults());
    let late = program::lab(&["verify", &lab.file, "--quiet", "--timeout", "5s"]).exits(3);
    let told = format!("error: not done within 5s: lab {} stays up", lab.name);
    assert!(late.complained.starts_with(&told), "{late:#?}");
    assert!(!faults());
    lab.run(&["status", "--check"]).exits(0);
    lab.down().exits(0);
}

#[test]
fn a_builder_that_dies_is_cleaned_up_after() {
    let turn = Turn::begin();
    let lab = chain(&turn);
    let mut up = begin(&lab);
    kill(pid(child_of(up.pid())), Signal::SIGKILL).expect("a running builder");
    let (code, complained) = end(up.streams());
    assert_eq!(code, Some(3), "{complained}");
    let told = format!(
        "error: the supervisor has died: what was built of lab {} is removed\n",
        lab.name
    );
    assert_eq!(complained, told);
    assert_eq!(traces(&lab), Vec::<String>::new());
}

/// Starts a build, and returns when the first namespaces exist.
fn begin(lab: &Lab) -> Beside {
    let mut words = command(LAB, &["up", &lab.file]);
    words.stdout(Stdio::null()).stderr(Stdio::piped());
    let up = Beside::start(&mut words);
    wait_until("some namespaces are there", || {
        !lab.pinned_nodes().is_empty()
    });
    up
}

pub(crate) fn end(child: &mut Child) -> (Option<i32>, String) {
    let mut complained = String::new();
    let errors = child.stderr.as_mut().expect("a pipe");
    errors.read_to_string(&mut complained).expect("text");
    (child.wait().expect("a child").code(), complained)
}

fn children(process: u32) -> Vec<u32> {
    let path = format!("/proc/{process}/task/{process}/children");
    let numbers = std::fs::read_to_string(path).unwrap_or_default();
    numbers
        .split_whitespace()
        .filter_map(|number| number.parse().ok())
        .collect()
}

fn child_of(process: u32) -> u32 {
    children(process)[0]
}

/// A lab of that many routers in a row, written by `scripts/chain`.
pub(crate) fn chain(turn: &Turn) -> Lab {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/chain");
    turn.named_lab("chain", &run(script, &[ROUTERS]).exits(0).said)
}
