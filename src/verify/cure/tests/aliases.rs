//! Edits of resources that share values by aliases.

use insta::assert_snapshot;

use super::lab;

const SHARED: &str = "name: shared
virtualNetworks:
  hub: { virtualMachines: [hub-vm] }
  s1: &s
    peerings: [{ remoteVirtualNetwork: hub }]
  s2: { <<: *s, virtualMachines: [vm2] }
  s4: { virtualMachines: [vm4], peerings: [{ remoteVirtualNetwork: s2 }] }
";

#[test]
fn a_resource_gets_its_own_key_instead_of_a_merged_one() {
    assert_snapshot!(lab(SHARED).cures("vm2", "vm4"), @r"
    add the peering from s2 to s4 (1 hops)
    Replace virtualNetworks.s2 (line 6 to 6)
      s2:
        peerings:
          - { remoteVirtualNetwork: hub }
          - { remoteVirtualNetwork: s4 }
        virtualMachines: [vm2]
    ");
}

#[test]
fn a_value_that_others_repeat_is_left_alone() {
    let text = SHARED
        .replace("s1: &s\n", "s1: &s\n    virtualMachines: [vm1]\n")
        .replace("remoteVirtualNetwork: s2", "remoteVirtualNetwork: s1");
    assert_snapshot!(lab(&text).cures("vm1", "vm4"), @"");
}
