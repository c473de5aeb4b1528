//! The syntax of lab files, and the findings of invalid files with their places.

mod defaults;
mod every_key;
mod hostile;
mod keys;
mod levels;
mod merge;
mod places;
mod refused;
mod unreadable;

use std::time::Duration;

use super::*;
use crate::azure::connection::model::ConnectionKind;
use crate::azure::gateway::model::{GatewayKind, VpnSku};
use crate::lab::model::ExpectedOutcome;
use crate::onpremises::device::model::Device;
use crate::yaml::{Source, position, render};

const GOOD: &str = r#"name: hub-spoke
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.10.30.0/24]
    subnets:
      default: { addressPrefix: 10.10.30.0/25 }
      GatewaySubnet: { addressPrefix: 10.10.30.128/25 }
    virtualMachines:
      hub-vm: { subnet: default, privateIPAddress: 10.10.30.4 }
    peerings:
      - { remoteVirtualNetwork: spoke, allowGatewayTransit: true }
      - remoteVirtualNetwork: branch
        useRemoteGateways: true
  spoke:
    location: "region 2"
    addressPrefixes:
      - 10.11.30.0/25
      - 10.11.31.0/24
    peerings:
virtualNetworkGateways:
  hub-vpngw: { virtualNetwork: hub, gatewayType: Vpn, sku: VpnGw2, asn: 65514,
               privateIPAddress: 10.10.30.142, bgpPeeringAddress: 10.10.30.254, publicIPAddress: 52.168.162.84 }
  hub-ergw:  { virtualNetwork: hub, gatewayType: ExpressRoute }
  spoke-vpngw: { virtualNetwork: spoke, gatewayType: Vpn, publicIPAddress: 52.168.162.85 }
expressRouteCircuits:
  er1:
    bandwidthInMbps: 1000
    primary:   { peerAddressPrefix: 192.168.30.16/30, customerEdge: loc1-ce1 }
    secondary: { peerAddressPrefix: 192.168.30.20/30, customerEdge: loc1-ce2, enabled: false }
connections:
  er1-hub:    { connectionType: ExpressRoute, gateway: hub-ergw, circuit: er1,
                endpoints: [10.10.30.132, 10.10.30.133], rtt: 2ms }
  hub-branch: { connectionType: Vnet2Vnet, gateways: [hub-vpngw, spoke-vpngw], enableBgp: true, rtt: 1.5ms }
  hub-loc1:   { connectionType: IPsec, gateway: hub-vpngw, device: loc1-ce1 }
sites:
  loc1:
    asn: 65021
    routers:
      loc1-ce1:
        address: 10.2.30.1/25
        tunnel: { sourceAddress: 203.0.113.1, address: 172.16.0.1, innerTtl: 255 }
        localPreference: { er1: 200, hub-loc1: 50 }
      loc1-lan: {}
    hosts:
      loc1-vm: { address: 10.2.30.10/25, gateway: 10.2.30.3 }
    links:
      - { a: loc1-ce1, b: loc1-lan, addresses: [192.168.30.0/31, 192.168.30.1/31], rtt: 300us }
    advertise: [10.2.30.0/25]
expect:
  - { from: hub-vm, to: loc1-vm, hops: [10.10.30.142, "*", [10.2.30.1, 10.2.30.2], 10.2.30.10], rtt: 2ms }
  - { from: loc1-vm, to: hub-vm, hops: [10.2.30.3, 10.10.30.4], rtt: [~, 3ms] }
  - { from: hub-vm, to: spoke-vm, unreachable: timeout }
"#;

fn good() -> Spec {
    parse(GOOD).unwrap_or_else(|findings| panic!("{}", shown(GOOD, &findings)))
}

fn shown(text: &str, findings: &[Finding]) -> String {
    let source = Source {
        file: "lab.yaml".to_owned(),
        text: text.to_owned(),
    };
    render(&source, findings)
}

/// The printed findings of a text.
fn refused(text: &str) -> String {
    let findings = parse(text).expect_err("the text has findings");
    assert!(!findings.is_empty());
    shown(text, &findings)
}

/// Rule, line, column and message of each finding.
pub(super) fn findings(text: &str) -> Vec<String> {
    let found = parse(text).expect_err("the text has findings");
    let line = |finding: &Finding| {
        let (line, column) = position(text, finding.place);
        format!("{line}:{column} {}: {}", finding.rule.id, finding.message)
    };
    found.iter().map(line).collect()
}

/// Checks that the text at a place begins with `expected`.
fn assert_stands(text: &str, place: Place, expected: &str) {
    let (line, column) = position(text, place);
    let line = text.lines().nth(line - 1).unwrap();
    let from: String = line.chars().skip(column - 1).collect();
    assert!(from.starts_with(expected), "{from:?} for {expected:?}");
}

#[test]
fn the_azure_sections_are_read_whole() {
    let spec = good();
    assert_eq!(spec.name.value.as_str(), "hub-spoke");
    let [hub, spoke] = spec.resources.virtual_networks.as_slice() else {
        panic!("two networks")
    };
    assert_eq!(hub.location.value, "region1");
    assert_eq!(spoke.location.value, "region 2");
    assert_eq!(
        hub.address_prefixes[0].value,
        "10.10.30.0/24".parse().unwrap()
    );
    assert_eq!(spoke.address_prefixes.len(), 2);
    assert_eq!(hub.subnets[1].name.value, "GatewaySubnet");
    assert_eq!(
        hub.virtual_machines[0]
            .primary()
            .private_ip_address
            .value
            .to_string(),
        "10.10.30.4"
    );
    assert!(hub.peerings[0].allow_gateway_transit.value);
    assert!(!hub.peerings[0].use_remote_gateways.value);
    assert!(hub.peerings[1].use_remote_gateways.value);
    assert!(spoke.peerings.is_empty());
    // The default subnet for the gateway.
    assert_eq!(spoke.subnets[0].name.value, "GatewaySubnet");
}

#[test]
fn gateways_circuits_and_connections_are_read_whole() {
    let spec = good();
    let kinds: Vec<_> = spec
        .resources
        .virtual_network_gateways
        .iter()
        .map(|g| &g.kind)
        .collect();
    assert!(
        matches!(kinds[0], GatewayKind::Vpn { sku, asn, instances, .. }
        if sku.value == VpnSku::VpnGw2 && asn.value.get() == 65514
            && instances[0].private_ip_address.unwrap().value.to_string() == "10.10.30.142")
    );
    assert!(matches!(kinds[1], GatewayKind::ExpressRoute { .. }));
    assert!(
        matches!(kinds[2], GatewayKind::Vpn { sku, asn, instances, .. }
        if sku.value == VpnSku::VpnGw1 && asn.value.get() == 65515 && instances[0].bgp_peering_address.is_none())
    );
    let circuit = &spec.resources.express_route_circuits[0];
    assert_eq!(circuit.bandwidth.to_string(), "1 Gbit/s");
    assert!(circuit.links[0].enabled && !circuit.links[1].enabled);
    assert_eq!(
        circuit.links[1].customer_edge.as_ref().unwrap().value,
        "loc1-ce2"
    );
    let [er, vnets, ipsec] = spec.resources.connections.as_slice() else {
        panic!("three connections")
    };
    assert_eq!(er.round_trip_time, Duration::from_millis(2));
    assert_eq!(vnets.round_trip_time, Duration::from_micros(1500));
    assert_eq!(ipsec.round_trip_time, Duration::ZERO);
    assert!(
        matches!(&er.kind, ConnectionKind::ExpressRoute { endpoints, .. }
        if endpoints[1].value.to_string() == "10.10.30.133")
    );
    assert!(
        matches!(&vnets.kind, ConnectionKind::VnetToVnet { gateways, .. }
        if gateways[1].value == "spoke-vpngw")
    );
    assert!(
        matches!(&ipsec.kind, ConnectionKind::IpSec { device, .. } if device.value == "loc1-ce1")
    );
}

#[test]
fn sites_and_expectations_are_read_whole() {
    let spec = good();
    let site = &spec.resources.sites[0];
    assert_eq!(site.asn.unwrap().value.get(), 65021);
    let [edge, lan] = site.routers.as_slice() else {
        panic!("two routers")
    };
    assert_eq!(edge.address.unwrap().value.to_string(), "10.2.30.1/25");
    let tunnel = edge.device.tunnel.as_ref().unwrap();
    assert_eq!(tunnel.source_address.value.to_string(), "203.0.113.1");
    assert_eq!(tunnel.inner_ttl.unwrap().get(), 255);
    let preferences: Vec<_> = edge
        .device
        .local_preference
        .iter()
        .map(|(name, number)| (name.value.as_str(), *number))
        .collect();
    assert_eq!(preferences, [("er1", 200), ("hub-loc1", 50)]);
    assert!(lan.address.is_none() && lan.device == Device::default());
    assert_eq!(site.hosts[0].address.value.to_string(), "10.2.30.10/25");
    assert_eq!(
        site.links[0].addresses[1].value.to_string(),
        "192.168.30.1/31"
    );
    assert_eq!(site.links[0].round_trip_time, Duration::from_micros(300));
    assert_eq!(site.advertise.len(), 1);
    let [there, back, never] = spec.expectations.as_slice() else {
        panic!("three expectations")
    };
    let ExpectedOutcome::Hops(hops) = &there.outcome else {
        panic!("hops")
    };
    let counts: Vec<_> = hops.iter().map(|hop| hop.answerers.len()).collect();
    assert_eq!(counts, [1, 0, 2, 1]);
    let times: Vec<_> = hops.iter().map(|hop| hop.round_trip_time).collect();
    assert_eq!(times, [None, None, None, Some(Duration::from_millis(2))]);
    let ExpectedOutcome::Hops(hops) = &back.outcome else {
        panic!("hops")
    };
    assert_eq!(hops[0].round_trip_time, None);
    assert_eq!(hops[1].round_trip_time, Some(Duration::from_millis(3)));
    assert_eq!(never.outcome, ExpectedOutcome::TimesOut);
}

#[test]
fn an_alias_repeats_a_value_and_a_number_may_be_a_name() {
    let text = "name: \"1\"\nsites:\n  2: &same { asn: 65021 }\n  true: *same\n";
    let spec = parse(text).unwrap();
    let names: Vec<_> = spec
        .resources
        .sites
        .iter()
        .map(|site| site.name.value.as_str())
        .collect();
    assert_eq!(names, ["2", "true"]);
    assert!(
        spec.resources
            .sites
            .iter()
            .all(|site| site.asn.unwrap().value.get() == 65021)
    );
}
