//! The largest packet of a path: on premises the tunnel's device reports it, in Azure no gateway does.

use std::net::Ipv4Addr;

use crate::capture::{Capture, TCP};
use crate::lab::{Lab, Turn};
use crate::program::{Beside, wait_until};
use crate::traceroute::ping;

const BRANCH: Ipv4Addr = Ipv4Addr::new(10, 11, 30, 68);
const HUB: Ipv4Addr = Ipv4Addr::new(10, 10, 30, 4);
const LOC1: Ipv4Addr = Ipv4Addr::new(10, 2, 30, 10);

/// A ping that fills an Ethernet frame and must not be fragmented.
const FULL: [&str; 6] = ["-M", "do", "-s", "1472", "-c", "2"];

/// The path MTU that Debian's tracepath finds.
fn path_mtu(lab: &Lab, from: &str, to: Ipv4Addr) -> u32 {
    let said = lab
        .inside(from, &["tracepath", "-n", "-m", "8", &to.to_string()])
        .said;
    let summary = said.lines().find(|line| line.contains("Resume:"));
    let mut words = summary.unwrap_or_default().split_whitespace();
    words.find(|word| *word == "pmtu");
    let mtu = words.next().and_then(|word| word.parse().ok());
    mtu.unwrap_or_else(|| panic!("no path MTU from {from} to {to}:\n{said}"))
}

#[test]
fn into_a_tunnel_the_customers_device_says_what_fits_and_azure_says_nothing() {
    let turn = Turn::begin();
    let lab = turn.lab_up("tunnel-mtu", &[]);
    assert_eq!(path_mtu(&lab, "loc1-vm", BRANCH), 1400);
    assert_eq!(path_mtu(&lab, "branch-vm", LOC1), 1500);
    assert_eq!(path_mtu(&lab, "branch-vm", HUB), 1500);
    // A full packet from Azure arrives complete: the gateway sends it in two encrypted packets.
    let sent = ping(&lab, "branch-vm", LOC1, &FULL);
    assert!(sent.said.contains(" 2 received"), "{sent:#?}");
    lab.inside("loc1-vm", &["ip", "route", "flush", "cache"])
        .exits(0);
    let refused = ping(&lab, "loc1-vm", BRANCH, &FULL);
    let words = "Frag needed and DF set (mtu = 1400)";
    assert!(refused.said.contains(words), "{refused:#?}");
    // A packet that may be fragmented arrives.
    let cut = ping(
        &lab,
        "loc1-vm",
        BRANCH,
        &["-M", "dont", "-s", "1472", "-c", "2"],
    );
    assert!(cut.said.contains(" 2 received"), "{cut:#?}");
}

#[test]
fn a_device_may_have_another_mtu_and_get_it_while_the_lab_runs() {
    let turn = Turn::begin();
    let lab = turn.lab_up("own-mtu", &[]);
    let edits = [("innerTtl: 64", "innerTtl: 64, mtu: 1280")];
    let smaller = turn.other_file(&lab, "smaller", &edits);
    crate::program::lab(&["up", &smaller]).exits(0);
    assert_eq!(path_mtu(&lab, "loc1-vm", BRANCH), 1280);
    assert_eq!(path_mtu(&lab, "branch-vm", LOC1), 1500);
    assert_eq!(offered(&lab, "loc1-vm", ("branch-vm", BRANCH)), 1240);
    lab.run(&["status", "--check"]).exits(0);
}

#[test]
fn a_circuit_takes_full_packets_both_ways() {
    let turn = Turn::begin();
    let lab = turn.lab_up("circuit-mtu", &[]);
    assert_eq!(path_mtu(&lab, "loc1-vm", HUB), 1500);
    assert_eq!(path_mtu(&lab, "hub-vm", LOC1), 1500);
}

#[test]
fn tcp_through_a_tunnel_takes_segments_that_fit_and_others_full_ones() {
    let turn = Turn::begin();
    let lab = turn.lab_up("mss", &[]);
    assert_eq!(offered(&lab, "loc1-vm", ("branch-vm", BRANCH)), 1350);
    assert_eq!(offered(&lab, "branch-vm", ("loc1-vm", LOC1)), 1350);
    assert_eq!(offered(&lab, "loc1-vm", ("hub-vm", HUB)), 1460);
}

/// The TCP segment size offered to a machine when another opens a connection to it.
fn offered(lab: &Lab, from: &str, (at, to): (&str, Ipv4Addr)) -> u16 {
    const PORT: &str = "5201";
    let mut server = lab.command_inside(at, &["iperf3", "-s", "-1", "-B", &to.to_string()]);
    let _server = Beside::start(server.stdout(std::process::Stdio::null()));
    wait_until("the server listens", || {
        let listening = lab.inside(at, &["ss", "-Hltn"]).said;
        listening.contains(&format!(":{PORT}"))
    });
    let filter = format!("tcp[tcpflags] & tcp-syn != 0 and dst host {to}");
    let mut capture = Capture::start(Some(&lab.namespace(at)), &filter);
    let client = [
        "iperf3",
        "-c",
        &to.to_string(),
        "-n",
        "1",
        "--connect-timeout",
        "5000",
    ];
    lab.inside(from, &client).exits(0);
    let seen = capture.until(|packet| packet.header().is_some_and(|header| header.protocol == TCP));
    let syn = seen.last().expect("a SYN");
    syn.tcp_option(2).expect("a largest segment")
}
