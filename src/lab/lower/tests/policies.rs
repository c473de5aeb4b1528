//! Policies of devices, by the names of their sessions.

use super::*;

/// A router with two connections to both instances of a gateway, a circuit, a WAN link and a router of its own site.
fn policies(device: &str) -> String {
    let topology = built(&format!(
        "name: lab
virtualNetworks:
  hub:
    addressPrefixes: [10.0.0.0/24]
    subnets: {{ GatewaySubnet: {{ addressPrefix: 10.0.0.128/25 }} }}
virtualNetworkGateways:
  gw: {{ virtualNetwork: hub, gatewayType: Vpn, activeActive: true, publicIPAddresses: [203.0.113.1, 203.0.113.2] }}
expressRouteCircuits:
  er:
    bandwidthInMbps: 50
    primary: {{ peerAddressPrefix: 172.16.0.0/30, customerEdge: edge }}
    secondary: {{ peerAddressPrefix: 172.16.0.4/30, customerEdge: edge }}
connections:
  vpn: {{ connectionType: IPsec, gateway: gw, device: edge }}
sites:
  one:
    asn: 65001
    ibgp: true
    routers:
      edge: {{ tunnel: {{ sourceAddress: 198.51.100.1, address: 192.168.9.1 }}, {device} }}
      core: {{}}
    links: [{{ a: edge, b: core, addresses: [10.9.0.0/31, 10.9.0.1/31] }}]
  two:
    asn: 65002
    routers: {{ far: {{}} }}
wan:
  wan: {{ a: edge, b: far, addresses: [172.17.0.0/31, 172.17.0.1/31] }}
"
    ));
    let edge = topology.find("edge").unwrap();
    let sessions = topology.sessions.iter();
    let lines = sessions.filter_map(|session| {
        let index = session.ends.iter().position(|end| end.node == edge)?;
        let other = node_name(&topology, session.ends[1 - index].node);
        let shown = session_end(&topology, &session.ends[index]);
        let words = ["preference", "prepends", "takes", "tells"];
        let start = words
            .iter()
            .filter_map(|word| shown.find(&format!(" {word} ")))
            .min();
        let policy = start.map_or("-", |start| shown[start..].trim());
        Some(format!("{other} over {}: {policy}", session.name))
    });
    super::lines(lines)
}

#[test]
fn a_policy_for_a_connection_or_circuit_is_for_all_of_its_sessions() {
    insta::assert_snapshot!(policies("localPreference: { er: 200, vpn: 50 }, asPathPrepend: { wan: 2 }, import: { core: [] }"), @r"
    er-msee1 over er: preference 200
    er-msee2 over er: preference 200
    gw-in0 over vpn: preference 50
    gw-in1 over vpn: preference 50
    far over wan: prepends 2
    core over one: takes only
    ");
}

#[test]
fn a_policy_may_be_for_a_tunnel_a_leg_an_instance_a_node_or_one_session() {
    insta::assert_snapshot!(policies(
        "localPreference: { vpn-in0: 300, er-secondary: 150 }, asPathPrepend: { gw-in1: 2, far: 1, er-msee1: 3 }, \
         export: { edge/gw-in0: [10.0.0.0/8], gw-in1/edge/vpn: [], \"session:edge/core\": [{ deny: 10.1.0.0/16 }] }"
    ), @r"
    er-msee1 over er: prepends 3
    er-msee2 over er: preference 150
    gw-in0 over vpn: preference 300 tells only 10.0.0.0/8
    gw-in1 over vpn: prepends 2 tells only
    far over wan: prepends 1
    core over one: tells only (deny 10.1.0.0/16)
    ");
}

#[test]
fn the_name_for_fewer_sessions_comes_before_the_one_for_more() {
    insta::assert_snapshot!(policies("localPreference: { vpn: 50, vpn-in1: 60 }, asPathPrepend: { er: 1, er-msee2: 4 }, export: { gw: [], gw-in0: [0.0.0.0/0] }"), @r"
    er-msee1 over er: prepends 1
    er-msee2 over er: prepends 4
    gw-in0 over vpn: preference 50 tells only 0.0.0.0/0
    gw-in1 over vpn: preference 60 tells only
    far over wan: -
    core over one: -
    ");
}

#[test]
fn entries_keep_their_order_and_what_they_set() {
    insta::assert_snapshot!(policies(
        "import: { er: [{ deny: 10.1.0.0/16, ge: 24 }, 10.0.0.0/8, { permit: 0.0.0.0/0, communities: [65001:1], set: { localPreference: 10, med: 5 } }] }"
    ), @r"
    er-msee1 over er: takes only (deny 10.1.0.0/16 ge 24 le 32) 10.0.0.0/8 (permit 0.0.0.0/0 community 65001:1 set local-preference 10 set med 5)
    er-msee2 over er: takes only (deny 10.1.0.0/16 ge 24 le 32) 10.0.0.0/8 (permit 0.0.0.0/0 community 65001:1 set local-preference 10 set med 5)
    gw-in0 over vpn: -
    gw-in1 over vpn: -
    far over wan: -
    core over one: -
    ");
}
