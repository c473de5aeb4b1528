//! Storyboards: the links and nodes that the names in their steps mean.

use crate::lab::lower::tests::{all, built, lines, parse, resolve};
use crate::topology::{LinkId, Step, Topology};

const TEXT: &str = "name: lab
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.0.0.0/24]
    subnets:
      default: { addressPrefix: 10.0.0.64/26 }
      GatewaySubnet: { addressPrefix: 10.0.0.0/26 }
    virtualMachines:
      hub-vm: { subnet: default, privateIPAddress: 10.0.0.68 }
      other-vm: { subnet: default, privateIPAddress: 10.0.0.69 }
virtualNetworkGateways:
  vpn: { virtualNetwork: hub, gatewayType: Vpn, activeActive: true, publicIPAddresses: [203.0.113.1, 203.0.113.2] }
  er: { virtualNetwork: hub, gatewayType: ExpressRoute }
expressRouteCircuits:
  er1:
    bandwidthInMbps: 50
    primary: { peerAddressPrefix: 172.16.0.0/30, customerEdge: edge }
    secondary: { peerAddressPrefix: 172.16.0.4/30, customerEdge: edge }
connections:
  er1-hub: { connectionType: ExpressRoute, gateway: er, circuit: er1, endpoints: [10.0.0.4, 10.0.0.5] }
  vpn-edge: { connectionType: IPsec, gateway: vpn, device: edge, rtt: 2ms }
sites:
  site:
    asn: 65001
    routers:
      edge: { tunnel: { sourceAddress: 198.51.100.1, address: 192.168.9.1 } }
expect:
  - { from: hub-vm, to: other-vm, hops: [10.0.0.69] }
storyboards:
  story:
    - { step: wire, fault: er1-primary, wait: 2s, expect: steady }
    - { step: lost, fault: vpn, blackhole: [vpn-in1, er1-secondary], expect: [{ from: other-vm, to: hub-vm, unreachable: timeout }] }
    - { step: msee, heal: [er1-primary, vpn-in1], fault: er1-msee1 }
    - { step: back, heal: [vpn, er1-secondary], expect: steady }
    - { step: shut, fault: [session:vpn/edge, er1-primary] }
    - { step: open, heal: session:vpn/edge }
";

#[test]
fn a_step_names_links_nodes_and_gateways() {
    let topology = built(TEXT);
    let step = |step: &Step| {
        let blackhole = names(&topology, &step.blackhole);
        let blackhole = blackhole.into_iter().map(str::to_owned).collect();
        let changes = [
            ("fault:", topology.names_of(&step.fault)),
            ("blackhole:", blackhole),
            ("heal:", topology.names_of(&step.heal)),
        ];
        let changes = changes.map(|(change, names)| all(change, &names));
        format!("{} after {:?}{}", step.name, step.wait, changes.concat())
    };
    let steps = topology.storyboards[0].steps.iter();
    insta::assert_snapshot!(lines(steps.map(step)), @r"
    wire after 2s fault: er1-primary
    lost after 0ns fault: vpn-in0 internet-vpn-in0 vpn-in1 internet-vpn-in1 vpn-edge-in0 vpn-edge-in1 blackhole: vpn-in1 er1-secondary
    msee after 0ns fault: er1-primary er1-hub-primary-out er1-hub-primary-in heal: vpn-in1 er1-primary
    back after 0ns heal: vpn-in0 internet-vpn-in0 vpn-in1 internet-vpn-in1 er1-secondary vpn-edge-in0 vpn-edge-in1
    shut after 0ns fault: er1-primary session:vpn-in0/edge session:vpn-in1/edge
    open after 0ns heal: session:vpn-in0/edge session:vpn-in1/edge
    ");
}

#[test]
fn a_step_may_expect_what_the_lab_expects_at_rest() {
    let topology = built(TEXT);
    let steps = &topology.storyboards[0].steps;
    assert_eq!(steps[0].expectations, topology.expectations);
    assert_ne!(steps[1].expectations, topology.expectations);
}

/// `vpn-in1` is the name of an instance and of the link to its network. The instance has further links.
#[test]
fn a_name_stands_for_a_node_before_a_link() {
    let topology = built(TEXT);
    let named = |name: &str| names(&topology, &topology.links_named(name)).join(" ");
    assert_eq!(named("hub-vm"), "hub-vm");
    assert_eq!(named("vpn-in1"), "vpn-in1 internet-vpn-in1 vpn-edge-in1");
    assert_eq!(named("er1-primary"), "er1-primary");
    assert_eq!(named("nothing"), "");
    let link = topology.link_named("vpn-in1").unwrap();
    assert_eq!(names(&topology, &[link]), ["vpn-in1"]);
}

fn names<'t>(topology: &'t Topology, links: &[LinkId]) -> Vec<&'t str> {
    let links = links.iter();
    links.map(|id| topology.link(*id).name.as_str()).collect()
}

/// The names of links exist only after the topology is created.
#[test]
fn a_step_may_not_name_what_the_lab_does_not_have() {
    let text = TEXT.replace("fault: er1-msee1", "fault: er1-msee3");
    let findings = resolve(&parse(&text).unwrap()).unwrap_err();
    let messages: Vec<_> = findings.iter().map(|finding| &finding.message).collect();
    insta::assert_snapshot!(format!("{messages:?}"), @r#"["there is no link or node `er1-msee3`"]"#);
}

#[test]
fn a_session_is_named_by_its_speakers_its_connection_or_one_speaker() {
    let text = include_str!("../../../../labs/hub-spoke.yaml");
    let topology = resolve(&parse(text).unwrap()).unwrap();
    let named = |name: &str| {
        let sessions = topology.sessions_named(name).into_iter();
        let names: Vec<String> = sessions.map(|id| topology.session_name(id)).collect();
        names.join(" ")
    };
    insta::assert_snapshot!(named("session:loc1-ce1/er1-msee1"), @r"session:er1-msee1/loc1-ce1");
    insta::assert_snapshot!(named("session:hub-branch"), @r"session:hub-vpngw/branch-vpngw");
    insta::assert_snapshot!(named("session:er2-msee1"), @r"session:er2-msee1/loc2-ce1 session:er2-msee1/hub-ergw-in0 session:er2-msee1/hub-ergw-in1");
    insta::assert_snapshot!(named("session:er1-msee1/loc1-ce1/er1"), @r"session:er1-msee1/loc1-ce1");
    for none in [
        "er1",
        "session:",
        "session:er1-msee1/loc2-ce1",
        "session:a/b/c/d",
    ] {
        assert_eq!(named(none), "", "{none}");
    }
    for name in topology.session_names() {
        assert_eq!(named(&name), name);
    }
}

/// The session of a gateway's instances has the gateway's name.
#[test]
fn a_gateway_means_all_sessions_of_its_instances() {
    let topology = built(TEXT);
    let names = topology.sessions_named("session:vpn").into_iter();
    let names: Vec<String> = names.map(|id| topology.session_name(id)).collect();
    insta::assert_snapshot!(names.join(" "), @r"session:vpn-in0/edge session:vpn-in1/edge session:vpn-in0/vpn-in1 session:vpn-in0/er-in0 session:vpn-in0/er-in1 session:vpn-in1/er-in0 session:vpn-in1/er-in1");
    for session in topology.sessions_named("session:vpn") {
        let lasting = topology.lasting_session_name(session);
        assert_eq!(topology.sessions_named(&lasting), [session].into());
    }
}
