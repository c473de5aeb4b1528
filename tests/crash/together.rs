//! Many labs at once, and many commands for one lab.

use std::fs;
use std::io::Read;
use std::process::Child;
use std::thread;
use std::time::Instant;

use nix::sys::signal::Signal;

use crate::labs::{Lab, SHIPPED, nameless};
use crate::machine::{
    LAB, Machine, Ran, about, assert_clean, end, folder, holds_lock, lab, send, supervisor, traces,
    wait_until,
};
use crate::truth::{Told, told};

/// How many labs are up at once.
const LABS: usize = 50;

/// How often each of several tiny labs is built and removed.
const ROUNDS: usize = 12;

#[test]
fn fifty_labs_come_and_go_at_once() {
    let Some(_machine) = Machine::enter("together::fifty_labs_come_and_go_at_once") else {
        return;
    };
    let labs: Vec<Lab> = (0..LABS).map(shape).collect();
    let began = Instant::now();
    all_at_once(&labs, |lab| vec!["up", &lab.files[0]]);
    let up = began.elapsed();
    let listed = lab("", &["ls", "--json"]).exits(0).json();
    let listed = listed.as_array().expect("a list");
    assert_eq!(listed.len(), LABS);
    assert!(listed.iter().all(|lab| lab["state"] == "up"), "{listed:#?}");
    let began = Instant::now();
    all_at_once(&labs, |lab| vec!["down", &lab.name]);
    println!("{LABS} labs up in {up:?}, down in {:?}", began.elapsed());
    assert_clean();
}

/// The end of the last lab often coincides with the beginning of another.
#[test]
fn labs_that_begin_do_not_mind_the_end_of_the_last() {
    let Some(_machine) =
        Machine::enter("together::labs_that_begin_do_not_mind_the_end_of_the_last")
    else {
        return;
    };
    let come_and_go = |number: usize| {
        let lab = Lab::row(&format!("tiny{number}"), 2);
        for _ in 0..ROUNDS {
            lab.up().exits(0);
            lab.down().exits(0);
        }
    };
    thread::scope(|scope| {
        for number in 0..4 {
            scope.spawn(move || come_and_go(number));
        }
    });
}

#[test]
fn a_command_waits_for_whoever_is_at_work_and_says_who_that_is() {
    let Some(_machine) =
        Machine::enter("together::a_command_waits_for_whoever_is_at_work_and_says_who_that_is")
    else {
        return;
    };
    let [held, other] = [Lab::row("held", 40), Lab::row("other", 2)];
    other.up().exits(0);
    let builder = start(&held, &["up", &held.files[0]]);
    let holder = stopped_at_work(&held);
    let who = format!(
        "lab held is being changed by process {holder} (`lab supervise held`), which is stopped: `kill -CONT {holder}`"
    );
    let words: [&[&str]; 6] = [
        &["up", &held.files[0]],
        &["down", &held.name],
        &["fault", "r1-r2", "--lab", "held"],
        &["heal", "--all", "--lab", "held"],
        &["impair", "r1-r2", "--lab", "held"],
        &["down", "--all"],
    ];
    for words in words {
        let refused = held
            .run(&[words, &["--timeout", "600ms"]].concat())
            .exits(3);
        let lines: Vec<&str> = refused.complained.lines().collect();
        let [waits, gives_up] = lines[..] else {
            panic!("{refused:#?}");
        };
        assert!(waits.starts_with("waiting up to "), "{refused:#?}");
        assert!(
            waits.contains(&who) && gives_up.contains(&who),
            "{refused:#?}"
        );
    }
    // The status of the other lab does not depend on it.
    assert_eq!(told(&other), Told::Absent);
    let listed = lab("", &["ls", "--json"]).exits(0).json();
    assert_eq!(listed[0]["state"], "changing", "{listed}");
    let status = held.status();
    let all = format!("{}{}", status.said, status.complained);
    assert!(all.contains(&who) && status.code != Some(0), "{status:#?}");
    let mut waiting = start(&held, &["heal", "--lab", "held", "--all"]);
    let said = first_line(&mut waiting);
    assert!(
        said.starts_with("waiting up to 30s: ") && said.contains(&who),
        "{said}"
    );
    send(holder, Signal::SIGCONT);
    end(builder).exits(0);
    end(waiting).exits(0);
    assert_eq!(told(&held), Told::Up);
    held.down().exits(0);
}

/// `down` starts while the lab is built, and waits until it can remove it.
#[test]
fn down_waits_for_up_and_removes_what_it_built() {
    let Some(_machine) = Machine::enter("together::down_waits_for_up_and_removes_what_it_built")
    else {
        return;
    };
    let held = Lab::row("held", 40);
    let builder = start(&held, &["up", &held.files[0]]);
    let holder = stopped_at_work(&held);
    let mut down = start(&held, &["down", "held"]);
    let said = first_line(&mut down);
    assert!(said.starts_with("waiting up to 30s: "), "{said}");
    send(holder, Signal::SIGCONT);
    end(builder).exits(0);
    let down = end(down).exits(0);
    assert!(down.said.contains("40 namespaces removed"), "{down:#?}");
}

#[test]
fn commands_about_one_lab_at_once_all_end_well() {
    let Some(_machine) = Machine::enter("together::commands_about_one_lab_at_once_all_end_well")
    else {
        return;
    };
    let lab = Lab::row("one", 4);
    for _ in 0..ROUNDS {
        let started = [
            start(&lab, &["up", &lab.files[0]]),
            start(&lab, &["up", &lab.files[1]]),
            start(&lab, &["down", &lab.name]),
            start(&lab, &["up", &lab.files[0]]),
            start(&lab, &["down", &lab.name]),
        ];
        for ran in started.map(end) {
            ran.exits(0);
        }
        assert_ne!(told(&lab), Told::Broken);
    }
    lab.down().exits(0);
    assert_eq!(traces(&lab.name), Vec::<String>::new());
}

/// Labs of every kind and size.
fn shape(number: usize) -> Lab {
    let name = format!("lab{number}");
    match number % 10 {
        kind @ 0..7 => {
            let text = nameless(SHIPPED[kind]);
            Lab::of(&name, [&text, &text])
        }
        _ => Lab::row(&name, 2 + number / 2),
    }
}

fn start(lab: &Lab, words: &[&str]) -> Child {
    let mut command = about(&lab.name, LAB, words);
    command.spawn().expect("the program under test")
}

/// The first line that a command writes to its standard error.
fn first_line(command: &mut Child) -> String {
    let mut line = Vec::new();
    let errors = command.stderr.as_mut().expect("a pipe");
    // Byte by byte, so that the rest stays for the function that waits for the command.
    while line.last() != Some(&b'\n') {
        let mut byte = [0];
        errors.read_exact(&mut byte).expect("a line");
        line.push(byte[0]);
    }
    String::from_utf8(line).expect("text")
}

fn all_at_once<'a>(labs: &'a [Lab], words: impl Fn(&'a Lab) -> Vec<&'a str>) {
    let started: Vec<Child> = labs.iter().map(|lab| start(lab, &words(lab))).collect();
    let ended: Vec<Ran> = started.into_iter().map(end).collect();
    for ran in ended {
        ran.exits(0);
    }
}

/// The supervisor of a lab that is being built, stopped while it has the lock.
fn stopped_at_work(lab: &Lab) -> u32 {
    let mut found = None;
    wait_until("a supervisor has the lock", || {
        found = supervisor(&lab.name).filter(|pid| holds_lock(*pid, &lab.name));
        found.is_some()
    });
    let holder = found.expect("it was waited for");
    send(holder, Signal::SIGSTOP);
    wait_until("it is stopped", || {
        let stat = fs::read_to_string(format!("/proc/{holder}/stat")).unwrap_or_default();
        stat.contains(") T ")
    });
    let socket = folder(&lab.name).join("control.sock");
    assert!(!socket.exists(), "it was stopped too late");
    holder
}
