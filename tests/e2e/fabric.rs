//! The parts of a virtual network, as shown by bridge and ip.

use serde_json::Value;

use crate::lab::{Lab, Turn};
use crate::program::run;

/// Azure's own nodes and machines, whose neighbours are all static.
const AZURE: [&str; 12] = [
    "hub-vm",
    "spoke-vm",
    "branch-vm",
    "remote-vm",
    "hub-vpngw",
    "branch-vpngw",
    "hub-ergw",
    "remote-ergw",
    "er1-msee1",
    "er1-msee2",
    "er2-msee1",
    "er2-msee2",
];

/// The Ethernet address of Azure's first hop, the same in every subnet.
const FABRIC_MAC: &str = "12:34:56:78:9a:bc";

#[test]
fn peering_ports_are_isolated_and_no_others() {
    let turn = Turn::begin();
    let lab = turn.lab_up("ports", &[]);
    let ports = run(
        "bridge",
        &["-n", &lab.namespace("azure"), "-d", "-j", "link"],
    )
    .exits(0)
    .json();
    let ports = ports.as_array().expect("a list of ports");
    assert!(ports.len() > 10, "{ports:#?}");
    let isolated = ports.iter().filter(|port| port["isolated"] == true);
    let mut names: Vec<&str> = isolated
        .filter_map(|port| port["ifname"].as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["hub-spoke", "spoke-hub"]);
}

#[test]
fn azure_knows_every_neighbour_for_good() {
    let turn = Turn::begin();
    let lab = turn.lab_up("neighbours", &[]);
    lab.verify().proves_all();
    for node in AZURE {
        let neighbours = neighbours(&lab, node);
        assert!(!neighbours.is_empty(), "{node} has no neighbour");
        let is_permanent = |one: &Value| one["state"] == serde_json::json!(["PERMANENT"]);
        assert!(
            neighbours.iter().all(is_permanent),
            "{node}: {neighbours:#?}"
        );
    }
    let first_hop = neighbours(&lab, "hub-vm")
        .into_iter()
        .find(|one| one["dst"] == "10.10.30.1");
    assert_eq!(
        first_hop.expect("the subnet's first address")["lladdr"],
        FABRIC_MAC
    );
}

fn neighbours(lab: &Lab, node: &str) -> Vec<Value> {
    let listed = lab.ip(node, &["-j", "neighbour"]).json();
    listed.as_array().expect("a list of neighbours").clone()
}
