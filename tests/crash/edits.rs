//! After any edit of its file, a running lab equals a fresh build of that file.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use fastrand::Rng;
use serde_json::Value;

use crate::labs::SHIPPED;
use crate::machine::{self, Machine, Ran, number, seed, traces};
use crate::mutation::Mutant;

/// The variable for the number of edits over all labs; 200 by default.
const EDITS: &str = "LAB_EDITS";

/// One of this many edits also compares the packet filters, which needs a program for each node.
const EDITS_TO_FILTERS: usize = 4;

/// One of this many edits also compares the paths of packets, by `lab matrix`.
const EDITS_TO_MATRIX: usize = 25;

/// The kernel's state of a lab, by node and command.
type Tables = BTreeMap<(String, &'static str), Vec<String>>;

/// A lab that is edited, and its history.
struct Walk {
    name: String,
    fresh: String,
    mutant: Mutant,
    rng: Rng,
    /// Links that were taken down.
    faults: Vec<String>,
    /// The history, in words.
    log: Vec<String>,
    edits: usize,
    compared: usize,
    matrices: usize,
}

#[test]
fn every_edit_leads_to_what_a_fresh_build_is() {
    let Some(_machine) = Machine::enter("edits::every_edit_leads_to_what_a_fresh_build_is") else {
        return;
    };
    let edits = number(EDITS).unwrap_or(200);
    let seed = seed();
    let began = Instant::now();
    let labs = u64::try_from(SHIPPED.len()).expect("few labs");
    let walk = |half: u64| {
        let own = (0..labs).zip(SHIPPED).filter(|(lab, _)| lab % 2 == half);
        let walks = own.map(|(lab, text)| {
            let mut walk = Walk::begin(lab, text, seed);
            // The first labs make the remaining edits.
            let share = edits / labs + u64::from(lab < edits % labs);
            (0..share).for_each(|_| walk.edit());
            walk.end()
        });
        walks.collect::<Vec<_>>()
    };
    let ended: Vec<Walk> = thread::scope(|scope| {
        let walk = &walk;
        let halves = [0, 1].map(|half| scope.spawn(move || walk(half)));
        let ended = halves.into_iter().map(|half| half.join().expect("a walk"));
        ended.flatten().collect()
    });
    for walk in &ended {
        println!(
            "{}: {} edits, {} compared with a fresh build, {} by their matrices",
            walk.name, walk.edits, walk.compared, walk.matrices
        );
    }
    println!("in {:.1} s", began.elapsed().as_secs_f64());
}

impl Walk {
    fn begin(number: u64, text: &str, seed: u64) -> Self {
        let mutant = Mutant::of(text);
        let walk = Self {
            name: format!("walk{number}"),
            fresh: format!("fresh{number}"),
            mutant,
            rng: Rng::with_seed(seed.wrapping_add(number)),
            faults: Vec::new(),
            log: Vec::new(),
            edits: 0,
            compared: 0,
            matrices: 0,
        };
        walk.up(&walk.name);
        walk
    }

    /// Edits the file, sometimes with a fault; then compares both labs.
    fn edit(&mut self) {
        if self.rng.usize(..4) == 0 {
            self.fault();
        } else if self.rng.usize(..8) == 0 {
            self.faults.clear();
            self.log.push("heal --all".to_owned());
            self.run(&self.name, &["heal", "--all"]);
        }
        let said = self.mutant.change(&mut self.rng);
        self.log.push(said);
        self.edits += 1;
        self.up(&self.name);
        let links = self.links();
        self.faults.retain(|fault| links.contains(fault));
        self.up(&self.fresh);
        if self.repeat_faults() {
            self.compare();
        }
        self.run(&self.fresh, &["down"]);
        assert_eq!(traces(&self.fresh), Vec::<String>::new());
    }

    /// Takes a link down, unless a session ends later because of it: timers are not compared.
    fn fault(&mut self) {
        let Some(link) = self.rng.choice(self.links()) else {
            return;
        };
        if self.is_done_at_once(&self.name, &link) {
            self.log.push(format!("fault {link}"));
            self.faults.push(link);
        } else {
            self.log.push(format!("fault and heal {link}"));
            self.run(&self.name, &["heal", &link]);
            self.faults.retain(|fault| *fault != link);
        }
    }

    /// Takes the same links down in the fresh lab. Returns whether no session ends later in either lab.
    fn repeat_faults(&self) -> bool {
        let faults = self.faults.clone();
        let done = faults
            .iter()
            .filter(|link| self.is_done_at_once(&self.fresh, link));
        done.count() == faults.len() && machine::asked(&self.name)["faults"]["later_ms"].is_null()
    }

    fn is_done_at_once(&self, lab: &str, link: &str) -> bool {
        let said = self.run(lab, &["fault", link, "--json"]).json();
        said["later_ms"].is_null()
    }

    /// The links that are up or that a command took down, except those with the name of a node: a command would take
    /// all of the node's links.
    fn links(&self) -> Vec<String> {
        let status = machine::lab(&self.name, &["status", &self.name, "--json"]).json();
        let nodes = status["nodes"].as_array().expect("nodes").iter();
        let nodes: Vec<_> = nodes.map(|node| &node["name"]).collect();
        let links = status["links"].as_array().expect("links").iter();
        let links = links.filter(|link| !nodes.contains(&&link["name"]));
        let meant = links.filter(|link| {
            let name = link["name"].as_str().unwrap_or_default();
            link["state"] == "up" || self.faults.iter().any(|fault| fault == name)
        });
        let names = meant.filter_map(|link| link["name"].as_str());
        names.map(str::to_owned).collect()
    }

    #[track_caller]
    fn compare(&mut self) {
        let with_filters = self.edits.is_multiple_of(EDITS_TO_FILTERS);
        let [own, fresh] = [&self.name, &self.fresh].map(|lab| tables(lab, with_filters));
        let unlike = unlike(&own, &fresh);
        assert!(unlike.is_empty(), "{}\n{}", unlike.join("\n"), self.story());
        let checked = machine::lab(&self.name, &["status", "--check", "--lab", &self.name]);
        assert_eq!(checked.code, Some(0), "{checked:#?}\n{}", self.story());
        self.compared += 1;
        if self.edits.is_multiple_of(EDITS_TO_MATRIX) {
            let matrix = |lab: &str| {
                let ran = machine::lab(lab, &["matrix", "--lab", lab, "--json"]);
                ran.said.replace(lab, "LAB")
            };
            let [own, fresh] = [&self.name, &self.fresh].map(|lab| pairs(&matrix(lab)));
            assert_eq!(own, fresh, "{}", self.story());
            self.matrices += 1;
        }
    }

    #[track_caller]
    fn up(&self, lab: &str) {
        let file = format!("/run/{lab}.yaml");
        fs::write(&file, self.mutant.text(lab)).expect("a file in /run");
        let ran = machine::lab(lab, &["up", &file]);
        assert_eq!(ran.code, Some(0), "{ran:#?}\n{}", self.story());
    }

    #[track_caller]
    fn run(&self, lab: &str, words: &[&str]) -> Ran {
        let (command, rest) = words.split_first().expect("a command");
        let of_lab: &[&str] = if *command == "down" {
            &[lab]
        } else {
            &["--lab", lab]
        };
        let ran = machine::lab(lab, &[&[*command], of_lab, rest].concat());
        assert_eq!(ran.code, Some(0), "{ran:#?}\n{}", self.story());
        ran
    }

    /// The history, for a failure message.
    fn story(&self) -> String {
        let log = self.log.join("\n  ");
        format!(
            "after\n  {log}\nwith down: {:?}\nthe file is\n{}",
            self.faults,
            self.mutant.text(&self.name)
        )
    }

    fn end(self) -> Self {
        self.run(&self.name, &["down"]);
        self
    }
}

/// The differences between two labs.
fn unlike(own: &Tables, fresh: &Tables) -> Vec<String> {
    let keys = own.keys().chain(fresh.keys());
    let mut keys: Vec<_> = keys.collect();
    keys.sort();
    keys.dedup();
    let nothing = Vec::new();
    let differing = keys.into_iter().flat_map(|key| {
        let [own, fresh] = [own, fresh].map(|tables| tables.get(key).unwrap_or(&nothing));
        let only = |one: &[String], other: &[String], sign: &str| {
            let lines = one.iter().filter(|line| !other.contains(line));
            lines
                .map(|line| format!("{sign} {} {}: {line}", key.0, key.1))
                .collect::<Vec<_>>()
        };
        [only(own, fresh, "+"), only(fresh, own, "-")].concat()
    });
    differing.collect()
}

/// The verdict of every pair in a matrix, without times.
fn pairs(matrix: &str) -> Vec<(String, String, String)> {
    let value: Value =
        serde_json::from_str(matrix).unwrap_or_else(|error| panic!("{error}: {matrix}"));
    let pairs = value["paths"].as_array().expect("paths").iter();
    let word = |pair: &Value, key: &str| pair[key].to_string();
    pairs
        .map(|pair| (word(pair, "from"), word(pair, "to"), word(pair, "reached")))
        .collect()
}

/// The kernel's state of a lab, by node and command, without values that the kernel chooses itself.
fn tables(lab: &str, with_filters: bool) -> Tables {
    let prefix = format!("{lab}.");
    let pins = machine::entries("/run/netns");
    let names = pins.iter().filter_map(|path| path.file_name()?.to_str());
    let nodes = names.filter_map(|name| name.strip_prefix(&prefix));
    let mut tables = Tables::new();
    for node in nodes {
        let namespace = format!("{prefix}{node}");
        let batch =
            "link show\naddr show\nroute show table all\nrule show\nneigh show nud permanent\n";
        let mut told = vec![
            (
                "ip",
                told(&["ip", "-o", "-n", &namespace, "-batch", "-"], batch),
            ),
            (
                "bridge",
                told(&["bridge", "-n", &namespace, "fdb", "show"], ""),
            ),
        ];
        if with_filters {
            let words = [
                "ip", "netns", "exec", &namespace, "nft", "-s", "list", "ruleset",
            ];
            told.push(("nft", self::told(&words, "")));
        }
        for (who, text) in told {
            let text = text.replace(lab, "LAB");
            // Labs have no IPv6: the kernel's IPv6 state of an interface depends on how often it was up.
            let lines = text.lines().filter(|line| !line.contains("ff00::/8"));
            // Neighbors of an interface that is down are irrelevant: they are set again when it comes back.
            let down = interfaces_down(&text);
            let lines = lines.filter(|line| !(line.contains("PERMANENT") && is_of(line, &down)));
            // A site's bridge learns source addresses.
            let is_learned = |line: &&str| {
                who == "bridge" && !line.contains(" permanent") && !line.contains(" static")
            };
            let mut lines: Vec<String> =
                lines.filter(|line| !is_learned(line)).map(plain).collect();
            lines.sort();
            tables.insert((node.to_owned(), who), lines);
        }
    }
    tables
}

/// The interfaces that are down, from the output of `ip link`.
fn interfaces_down(text: &str) -> Vec<&str> {
    let links = text.lines().filter_map(|line| line.split_once(": <"));
    let down = links.filter(|(_, flags)| {
        let flags = flags.split('>').next().unwrap_or_default();
        !flags.split(',').any(|flag| flag == "UP")
    });
    let named = down.filter_map(|(name, _)| name.split_once(": "));
    named
        .map(|(_, name)| name.split('@').next().unwrap_or_default())
        .collect()
}

fn is_of(line: &str, interfaces: &[&str]) -> bool {
    let mut words = line.split_whitespace().skip_while(|word| *word != "dev");
    words.nth(1).is_some_and(|name| interfaces.contains(&name))
}

#[track_caller]
fn told(words: &[&str], input: &str) -> String {
    let mut command = Command::new(words[0]);
    let command = command
        .args(&words[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().expect("iproute2 and nftables");
    let mut stdin = child.stdin.take().expect("its input");
    stdin.write_all(input.as_bytes()).expect("its input");
    drop(stdin);
    let output = child.wait_with_output().expect("a child can be waited for");
    assert!(output.status.success(), "{words:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A line without interface indexes, without flags that the kernel's worker sets late, and without the Ethernet
/// addresses of intermediate devices, which the kernel chooses. A link's backend is left out too: a link that an edit
/// impairs keeps its interfaces.
fn plain(line: &str) -> String {
    let line = line.replace("NO-CARRIER,", "").replace(",LOWER_UP", "");
    let line = line
        .split_once(": ")
        .map_or(line.as_str(), |(number, rest)| {
            let is_index = number.chars().all(|c| c.is_ascii_digit());
            if is_index { rest } else { line.as_str() }
        });
    let is_intermediate = line.starts_with("in-") || line.starts_with("out-");
    let states = ["UP", "DOWN", "UNKNOWN", "LOWERLAYERDOWN", "linkdown"];
    let mut words = Vec::new();
    let mut all = line.split_whitespace();
    while let Some(word) = all.next() {
        match word {
            "link-netnsid" | "link-netns" | "new" | "qdisc" | "qlen" => {
                all.next();
            }
            _ if states.contains(&word) => {}
            _ if is_intermediate && word.matches(':').count() == 5 => words.push("MAC"),
            word => {
                let name = word.split("@if").next().unwrap_or_default();
                words.push(name.trim_end_matches(':'));
            }
        }
    }
    words.join(" ")
}
