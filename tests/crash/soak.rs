//! A lab that stays up for long, under traffic, while links fail, are impaired and healed, and its file is edited.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use serde_json::Value;

use crate::labs::Lab;
use crate::machine::{self, Machine, end, entries, number, seed, traces};
use crate::truth::{Told, prove, told};

/// The variable for the duration in seconds; a minute by default.
const SECONDS: &str = "LAB_SOAK_SECONDS";

/// Time between two steps.
const PACE: Duration = Duration::from_millis(500);

/// One of this many steps heals everything and proves every path.
const STEPS_TO_PROOF: usize = 12;

/// Nodes whose paths are compared with the predicted ones.
const NODES: [&str; 6] = [
    "hub-vm",
    "spoke-vm",
    "branch-vm",
    "remote-vm",
    "loc1-vm",
    "loc2-vm",
];

/// The largest growth of a supervisor's memory after the first proof, in KiB. The allocator keeps some.
const MORE_MEMORY: u64 = 6 * 1024;

/// A supervisor's resources.
#[derive(Debug)]
struct Taken {
    memory: u64,
    threads: u64,
    descriptors: usize,
}

struct Soak {
    lab: Lab,
    rng: Rng,
    links: Vec<String>,
    impaired: BTreeSet<String>,
    file: usize,
    steps: usize,
    proofs: usize,
    compared: usize,
}

#[test]
fn a_lab_stays_well_whatever_happens_to_its_links() {
    let Some(_machine) = Machine::enter("soak::a_lab_stays_well_whatever_happens_to_its_links")
    else {
        return;
    };
    let span = Duration::from_secs(number(SECONDS).unwrap_or(60));
    let mut soak = Soak::begin();
    let pings = soak.pings();
    // The first round includes one-time allocations.
    for _ in 0..STEPS_TO_PROOF {
        soak.step();
    }
    soak.prove();
    let first = soak.taken();
    let began = Instant::now();
    while began.elapsed() < span {
        thread::sleep(PACE);
        soak.step();
        if soak.steps.is_multiple_of(STEPS_TO_PROOF) {
            soak.prove();
        }
    }
    soak.prove();
    let last = soak.taken();
    println!(
        "{} steps, {} proofs, {} paths as predicted; {first:?}, then {last:?}",
        soak.steps, soak.proofs, soak.compared
    );
    // A thread that has worked on the lab's routes stays idle for some seconds before it ends.
    assert!(last.threads <= first.threads + 2, "{first:?}, {last:?}");
    assert_eq!(first.descriptors, last.descriptors, "{first:?}, {last:?}");
    assert!(
        last.memory <= first.memory + MORE_MEMORY,
        "{first:?}, {last:?}"
    );
    soak.lab.down().exits(0);
    for ping in pings {
        end(ping);
    }
    assert_eq!(traces(&soak.lab.name), Vec::<String>::new());
}

impl Soak {
    fn begin() -> Self {
        let lab = Lab::grown("soak");
        lab.up().exits(0);
        let status = lab.status().exits(0).json();
        let named = |key: &str| -> Vec<String> {
            let links = status[key].as_array().expect("a list").iter();
            let enabled = links.filter(|link| link["state"] == "up");
            let names = enabled.filter_map(|link| link["name"].as_str());
            names.map(str::to_owned).collect()
        };
        Self {
            links: [named("links"), named("tunnels")].concat(),
            lab,
            rng: Rng::with_seed(seed()),
            impaired: BTreeSet::new(),
            file: 0,
            steps: 0,
            proofs: 0,
            compared: 0,
        }
    }

    /// A ping five times a second for each pair of nodes.
    fn pings(&self) -> Vec<Child> {
        let ways = [
            ("loc1-vm", "10.11.30.68"),
            ("spoke-vm", "10.10.30.4"),
            ("remote-vm", "10.1.31.10"),
            ("branch-vm", "10.2.30.10"),
        ];
        let ping = |(from, to): (&str, &str)| {
            let namespace = format!("{}.{from}", self.lab.name);
            let words = ["netns", "exec", &namespace, "ping", "-q", "-i", "0.2", to];
            let mut command = Command::new("ip");
            let command = command
                .args(words)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            command.spawn().expect("iproute2's ip")
        };
        ways.map(ping).into()
    }

    /// Makes a random change, and checks the lab after it.
    fn step(&mut self) {
        self.steps += 1;
        let link = self.rng.choice(self.links.clone()).expect("a link");
        let name = self.lab.name.clone();
        match self.rng.usize(..8) {
            0 => self.done(&["fault", "--lab", &name, &link]),
            1 => self.done(&["fault", "--blackhole", "--lab", &name, &link]),
            2 | 3 => self.done(&["heal", "--lab", &name, &link]),
            4 => self.done(&["heal", "--lab", &name, "--all"]),
            5 => {
                let words = ["--delay", "3ms", "--jitter", "1ms", "--loss", "1%"];
                let command = ["impair", "--lab", &name, &link];
                self.done(&[&command[..], &words].concat());
                self.impaired.insert(link);
            }
            6 => {
                self.done(&["impair", "--lab", &name, &link, "--clear"]);
                self.impaired.remove(&link);
            }
            _ => self.edit(self.rng.clone().usize(..2)),
        }
        self.check();
        self.compare();
    }

    #[track_caller]
    fn done(&self, words: &[&str]) {
        self.lab.run(words).exits(0);
    }

    fn edit(&mut self, file: usize) {
        self.file = file;
        self.done(&["up", &self.lab.files[file]]);
    }

    /// Every namespace has the expected routes. A timer may expire between the two reads of a check, but not in two
    /// checks.
    fn check(&self) {
        let words = ["status", "--check", "--lab", &self.lab.name];
        if self.lab.run(&words).code != Some(0) {
            self.lab.run(&words).exits(0);
        }
    }

    /// A path matches the predicted one, if the prediction is the same before and after the trace.
    fn compare(&mut self) {
        let from = self.rng.usize(..NODES.len());
        let to = (from + self.rng.usize(1..NODES.len())) % NODES.len();
        let pair = [NODES[from], NODES[to], "--lab", &self.lab.name, "--json"];
        let asked = |command: &str| self.lab.run(&[&[command], &pair[..]].concat());
        let before = asked("why");
        let seen = asked("trace").json();
        if asked("why").said != before.said {
            return;
        }
        let predicted = before.json();
        let status = self.lab.status();
        // Routes ignore a blackholed link until a timer expires.
        let is_silent = status.said.contains("\"fault\": \"blackhole\"");
        // The first of several equal paths is predicted; after a failure, another one may be broken.
        let is_open = has_choice(&predicted) && status.code != Some(0);
        if is_open || is_silent && seen["reached"] == false {
            return;
        }
        let is_answered = predicted["answered"] == true;
        assert_eq!(seen["reached"], is_answered, "{predicted}\n{seen}");
        let there = addresses(&predicted["there"]["hops"]);
        let hops = addresses(&seen["hops"]);
        if is_answered {
            assert_eq!(hops.len(), there.len(), "{predicted}\n{seen}");
        }
        if is_answered && !has_choice(&predicted) {
            assert_eq!(hops, there, "{predicted}\n{seen}");
        }
        self.compared += 1;
    }

    /// With everything healed, every path matches the file.
    fn prove(&mut self) {
        let name = self.lab.name.clone();
        for link in std::mem::take(&mut self.impaired) {
            self.done(&["impair", "--lab", &name, &link, "--clear"]);
        }
        self.done(&["heal", "--lab", &name, "--all"]);
        self.edit(0);
        prove(&self.lab);
        assert_eq!(told(&self.lab), Told::Up);
        self.proofs += 1;
    }

    /// The supervisor's resources; it may hold no namespace but the lab's own.
    fn taken(&self) -> Taken {
        let pid = machine::supervisor(&self.lab.name).expect("a supervisor");
        let files = entries(format!("/proc/{pid}/fd"));
        let pinned: BTreeSet<u64> = entries("/run/netns")
            .iter()
            .map(|path| fs::metadata(path).expect("a pin").ino())
            .collect();
        let held = files.iter().filter_map(|file| fs::read_link(file).ok());
        let held = held.filter_map(|to| {
            let number = to.to_str()?.strip_prefix("net:[")?;
            number.strip_suffix(']')?.parse::<u64>().ok()
        });
        let strange: Vec<u64> = held.filter(|inode| !pinned.contains(inode)).collect();
        assert!(strange.is_empty(), "namespaces of nobody: {strange:?}");
        let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("a supervisor");
        let figure = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key));
            let word = line.and_then(|line| line.split_whitespace().next());
            word.and_then(|word| word.parse().ok()).expect("a figure")
        };
        Taken {
            memory: figure("RssAnon:"),
            threads: figure("Threads:"),
            descriptors: files.len(),
        }
    }
}

/// Whether there are several equal paths, of which a flow uses one.
fn has_choice(predicted: &Value) -> bool {
    let hops = ["there", "back"]
        .iter()
        .filter_map(|way| predicted[*way]["hops"].as_array());
    hops.flatten().any(|hop| {
        let next = hop["route"]["nextHops"].as_array();
        next.is_some_and(|next| next.len() > 1)
    })
}

/// The addresses that answer, by TTL; null for a silent hop.
fn addresses(hops: &Value) -> Vec<Value> {
    let hops = hops.as_array().expect("hops").iter();
    let numbered = hops.filter(|hop| !hop["ttl"].is_null());
    numbered.map(|hop| hop["address"].clone()).collect()
}
