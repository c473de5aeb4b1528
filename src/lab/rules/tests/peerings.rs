//! Rules for peerings that include only some subnets.

use crate::lab::rules::tests::wide::refused;

#[test]
fn a_peering_shows_subnets_of_its_own_network() {
    insta::assert_snapshot!(refused(&[("localSubnetNames: [default, nva]", "localSubnetNames: [default, nva, workloads]")]), @r"
    error[no-such-name]: there is no subnet `workloads`
      --> lab.yaml:21:126
       |
    21 | ... peerCompleteVnets: false, localSubnetNames: [default, nva, workloads] }
       |                                                                ^^^^^^^^^
       |
       = help: there is default, nva, GatewaySubnet

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("localSubnetNames: [default, nva]", "localSubnetNames: [nva, default, nva]")]), @r"
    error[peering]: this peering already shows `nva`
      --> lab.yaml:21:126
       |
    21 |       - { remoteVirtualNetwork: spoke, allowGatewayTransit: true, peerCompleteVnets: false, localSubnetNames: [nva, default, nva] }
       |                                                                                                                              ^^^

    1 finding in lab.yaml
    ");
}
