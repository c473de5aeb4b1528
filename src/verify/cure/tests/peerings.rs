//! Paths between networks, and from networks to sites.

use insta::assert_snapshot;

use super::lab;

pub(super) const SPOKES: &str = "name: spokes
virtualNetworks:
  hub: { virtualMachines: [hub-vm] }
  spoke1: { virtualMachines: [spoke1-vm] }
  spoke2: { virtualMachines: [spoke2-vm] }
peerings:
  - { virtualNetwork: [spoke1, spoke2], remoteVirtualNetwork: hub }
";

#[test]
fn two_spokes_are_peered() {
    assert_snapshot!(lab(SPOKES).cures("spoke1-vm", "spoke2-vm"), @r"
    peer spoke1 with spoke2 (1 hops)
    Add peerings (line 7)
      - { virtualNetwork: spoke1, remoteVirtualNetwork: spoke2 }
    ");
    let named = "name: spokes\nvirtualNetworks:\n  hub: { virtualMachines: [hub-vm] }\n  spoke1: { virtualMachines: [spoke1-vm], peerings: [hub] }\n  spoke2:\n    virtualMachines: [spoke2-vm]\n    peerings: [hub]\n";
    assert_snapshot!(lab(named).cures("spoke1-vm", "spoke2-vm"), @r"
    peer spoke1 with spoke2 (1 hops)
    Add  (line 7)
    peerings:
      - { virtualNetwork: spoke1, remoteVirtualNetwork: spoke2 }
    ");
}

/// The cures of a lab with the spokes that come after their peering.
fn beside_peering(text: &str) -> String {
    let peering = lab(SPOKES).cures("spoke1-vm", "spoke2-vm");
    let all = lab(text).cures("spoke1-vm", "spoke2-vm");
    let others = all
        .strip_prefix(&peering)
        .unwrap_or_else(|| panic!("{all}"));
    others.trim_start().to_owned()
}

#[test]
fn two_spokes_may_also_go_through_an_appliance() {
    let text = SPOKES.replace("[hub-vm] }", "{ hub-vm: ~, nva: { ipForwarding: true } } }");
    assert_snapshot!(beside_peering(&text), @r"
    send what spoke1 and spoke2 exchange through nva in hub (2 hops)
    Add  (line 7)
    routeTables:
      spoke1-to-spoke2:
        routes:
          spoke2: { addressPrefix: 10.2.0.0/16, nextHopIpAddress: nva }
      spoke2-to-spoke1:
        routes:
          spoke1: { addressPrefix: 10.1.0.0/16, nextHopIpAddress: nva }
    Replace peerings[0] (line 7 to 7)
      - { virtualNetwork: [spoke1, spoke2], remoteVirtualNetwork: hub, allowForwardedTraffic: true }
    Replace virtualNetworks.spoke2 (line 5 to 5)
      spoke2:
        virtualMachines: [spoke2-vm]
        subnets:
          default: { routeTable: spoke2-to-spoke1 }
    Replace virtualNetworks.spoke1 (line 4 to 4)
      spoke1:
        virtualMachines: [spoke1-vm]
        subnets:
          default: { routeTable: spoke1-to-spoke2 }
    ");
    let blind = text.replace("ipForwarding: true", "ipForwarding: false");
    assert_eq!(beside_peering(&blind), "");
}

#[test]
fn two_spokes_may_also_go_through_a_gateway() {
    let text = format!("{SPOKES}virtualNetworkGateways: {{ hub-vpngw: hub }}\n");
    assert_snapshot!(beside_peering(&text), @r"
    send what spoke1 and spoke2 exchange through the VPN gateway of hub (2 hops)
    Add  (line 8)
    routeTables:
      spoke1-to-spoke2:
        routes:
          spoke2: { addressPrefix: 10.2.0.0/16, nextHopType: VirtualNetworkGateway }
      spoke2-to-spoke1:
        routes:
          spoke1: { addressPrefix: 10.1.0.0/16, nextHopType: VirtualNetworkGateway }
    Replace peerings[0] (line 7 to 7)
      - { virtualNetwork: [spoke1, spoke2], remoteVirtualNetwork: hub, useRemoteGateways: true }
    Replace virtualNetworks.spoke2 (line 5 to 5)
      spoke2:
        virtualMachines: [spoke2-vm]
        subnets:
          default: { routeTable: spoke2-to-spoke1 }
    Replace virtualNetworks.spoke1 (line 4 to 4)
      spoke1:
        virtualMachines: [spoke1-vm]
        subnets:
          default: { routeTable: spoke1-to-spoke2 }
    ");
}

#[test]
fn networks_that_overlap_are_not_peered() {
    let text = "name: same\nvirtualNetworks:\n  a: { addressPrefixes: [10.0.0.0/16], virtualMachines: [a-vm] }\n  hub: { addressPrefixes: [10.1.0.0/16] }\n  b: { addressPrefixes: [10.0.0.0/16, 10.2.0.0/16], virtualMachines: { b-vm: 10.2.0.4 }, subnets: { default: 10.2.0.0/24 } }\npeerings:\n  - { virtualNetwork: a, remoteVirtualNetwork: hub }\n";
    assert_snapshot!(lab(text).cures("a-vm", "b-vm"), @"");
}

const SITE: &str = "name: site
virtualNetworks:
  hub: ~
  spoke: { virtualMachines: [spoke-vm] }
peerings:
  - { virtualNetwork: spoke, remoteVirtualNetwork: hub }
virtualNetworkGateways: { hub-vpngw: hub }
connections: { hub-office: { gateway: hub-vpngw, device: office-ce } }
sites: { office: { routers: [office-ce], hosts: [office-pc] } }
";

#[test]
fn a_spoke_uses_the_gateways_of_its_hub() {
    assert_snapshot!(lab(SITE).cures("spoke-vm", "office-pc"), @r"
    let spoke use the gateways of hub (2 hops)
    Replace peerings[0] (line 6 to 6)
      - { virtualNetwork: spoke, remoteVirtualNetwork: hub, useRemoteGateways: true }
    ");
    let back = lab(SITE).cures("office-pc", "spoke-vm");
    assert_eq!(back, lab(SITE).cures("spoke-vm", "office-pc"));
    let halves = SITE
        .replace(
            "hub: ~",
            "hub: { peerings: [{ remoteVirtualNetwork: spoke, allowGatewayTransit: true }] }",
        )
        .replace(
            "[spoke-vm]",
            "[spoke-vm], peerings: [{ remoteVirtualNetwork: hub }]",
        )
        .replace(
            "peerings:\n  - { virtualNetwork: spoke, remoteVirtualNetwork: hub }\n",
            "",
        );
    assert_snapshot!(lab(&halves).cures("spoke-vm", "office-pc"), @r"
    let spoke use the gateways of hub (2 hops)
    Replace virtualNetworks.spoke (line 4 to 4)
      spoke:
        virtualMachines: [spoke-vm]
        peerings:
          - { remoteVirtualNetwork: hub, useRemoteGateways: true }
    ");
}

#[test]
fn a_spoke_without_peering_gets_one_with_gateways() {
    let text = SITE.replace(
        "peerings:\n  - { virtualNetwork: spoke, remoteVirtualNetwork: hub }\n",
        "",
    );
    assert_snapshot!(lab(&text).cures("spoke-vm", "office-pc"), @r"
    peer spoke with hub, and let spoke use the gateways of hub (2 hops)
    Add  (line 7)
    peerings:
      - { virtualNetwork: spoke, remoteVirtualNetwork: hub, useRemoteGateways: true }
    ");
}

#[test]
fn a_missing_side_is_added() {
    let text = "name: half\nvirtualNetworks:\n  hub:\n    virtualMachines: [hub-vm]\n    peerings:\n      - remoteVirtualNetwork: spoke\n  spoke: { virtualMachines: [spoke-vm] }\n";
    assert_snapshot!(lab(text).cures("hub-vm", "spoke-vm"), @r"
    add the peering from spoke to hub (1 hops)
    Replace virtualNetworks.spoke (line 7 to 7)
      spoke:
        virtualMachines: [spoke-vm]
        peerings:
          - { remoteVirtualNetwork: hub }
    ");
    let transit = SITE
        .replace(
            "peerings:\n  - { virtualNetwork: spoke, remoteVirtualNetwork: hub }\n",
            "",
        )
        .replace(
            "hub: ~",
            "hub: { peerings: [{ remoteVirtualNetwork: spoke, allowGatewayTransit: true }] }",
        );
    assert_snapshot!(lab(&transit).cures("spoke-vm", "office-pc"), @r"
    add the peering from spoke to hub (2 hops)
    Replace virtualNetworks.spoke (line 4 to 4)
      spoke:
        virtualMachines: [spoke-vm]
        peerings:
          - { remoteVirtualNetwork: hub, useRemoteGateways: true }
    ");
}

#[test]
fn a_peering_lets_in_what_it_kept_out() {
    let text = format!("semantics: {{ strictPeeringFlags: true }}\n{SPOKES}").replace("[hub-vm] }", "[hub-vm], peerings: [{ remoteVirtualNetwork: spoke1, allowVirtualNetworkAccess: false }] }");
    assert_snapshot!(lab(&text).cures("spoke1-vm", "hub-vm"), @r"
    set `allowVirtualNetworkAccess` on the peering from hub to spoke1 (1 hops)
    Replace virtualNetworks.hub (line 4 to 4)
      hub:
        virtualMachines: [hub-vm]
        peerings:
          - { remoteVirtualNetwork: spoke1, allowVirtualNetworkAccess: true }
    ");
}

#[test]
fn a_peering_shows_another_subnet() {
    let text = "\
name: subnets
virtualNetworks:
  left: { virtualMachines: [left-vm], peerings: [{ remoteVirtualNetwork: right }] }
  right:
    subnets: [front, back]
    virtualMachines: { right-db: { subnet: back } }
    peerings:
      - { remoteVirtualNetwork: left, peerCompleteVnets: false, localSubnetNames: [front] }
";
    assert_snapshot!(lab(text).cures("left-vm", "right-db"), @r"
    show the subnet back in the peering of right with left (1 hops)
    Replace virtualNetworks.right.peerings[0] (line 8 to 8)
          - { remoteVirtualNetwork: left, peerCompleteVnets: false, localSubnetNames: [front, back] }
    ");
}

#[test]
fn a_list_at_its_keys_indentation_belongs_to_the_key() {
    let text = "name: half\nvirtualNetworks:\n  hub:\n    virtualMachines: [hub-vm]\n    peerings: [{ remoteVirtualNetwork: spoke }]\n  spoke:\n    virtualMachines: [spoke-vm]\n    addressPrefixes:\n    - 10.9.0.0/16\n";
    assert_snapshot!(lab(text).cures("hub-vm", "spoke-vm"), @r"
    add the peering from spoke to hub (1 hops)
    Add virtualNetworks.spoke (line 9)
        peerings:
          - { remoteVirtualNetwork: hub }
    ");
}
