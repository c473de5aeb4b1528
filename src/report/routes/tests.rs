//! A node's routes in columns and as JSON.

use insta::assert_snapshot;

use crate::report::routes::{Routes, of_nic, routes, routes_of, text};
use crate::report::solved::{APPLIANCE, Solved};

fn of(lab: &Solved, node: &str) -> Routes {
    routes(&lab.topology, &lab.tables, lab.node(node))
}

fn table(lab: &Solved, node: &str) -> String {
    text(&of(lab, node))
}

#[test]
fn a_machines_routes_are_in_azs_columns() {
    assert_snapshot!(table(&Solved::hub_spoke(), "hub-vm"), @r"
    Source                 State   Address Prefix  Next Hop Type          Next Hop IP
    ---------------------  ------  --------------  ---------------------  -------------
    Default                Active  0.0.0.0/0       Internet
    Default                Active  10.0.0.0/8      None
    Default                Active  10.10.30.0/24   VnetLocal
    Default                Active  10.11.30.0/26   VNetPeering
    Default                Active  100.64.0.0/10   None
    Default                Active  127.0.0.0/8     None
    Default                Active  172.16.0.0/12   None
    Default                Active  192.168.0.0/16  None
    Default                Active  198.18.0.0/15   None
    VirtualNetworkGateway  Active  10.1.31.0/25    VirtualNetworkGateway  10.63.0.9
    VirtualNetworkGateway  Active  10.1.31.0/25    VirtualNetworkGateway  10.63.0.10
    VirtualNetworkGateway  Active  10.2.30.0/25    VirtualNetworkGateway  10.63.0.1
    VirtualNetworkGateway  Active  10.11.30.64/26  VirtualNetworkGateway  52.168.162.84
    VirtualNetworkGateway  Active  10.17.30.0/26   VirtualNetworkGateway  10.63.0.1
    VirtualNetworkGateway  Active  10.17.30.0/26   VirtualNetworkGateway  10.63.0.2
    ");
}

#[test]
fn a_machine_falls_back_to_the_vpn_gateway() {
    let lab = Solved::hub_spoke().without("er1-primary");
    assert_snapshot!(table(&lab, "hub-vm"), @r"
    Source                 State   Address Prefix  Next Hop Type          Next Hop IP
    ---------------------  ------  --------------  ---------------------  -------------
    Default                Active  0.0.0.0/0       Internet
    Default                Active  10.0.0.0/8      None
    Default                Active  10.10.30.0/24   VnetLocal
    Default                Active  10.11.30.0/26   VNetPeering
    Default                Active  100.64.0.0/10   None
    Default                Active  127.0.0.0/8     None
    Default                Active  172.16.0.0/12   None
    Default                Active  192.168.0.0/16  None
    Default                Active  198.18.0.0/15   None
    VirtualNetworkGateway  Active  10.1.31.0/25    VirtualNetworkGateway  10.63.0.9
    VirtualNetworkGateway  Active  10.1.31.0/25    VirtualNetworkGateway  10.63.0.10
    VirtualNetworkGateway  Active  10.2.30.0/25    VirtualNetworkGateway  52.168.162.84
    VirtualNetworkGateway  Active  10.11.30.64/26  VirtualNetworkGateway  52.168.162.84
    VirtualNetworkGateway  Active  10.17.30.0/26   VirtualNetworkGateway  10.63.0.1
    VirtualNetworkGateway  Active  10.17.30.0/26   VirtualNetworkGateway  10.63.0.2
    ");
}

#[test]
fn a_routers_routes_tell_what_they_beat() {
    assert_snapshot!(table(&Solved::hub_spoke(), "loc1-ce1"), @r"
    Prefix            Next hop         Interface  Origin                   AS path      Weight  Local pref  State
    ----------------  ---------------  ---------  -----------------------  -----------  ------  ----------  --------------------------------------
    0.0.0.0/0         dropped                     discard                                                   active
    10.2.30.0/25      192.168.30.1     loc1-lan   IGP                                                       active
    10.10.30.0/24     192.168.30.18    er1-msee1  BGP er1-msee1            12076        0       200         active
    10.10.30.0/24     tunnel hub-loc1  hub-loc1   BGP hub-vpngw            65515        0       100         inactive: higher local preference wins
    10.10.30.254/32   tunnel hub-loc1  hub-loc1   static, behind hub-loc1                                   active
    10.11.30.0/26     192.168.30.18    er1-msee1  BGP er1-msee1            12076        0       200         active
    10.11.30.0/26     tunnel hub-loc1  hub-loc1   BGP hub-vpngw            65515        0       100         inactive: higher local preference wins
    10.11.30.64/26    tunnel hub-loc1  hub-loc1   BGP hub-vpngw            65515-65516  0       100         active
    10.11.30.126/32   tunnel hub-loc1  hub-loc1   BGP hub-vpngw            65515        0       100         active
    10.17.30.0/26     192.168.30.18    er1-msee1  BGP er1-msee1            12076        0       200         active
    52.168.162.84/32  169.254.206.186  pub0       static                                                    active
    192.168.30.0/31   on link          loc1-lan   connected                                                 active
    192.168.30.4/31   192.168.30.1     loc1-lan   IGP                                                       active
    192.168.30.16/30  on link          er1-msee1  connected                                                 active
    ");
    assert_snapshot!(table(&Solved::hub_spoke(), "loc2-lan"), @r"
    Prefix            Next hop      Interface  Origin       AS path  Weight  Local pref  State
    ----------------  ------------  ---------  -----------  -------  ------  ----------  ------
    0.0.0.0/0         192.168.31.0  loc2-ce1   IGP default                               active
    0.0.0.0/0         192.168.31.4  loc2-ce2   IGP default                               active
    10.1.31.0/25      on link       lan0       connected                                 active
    192.168.31.0/31   on link       loc2-ce1   connected                                 active
    192.168.31.4/31   on link       loc2-ce2   connected                                 active
    192.168.31.16/30  192.168.31.0  loc2-ce1   IGP                                       active
    192.168.31.20/30  192.168.31.4  loc2-ce2   IGP                                       active
    ");
    assert_snapshot!(table(&Solved::hub_spoke(), "hub-vpngw"), @r"
    Prefix            Next hop           Interface   Origin                     AS path  Weight  Local pref  State
    ----------------  -----------------  ----------  -------------------------  -------  ------  ----------  ------
    0.0.0.0/0         dropped                        discard                                                 active
    10.2.30.0/25      tunnel hub-loc1    hub-loc1    BGP loc1-ce1               65021    0       100         active
    10.2.30.125/32    tunnel hub-loc1    hub-loc1    static, behind hub-loc1                                 active
    10.10.30.0/24     on link            eth0        Default VnetLocal                                       active
    10.11.30.0/26     on link            eth0        Default VNetPeering spoke                               active
    10.11.30.64/26    tunnel hub-branch  hub-branch  BGP branch-vpngw           65516    0       100         active
    10.11.30.126/32   tunnel hub-branch  hub-branch  static, behind hub-branch                               active
    52.168.162.85/32  169.254.212.144    pub0        static                                                  active
    66.198.12.106/32  169.254.212.144    pub0        static                                                  active
    ");
}

#[test]
fn two_instances_are_two_rows() {
    assert_snapshot!(table(&Solved::of(APPLIANCE), "plain-vm"), @r"
    Source                 State   Address Prefix   Next Hop Type          Next Hop IP
    ---------------------  ------  ---------------  ---------------------  -----------
    Default                Active  0.0.0.0/0        Internet
    Default                Active  10.0.0.0/8       None
    Default                Active  10.1.0.0/16      VnetLocal
    Default                Active  10.9.0.0/24      VNetGlobalPeering
    Default                Active  100.64.0.0/10    None
    Default                Active  127.0.0.0/8      None
    Default                Active  172.16.0.0/12    None
    Default                Active  192.168.0.0/16   None
    Default                Active  198.18.0.0/15    None
    VirtualNetworkGateway  Active  10.102.0.0/24    VirtualNetworkGateway  10.1.255.4
    VirtualNetworkGateway  Active  10.102.0.0/24    VirtualNetworkGateway  10.1.255.5
    VirtualNetworkGateway  Active  10.102.0.125/32  VirtualNetworkGateway  10.1.255.4
    VirtualNetworkGateway  Active  10.102.0.125/32  VirtualNetworkGateway  10.1.255.5
    ");
}

#[test]
fn a_route_table_puts_others_out_of_force() {
    assert_snapshot!(table(&Solved::of(APPLIANCE), "steered-vm"), @r"
    Source   State    Address Prefix  Next Hop Type      Next Hop IP
    -------  -------  --------------  -----------------  -----------
    Default  Invalid  0.0.0.0/0       Internet
    Default  Active   10.1.0.0/16     VnetLocal
    Default  Invalid  10.9.0.0/24     VNetGlobalPeering
    User     Active   0.0.0.0/0       VirtualAppliance   10.1.3.4
    User     Active   10.9.0.0/24     None
    ");
}

#[test]
fn an_appliance_has_routes_that_azure_does_not_know() {
    assert_snapshot!(table(&Solved::of(APPLIANCE), "nva-vm"), @"
    Source                 State   Address Prefix   Next Hop Type          Next Hop IP
    ---------------------  ------  ---------------  ---------------------  -----------
    Default                Active  0.0.0.0/0        Internet
    Default                Active  10.0.0.0/8       None
    Default                Active  10.1.0.0/16      VnetLocal
    Default                Active  10.9.0.0/24      VNetGlobalPeering
    Default                Active  100.64.0.0/10    None
    Default                Active  127.0.0.0/8      None
    Default                Active  172.16.0.0/12    None
    Default                Active  192.168.0.0/16   None
    Default                Active  198.18.0.0/15    None
    VirtualNetworkGateway  Active  10.102.0.0/24    VirtualNetworkGateway  10.1.255.4
    VirtualNetworkGateway  Active  10.102.0.0/24    VirtualNetworkGateway  10.1.255.5
    VirtualNetworkGateway  Active  10.102.0.125/32  VirtualNetworkGateway  10.1.255.4
    VirtualNetworkGateway  Active  10.102.0.125/32  VirtualNetworkGateway  10.1.255.5

    Routes of the appliance's own system:

    Prefix           Next hop         Interface  Origin                   AS path  Weight  Local pref  State
    ---------------  ---------------  ---------  -----------------------  -------  ------  ----------  ------
    10.101.0.0/24    tunnel nva-east  nva-east   BGP east-ce              65101    0       100         active
    10.101.0.125/32  tunnel nva-east  nva-east   static, behind nva-east                               active
    198.51.100.1/32  169.254.220.223  pub0       static                                                active
    ");
}

#[test]
fn a_machines_routes_have_azs_shape() {
    let lab = Solved::of(APPLIANCE);
    let Routes::Effective(effective) = of(&lab, "steered-vm") else {
        panic!("a machine has an interface");
    };
    let json = |index: usize| serde_json::to_string_pretty(&effective.value[index]).unwrap();
    assert_snapshot!(json(0), @r#"
    {
      "source": "Default",
      "state": "Invalid",
      "addressPrefix": [
        "0.0.0.0/0"
      ],
      "nextHopType": "Internet",
      "nextHopIpAddress": [],
      "name": null,
      "disableBgpRoutePropagation": true
    }
    "#);
    assert_snapshot!(json(3), @r#"
    {
      "source": "User",
      "state": "Active",
      "addressPrefix": [
        "0.0.0.0/0"
      ],
      "nextHopType": "VirtualAppliance",
      "nextHopIpAddress": [
        "10.1.3.4"
      ],
      "name": "all",
      "disableBgpRoutePropagation": true
    }
    "#);
    let whole = |node| serde_json::to_value(of(&lab, node)).unwrap();
    let keys = |node| {
        let keys: Vec<_> = whole(node).as_object().unwrap().keys().cloned().collect();
        keys.join(" ")
    };
    assert_eq!(keys("steered-vm"), "value");
    assert_eq!(keys("nva-vm"), "value ownSystem");
    assert_eq!(keys("east-ce"), "value");
}

#[test]
fn a_routers_routes_have_the_same_facts() {
    let lab = Solved::hub_spoke();
    let Routes::System { value } = of(&lab, "loc1-ce1") else {
        panic!("a router has a system of its own");
    };
    let beaten = value
        .iter()
        .find(|route| route.beaten_by.is_some())
        .unwrap();
    assert_snapshot!(serde_json::to_string_pretty(beaten).unwrap(), @r#"
    {
      "prefix": "10.10.30.0/24",
      "nextHops": [
        {
          "address": null,
          "interface": "hub-loc1",
          "node": "hub-vpngw"
        }
      ],
      "origin": "BGP hub-vpngw",
      "asPath": "65515",
      "weight": 0,
      "localPreference": 100,
      "state": "Invalid",
      "beatenBy": {
        "rule": "higher local preference wins",
        "source": "RFC 4271, section 9.1.1"
      }
    }
    "#);
}

#[test]
fn an_active_active_gateway_has_a_table_for_each_instance() {
    let lab = Solved::of(include_str!("../../../labs/er-vpn-coexistence.yaml"));
    let gateway = &lab.topology.gateways[0];
    assert_eq!(gateway.instances.len(), 2);
    let both = routes_of(&lab.topology, &lab.tables, &gateway.instances);
    let tables =
        ["hub-vpngw-in0", "hub-vpngw-in1"].map(|node| format!("{node}\n\n{}", table(&lab, node)));
    assert_eq!(text(&both), tables.join("\n"));
    let json = serde_json::to_value(&both).unwrap();
    assert_eq!(json["instances"][1]["node"], "hub-vpngw-in1");
    let alone = serde_json::to_value(of(&lab, "hub-vpngw-in1")).unwrap();
    assert_eq!(json["instances"][1]["value"], alone["value"]);
}

#[test]
fn a_machine_with_several_interfaces_has_a_table_for_each() {
    let lab = Solved::of(include_str!("../../../labs/two-nic-nva.yaml"));
    assert_snapshot!(table(&lab, "nva"), @r"
    Network interface outside (10.50.0.36, eth0):

    Source                 State   Address Prefix  Next Hop Type          Next Hop IP
    ---------------------  ------  --------------  ---------------------  -------------
    Default                Active  0.0.0.0/0       Internet
    Default                Active  10.0.0.0/8      None
    Default                Active  10.50.0.0/24    VnetLocal
    Default                Active  10.51.1.0/24    VNetPeering
    Default                Active  10.51.2.0/24    VNetPeering
    Default                Active  100.64.0.0/10   None
    Default                Active  127.0.0.0/8     None
    Default                Active  172.16.0.0/12   None
    Default                Active  192.168.0.0/16  None
    Default                Active  198.18.0.0/15   None
    VirtualNetworkGateway  Active  10.60.0.0/24    VirtualNetworkGateway  198.51.100.50
    VirtualNetworkGateway  Active  10.60.0.254/32  VirtualNetworkGateway  198.51.100.50

    Network interface inside (10.50.0.68, eth1):

    Source                 State   Address Prefix  Next Hop Type          Next Hop IP
    ---------------------  ------  --------------  ---------------------  -------------
    Default                Active  0.0.0.0/0       Internet
    Default                Active  10.0.0.0/8      None
    Default                Active  10.50.0.0/24    VnetLocal
    Default                Active  10.51.1.0/24    VNetPeering
    Default                Active  10.51.2.0/24    VNetPeering
    Default                Active  100.64.0.0/10   None
    Default                Active  127.0.0.0/8     None
    Default                Active  172.16.0.0/12   None
    Default                Active  192.168.0.0/16  None
    Default                Active  198.18.0.0/15   None
    VirtualNetworkGateway  Active  10.60.0.0/24    VirtualNetworkGateway  198.51.100.50
    VirtualNetworkGateway  Active  10.60.0.254/32  VirtualNetworkGateway  198.51.100.50

    Routes of the machine's own system:

    Prefix         Next hop        Interface  Origin           AS path  Weight  Local pref  State
    -------------  --------------  ---------  ---------------  -------  ------  ----------  ------
    0.0.0.0/0      10.50.0.33      eth0       default gateway                               active
    10.50.0.32/27  on the network  eth0       connected                                     active
    10.50.0.64/27  on the network  eth1       connected                                     active
    10.51.0.0/16   10.50.0.65      eth1       static                                        active
    ");
    let nic = lab.topology.nic_named(lab.node("nva"), "inside").unwrap();
    let one = of_nic(&lab.topology, &lab.tables, nic);
    let Routes::Nics(all) = of(&lab, "nva") else {
        panic!("a table for each interface");
    };
    assert!(text(&one).starts_with("Source"));
    assert!(matches!(one, Routes::Effective(one) if one.value == all.network_interfaces[1].value));
}
