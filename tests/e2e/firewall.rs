//! Firewalls of a lab file, with real packets.

use std::net::Ipv4Addr;
use std::thread;

use crate::capture::{Capture, Packet};
use crate::lab::{Lab, Turn};
use crate::program::{self, Ran};
use crate::user::User;

/// Two networks and a site around an appliance.
const LAB: &str = include_str!("../../src/report/why/tests/filtered.yaml");

/// The machines.
const NODES: [&str; 4] = ["vm", "spoke-vm", "pc", "nva"];

const PC: &str = "10.8.0.10";
const SPOKE: &str = "10.2.1.4";
const VM: &str = "10.1.2.4";

/// Only the virtual machine in the hub may start a flow.
const ONE_SIDE: &str = "table ip filter {
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related counter accept
    ip saddr 10.1.2.0/24 ct state new accept
  }
}";

/// The site sees the appliance's address, of packets that a stateful filter lets pass.
const MASQUERADE: &str = "table ip nat {
  chain post {
    type nat hook postrouting priority srcnat;
    ip daddr 10.8.0.0/16 counter masquerade
  }
}
table inet filter {
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state vmap { established : accept, related : accept, invalid : drop }
    ip saddr { 10.1.2.0/24, 10.2.0.0/16 } accept
  }
}";

/// Answers that go by the appliance, to packets that came past it.
const ASYMMETRIC: &str = "table ip filter {
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    ip saddr 10.2.0.0/16 ct state new accept
  }
}";

/// Rules at other hooks.
const ELSEWHERE: &str = "table ip filter {
  chain before {
    type filter hook prerouting priority raw;
    ip saddr 10.2.0.0/16 ip daddr 10.1.2.4 drop
  }
  chain input {
    type filter hook input priority 0;
    ip saddr 10.1.2.0/24 drop
  }
  chain output {
    type filter hook output priority 0;
    icmp type time-exceeded drop
  }
}";

/// The text of the lab file with a firewall.
fn text(firewall: &str) -> String {
    let lines = firewall.lines().map(|line| format!("          {line}"));
    let lines: Vec<String> = lines.collect();
    LAB.replace("FIREWALL", &lines.join("\n"))
}

fn lab(turn: &Turn, firewall: &str) -> Lab {
    turn.named_lab("filtered", &text(firewall))
}

/// Changes the running lab to another firewall.
fn change(turn: &Turn, lab: &Lab, firewall: &str) -> Ran {
    let text = text(firewall).replace("name: filtered\n", &format!("name: {}\n", lab.name));
    turn.file("filtered.yaml", &text);
    program::lab(&["up", &lab.file])
}

fn ping(lab: &Lab, from: &str, to: &str) -> Ran {
    lab.run(&["exec", from, "--", "ping", "-nq", "-c1", "-W1", to])
}

/// The hops of a path that answer, by the routes or by real packets, and whether the destination does.
fn hops(hops: &serde_json::Value) -> Vec<&str> {
    let hops = hops.as_array().expect("hops");
    hops.iter()
        .filter_map(|hop| hop["address"].as_str())
        .collect()
}

#[test]
fn packets_do_what_is_predicted_of_firewalls() {
    let turn = Turn::begin();
    let lab = lab(&turn, ONE_SIDE);
    program::lab(&["up", &lab.file]).exits(0);
    for firewall in [ONE_SIDE, MASQUERADE, ASYMMETRIC, ELSEWHERE] {
        change(&turn, &lab, firewall).exits(0);
        for from in NODES {
            for to in NODES.iter().filter(|to| **to != from) {
                let why = lab.run(&["why", from, to, "--json"]).json();
                let trace = ["trace", from, to, "--json", "-m", "6", "--wait", "300ms"];
                let trace = lab.run(&trace).json();
                let pair = format!("{from} to {to} with {firewall}: {why:#}, {trace:#}");
                assert_eq!(why["answered"], trace["reached"], "{pair}");
                assert_eq!(hops(&why["there"]["hops"]), hops(&trace["hops"]), "{pair}");
                assert_eq!(
                    why["notEvaluated"].as_array().map(Vec::len),
                    Some(0),
                    "{pair}"
                );
            }
        }
    }
    lab.run(&["status", "--check"]).exits(0);
}

#[test]
fn one_side_may_start_a_flow_and_counters_show_it() {
    let turn = Turn::begin();
    let lab = lab(&turn, ONE_SIDE);
    program::lab(&["up", &lab.file]).exits(0);
    ping(&lab, "vm", SPOKE).exits(0);
    ping(&lab, "spoke-vm", VM).exits(1);
    let rules = lab.run(&[
        "exec", "nva", "--", "nft", "list", "chain", "ip", "filter", "forward",
    ]);
    let said = rules.exits(0).said;
    assert!(said.contains("counter packets 1 bytes 84 accept"), "{said}");
    let why = lab.run(&["why", "spoke-vm", "vm"]).said;
    assert!(
        why.contains("nva drops the packets: line 3 of its firewall, `policy drop`"),
        "{why}"
    );
}

#[test]
fn a_site_sees_the_address_of_the_appliance() {
    let turn = Turn::begin();
    let lab = lab(&turn, MASQUERADE);
    program::lab(&["up", &lab.file]).exits(0);
    let namespace = format!("{}.pc", lab.name);
    let mut capture = Capture::start(Some(&namespace), "icmp[icmptype] == icmp-echo");
    ping(&lab, "spoke-vm", PC).exits(0);
    let packets = capture.until(|_| true);
    let sources = packets.iter().filter_map(Packet::header);
    let sources: Vec<Ipv4Addr> = sources.map(|header| header.from).collect();
    assert_eq!(sources, [Ipv4Addr::new(10, 1, 1, 4)]);
    // By the routes alone, its answers would go past the appliance.
    let why = lab.run(&["why", "spoke-vm", "pc"]).exits(0).said;
    assert!(
        why.contains("nva translates the source 10.2.1.4 to 10.1.1.4"),
        "{why}"
    );
}

#[test]
fn an_edit_takes_effect_while_packets_pass() {
    let turn = Turn::begin();
    let lab = lab(&turn, ONE_SIDE);
    program::lab(&["up", &lab.file]).exits(0);
    let supervisor = lab.supervisor();
    let train = ["ping", "-n", "-q", "-i", "0.01", "-c", "300", SPOKE];
    let said = thread::scope(|scope| {
        let pings = scope.spawn(|| lab.inside("vm", &train).said);
        for firewall in [MASQUERADE, ONE_SIDE, MASQUERADE] {
            let said = change(&turn, &lab, firewall).exits(0).said;
            assert!(
                said.contains("is changed: 1 firewall changed in "),
                "{said}"
            );
        }
        assert!(!pings.is_finished(), "the pings ended before the changes");
        pings.join().unwrap()
    });
    assert!(said.contains("300 received, 0% packet loss"), "{said}");
    ping(&lab, "spoke-vm", VM).exits(0);
    change(&turn, &lab, ONE_SIDE).exits(0);
    ping(&lab, "spoke-vm", VM).exits(1);
    let tables = ["exec", "nva", "--", "nft", "list", "tables"];
    assert_eq!(lab.run(&tables).said, "table ip filter\n");
    // Without the key, the tables are removed.
    let without = text(ONE_SIDE).replace("name: filtered\n", &format!("name: {}\n", lab.name));
    let begin = without.find("        firewall: |\n").expect("the key");
    let end = without.find("      vm: {").expect("the next machine");
    turn.file(
        "filtered.yaml",
        &(without[..begin].to_owned() + &without[end..]),
    );
    program::lab(&["up", &lab.file]).exits(0);
    assert_eq!(lab.run(&tables).said, "");
    ping(&lab, "spoke-vm", VM).exits(0);
    assert_eq!(lab.supervisor(), supervisor, "the same supervisor stays");
}

#[test]
fn a_wrong_firewall_is_refused_before_anything_is_built() {
    let turn = Turn::begin();
    let wrong = ONE_SIDE.replace("ip saddr", "ip sadr");
    let lab = lab(&turn, &wrong);
    let line = text(&wrong).lines().position(|line| line.contains("sadr"));
    let line = line.expect("the wrong line") + 1;
    let up = program::lab(&["up", &lab.file]).exits(2);
    let named = format!("filtered.yaml:{line}: syntax error");
    assert!(up.complained.contains(&named), "{up:#?}");
    let up = program::lab(&["ls", "--json"]).exits(0).json();
    assert_eq!(up.as_array().map(Vec::len), Some(0), "{up}");
    change(&turn, &lab, ONE_SIDE).exits(0);
    // These do not name a table of the lab with the command `table`.
    for touching in ["add chain ip lab mine", "add rule bridge lab stand-in drop"] {
        let touching = format!("{touching}\n{ONE_SIDE}");
        let refused = change(&turn, &lab, &touching).exits(2).complained;
        assert!(
            refused.contains("changes the tables that the lab itself loads"),
            "{refused}"
        );
    }
    let absent = ONE_SIDE.replace("ip saddr", "iif eth7 ip saddr");
    let refused = change(&turn, &lab, &absent).exits(2).complained;
    assert!(refused.contains("Interface does not exist"), "{refused}");
    change(
        &turn,
        &lab,
        &ONE_SIDE.replace("ip saddr", "iif eth0 ip saddr"),
    )
    .exits(0);
    ping(&lab, "vm", SPOKE).exits(0);
    ping(&lab, "spoke-vm", VM).exits(1);
}

#[test]
fn a_user_has_firewalls_too() {
    let turn = Turn::begin();
    let user = User::of(&turn);
    let lab = lab(&turn, ONE_SIDE);
    user.lab(&["up", &lab.file]).exits(0);
    let ping = |from, to| user.lab(&["exec", from, "--", "ping", "-nq", "-c1", "-W1", to]);
    ping("vm", SPOKE).exits(0);
    ping("spoke-vm", VM).exits(1);
    turn.file(
        "filtered.yaml",
        &text(MASQUERADE).replace("name: filtered\n", &format!("name: {}\n", lab.name)),
    );
    user.lab(&["up", &lab.file]).exits(0);
    ping("spoke-vm", VM).exits(0);
    user.lab(&["down", &lab.name]).exits(0);
}
