//! Programs inside hosts, several hosts at a time.

use std::sync::Mutex;
use std::{process::Command, thread};

use crate::contender::Seen;
use crate::output;

/// A host of the lab.
#[derive(Debug, Clone)]
pub(super) struct Host {
    pub(super) node: String,
    pub(super) address: String,
}

impl Host {
    /// All hosts of a lab file that `scripts/mesh` wrote.
    pub(super) fn all(text: &str) -> Vec<Self> {
        let host = |line: &str| {
            let (node, rest) = line.split_once(": { address: ")?;
            let (address, _) = rest.split_once("/24, gateway: ")?;
            Some(Self {
                node: node.trim().to_owned(),
                address: address.to_owned(),
            })
        };
        text.lines().filter_map(host).collect()
    }
}

/// Runs a shell command inside each host, several hosts at a time, with the other hosts' addresses as its arguments.
/// `read` parses the output of each run.
pub(super) fn from_each(
    lab: &str,
    hosts: &[Host],
    at_a_time: usize,
    script: &str,
    read: fn(&str) -> Seen,
) -> Seen {
    let (left, sum) = (Mutex::new(hosts.iter()), Mutex::new(Seen::default()));
    let work = || {
        loop {
            let next = left.lock().expect("no other thread failed").next();
            let Some(host) = next else { return };
            let others = hosts.iter().filter(|other| other.node != host.node);
            let mut command = Command::new("ip");
            command
                .args(["netns", "exec", &format!("{lab}.{}", host.node)])
                .args(["sh", "-c", script, "sh"])
                .args(others.map(|other| &other.address));
            let output = output(&mut command);
            let said = [output.stdout, output.stderr].concat();
            let seen = read(&String::from_utf8_lossy(&said));
            sum.lock().expect("no other thread failed").add(seen);
        }
    };
    thread::scope(|scope| {
        for _ in 0..at_a_time {
            scope.spawn(work);
        }
    });
    sum.into_inner().expect("no thread failed")
}
