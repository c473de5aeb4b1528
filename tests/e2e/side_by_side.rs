//! Two labs with the same addresses, up at once.

use std::net::Ipv4Addr;
use std::thread;

use crate::capture::{Capture, Packet};
use crate::host::MARK;
use crate::lab::{Lab, Turn};
use crate::program::lab;
use crate::traceroute::ping;

const SPOKE_VM: Ipv4Addr = Ipv4Addr::new(10, 11, 30, 4);

const LOC1_VM: Ipv4Addr = Ipv4Addr::new(10, 2, 30, 10);

/// A different payload for each lab, as bytes and as an option of ping.
const FIRST: (&[u8], &str) = (b"firstfirst", "66697273746669727374");
const SECOND: (&[u8], &str) = (b"secondsecond", "7365636f6e647365636f6e64");

#[test]
fn two_labs_prove_their_paths_at_the_same_time() {
    let turn = Turn::begin();
    let labs = [turn.lab_up("left", &[]), turn.lab_up("right", &[])];
    let [left, right] = labs.each_ref().map(addresses);
    assert_eq!(left, right);
    thread::scope(|scope| {
        let verifications = labs.each_ref().map(|lab| scope.spawn(|| lab.verify()));
        for verification in verifications {
            let verification = verification.join().expect("a verification that ended");
            verification.proves_all();
        }
    });
}

#[test]
fn labs_do_not_hear_each_other() {
    let turn = Turn::begin();
    let [speaking, listening] = [turn.lab_up("speaking", &[]), turn.lab_up("listening", &[])];
    for node in ["hub-vm", "azure", "spoke-vm"] {
        let mut capture = Capture::start(Some(&listening.namespace(node)), "icmp");
        echo(&speaking, FIRST.1);
        echo(&listening, SECOND.1);
        let mut is_second = |packet: &Packet| packet.contains(SECOND.0);
        let packets = capture.until(&mut is_second);
        assert!(
            !packets.iter().any(|packet| packet.contains(FIRST.0)),
            "{node}: {packets:?}"
        );
        assert_eq!(
            packets.len(),
            1,
            "{node} heard more than its own lab: {packets:?}"
        );
    }
}

/// Broadcasts, and packets of a tunnel's underlay.
#[test]
fn labs_do_not_hear_what_others_send_to_all() {
    let turn = Turn::begin();
    let [calling, silent] = [turn.lab_up("calling", &[]), turn.lab_up("silent", &[])];
    let asked = Ipv4Addr::new(10, 2, 30, 77);
    let is_mark = |packet: &Packet| packet.header().is_some_and(|header| header.to == MARK);
    for (node, filter) in [
        ("loc1-lan", "arp"),
        ("loc1-vm", "dst host 10.2.30.127"),
        ("internet", "udp and greater 700"),
    ] {
        let filter = format!("host {MARK} or ({filter})");
        let captures =
            [&calling, &silent].map(|lab| Capture::start(Some(&lab.namespace(node)), &filter));
        // An unused address causes ARP requests, a ping to all is a broadcast, and large packets cross the tunnel.
        ping(&calling, "loc1-vm", asked, &["-c", "1", "-W", "1"]).exits(1);
        let all = Ipv4Addr::new(10, 2, 30, 127);
        ping(&calling, "loc1-vm", all, &["-b", "-c", "1", "-W", "1"]);
        let large = ["-c", "3", "-i", "0.01", "-W", "1", "-s", "900"];
        ping(&calling, "branch-vm", LOC1_VM, &large).exits(0);
        let mark = ["ping", "-n", "-c", "1", "-W", "1", &MARK.to_string()];
        for lab in [&calling, &silent] {
            lab.inside(node, &mark).exits(0);
        }
        let [own, others] = captures.map(|mut capture| capture.until(is_mark).len());
        assert!(own > 1, "{node} hears its own lab: {own}");
        assert_eq!(others, 1, "{node} heard another lab");
    }
}

#[test]
fn which_of_several_labs_is_meant_has_to_be_said() {
    let turn = Turn::begin();
    let [one, other] = [turn.lab_up("one", &[]), turn.lab_up("other", &[])];
    let refused = lab(&["status"]).exits(2);
    assert!(refused.complained.contains("--lab"), "{refused:#?}");
    assert!(refused.complained.contains(&one.name), "{refused:#?}");
    assert!(refused.complained.contains(&other.name), "{refused:#?}");
    one.run(&["status"]).exits(0);
}

fn echo(lab: &Lab, pattern: &str) {
    ping(
        lab,
        "hub-vm",
        SPOKE_VM,
        &["-c", "1", "-W", "1", "-p", pattern],
    )
    .exits(0);
}

/// The addresses of every node's interfaces, as ip prints them, without the carrier state, which the kernel updates
/// late.
fn addresses(lab: &Lab) -> Vec<(String, Vec<String>)> {
    let nodes = lab.pinned_nodes();
    assert_eq!(nodes.len(), 22);
    let addresses = |node: String| {
        let said = lab.ip(&node, &["-4", "-br", "address"]).said;
        let interfaces = said.lines().map(|line| {
            let (name, rest) = line.split_once(' ').unwrap_or_default();
            let (_state, addresses) = rest.trim().split_once(' ').unwrap_or_default();
            format!("{name} {}", addresses.trim())
        });
        (node, interfaces.collect())
    };
    nodes.into_iter().map(addresses).collect()
}
