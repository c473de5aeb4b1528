//! Kills programs at each of their system calls in turn, with strace.

use std::fs;
use std::process::Child;
use std::time::Instant;

use nix::sys::signal::Signal;

use crate::labs::Lab;
use crate::machine::{
    LAB, Machine, about, end, is_served, programs, send, settle, supervisor, traces, wait_until,
};
use crate::truth::{Told, told};

/// Calls that create, change or remove lasting objects, and those that send requests to the kernel and a supervisor.
const CALLS: [&str; 17] = [
    "mount", "umount2", "unshare", "setns", "mkdir", "rmdir", "unlink", "unlinkat", "rename",
    "link", "linkat", "symlink", "bind", "flock", "ioctl", "sendto", "write",
];

#[test]
fn no_call_is_a_bad_one_to_be_killed_at() {
    let Some(_machine) = Machine::enter("calls::no_call_is_a_bad_one_to_be_killed_at") else {
        return;
    };
    let began = Instant::now();
    let lab = Lab::row("calls", 3);
    for work in ["up", "change", "down"] {
        let killed = CALLS.map(|call| {
            let killed = (1..).take_while(|number| is_killed(&lab, work, call, *number));
            (killed.count(), call)
        });
        let told = killed.iter().filter(|(count, _)| *count > 0);
        let told: Vec<String> = told
            .map(|(count, call)| format!("{call} {count}"))
            .collect();
        println!("{work}, killed at calls: {}", told.join(", "));
        assert!(told.len() > 2, "{work} makes calls of more kinds");
    }
    println!("in {:.1} s", began.elapsed().as_secs_f64());
}

/// Kills the process whose thread is the first to make a call for the `number`th time. Returns whether one was killed.
fn is_killed(lab: &Lab, work: &str, call: &str, number: usize) -> bool {
    if work != "up" {
        lab.up().exits(0);
    }
    let trace = [
        format!("trace={call}"),
        format!("inject={call}:signal=SIGKILL:when={number}"),
    ];
    let is_said = match work {
        "up" => traced(lab, &trace, &["up", &lab.files[0]]),
        "down" => traced(lab, &trace, &["down", &lab.name]),
        _ => changed(lab, &trace),
    };
    settle(&lab.name);
    let now = told(lab);
    let aim = if work == "down" {
        Told::Absent
    } else {
        Told::Up
    };
    if number.is_multiple_of(2) {
        lab.up().exits(0);
        assert_eq!(told(lab), Told::Up, "mended after {work}, {call} {number}");
    }
    lab.down().exits(0);
    let left = traces(&lab.name);
    assert!(
        left.is_empty(),
        "{work} killed at {call} {number}: {left:?}"
    );
    !is_said || now != aim
}

/// Runs a command under strace, with the supervisor that it starts. Returns whether it reported success.
fn traced(lab: &Lab, trace: &[String; 2], words: &[&str]) -> bool {
    let command = [&[LAB], words].concat();
    let mut strace = strace(lab, trace, &command);
    let is_over = |strace: &mut Child| {
        let ended = strace.try_wait().expect("a child can be waited for");
        let programs = programs(&lab.name);
        let is_alone = programs.len() == 1 && is_served(&lab.name, programs[0].0);
        ended.is_some() || words[0] == "up" && is_alone
    };
    wait_until("what strace began is over", || is_over(&mut strace));
    let pid = strace.id();
    if strace.try_wait().expect("a child").is_none() {
        // The supervisor stays, without strace.
        send(pid, Signal::SIGKILL);
    }
    !end(strace).said.is_empty()
}

/// Changes a lab whose supervisor runs under strace. Returns whether this supervisor did it: if it dies, the command
/// starts another one, which builds the lab.
fn changed(lab: &Lab, trace: &[String; 2]) -> bool {
    let first = supervisor(&lab.name).expect("a supervisor");
    let pid = first.to_string();
    let strace = strace(lab, trace, &["-p", &pid]);
    wait_until("strace holds the supervisor", || {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        !status.contains("TracerPid:\t0\n")
    });
    let ran = lab.run(&["up", &lab.files[1]]);
    send(strace.id(), Signal::SIGKILL);
    end(strace);
    settle(&lab.name);
    ran.code == Some(0) && supervisor(&lab.name) == Some(first)
}

fn strace(lab: &Lab, trace: &[String; 2], what: &[&str]) -> Child {
    let plain = ["-f", "-qq", "-o", "/dev/null"];
    let options = [&plain[..], &["-e", &trace[0], "-e", &trace[1]]].concat();
    let mut command = about(&lab.name, "strace", &[&options[..], what].concat());
    command.spawn().expect("strace")
}
