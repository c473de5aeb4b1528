//! Compares the output of `lab status` with the kernel.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::thread;

use nix::sched::{CloneFlags, setns};
use serde_json::Value;

use crate::labs::Lab;
use crate::machine::{self, Ran, traces};

/// The status of a lab that no process works on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Absent,
    Broken,
    Up,
}

/// Reads a lab's status, and compares all of it with the kernel.
#[track_caller]
pub(crate) fn told(lab: &Lab) -> Told {
    let ran = lab.status();
    match ran.code {
        Some(2) => {
            assert!(ran.complained.contains("is not up"), "{ran:#?}");
            let left = traces(&lab.name);
            let is_folder = |path: &String| *path == format!("/run/netns-lab/{}", lab.name);
            assert!(left.iter().all(is_folder), "said to be not up: {left:?}");
            Told::Absent
        }
        Some(0) => {
            compare(lab, &ran);
            assert_eq!(ran.json()["state"], "up");
            Told::Up
        }
        Some(1) => {
            compare(lab, &ran);
            assert_eq!(ran.json()["state"], "broken", "{ran:#?}");
            Told::Broken
        }
        _ => panic!("{ran:#?}"),
    }
}

/// Proves every path with an expectation in a lab's file, if any. Other tests keep the machine busy, so a time may be
/// too long if the output blames the machine.
#[track_caller]
pub(crate) fn prove(lab: &Lab) {
    let proved = lab.run(&["verify", "--steady", "--json", "--lab", &lab.name]);
    let results = proved.json()["results"].as_array().cloned();
    let results = results.expect("results");
    assert!(matches!(proved.code, Some(0 | 1)), "{proved:#?}");
    for result in results {
        let why = result["why"].as_str().unwrap_or_default();
        let is_late = why.contains("the rest is the delay of this machine");
        assert!(result["verdict"] == "pass" || is_late, "{result:#}");
    }
}

#[track_caller]
fn compare(lab: &Lab, ran: &Ran) {
    let status = ran.json();
    let supervisor = machine::supervisor(&lab.name);
    assert_eq!(
        status["supervisor"]["running"],
        supervisor.is_some(),
        "{} but {:?}",
        status["problems"],
        machine::programs(&lab.name)
    );
    assert_eq!(
        status["supervisor"]["pid"].as_u64(),
        supervisor.map(u64::from)
    );
    let mut is_whole = supervisor.is_some();
    let nodes = list(&status, "nodes");
    for node in &nodes {
        let name = node["name"].as_str().expect("a name");
        let is_there = interfaces(lab, name).is_some();
        is_whole &= is_there;
        assert_eq!(node["state"] == "up", is_there, "{name}: {ran:#?}");
    }
    for link in list(&status, "links")
        .iter()
        .chain(&list(&status, "tunnels"))
    {
        let ends = link["ends"].as_array().expect("two ends").iter();
        let is_there = ends
            .map(|end| end.as_str().expect("an end"))
            .all(|end| has(lab, end));
        is_whole &= is_there;
        // A tunnel is up or down; a missing one is down.
        if link["state"] == "up" {
            assert!(is_there, "{link}: {ran:#?}");
        }
        if link["state"] == "missing" {
            assert!(!is_there, "{link}: {ran:#?}");
        }
    }
    let problems = status["problems"].to_string();
    if ran.code == Some(0) {
        assert!(is_whole, "said to be well: {ran:#?}");
        assert_eq!(problems, "[]");
        let pinned: BTreeSet<String> = machine::entries("/run/netns")
            .iter()
            .filter_map(|path| path.file_name()?.to_str())
            .filter_map(|file| file.strip_prefix(&format!("{}.", lab.name)))
            .map(str::to_owned)
            .collect();
        let named = nodes
            .iter()
            .filter_map(|node| node["name"].as_str().map(str::to_owned));
        assert_eq!(pinned, named.collect(), "namespaces of {}", lab.name);
    } else {
        let is_said = ["never finished", "supervisor", "routes differ"]
            .iter()
            .any(|words| problems.contains(words));
        assert!(!is_whole || is_said, "said to be broken: {ran:#?}");
    }
}

fn list(status: &Value, key: &str) -> Vec<Value> {
    status[key].as_array().expect("a list").clone()
}

/// Whether there is an interface, by `node:interface`.
fn has(lab: &Lab, end: &str) -> bool {
    let (node, name) = end.split_once(':').expect("a node and an interface");
    interfaces(lab, node).is_some_and(|names| names.iter().any(|one| one == name))
}

/// The names of a namespace's interfaces; `None` without such a namespace.
fn interfaces(lab: &Lab, node: &str) -> Option<Vec<String>> {
    let namespace = File::open(format!("/run/netns/{}.{node}", lab.name)).ok()?;
    let look = move || {
        setns(namespace, CloneFlags::CLONE_NEWNET).ok()?;
        fs::read_to_string("/proc/thread-self/net/dev").ok()
    };
    let text = thread::spawn(look).join().expect("a thread that looks")?;
    let named = text.lines().filter_map(|line| line.split_once(':'));
    Some(named.map(|(name, _)| name.trim().to_owned()).collect())
}
