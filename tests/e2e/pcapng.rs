//! Files of `lab capture`, read by tcpdump, and block by block if a file has packets of several kinds.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{ChildStderr, Command, Stdio};

use nix::sys::signal::{Signal, kill};

use crate::lab::{Lab, Turn};
use crate::program::{self, Beside, LAB, command, pid, run};
use crate::user::User;

/// Two machines with two routers between them.
const PAIR: &str = "\
name: pair
sites:
  site:
    routers:
      a: { address: 10.3.0.1/24 }
      b: { address: 10.3.1.1/24 }
    hosts:
      pc: { address: 10.3.0.10/24, gateway: 10.3.0.1 }
      server: { address: 10.3.1.10/24, gateway: 10.3.1.1 }
    links: [{ a: a, b: b, addresses: [10.5.0.0/31, 10.5.0.1/31] }]
";

/// Block types, and the ICMP messages of a ping.
const INTERFACE: u32 = 1;
const STATISTICS: u32 = 5;
const PACKET: u32 = 6;
const REQUEST: u8 = 8;

/// The interfaces that a ping passes from a site to a network behind two tunnels, without the site's LAN.
const HOPS: [&str; 21] = [
    "loc1-vm:eth0>",
    "loc1-ce1:hub-loc1>",
    "loc1-ce1:pub0> udp",
    "internet:loc1-ce1< udp",
    "internet:hub-loc1-b> udp",
    "internet:hub-loc1-a< udp",
    "internet:hub-vpngw> udp",
    "hub-vpngw:pub0< udp",
    "hub-vpngw:hub-loc1<",
    "hub-vpngw:hub-branch>",
    "hub-vpngw:pub0> udp",
    "internet:hub-vpngw< udp",
    "internet:hub-branch-a> udp",
    "internet:hub-branch-b< udp",
    "internet:branch-vpngw> udp",
    "branch-vpngw:pub0< udp",
    "branch-vpngw:hub-branch<",
    "branch-vpngw:eth0>",
    "azure:branch-vpngw<",
    "azure:branch-vm>",
    "branch-vm:eth0<",
];

/// A running capture.
struct Capturing {
    program: Beside,
    errors: BufReader<ChildStderr>,
}

/// A packet of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    interface: String,
    time: u64,
    leaves: bool,
    /// From the IP header on.
    bytes: Vec<u8>,
}

impl Capturing {
    fn start(command: &mut Command) -> Self {
        let mut program = Beside::start(command.stderr(Stdio::piped()));
        let errors = program.streams().stderr.take().expect("its standard error");
        let mut errors = BufReader::new(errors);
        let mut said = String::new();
        while !said.contains("capturing at") {
            let before = said.len();
            errors.read_line(&mut said).expect("what it says");
            assert_ne!(said.len(), before, "it ended: {said}");
        }
        Self { program, errors }
    }

    fn of(lab: &Lab, words: &[&str]) -> Self {
        Self::start(&mut command(
            LAB,
            &[&["capture", "--lab", &lab.name], words].concat(),
        ))
    }

    /// Ends it by a signal or, without one, waits for its end. Returns its last line.
    fn end(mut self, signal: Option<Signal>) -> String {
        if let Some(signal) = signal {
            kill(pid(self.program.pid()), signal).expect("it runs");
        }
        let ended = self.program.streams().wait().expect("a child");
        assert_eq!(ended.code(), Some(0));
        let lines = self.errors.lines().map_while(Result::ok);
        lines.last().expect("a summary")
    }
}

/// The output of tcpdump, one packet per line.
fn by_tcpdump(file: &str) -> Vec<String> {
    let read = run("tcpdump", &["-n", "-r", file]).exits(0);
    assert!(!read.complained.contains("truncated"), "{read:#?}");
    read.said.lines().map(str::to_owned).collect()
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

/// The packets of a file, whose last blocks are one statistics block per interface.
fn packets(file: &str) -> Vec<Seen> {
    let bytes = fs::read(file).expect("a capture");
    let mut rest = bytes.as_slice();
    let (mut interfaces, mut statistics, mut packets) = (Vec::new(), 0, Vec::new());
    while !rest.is_empty() {
        let (block, more) = rest.split_at(word(rest, 4).try_into().expect("a length"));
        rest = more;
        match word(block, 0) {
            INTERFACE => {
                let length = usize::from(block[18]);
                let name = String::from_utf8_lossy(&block[20..20 + length]).into_owned();
                interfaces.push((name, block[8] == 1));
            }
            STATISTICS => statistics += 1,
            PACKET => {
                assert_eq!(statistics, 0);
                let length = word(block, 20) as usize;
                let (interface, is_ethernet) = &interfaces[word(block, 8) as usize];
                let flags = 28 + length.next_multiple_of(4) + 4;
                packets.push(Seen {
                    interface: interface.clone(),
                    time: u64::from(word(block, 12)) << 32 | u64::from(word(block, 16)),
                    leaves: word(block, flags) & 3 == 2,
                    bytes: block[28..28 + length][if *is_ethernet { 14 } else { 0 }..].to_vec(),
                });
            }
            _ => {}
        }
    }
    assert_eq!(statistics, interfaces.len());
    packets
}

impl Seen {
    /// The interface, and whether the packet leaves it.
    fn place(&self) -> String {
        format!("{}{}", self.interface, if self.leaves { ">" } else { "<" })
    }

    /// The protocol; for ICMP, the type.
    fn kind(&self) -> (u8, u8) {
        (
            self.bytes[9],
            if self.bytes[9] == 1 {
                self.bytes[20]
            } else {
                0
            },
        )
    }
}

/// The places of ping requests, in time order: `a:b>` when leaving, `a:b<` when arriving.
fn requests(seen: &[Seen]) -> Vec<String> {
    let requests = seen.iter().filter(|seen| seen.kind() == (1, REQUEST));
    requests.map(Seen::place).collect()
}

#[test]
fn packets_of_a_node_and_of_every_hop_are_shown() {
    let turn = Turn::begin();
    let lab = turn.lab_up("shown", &[]);
    let file = turn.file("shown.pcapng", "");
    let one = Capturing::of(&lab, &["hub-vm", "-c", "2", "-w", &file, "icmp"]);
    lab.run(&["ping", "loc1-vm", "hub-vm", "-c", "1"]).exits(0);
    assert_eq!(
        one.end(None),
        "2 packets captured at 1 interface, 0 dropped"
    );
    let read = by_tcpdump(&file);
    assert_eq!(read.len(), 2, "{read:#?}");
    assert!(read[0].contains("10.2.30.10 > 10.10.30.4: ICMP echo request"));
    assert!(read[1].contains("10.10.30.4 > 10.2.30.10: ICMP echo reply"));

    // Encapsulated only inside tunnels, from one end to the other.
    let along = [
        "capture",
        "--along",
        "loc1-vm",
        "branch-vm",
        "--ping",
        "-w",
        &file,
        "icmp",
    ];
    let ended = lab.run(&along).exits(0);
    assert!(
        ended.complained.ends_with("at 23 interfaces, 0 dropped\n"),
        "{ended:#?}"
    );
    let seen = packets(&file);
    assert!(seen.is_sorted_by_key(|seen| seen.time), "{seen:#?}");
    let there = seen
        .iter()
        .take_while(|seen| seen.place() != "branch-vm:eth0>");
    let there: Vec<String> = there
        .map(|seen| {
            let kind = if seen.bytes[9] == 17 { " udp" } else { "" };
            format!("{}{kind}", seen.place())
        })
        .collect();
    let tunnels: Vec<&str> = there
        .iter()
        .map(String::as_str)
        .filter(|place| !place.contains("lan"))
        .collect();
    assert_eq!(tunnels, HOPS);
    refused(&lab, &file);
}

/// Errors are reported before anything is written.
fn refused(lab: &Lab, file: &str) {
    fs::remove_file(file).expect("the last capture");
    let refusal = |words: &[&str]| {
        let refused = lab
            .run(&[&["capture", "-w", file], words].concat())
            .exits(2);
        refused.complained.replace(&lab.name, "LAB")
    };
    let filter = refusal(&["hub-vm", "icmp", "an"]);
    assert!(
        filter.starts_with("error: `icmp an` is not a valid filter: "),
        "{filter}"
    );
    assert!(filter.contains("syntax error"), "{filter}");
    let refusals = [
        refusal(&["hub-vm:eth7"]),
        refusal(&["hub-vn"]),
        refusal(&["--along", "hub-vm", "hub-vn"]),
    ];
    insta::assert_snapshot!(refusals.concat(), @r"
    error: hub-vm has no interface `eth7`; it has eth0
    error: lab LAB has no node `hub-vn`; did you mean `hub-vm`?
    error: lab LAB has no node `hub-vn`; did you mean `hub-vm`?
    ");
    assert!(!fs::exists(file).expect("a folder"), "{file} was written");
}

#[test]
fn both_directions_of_a_link_are_shown_once_whoever_carries_it() {
    let turn = Turn::begin();
    let lab = turn.named_lab("pair", PAIR);
    program::lab(&["up", &lab.file]).exits(0);
    let file = turn.file("both.pcapng", "");
    let once = || {
        lab.run(&["ping", "pc", "server", "-c", "1"]).exits(0);
    };
    let impair = |words: &[&str]| {
        lab.run(&[&["impair", "a-b"], words].concat()).exits(0);
    };
    let ways = ["a:b>", "a:b<", "b:a<", "b:a>"];
    let capture = Capturing::of(&lab, &["--along", "pc", "server", "-w", &file]);
    once();
    impair(&["--delay", "3ms"]);
    once();
    impair(&["--clear"]);
    once();
    capture.end(Some(Signal::SIGINT));
    let seen = packets(&file);
    for way in ways {
        let times = seen.iter().filter(|seen| seen.place() == way);
        assert_eq!(times.count(), 3, "{way}");
    }
    assert_eq!(by_tcpdump(&file).len(), seen.len());
    // The same result if the capture starts on a link that a process carries.
    impair(&["--delay", "3ms"]);
    let along = ["capture", "--along", "pc", "server", "--ping", "-w", &file];
    lab.run(&along).exits(0);
    let path = [
        "pc:eth0>",
        "a:pc<",
        "a:lan0<",
        "a:b>",
        "b:a<",
        "b:lan0>",
        "b:server>",
        "server:eth0<",
    ];
    assert_eq!(requests(&packets(&file)), path);
    impair(&["--clear"]);
    // Every lost packet is counted, at any rate.
    let capture = Capturing::of(&lab, &["a:b", "-w", &file, "-s", "60"]);
    lab.inside("pc", &["ping", "-q", "-f", "-c", "1000", "10.3.1.10"])
        .exits(0);
    let summary = capture.end(Some(Signal::SIGTERM));
    let numbers: Vec<usize> = summary
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    let [kept, 1, dropped] = numbers[..] else {
        panic!("{summary}");
    };
    assert_eq!(kept + dropped, 2000, "{summary}");
    let seen = packets(&file);
    assert_eq!(seen.len(), kept);
    assert!(seen.iter().all(|seen| seen.bytes.len() == 46));
    assert_eq!(by_tcpdump(&file).len(), kept);
}

#[test]
fn packets_are_shown_also_when_they_are_read_after_the_link_has_changed() {
    let turn = Turn::begin();
    let lab = turn.named_lab("pair", PAIR);
    program::lab(&["up", &lab.file]).exits(0);
    let file = turn.file("late.pcapng", "");
    let run = |words: &[&str]| {
        lab.run(words).exits(0);
    };
    let capture = Capturing::of(&lab, &["--along", "pc", "server", "-w", &file]);
    let reader = pid(capture.program.pid());
    // It reads nothing until the end: the interfaces that carried the second packet are gone then.
    kill(reader, Signal::SIGSTOP).expect("it runs");
    let once = ["ping", "pc", "server", "-c", "1"];
    run(&once);
    run(&["impair", "a-b", "--delay", "3ms"]);
    run(&once);
    run(&["impair", "a-b", "--clear"]);
    run(&once);
    run(&["fault", "a-b"]);
    run(&["heal", "a-b"]);
    run(&once);
    kill(reader, Signal::SIGCONT).expect("it runs");
    capture.end(Some(Signal::SIGINT));
    let seen = packets(&file);
    for way in ["a:b>", "a:b<", "b:a<", "b:a>"] {
        let times = seen.iter().filter(|seen| seen.place() == way);
        assert_eq!(times.count(), 4, "{way}");
    }
}

#[test]
fn tcp_is_shown_as_a_wire_would_carry_it() {
    let turn = Turn::begin();
    let lab = turn.named_lab("pair", PAIR);
    program::lab(&["up", &lab.file]).exits(0);
    let file = turn.file("segments.pcapng", "");
    let capture = Capturing::of(&lab, &["pc", "-w", &file, "tcp"]);
    let iperf = ["iperf", "pc", "server", "--time", "1"];
    lab.run(&iperf).exits(0);
    let summary = capture.end(Some(Signal::SIGINT));
    assert!(summary.contains("of segmentation offload"), "{summary}");
    let seen = packets(&file);
    assert_eq!(seen.iter().map(|seen| seen.bytes.len()).max(), Some(1500));
    // Every checksum is correct, also in packets that were not truncated.
    let read = run("tcpdump", &["-n", "-vv", "-c", "5000", "-r", &file]).exits(0);
    let wrong = read.said.lines().find(|line| line.contains("incorrect"));
    assert_eq!(wrong, None);
    assert!(read.said.contains("(correct)"));
}

#[test]
fn a_user_captures_what_root_does() {
    let turn = Turn::begin();
    let user = User::of(&turn);
    let lab = turn.named_lab("pair", PAIR);
    user.lab(&["up", &lab.file]).exits(0);
    let captured = user.command(&[
        "sh",
        "-c",
        &format!(
            "{} capture --along pc server --ping | tcpdump -n -r -",
            user.program()
        ),
    ]);
    let mut captured = captured;
    let read = program::finish(&mut captured).exits(0);
    assert_eq!(read.said.lines().count(), 16, "{read:#?}");
    user.lab(&["down", &lab.name]).exits(0);
}
