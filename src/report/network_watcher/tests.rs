//! What Network Watcher's questions are answered with.

use std::time::Duration;

use insta::assert_snapshot;

use crate::report::network_watcher::{
    Connectivity, connectivity, connectivity_text, next_hop, next_hop_text,
};
use crate::report::solved::{APPLIANCE, Solved};
use crate::report::why::report;
use crate::verify::why::explain;

fn hop(lab: &Solved, from: &str, to: &str) -> String {
    let to = to.parse().unwrap();
    let hop = next_hop(&lab.topology, &lab.tables, lab.node(from), to);
    hop.map_or_else(|| "none".to_owned(), |hop| next_hop_text(&hop))
}

fn probed(lab: &Solved, from: &str, to: &str, milliseconds: &[Option<u64>]) -> Connectivity {
    let from = lab.node(from);
    let why = report(
        &lab.topology,
        from,
        &explain(lab, from, to.parse().unwrap()),
    );
    let times: Vec<_> = milliseconds
        .iter()
        .map(|time| time.map(Duration::from_millis))
        .collect();
    connectivity(&lab.topology, &why, &times)
}

#[test]
fn a_next_hop_is_that_of_the_longest_active_route() {
    let lab = Solved::of(APPLIANCE);
    assert_snapshot!(hop(&lab, "steered-vm", "192.0.2.1"), @r"
    NextHopIpAddress  NextHopType       RouteTableId
    ----------------  ----------------  --------------------------------------------------------------------------------------------------------------------------
    10.1.3.4          VirtualAppliance  /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/appliance/providers/Microsoft.Network/routeTables/steer
    ");
    assert_snapshot!(hop(&lab, "plain-vm", "10.9.0.4"), @r"
    NextHopIpAddress  NextHopType            RouteTableId
    ----------------  ---------------------  ------------
                      VirtualNetworkPeering  System Route
    ");
    assert_snapshot!(hop(&lab, "plain-vm", "10.102.0.10"), @r"
    NextHopIpAddress  NextHopType            RouteTableId
    ----------------  ---------------------  ------------
    10.1.255.4        VirtualNetworkGateway  System Route
    ");
    assert_snapshot!(hop(&lab, "plain-vm", "10.200.0.1"), @r"
    NextHopIpAddress  NextHopType  RouteTableId
    ----------------  -----------  ------------
                      None         System Route
    ");
    assert_eq!(hop(&lab, "east-pc", "10.9.0.4"), "none");
}

#[test]
fn an_answer_has_azs_shape() {
    let lab = Solved::hub_spoke();
    let one = probed(&lab, "hub-vm", "10.11.30.4", &[Some(3), None, Some(4)]);
    assert_snapshot!(serde_json::to_string_pretty(&one).unwrap(), @r#"
    {
      "hops": [
        {
          "type": "Source",
          "id": "hub-vm",
          "address": "10.10.30.4",
          "resourceId": "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/hub-spoke/providers/Microsoft.Compute/virtualMachines/hub-vm",
          "nextHopIds": [
            "spoke-vm"
          ],
          "issues": []
        },
        {
          "type": "VnetLocal",
          "id": "spoke-vm",
          "address": "10.11.30.4",
          "resourceId": "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/hub-spoke/providers/Microsoft.Compute/virtualMachines/spoke-vm",
          "nextHopIds": [],
          "issues": []
        }
      ],
      "connectionStatus": "Reachable",
      "avgLatencyInMs": 4,
      "minLatencyInMs": 3,
      "maxLatencyInMs": 4,
      "probesSent": 3,
      "probesFailed": 1
    }
    "#);
    let one = probed(&lab, "hub-vm", "10.2.30.10", &[Some(3), None, Some(4)]);
    assert_snapshot!(connectivity_text(&one), @r"
    Type      Node       Address       Issue
    --------  ---------  ------------  -----
    Source    hub-vm     10.10.30.4
    Internet  er1-msee1  10.10.30.132
    Internet  loc1-ce1   10.2.30.125
    Internet  loc1-lan   10.2.30.3
    Internet  loc1-vm    10.2.30.10

    Reachable: 1 of 3 probes failed, 3/4/4 ms min/avg/max
    ");
}

#[test]
fn a_dead_end_says_where_and_why() {
    let lab = Solved::hub_spoke();
    let one = probed(&lab, "branch-vm", "10.1.31.10", &[None, None]);
    assert_snapshot!(connectivity_text(&one), @r"
    Type    Node       Address      Issue
    ------  ---------  -----------  -------------------------------------------------------------------------------
    Source  branch-vm  10.11.30.68  branch-vm has no route to 10.1.31.10 except the system route 10.0.0.0/8 to None

    Unreachable: 2 of 2 probes failed
    ");
    let lab = Solved::of(APPLIANCE);
    let one = probed(&lab, "steered-vm", "10.9.0.4", &[None]);
    assert_snapshot!(connectivity_text(&one), @r"
    Type    Node        Address   Issue
    ------  ----------  --------  -------------------------------------------------------------------------------------------------
    Source  steered-vm  10.1.2.4  steered-vm has no route to 10.9.0.4 except the user-defined route steer/none, 10.9.0.0/24 to None

    Unreachable: 1 of 1 probes failed
    ");
    assert_eq!(one.hops[0].issues[0].kind, "UserDefinedRoute");
}
