//! `lab down` leaves nothing.

use std::fs;
use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;

use crate::lab::{Lab, Turn};
use crate::program::{self, Beside, LAB, command, is_alive, run, wait_until};

/// Directories that labs create if they are missing.
const DIRECTORIES: [&str; 3] = ["/run/netns", "/run/netns-lab", "/etc/netns"];

#[test]
fn down_leaves_nothing() {
    let turn = Turn::begin();
    let (directories, mounts) = (present_directories(), mounts());
    let lab = turn.lab_up("leaving", &[]);
    let supervisor = lab.supervisor();
    assert!(is_alive(supervisor));
    assert_eq!(lab.pinned_nodes().len(), 22);
    assert!(traces(&lab).contains(&format!("/proc/{supervisor}")));
    lab.down().exits(0);
    assert!(
        !is_alive(supervisor),
        "the supervisor lives on as process {supervisor}"
    );
    assert_eq!(traces(&lab), Vec::<String>::new());
    assert_eq!(present_directories(), directories);
    assert_eq!(self::mounts(), mounts);
}

#[test]
fn down_ends_what_users_left_running() {
    let turn = Turn::begin();
    let lab = turn.lab_up("busy", &[]);
    let words = ["exec", "--lab", &lab.name, "hub-vm", "--", "sleep", "600"];
    let sleeper = Beside::start(&mut command(LAB, &words));
    let namespace = lab.namespace("hub-vm");
    let is_inside = || {
        let inside = run("ip", &["netns", "pids", &namespace]).exits(0).said;
        inside.lines().any(|line| line == sleeper.pid().to_string())
    };
    wait_until("the user's process is inside", is_inside);
    let removed = program::lab(&["down", &lab.name, "--json"]).exits(0).json();
    assert_eq!(removed[0]["ended_processes"], 1);
    assert_eq!(removed[0]["namespaces"], 22);
    assert_eq!(sleeper.signal_at_end(), Some(Signal::SIGKILL as i32));
    assert_eq!(traces(&lab), Vec::<String>::new());
}

#[test]
fn a_name_similar_to_that_of_a_lab_that_is_up_is_pointed_out() {
    let turn = Turn::begin();
    let lab = turn.lab_up("similar", &[]);
    let mistyped = lab.name.replacen("similar", "simlar", 1);
    let told = program::lab(&["down", &mistyped]).exits(0);
    assert_eq!(told.said, format!("lab {mistyped} is not up\n"));
    assert_eq!(
        told.complained,
        format!(
            "warning: lab {mistyped} is not up; did you mean `{}`?\n",
            lab.name
        )
    );
    assert_eq!(lab.pinned_nodes().len(), 22);
    lab.down().exits(0);
    for name in [&lab.name, &mistyped] {
        let again = program::lab(&["down", name]).exits(0);
        assert_eq!(again.complained, "");
    }
}

/// Everything on the host with the lab's name, processes last.
pub(crate) fn traces(lab: &Lab) -> Vec<String> {
    let all = DIRECTORIES.map(|directory| entries(Path::new(directory)));
    let mut found: Vec<String> = all
        .iter()
        .flatten()
        .map(|path| path.display().to_string())
        .collect();
    found.extend(mounts());
    found.retain(|text| text.contains(&lab.name));
    found.extend(processes(&lab.name));
    found
}

/// The processes with the lab's name on their command line, or with an open file of the lab.
pub(crate) fn processes(name: &str) -> Vec<String> {
    let is_about = |process: &PathBuf| {
        let words = fs::read(process.join("cmdline")).unwrap_or_default();
        let files = entries(&process.join("fd")).into_iter();
        let mut files = files.filter_map(|file| fs::read_link(file).ok());
        String::from_utf8_lossy(&words).contains(name)
            || files.any(|file| file.display().to_string().contains(name))
    };
    let processes = entries(Path::new("/proc")).into_iter().filter(is_about);
    processes.map(|path| path.display().to_string()).collect()
}

/// The entries of a directory; empty if it is missing.
fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

fn present_directories() -> Vec<&'static str> {
    DIRECTORIES
        .into_iter()
        .filter(|directory| Path::new(directory).exists())
        .collect()
}

/// The mounts of namespaces.
fn mounts() -> Vec<String> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").expect("the mounts");
    mounts
        .lines()
        .filter(|line| line.contains("netns"))
        .map(str::to_owned)
        .collect()
}
