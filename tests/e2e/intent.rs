//! Expectations that name nodes, sets and what a path crosses, proved by real packets.

use crate::lab::Turn;
use crate::program::lab;
use crate::verification::{Verification, pairs};

/// Two spokes behind an appliance, and a network that nothing reaches.
pub(crate) const LAB: &str = "name: intent
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.0.0.0/16]
    subnets: { default: { addressPrefix: 10.0.1.0/24 } }
    virtualMachines: { fw: { subnet: default, privateIPAddress: 10.0.1.4, ipForwarding: true } }
    peerings:
      - { remoteVirtualNetwork: spoke1, allowForwardedTraffic: true }
      - { remoteVirtualNetwork: spoke2, allowForwardedTraffic: true }
  spoke1:
    location: region1
    addressPrefixes: [10.1.0.0/16]
    subnets: { default: { addressPrefix: 10.1.0.0/24, routeTable: to-fw } }
    virtualMachines: { vm1: { subnet: default, privateIPAddress: 10.1.0.4 } }
    peerings: [{ remoteVirtualNetwork: hub, allowForwardedTraffic: true }]
  spoke2:
    location: region1
    addressPrefixes: [10.2.0.0/16]
    subnets: { default: { addressPrefix: 10.2.0.0/24, routeTable: to-fw } }
    virtualMachines: { vm2: { subnet: default, privateIPAddress: 10.2.0.4 } }
    peerings: [{ remoteVirtualNetwork: hub, allowForwardedTraffic: true }]
  apart:
    location: region1
    addressPrefixes: [10.3.0.0/16]
    subnets: { default: { addressPrefix: 10.3.0.0/24 } }
    virtualMachines: { vm3: { subnet: default, privateIPAddress: 10.3.0.4 } }
routeTables:
  to-fw:
    routes: { all: { addressPrefix: 10.0.0.0/8, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.1.4 } }
";

const EXPECT: &str = r#"expect:
  - { from: "*", to: "*", reachable: true }
  - { from: [vm1, vm2, fw], to: apart, unreachable: true }
  - { from: vm3, to: "*", reachable: false }
  - { from: vm1, to: vm2, via: fw, notVia: vm3 }
  - { from: vm2, to: vm1, hops: [fw, vm1] }
storyboards:
  vm2-lost:
    - step: vm2-down
      fault: vm2
      expect:
        - { from: [vm1, fw], to: spoke2, unreachable: true }
        - { from: vm1, to: fw, hops: [fw] }
"#;

#[test]
fn intent_is_proved_for_every_pair_and_in_storyboards() {
    let turn = Turn::begin();
    let intent = turn.named_lab("intent", &format!("{LAB}{EXPECT}"));
    let ran = lab(&["verify", &intent.file, "--json"]).exits(0);
    assert_eq!(Verification::of(&ran).counts(), [12 + 3, 0, 0]);
}

#[test]
fn a_path_that_misses_or_crosses_a_node_fails_and_says_how_this_was_decided() {
    let turn = Turn::begin();
    let expect = "expect:
  - { from: vm1, to: vm2, via: [fw, vm3] }
  - { from: vm2, to: vm1, notVia: fw }
  - { from: vm1, to: [fw, vm3], reachable: true }
  - { from: vm2, to: fw, hops: [vm1, fw] }
";
    let intent = turn.named_lab("intent", &format!("{LAB}{expect}"));
    let ran = lab(&["verify", &intent.file, "--json"]).exits(1);
    let verification = Verification::of(&ran);
    let failed = [
        ("vm1", "vm2"),
        ("vm2", "vm1"),
        ("vm1", "vm3"),
        ("vm2", "fw"),
    ];
    assert_eq!(verification.failed_pairs(), pairs(&failed));
    let why: Vec<String> = verification
        .failures()
        .into_iter()
        .map(|(_, why)| why)
        .collect();
    let by_routes = "by the routes, the path is";
    assert_eq!(
        why[..2],
        [
            format!(
                "expected a path via vm3; {by_routes} vm1 > fw > vm2, and the hops that answered agree"
            ),
            format!(
                "expected a path that is not via fw; {by_routes} vm2 > fw > vm1, and the hops that answered agree"
            ),
        ]
    );
    assert!(
        why[2].starts_with("expected an answer of vm3, nobody answered; by the routes, "),
        "{}",
        why[2]
    );
    assert!(
        why[3].starts_with("the destination answers at hop 1 already"),
        "{}",
        why[3]
    );
}
