//! Plans of networks whose peerings show only some subnets.

use super::*;
use crate::lab::examples::SUBNETS;

#[test]
fn an_interface_knows_no_neighbour_that_a_peer_hides() {
    let (topology, plan) = planned(SUBNETS);
    let name = |node: NodeId| topology.node(node).name.as_str();
    let known = |mac: Mac| {
        let owner = topology.interfaces.iter().find(|own| own.mac == mac);
        owner.map_or("fabric", |own| name(own.node))
    };
    let vm = topology.find("left-vm").unwrap();
    let lines = plan
        .operations()
        .into_iter()
        .filter_map(|operation| match operation {
            Operation::Entry(node, Entry::Neighbour { address, mac, .. }) if node == vm => {
                Some(format!("{address} is {}", known(*mac)))
            }
            Operation::Entry(_, Entry::Forwarding { port, mac }) => {
                Some(format!("{port} leads to {}", known(*mac)))
            }
            _ => None,
        });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r"
    left-vm leads to left-vm
    left-db leads to left-db
    left-right leads to right-vm
    right-vm leads to right-vm
    right-db leads to right-db
    right-left leads to left-vm
    10.80.1.1 is azure
    10.81.1.4 is right-vm
    172.28.3.4 is left-db
    ");
}
