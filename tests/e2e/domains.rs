//! Unconnected parts of a lab, with the same addresses.

use crate::lab::Turn;
use crate::program::lab;

const APART: &str = "name: apart
virtualNetworks:
  red:
    location: region1
    addressPrefixes: [10.40.0.0/16]
    subnets: { all: { addressPrefix: 10.40.0.0/24 } }
    virtualMachines:
      red-vm: { subnet: all, privateIPAddress: 10.40.0.4 }
      red-db: { subnet: all, privateIPAddress: 10.40.0.5 }
  blue:
    location: region1
    addressPrefixes: [10.40.0.0/16]
    subnets: { all: { addressPrefix: 10.40.0.0/24 } }
    virtualMachines:
      blue-vm: { subnet: all, privateIPAddress: 10.40.0.4 }
      blue-db: { subnet: all, privateIPAddress: 10.40.0.6 }
sites:
  shop:
    routers: { till: { address: 10.40.0.1/24 } }
    hosts: { pc: { address: 10.40.0.4/24, gateway: 10.40.0.1 } }
expect:
  - { from: red-db, to: red-vm, hops: [10.40.0.4] }
  - { from: blue-db, to: blue-vm, hops: [10.40.0.4] }
";

#[test]
fn networks_that_nothing_joins_have_the_same_addresses() {
    let turn = Turn::begin();
    let apart = turn.named_lab("apart", APART);
    lab(&["up", &apart.file]).exits(0);
    let name = apart.name.as_str();
    for (from, to) in [("red-db", "red-vm"), ("blue-db", "blue-vm"), ("till", "pc")] {
        lab(&["ping", from, to, "-c", "1", "--lab", name]).exits(0);
    }
    lab(&["verify", name]).exits(0);
    // The address selects the machine of its own network: a packet to it never leaves the network.
    let trace = lab(&["trace", "blue-db", "10.40.0.4", "--lab", name]).exits(0);
    assert!(trace.said.contains("blue-vm [10.40.0.4]"), "{trace:#?}");
    // The name selects a machine that is unreachable.
    let refused = lab(&["ping", "red-db", "blue-vm", "--lab", name]).exits(2);
    assert!(
        refused
            .complained
            .contains("10.40.0.4 is the address of `red-vm`"),
        "{refused:#?}"
    );
    // An address used only in the other domain is probed, and no machine answers.
    lab(&["ping", "red-db", "blue-db", "-c", "1", "--lab", name]).exits(1);
    let matrix = lab(&["matrix", name, "--json"]).exits(0).json();
    let paths = matrix["paths"].as_array().expect("paths");
    let reached: Vec<String> = paths
        .iter()
        .filter(|path| path["reached"] == true)
        .map(|path| format!("{} {}", path["from"], path["to"]).replace('"', ""))
        .collect();
    assert_eq!(
        reached,
        [
            "red-vm red-db",
            "red-db red-vm",
            "blue-vm blue-db",
            "blue-db blue-vm"
        ]
    );
}

#[test]
fn a_node_resolves_the_names_of_what_it_reaches() {
    let turn = Turn::begin();
    let (blue, _) = APART
        .split_once("expect:")
        .expect("the lab expects something");
    let (_, rest) = blue.split_once("  blue:\n").expect("a network");
    let (network, _) = rest.split_once("sites:").expect("sites");
    let red = blue.replace(&format!("  blue:\n{network}"), "");
    let (red, _) = red.split_once("sites:").expect("sites");
    let apart = turn.named_lab("apart", red);
    lab(&["up", &apart.file]).exits(0);
    let resolves = |node: &str, name: &str| {
        let ran = apart.inside(node, &["getent", "hosts", name]);
        ran.said.split_whitespace().next().map(str::to_owned)
    };
    let address = Some("10.40.0.4".to_owned());
    assert_eq!(resolves("red-db", "red-vm"), address);
    // Another network with the same address is added and removed.
    let changed = blue.replace("name: apart\n", &format!("name: {}\n", apart.name));
    std::fs::write(&apart.file, changed).expect("the lab's file");
    lab(&["up", &apart.file]).exits(0);
    assert_eq!(resolves("red-db", "red-vm"), address);
    assert_eq!(resolves("red-db", "blue-vm"), None);
    assert_eq!(resolves("blue-db", "blue-vm"), address);
    assert_eq!(resolves("blue-db", "red-vm"), None);
    let exec = lab(&[
        "exec",
        "blue-db",
        "--lab",
        &apart.name,
        "--",
        "getent",
        "hosts",
        "blue-vm",
    ]);
    assert!(exec.exits(0).said.starts_with("10.40.0.4"));
    let before = red.replace("name: apart\n", &format!("name: {}\n", apart.name));
    std::fs::write(&apart.file, before).expect("the lab's file");
    lab(&["up", &apart.file]).exits(0);
    assert_eq!(resolves("red-db", "red-vm"), address);
}
