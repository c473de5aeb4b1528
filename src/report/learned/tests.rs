//! The routes that speakers learned and advertise, in az's columns.

use insta::assert_snapshot;

use crate::report::learned::{Learned, advertised, learned, peerings, text};
use crate::report::solved::{APPLIANCE, Solved};
use crate::topology::SpeakerId;

fn heard(lab: &Solved, speakers: &[&str]) -> Learned {
    learned(&lab.topology, &lab.tables, &named(lab, speakers))
}

fn told(lab: &Solved, speakers: &[&str], peer: &str) -> Learned {
    let mut peerings = peerings(&lab.topology, &named(lab, speakers));
    peerings.retain(|peering| peering.is_called(peer));
    advertised(&lab.topology, &lab.tables, &peerings)
}

fn named(lab: &Solved, names: &[&str]) -> Vec<SpeakerId> {
    let names = names.iter();
    let speakers = names.flat_map(|name| lab.topology.speakers_named(name));
    speakers.collect()
}

#[test]
fn a_vpn_gateway_learns_by_its_tunnels() {
    let lab = Solved::hub_spoke();
    assert_snapshot!(text(&heard(&lab, &["hub-vpngw"])), @r"
    Network          Origin   SourcePeer    AsPath  Weight  NextHop
    ---------------  -------  ------------  ------  ------  ------------
    10.2.30.0/25     EBgp     10.2.30.125   65021   32768   10.2.30.125
    10.2.30.125/32   Network  10.10.30.254          32768
    10.10.30.0/24    Network  10.10.30.254          32768
    10.10.30.0/24    IBgp     10.10.30.136          32769   10.10.30.136
    10.10.30.0/24    IBgp     10.10.30.137          32769   10.10.30.137
    10.11.30.0/26    Network  10.10.30.254          32768
    10.11.30.0/26    IBgp     10.10.30.136          32769   10.10.30.136
    10.11.30.0/26    IBgp     10.10.30.137          32769   10.10.30.137
    10.11.30.64/26   EBgp     10.11.30.126  65516   32768   10.11.30.126
    10.11.30.126/32  Network  10.10.30.254          32768
    ");
}

#[test]
fn an_expressroute_gateway_learns_by_its_circuits_first() {
    let lab = Solved::hub_spoke();
    assert_snapshot!(text(&heard(&lab, &["hub-ergw"])), @r"
    Network         Origin   SourcePeer    AsPath       Weight  NextHop
    --------------  -------  ------------  -----------  ------  ------------
    10.1.31.0/25    EBgp     10.10.30.134  12076-65022  32769   10.10.30.134
    10.1.31.0/25    EBgp     10.10.30.135  12076-65022  32769   10.10.30.135
    10.2.30.0/25    EBgp     10.10.30.132  12076-65021  32769   10.10.30.132
    10.2.30.0/25    IBgp     10.10.30.142  65021        32768   10.10.30.142
    10.10.30.0/24   Network  10.10.30.136               32768
    10.11.30.0/26   Network  10.10.30.136               32768
    10.11.30.64/26  IBgp     10.10.30.142  65516        32768   10.10.30.142
    10.17.30.0/26   EBgp     10.10.30.132  12076-12076  32769   10.10.30.132
    10.17.30.0/26   EBgp     10.10.30.133  12076-12076  32769   10.10.30.133
    10.1.31.0/25    EBgp     10.10.30.134  12076-65022  32769   10.10.30.134
    10.1.31.0/25    EBgp     10.10.30.135  12076-65022  32769   10.10.30.135
    10.2.30.0/25    EBgp     10.10.30.132  12076-65021  32769   10.10.30.132
    10.2.30.0/25    IBgp     10.10.30.142  65021        32768   10.10.30.142
    10.10.30.0/24   Network  10.10.30.137               32768
    10.11.30.0/26   Network  10.10.30.137               32768
    10.11.30.64/26  IBgp     10.10.30.142  65516        32768   10.10.30.142
    10.17.30.0/26   EBgp     10.10.30.132  12076-12076  32769   10.10.30.132
    10.17.30.0/26   EBgp     10.10.30.133  12076-12076  32769   10.10.30.133
    ");
}

#[test]
fn the_weight_of_a_connection_is_added_to_that_of_its_routes() {
    let lab = Solved::of(include_str!("../../../labs/er-resiliency.yaml"));
    assert_snapshot!(text(&heard(&lab, &["hub-ergw"])), @r"
    Network       Origin   SourcePeer   AsPath       Weight  NextHop
    ------------  -------  -----------  -----------  ------  -----------
    10.70.0.0/24  Network  10.70.0.136               32768
    10.71.0.0/24  EBgp     10.70.0.132  12076-12076  32869   10.70.0.132
    10.71.0.0/24  EBgp     10.70.0.133  12076-12076  32869   10.70.0.133
    10.71.0.0/24  EBgp     10.70.0.134  12076-12076  32769   10.70.0.134
    10.71.0.0/24  EBgp     10.70.0.135  12076-12076  32769   10.70.0.135
    10.80.0.0/24  EBgp     10.70.0.132  12076-65080  32869   10.70.0.132
    10.80.0.0/24  EBgp     10.70.0.133  12076-65080  32869   10.70.0.133
    10.80.0.0/24  EBgp     10.70.0.134  12076-65080  32769   10.70.0.134
    10.80.0.0/24  EBgp     10.70.0.135  12076-65080  32769   10.70.0.135
    10.70.0.0/24  Network  10.70.0.137               32768
    10.71.0.0/24  EBgp     10.70.0.132  12076-12076  32869   10.70.0.132
    10.71.0.0/24  EBgp     10.70.0.133  12076-12076  32869   10.70.0.133
    10.71.0.0/24  EBgp     10.70.0.134  12076-12076  32769   10.70.0.134
    10.71.0.0/24  EBgp     10.70.0.135  12076-12076  32769   10.70.0.135
    10.80.0.0/24  EBgp     10.70.0.132  12076-65080  32869   10.70.0.132
    10.80.0.0/24  EBgp     10.70.0.133  12076-65080  32869   10.70.0.133
    10.80.0.0/24  EBgp     10.70.0.134  12076-65080  32769   10.70.0.134
    10.80.0.0/24  EBgp     10.70.0.135  12076-65080  32769   10.70.0.135
    ");
}

#[test]
fn an_msee_shows_the_local_preference_of_what_another_circuits_msee_told_it() {
    let reach = "connections:\n  reach: { connectionType: GlobalReach, circuits: [er1, er2], addressPrefix: 172.16.72.0/29 }\n";
    let lab = include_str!("../../../labs/er-resiliency.yaml");
    let lab = Solved::of(&lab.replacen("connections:\n", reach, 1));
    assert_snapshot!(text(&heard(&lab, &["er1-msee1"])), @r"
    LocPrf  Network       NextHop       Path   Weight
    ------  ------------  ------------  -----  ------
            10.70.0.0/24  10.70.0.136*  65515  0
            10.70.0.0/24  10.70.0.137   65515  0
    100     10.70.0.0/24  172.16.72.2   65515  0
            10.71.0.0/24  10.71.0.136*  65515  0
            10.71.0.0/24  10.71.0.137   65515  0
    100     10.71.0.0/24  172.16.72.2   65515  0
            10.80.0.0/24  172.16.70.1*  65080  0
    100     10.80.0.0/24  172.16.72.2   65080  0
    ");
}

#[test]
fn all_instances_stand_in_one_table() {
    let lab = Solved::of(APPLIANCE);
    assert_snapshot!(text(&heard(&lab, &["gw-in0", "gw-in1"])), @r"
    Network          Origin   SourcePeer    AsPath  Weight  NextHop
    ---------------  -------  ------------  ------  ------  ------------
    10.1.0.0/16      Network  10.1.255.4            32768
    10.102.0.0/24    EBgp     10.102.0.125  65102   32768   10.102.0.125
    10.102.0.0/24    IBgp     10.1.255.5    65102   32768   10.1.255.5
    10.102.0.125/32  Network  10.1.255.4            32768
    10.102.0.125/32  IBgp     10.1.255.5            32768   10.1.255.5
    10.1.0.0/16      Network  10.1.255.5            32768
    10.102.0.0/24    EBgp     10.102.0.125  65102   32768   10.102.0.125
    10.102.0.0/24    IBgp     10.1.255.4    65102   32768   10.1.255.4
    10.102.0.125/32  Network  10.1.255.5            32768
    10.102.0.125/32  IBgp     10.1.255.4            32768   10.1.255.4
    ");
}

#[test]
fn an_msee_has_azs_other_columns() {
    let lab = Solved::hub_spoke();
    assert_snapshot!(text(&heard(&lab, &["er1-msee1"])), @r"
    LocPrf  Network        NextHop         Path   Weight
    ------  -------------  --------------  -----  ------
            10.2.30.0/25   192.168.30.17*  65021  0
            10.10.30.0/24  10.10.30.136*   65515  0
            10.10.30.0/24  10.10.30.137    65515  0
            10.11.30.0/26  10.10.30.136*   65515  0
            10.11.30.0/26  10.10.30.137    65515  0
            10.17.30.0/26  10.17.30.38*    65515  0
            10.17.30.0/26  10.17.30.39     65515  0
    ");
}

#[test]
fn a_customer_edge_has_its_own_weights() {
    let lab = Solved::hub_spoke();
    assert_snapshot!(text(&heard(&lab, &["loc1-ce1"])), @r"
    Network          Origin   SourcePeer     AsPath       Weight  NextHop
    ---------------  -------  -------------  -----------  ------  -------------
    10.2.30.0/25     Network  10.2.30.125                 0
    10.10.30.0/24    EBgp     192.168.30.18  12076        0       192.168.30.18
    10.10.30.0/24    EBgp     10.10.30.254   65515        0       10.10.30.254
    10.10.30.254/32  Network  10.2.30.125                 0
    10.11.30.0/26    EBgp     192.168.30.18  12076        0       192.168.30.18
    10.11.30.0/26    EBgp     10.10.30.254   65515        0       10.10.30.254
    10.11.30.64/26   EBgp     10.10.30.254   65515-65516  0       10.10.30.254
    10.11.30.126/32  EBgp     10.10.30.254   65515        0       10.10.30.254
    10.17.30.0/26    EBgp     192.168.30.18  12076        0       192.168.30.18
    ");
}

#[test]
fn what_is_learned_has_azs_shape() {
    let lab = Solved::hub_spoke();
    let Learned::Gateway { value } = heard(&lab, &["hub-ergw"]) else {
        panic!("a gateway is no MSEE");
    };
    let first = |origin: &str| value.iter().find(|route| route.origin == origin).unwrap();
    let json = |origin| serde_json::to_string_pretty(first(origin)).unwrap();
    assert_snapshot!(json("EBgp"), @r#"
    {
      "network": "10.1.31.0/25",
      "origin": "EBgp",
      "sourcePeer": "10.10.30.134",
      "asPath": "12076-65022",
      "weight": 32769,
      "nextHop": "10.10.30.134",
      "localAddress": "10.10.30.136"
    }
    "#);
    assert_snapshot!(json("Network"), @r#"
    {
      "network": "10.10.30.0/24",
      "origin": "Network",
      "sourcePeer": "10.10.30.136",
      "asPath": "",
      "weight": 32768,
      "nextHop": null,
      "localAddress": "10.10.30.136"
    }
    "#);
    let msee = heard(&lab, &["er1-msee1"]);
    assert_snapshot!(serde_json::to_string(&msee).unwrap(), @r#"{"value":[{"locPrf":"","network":"10.2.30.0/25","nextHop":"192.168.30.17*","path":"65021","weight":0},{"locPrf":"","network":"10.10.30.0/24","nextHop":"10.10.30.136*","path":"65515","weight":0},{"locPrf":"","network":"10.10.30.0/24","nextHop":"10.10.30.137","path":"65515","weight":0},{"locPrf":"","network":"10.11.30.0/26","nextHop":"10.10.30.136*","path":"65515","weight":0},{"locPrf":"","network":"10.11.30.0/26","nextHop":"10.10.30.137","path":"65515","weight":0},{"locPrf":"","network":"10.17.30.0/26","nextHop":"10.17.30.38*","path":"65515","weight":0},{"locPrf":"","network":"10.17.30.0/26","nextHop":"10.17.30.39","path":"65515","weight":0}]}"#);
}

#[test]
fn a_gateway_tells_a_tunnel_what_other_tunnels_brought() {
    let lab = Solved::hub_spoke();
    assert_snapshot!(text(&told(&lab, &["hub-vpngw"], "branch-vpngw")), @r"
    Network         Origin  SourcePeer  AsPath       Weight  NextHop
    --------------  ------  ----------  -----------  ------  ------------
    10.2.30.0/25    Igp                 65515-65021  0       10.10.30.254
    10.2.30.125/32  Igp                 65515        0       10.10.30.254
    10.10.30.0/24   Igp                 65515        0       10.10.30.254
    10.11.30.0/26   Igp                 65515        0       10.10.30.254
    ");
}

#[test]
fn a_gateway_tells_a_circuit_only_what_is_its_own() {
    let lab = Solved::hub_spoke();
    assert_snapshot!(text(&told(&lab, &["hub-ergw"], "er2-msee1")), @r"
    Network        Origin  SourcePeer  AsPath  Weight  NextHop
    -------------  ------  ----------  ------  ------  ------------
    10.10.30.0/24  Igp                 65515   0       10.10.30.136
    10.11.30.0/26  Igp                 65515   0       10.10.30.136
    10.10.30.0/24  Igp                 65515   0       10.10.30.137
    10.11.30.0/26  Igp                 65515   0       10.10.30.137
    ");
}

#[test]
fn a_neighbour_is_found_by_name_connection_and_address() {
    let lab = Solved::hub_spoke();
    let by_name = told(&lab, &["hub-vpngw"], "loc1-ce1");
    assert_eq!(by_name, told(&lab, &["hub-vpngw"], "hub-loc1"));
    assert_eq!(by_name, told(&lab, &["hub-vpngw"], "10.2.30.125"));
    assert_snapshot!(text(&by_name), @r"
    Network          Origin  SourcePeer  AsPath       Weight  NextHop
    ---------------  ------  ----------  -----------  ------  ------------
    10.10.30.0/24    Igp                 65515        0       10.10.30.254
    10.11.30.0/26    Igp                 65515        0       10.10.30.254
    10.11.30.64/26   Igp                 65515-65516  0       10.10.30.254
    10.11.30.126/32  Igp                 65515        0       10.10.30.254
    ");
}

#[test]
fn a_session_that_is_down_tells_nothing() {
    let lab = Solved::hub_spoke().without("hub-branch");
    assert_snapshot!(text(&told(&lab, &["hub-vpngw"], "branch-vpngw")), @r"
    Network  Origin  SourcePeer  AsPath  Weight  NextHop
    -------  ------  ----------  ------  ------  -------
    ");
}

/// A GatewaySubnet of both gateways. Only what nobody can choose for the file is in it.
const SHARED: &str = r"name: shared
virtualNetworks:
  hub:
    addressPrefixes: [10.40.0.0/24]
    subnets: { GatewaySubnet: 10.40.0.192/27, default: 10.40.0.0/25 }
virtualNetworkGateways:
  ergw: { virtualNetwork: hub, gatewayType: ExpressRoute }
expressRouteCircuits:
  er:
    bandwidthInMbps: 50
    primary: { peerAddressPrefix: 172.16.1.0/30, customerEdge: ce }
    secondary: { peerAddressPrefix: 172.16.1.4/30, customerEdge: ce }
connections:
  er-hub: { gateway: ergw, circuit: er }
sites:
  dc: { asn: 65001, routers: [ce], advertise: [10.50.0.0/24] }
";

#[test]
fn both_instances_of_an_expressroute_gateway_stand_in_the_tables() {
    let lab = Solved::of(SHARED);
    assert_snapshot!(text(&heard(&lab, &["ergw"])), @r"
    Network       Origin   SourcePeer   AsPath       Weight  NextHop
    ------------  -------  -----------  -----------  ------  -----------
    10.40.0.0/24  Network  10.40.0.204               32768
    10.50.0.0/24  EBgp     10.40.0.196  12076-65001  32769   10.40.0.196
    10.50.0.0/24  EBgp     10.40.0.197  12076-65001  32769   10.40.0.197
    10.40.0.0/24  Network  10.40.0.205               32768
    10.50.0.0/24  EBgp     10.40.0.196  12076-65001  32769   10.40.0.196
    10.50.0.0/24  EBgp     10.40.0.197  12076-65001  32769   10.40.0.197
    ");
    assert_snapshot!(text(&heard(&lab, &["er-msee1"])), @r"
    LocPrf  Network       NextHop       Path   Weight
    ------  ------------  ------------  -----  ------
            10.40.0.0/24  10.40.0.204*  65515  0
            10.40.0.0/24  10.40.0.205   65515  0
            10.50.0.0/24  172.16.1.1*   65001  0
    ");
    assert_eq!(heard(&lab, &["ergw-in1"]), {
        let stated = "gatewayType: ExpressRoute, privateIPAddresses: [10.40.0.204, 10.40.0.205]";
        let stated = Solved::of(&SHARED.replace("gatewayType: ExpressRoute", stated));
        heard(&stated, &["ergw-in1"])
    });
}

#[test]
fn the_second_instance_takes_the_next_free_address() {
    let taken = SHARED.replace(
        "    subnets:",
        "    virtualMachines: { squatter: { subnet: GatewaySubnet, privateIPAddress: 10.40.0.205 } }\n    subnets:",
    );
    let lab = Solved::of(&taken);
    let own = lab.topology.speakers_named("ergw");
    let addresses: Vec<_> = own
        .iter()
        .map(|own| lab.topology.speaker_address(*own))
        .collect();
    assert_snapshot!(format!("{addresses:?}"), @r"[Some(10.40.0.204), Some(10.40.0.206)]");
}

/// The lab that always exists, where a router sets attributes toward the hub's gateway and prefers one of its legs.
fn with_attributes() -> Solved {
    let lab = include_str!("../../../labs/hub-spoke.yaml");
    let preference = "        localPreference: { er1: 200 }";
    let export = "        export: { hub-loc1: [{ permit: 10.2.30.0/25, set: { med: 50, communities: [\"65021:1\", no-export] } }, 0.0.0.0/0] }\n";
    assert_eq!(lab.matches(preference).count(), 1);
    Solved::of(&lab.replace(preference, &format!("{export}{preference}")))
}

#[test]
fn columns_for_med_and_communities_are_there_where_a_route_has_them() {
    let lab = with_attributes();
    assert_snapshot!(text(&heard(&lab, &["hub-vpngw"])), @r"
    Network          Origin   SourcePeer    AsPath  Weight  NextHop       Med  Communities
    ---------------  -------  ------------  ------  ------  ------------  ---  -----------------
    10.2.30.0/25     EBgp     10.2.30.125   65021   32768   10.2.30.125   50   65021:1 no-export
    10.2.30.125/32   Network  10.10.30.254          32768
    10.10.30.0/24    Network  10.10.30.254          32768
    10.10.30.0/24    IBgp     10.10.30.136          32769   10.10.30.136
    10.10.30.0/24    IBgp     10.10.30.137          32769   10.10.30.137
    10.11.30.0/26    Network  10.10.30.254          32768
    10.11.30.0/26    IBgp     10.10.30.136          32769   10.10.30.136
    10.11.30.0/26    IBgp     10.10.30.137          32769   10.10.30.137
    10.11.30.64/26   EBgp     10.11.30.126  65516   32768   10.11.30.126
    10.11.30.126/32  Network  10.10.30.254          32768
    ");
    let routes = serde_json::to_string_pretty(&heard(&lab, &["hub-vpngw"])).unwrap();
    let (first, _) = routes.split_once("},").unwrap();
    assert_snapshot!(first, @r#"
    {
      "value": [
        {
          "network": "10.2.30.0/25",
          "origin": "EBgp",
          "sourcePeer": "10.2.30.125",
          "asPath": "65021",
          "weight": 32768,
          "nextHop": "10.2.30.125",
          "localAddress": "10.10.30.254",
          "med": 50,
          "communities": [
            "65021:1",
            "no-export"
          ]
    "#);
    assert_snapshot!(text(&told(&lab, &["loc1-ce1"], "hub-loc1")), @r"
    Network       Origin  SourcePeer  AsPath  Weight  NextHop      Med  Communities
    ------------  ------  ----------  ------  ------  -----------  ---  -----------------
    10.2.30.0/25  Igp                 65021   0       10.2.30.125  50   65021:1 no-export
    ");
}

#[test]
fn the_table_of_a_circuits_router_has_them_too() {
    let lab = include_str!("../../../labs/hub-spoke.yaml");
    let preference = "        localPreference: { er1: 200 }";
    let export = "        export: { er1-primary: [{ permit: 10.2.30.0/25, set: { med: 0 } }] }\n";
    let lab = Solved::of(&lab.replace(preference, &format!("{export}{preference}")));
    assert_snapshot!(text(&heard(&lab, &["er1-msee1"])), @r"
    LocPrf  Network        NextHop         Path   Weight  Med
    ------  -------------  --------------  -----  ------  ---
            10.2.30.0/25   192.168.30.17*  65021  0       0
            10.10.30.0/24  10.10.30.136*   65515  0
            10.10.30.0/24  10.10.30.137    65515  0
            10.11.30.0/26  10.10.30.136*   65515  0
            10.11.30.0/26  10.10.30.137    65515  0
            10.17.30.0/26  10.17.30.38*    65515  0
            10.17.30.0/26  10.17.30.39     65515  0
    ");
}
