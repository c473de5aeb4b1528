//! Mistakes in connections and circuits.

use super::*;

#[test]
#[expect(clippy::too_many_lines, reason = "a snapshot of all that people see")]
fn a_connection_has_the_ends_and_values_of_its_kind() {
    let text = "\
name: a
connections:
  both: { connectionType: IPsec, gateway: g, appliance: m, device: d }
  neither: { connectionType: IPsec, device: d, circuit: er1 }
  misspelt: { connectionType: IPsec, applience: m, device: d, localNetworkAddressPrefixes: 10.2.0.0/16 }
  heavy: { connectionType: ExpressRoute, gateway: g, circuit: er1, endpoints: [10.1.0.4, 10.1.0.5],
           routingWeight: 32001, expressRouteGatewayBypass: 1, enableBgp: true }
  reach: { connectionType: GlobalReach, circuits: [er1, er2, er3], addressPrefix: 192.168.8.0/30 }
  unreached: { connectionType: GlobalReach }
  unknown: { connectionType: GlobalRech, addressPrefix: 192.168.8.0/30, routingWeight: -1 }
";
    insta::assert_snapshot!(refused(text), @r#"
    error[wrong-value]: an IPsec connection has `gateway` or `appliance`, not both
     --> lab.yaml:3:46
      |
    3 |   both: { connectionType: IPsec, gateway: g, appliance: m, device: d }
      |                                              ^^^^^^^^^

    error[missing-key]: an IPsec connection needs `gateway` or `appliance`
     --> lab.yaml:4:3
      |
    4 |   neither: { connectionType: IPsec, device: d, circuit: er1 }
      |   ^^^^^^^
      |
      = help: add `gateway: NAME` or `appliance: NAME`

    error[unknown-key]: `circuit` is not a key of an IPsec connection
     --> lab.yaml:4:48
      |
    4 |   neither: { connectionType: IPsec, device: d, circuit: er1 }
      |                                                ^^^^^^^
      |
      = help: known keys: `connectionType`, `gateway`, `appliance`, `device`, `enableBgp`, `localNetworkAddressPrefixes`, `instances`, `transport`, `useLocalAzureIpAddress`, `rtt`, `usePolicyBasedTrafficSelectors`, `connectionMode`, `trafficSelectorPolicies`

    error[unknown-key]: `applience` is not a key of an IPsec connection
     --> lab.yaml:5:38
      |
    5 |   misspelt: { connectionType: IPsec, applience: m, device: d, localNetworkAddressPrefixes: 10.2.0.0/16 }
      |                                      ^^^^^^^^^
      |
      = help: did you mean `appliance`?

    error[wrong-type]: expected a list of prefixes, found text
     --> lab.yaml:5:92
      |
    5 |   misspelt: { connectionType: IPsec, applience: m, device: d, localNetworkAddressPrefixes: 10.2.0.0/16 }
      |                                                                                            ^^^^^^^^^^^
      |
      = help: for example `localNetworkAddressPrefixes: [10.0.0.0/24]`

    error[wrong-value]: expected a routing weight, from 0 to 32000, found 32001
     --> lab.yaml:7:27
      |
    7 |            routingWeight: 32001, expressRouteGatewayBypass: 1, enableBgp: true }
      |                           ^^^^^

    error[wrong-type]: expected true or false, found a number
     --> lab.yaml:7:61
      |
    7 |            routingWeight: 32001, expressRouteGatewayBypass: 1, enableBgp: true }
      |                                                             ^

    error[unknown-key]: `enableBgp` is not a key of an ExpressRoute connection
     --> lab.yaml:7:64
      |
    7 |            routingWeight: 32001, expressRouteGatewayBypass: 1, enableBgp: true }
      |                                                                ^^^^^^^^^
      |
      = help: known keys: `connectionType`, `gateway`, `circuit`, `endpoints`, `mseeAddresses`, `routingWeight`, `expressRouteGatewayBypass`, `rtt`

    error[wrong-value]: expected a list of two circuits, found a list of 3
     --> lab.yaml:8:51
      |
    8 |   reach: { connectionType: GlobalReach, circuits: [er1, er2, er3], addressPrefix: 192.168.8.0/30 }
      |                                                   ^

    error[wrong-value]: 192.168.8.0/30 is not a /29, as Global Reach needs for the links between its MSEEs
     --> lab.yaml:8:83
      |
    8 |   reach: { connectionType: GlobalReach, circuits: [er1, er2, er3], addressPrefix: 192.168.8.0/30 }
      |                                                                                   ^^^^^^^^^^^^^^

    error[missing-key]: a GlobalReach connection needs `circuits`
     --> lab.yaml:9:3
      |
    9 |   unreached: { connectionType: GlobalReach }
      |   ^^^^^^^^^
      |
      = help: add `circuits: [NAME, NAME]`

    error[unknown-value]: `GlobalRech` is not known here
      --> lab.yaml:10:30
       |
    10 |   unknown: { connectionType: GlobalRech, addressPrefix: 192.168.8.0/30, routingWeight: -1 }
       |                              ^^^^^^^^^^
       |
       = help: did you mean `GlobalReach`?

    error[wrong-value]: 192.168.8.0/30 is not a /29, as Global Reach needs for the links between its MSEEs
      --> lab.yaml:10:57
       |
    10 |   unknown: { connectionType: GlobalRech, addressPrefix: 192.168.8.0/30, routingWeight: -1 }
       |                                                         ^^^^^^^^^^^^^^

    error[wrong-value]: expected a routing weight, from 0 to 32000, found -1
      --> lab.yaml:10:88
       |
    10 |   unknown: { connectionType: GlobalRech, addressPrefix: 192.168.8.0/30, routingWeight: -1 }
       |                                                                                        ^^

    14 findings in lab.yaml
    "#);
}

#[test]
fn a_circuits_microsoft_peering_is_a_30() {
    let text = "\
name: a
expressRouteCircuits:
  er1:
    bandwidthInMbps: 50
    primary: { peerAddressPrefix: 172.16.1.0/30, customerEdge: ce1, microsoftPeerAddressPrefix: 203.0.113.64/29 }
    secondary: { peerAddressPrefix: 172.16.1.4/30, customerEdge: ce1 }
";
    insta::assert_snapshot!(refused(text), @r"
    error[wrong-value]: 203.0.113.64/29 is not a /30, as a circuit's links are
     --> lab.yaml:5:97
      |
    5 |     primary: { peerAddressPrefix: 172.16.1.0/30, customerEdge: ce1, microsoftPeerAddressPrefix: 203.0.113.64/29 }
      |                                                                                                 ^^^^^^^^^^^^^^^

    1 finding in lab.yaml
    ");
}
