//! The host's own namespace is unchanged before, while and after a lab is up.

use std::net::Ipv4Addr;
use std::process::Stdio;

use crate::capture::Capture;
use crate::lab::{Lab, Turn};
use crate::program::{Beside, run};

/// Every address of a lab. None of them may appear in the host's own namespace.
pub(crate) const LAB_ADDRESSES: &str = "net 10.10.30.0/24 or net 10.11.30.0/25 or net 10.17.30.0/26 \
    or net 10.2.30.0/25 or net 10.1.31.0/25 or net 192.168.30.0/23 or net 169.254.192.0/24 \
    or net 52.168.162.84/31 or host 66.198.12.106";

/// An address of the host's own loopback; its packets show that the capture works.
pub(crate) const MARK: Ipv4Addr = Ipv4Addr::new(127, 77, 77, 77);

/// Settings that are counters or change by themselves.
const VOLATILE: [&str; 9] = [
    "fs.aio-nr ",
    "fs.dentry-state ",
    "fs.file-nr ",
    "fs.inode-nr ",
    "fs.inode-state ",
    "kernel.ns_last_pid ",
    "kernel.pty.nr ",
    "kernel.random.",
    "net.netfilter.nf_conntrack_count ",
];

/// A named view of the host's state.
type View = (&'static str, Vec<String>);

#[test]
fn the_host_is_untouched() {
    let turn = Turn::begin();
    let before = views();
    let lab = turn.lab_up("host", &[]);
    assert_same(&before, "after up");
    let load = load(&lab);
    lab.verify().proves_all();
    assert_same(&before, "under load");
    drop(load);
    lab.down().exits(0);
    assert_same(&before, "after down");
}

#[test]
fn the_host_sees_no_packet_of_a_lab() {
    let turn = Turn::begin();
    let mut capture = Capture::start(None, &format!("{LAB_ADDRESSES} or host {MARK}"));
    let lab = turn.lab_up("unseen", &[]);
    lab.verify().proves_all();
    lab.down().exits(0);
    run("ping", &["-n", "-c", "1", "-W", "1", &MARK.to_string()]).exits(0);
    let mut is_mark =
        |packet: &crate::capture::Packet| packet.header().is_some_and(|header| header.to == MARK);
    let packets = capture.until(&mut is_mark);
    assert_eq!(packets.len(), 1, "seen before the mark: {packets:?}");
}

/// A ping that runs until dropped.
fn load(lab: &Lab) -> Beside {
    let words = ["ping", "-n", "-q", "-i", "0.002", "10.11.30.68"];
    Beside::start(lab.command_inside("loc1-vm", &words).stdout(Stdio::null()))
}

#[track_caller]
fn assert_same(before: &[View], moment: &str) {
    for ((name, was), (_, is)) in before.iter().zip(views()) {
        let gone: Vec<&String> = was.iter().filter(|line| !is.contains(line)).collect();
        let new: Vec<&String> = is.iter().filter(|line| !was.contains(line)).collect();
        assert!(*was == is, "{name} {moment}: gone {gone:#?}, new {new:#?}");
    }
}

fn views() -> Vec<View> {
    let interfaces = std::fs::read_to_string("/proc/net/dev").expect("the interfaces");
    let names = interfaces
        .lines()
        .filter_map(|line| Some(line.split_once(':')?.0.trim().to_owned()));
    vec![
        ("interfaces", names.collect()),
        ("ip link", lines("ip", &["-d", "link"])),
        ("ip addr", without(lines("ip", &["addr"]), &["valid_lft"])),
        (
            "routes",
            ageless(&lines("ip", &["route", "show", "table", "all"])),
        ),
        (
            "IPv6 routes",
            ageless(&lines("ip", &["-6", "route", "show", "table", "all"])),
        ),
        ("rules", lines("ip", &["rule"])),
        ("IPv6 rules", lines("ip", &["-6", "rule"])),
        ("queues", lines("tc", &["qdisc"])),
        ("TUN interfaces", lines("ip", &["tuntap"])),
        ("nft", lines("nft", &["list", "ruleset"])),
        ("sysctl", without(lines("sysctl", &["-a"]), &VOLATILE)),
    ]
}

fn lines(program: &str, arguments: &[&str]) -> Vec<String> {
    run(program, arguments)
        .exits(0)
        .said
        .lines()
        .map(str::to_owned)
        .collect()
}

/// Removes values that change by themselves.
fn without(lines: Vec<String>, volatile: &[&str]) -> Vec<String> {
    lines
        .into_iter()
        .filter(|line| !volatile.iter().any(|word| line.contains(word)))
        .collect()
}

/// Routes without their remaining lifetimes in seconds.
fn ageless(routes: &[String]) -> Vec<String> {
    let ageless = |route: &String| {
        let mut words: Vec<&str> = route.split_whitespace().collect();
        if let Some(at) = words.iter().position(|word| *word == "expires") {
            words.drain(at..words.len().min(at + 2));
        }
        words.join(" ")
    };
    routes.iter().map(ageless).collect()
}
