//! Mistakes that Azure accepts: the lab is built, and loses the packets that Azure loses.

use crate::lab::Turn;
use crate::program;

/// Two networks, one of them with its half of a peering. Routes lead to a machine that does not forward, to an unused
/// address, across the peering, and back to the appliance.
const MISTAKEN: &str = "\
name: mistaken
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.61.0.0/16]
    subnets:
      nva: { addressPrefix: 10.61.1.0/24, routeTable: back }
      work: { addressPrefix: 10.61.2.0/24, routeTable: out }
      plain: { addressPrefix: 10.61.3.0/24 }
    virtualMachines:
      nva-vm: { subnet: nva, privateIPAddress: 10.61.1.4, ipForwarding: true }
      deaf-vm: { subnet: nva, privateIPAddress: 10.61.1.5 }
      work-vm: { subnet: work, privateIPAddress: 10.61.2.4 }
      plain-vm: { subnet: plain, privateIPAddress: 10.61.3.4 }
    peerings: [{ remoteVirtualNetwork: other }]
  other:
    location: region1
    addressPrefixes: [10.62.0.0/16]
    subnets: { default: { addressPrefix: 10.62.0.0/24 } }
    virtualMachines: { other-vm: { subnet: default, privateIPAddress: 10.62.0.4, ipForwarding: true } }
routeTables:
  out:
    routes:
      deaf: { addressPrefix: 10.61.3.0/24, nextHopType: VirtualAppliance, nextHopIpAddress: 10.61.1.5 }
      nobody: { addressPrefix: 10.71.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.61.1.99 }
      half: { addressPrefix: 10.72.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.62.0.4 }
      loop: { addressPrefix: 10.73.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.61.1.4 }
  back:
    routes:
      loop: { addressPrefix: 10.73.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.61.1.4 }
expect:
  - { from: work-vm, to: nva-vm, hops: [10.61.1.4] }
  - { from: nva-vm, to: plain-vm, hops: [10.61.3.4] }
  - { from: work-vm, to: plain-vm, unreachable: timeout }
  - { from: work-vm, to: other-vm, unreachable: timeout }
  - { from: other-vm, to: work-vm, unreachable: timeout }
";

#[test]
fn a_lab_with_warnings_is_built_and_loses_what_azure_loses() {
    let turn = Turn::begin();
    let lab = turn.named_lab("mistaken", MISTAKEN);
    let ran = program::lab(&["up", &lab.file]).exits(0);
    assert_eq!(ran.complained.matches("warning[").count(), 5, "{ran:#?}");
    program::lab(&["status", &lab.name, "--check"]).exits(0);
    let proved = program::lab(&["verify", &lab.name]).exits(0);
    assert!(
        proved.said.contains("5 paths proved, 0 failed"),
        "{proved:#?}"
    );
    for (destination, mistake) in [
        ("plain-vm", "it has no `ipForwarding`"),
        ("10.71.0.1", "to 10.61.1.99, which no node has"),
        ("10.72.0.1", "the peering hub to other is Initiated"),
        ("10.73.0.1", "to 10.61.1.4, which leads back to nva-vm"),
        ("other-vm", "the peering hub to other is Initiated"),
    ] {
        lab.run(&["ping", "work-vm", destination, "-c", "1"])
            .exits(1);
        let why = lab
            .run(&["why", "work-vm", destination, "-o", "json"])
            .exits(1)
            .json();
        let summary = why["summary"].as_str().unwrap_or_default();
        assert!(summary.contains(mistake), "{summary}");
    }
}

#[test]
fn a_lab_that_is_read_strictly_is_not_built() {
    let turn = Turn::begin();
    let lab = turn.named_lab("mistaken", MISTAKEN);
    for command in ["validate", "plan", "up", "verify"] {
        let ran = program::lab(&[command, "--strict", &lab.file]).exits(2);
        let closing = "5 findings in ";
        assert!(ran.complained.contains(closing), "{ran:#?}");
        assert!(!ran.complained.contains("warning["), "{ran:#?}");
    }
    let file = turn.file("strict.yaml", &format!("strict: true\n{MISTAKEN}"));
    program::lab(&["up", &file]).exits(2);
    assert!(!program::lab(&["ls"]).exits(0).said.contains("mistaken"));
    program::lab(&["validate", &lab.file]).exits(0);
    let report = program::lab(&["validate", "--json", &lab.file])
        .exits(0)
        .json();
    assert_eq!(report["findings"][0]["level"], "warning");
}
