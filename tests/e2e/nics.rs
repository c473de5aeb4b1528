//! A machine with several network interfaces: it answers on the interface of the request, and each has its own routes.

use netns_lab::engine::CATALOGUE;

use crate::lab::{Lab, Turn};
use crate::program;

fn two_nic_nva() -> &'static str {
    let mut labs = CATALOGUE.iter();
    let (_, text) = labs
        .find(|(name, _)| *name == "two-nic-nva")
        .expect("a shipped lab");
    text
}

/// How many packets an interface of the appliance has sent.
fn sent(lab: &Lab, interface: &str) -> u64 {
    let statistics = format!("/sys/class/net/{interface}/statistics/tx_packets");
    let ran = lab.inside("nva", &["cat", &statistics]).exits(0);
    ran.said.trim().parse().expect("a number of packets")
}

/// How many packets each of its interfaces sends while a machine pings an address.
fn answers(lab: &Lab, from: &str, to: &str) -> [u64; 2] {
    let before = ["eth0", "eth1"].map(|interface| sent(lab, interface));
    let count = ["ping", "-n", "-c", "3", "-i", "0.1", "-W", "2", to];
    lab.inside(from, &count).exits(0);
    let after = ["eth0", "eth1"].map(|interface| sent(lab, interface));
    [after[0] - before[0], after[1] - before[1]]
}

#[test]
fn an_interface_that_was_asked_answers() {
    let turn = Turn::begin();
    let lab = turn.named_lab("two-nic-nva", two_nic_nva());
    program::lab(&["up", &lab.file]).exits(0);
    assert_eq!(answers(&lab, "spoke1-vm", "10.50.0.36"), [3, 0]);
    assert_eq!(answers(&lab, "spoke1-vm", "10.50.0.68"), [0, 3]);
    // Without its rule, the system would answer through the interface that its routes select.
    let rule = ["rule", "delete", "from", "10.50.0.36", "lookup", "100"];
    lab.ip("nva", &rule).exits(0);
    assert_eq!(answers(&lab, "spoke1-vm", "10.50.0.36"), [0, 3]);
    let checked = lab.run(&["status", "--check"]).exits(1);
    assert!(
        checked.said.contains("rule add from 10.50.0.36 lookup 100"),
        "{checked:#?}"
    );
    program::lab(&["up", &lab.file]).exits(0);
    assert_eq!(answers(&lab, "spoke1-vm", "10.50.0.36"), [3, 0]);
    lab.run(&["status", "--check"]).exits(0);
}

#[test]
fn what_passes_the_appliance_uses_both_interfaces() {
    let turn = Turn::begin();
    let lab = turn.named_lab("two-nic-nva", two_nic_nva());
    program::lab(&["up", &lab.file]).exits(0);
    // Three requests leave by the outside interface, and three answers by the inside one.
    assert_eq!(answers(&lab, "spoke1-vm", "10.60.0.10"), [3, 3]);
    let trace = lab.inside(
        "spoke1-vm",
        &["traceroute", "-n", "-I", "-q", "1", "10.60.0.10"],
    );
    let hops: Vec<&str> = trace.said.lines().skip(1).collect();
    assert!(hops[0].contains("10.50.0.68"), "{trace:#?}");
    let back = lab.inside(
        "branch-vm",
        &["traceroute", "-n", "-I", "-q", "1", "10.51.1.4"],
    );
    let hops: Vec<&str> = back.said.lines().skip(1).collect();
    assert!(hops[1].contains("10.50.0.36"), "{back:#?}");
}

#[test]
fn an_interface_without_forwarding_drops_what_is_not_its_own() {
    let turn = Turn::begin();
    let text = two_nic_nva().replace(
        "privateIPAddress: 10.50.0.68, ipForwarding: true",
        "privateIPAddress: 10.50.0.68",
    );
    let lab = turn.named_lab("two-nic-nva", &text);
    let up = program::lab(&["up", &lab.file]).exits(0);
    assert!(up.complained.contains("ip-forwarding"), "{up:#?}");
    lab.inside("spoke1-vm", &["ping", "-c", "1", "-W", "1", "10.60.0.10"])
        .exits(1);
    lab.inside("spoke1-vm", &["ping", "-c", "1", "-W", "2", "10.50.0.68"])
        .exits(0);
    let why = lab.run(&["why", "spoke1-vm", "branch-vm"]);
    assert!(why.said.contains("it has no `ipForwarding`"), "{why:#?}");
}

#[test]
fn a_name_may_be_that_of_an_interface() {
    let turn = Turn::begin();
    let named = turn.named_lab("two-nic-nva", two_nic_nva());
    program::lab(&["up", &named.file]).exits(0);
    let pinged = named
        .run(&["ping", "spoke1-vm", "nva/inside", "-c", "1"])
        .exits(0);
    assert!(pinged.said.contains("10.50.0.68"), "{pinged:#?}");
    let refused = named.run(&["routes", "nva/wrong"]).exits(2);
    assert!(
        refused
            .complained
            .contains("nva has no interface `wrong`; it has outside, inside"),
        "{refused:#?}"
    );
}

#[test]
fn a_machine_gets_a_second_interface_while_the_lab_runs() {
    let turn = Turn::begin();
    let text = two_nic_nva();
    let (start, rest) = text
        .split_once("        networkInterfaces:")
        .expect("two interfaces");
    let (_, end) = rest
        .split_once("    peerings:")
        .expect("the network's peerings");
    let own_keys = "        subnet: outside\n        privateIPAddress: 10.50.0.36\n        ipForwarding: true\n";
    // The storyboards fault the link of the second interface.
    let (end, _) = end.split_once("storyboards:").expect("storyboards");
    // A machine with one interface has no names of interfaces.
    let end = end.replace("nva/outside", "10.50.0.36");
    let end = end.replace("nva/inside", "10.50.0.68");
    let one = format!("{start}{own_keys}    peerings:{end}");
    let lab = turn.named_lab("two-nic-nva", &one);
    program::lab(&["up", &lab.file]).exits(0);
    let both = turn.named_lab("two-nic-nva", text);
    program::lab(&["up", &both.file]).exits(0);
    lab.run(&["status", "--check"]).exits(0);
    let failures = lab.verify().failures();
    assert!(failures.is_empty(), "{failures:#?}");
    assert_eq!(answers(&lab, "spoke1-vm", "10.50.0.68"), [0, 3]);
}
