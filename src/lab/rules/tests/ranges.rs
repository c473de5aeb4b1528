//! Rules for address ranges that contain each other.

use crate::lab::rules::tests::wide::{accepted, refused, warned};

#[test]
fn networks_peered_with_one_network_do_not_overlap() {
    insta::assert_snapshot!(refused(&[("branch-vm: { subnet: default, privateIPAddress: 10.2.0.4 } }", "branch-vm: { subnet: default, privateIPAddress: 10.2.0.4 } }\n    peerings: [{ remoteVirtualNetwork: spoke }]"), ("peerings: [{ remoteVirtualNetwork: hub, useRemoteGateways: true }]", "peerings: [{ remoteVirtualNetwork: hub, useRemoteGateways: true }, { remoteVirtualNetwork: branch }]"), ("addressPrefixes: [10.2.0.0/24]", "addressPrefixes: [10.2.0.0/24, 10.0.0.192/26]")]), @r"
    error[overlap]: 10.0.0.192/26 overlaps 10.0.0.0/24 of virtual network hub
      --> lab.yaml:30:36
       |
    30 |     addressPrefixes: [10.2.0.0/24, 10.0.0.192/26]
       |                                    ^^^^^^^^^^^^^
       |
       = help: `spoke` is peered with both, and networks peered with one network may not overlap (virtual-network-peering-overview)

    1 finding in lab.yaml
    ");
}

#[test]
fn networks_that_a_connection_joins_do_not_overlap() {
    insta::assert_snapshot!(refused(&[("addressPrefixes: [10.2.0.0/24]", "addressPrefixes: [10.2.0.0/24, 10.0.0.192/26]")]), @r"
    error[overlap]: 10.0.0.192/26 overlaps 10.0.0.0/24 of virtual network hub
      --> lab.yaml:30:36
       |
    30 |     addressPrefixes: [10.2.0.0/24, 10.0.0.192/26]
       |                                    ^^^^^^^^^^^^^
       |
       = help: connection `hub-branch` joins them, and would lead to the same addresses in both networks

    1 finding in lab.yaml
    ");
}

#[test]
fn networks_that_are_joined_over_others_do_not_overlap_either() {
    insta::assert_snapshot!(refused(&[("addressPrefixes: [10.3.0.0/24]", "addressPrefixes: [10.3.0.0/24, 10.2.0.0/25]")]), @r"
    error[overlap]: 10.2.0.0/25 overlaps 10.2.0.0/24 of virtual network branch
      --> lab.yaml:37:36
       |
    37 |     addressPrefixes: [10.3.0.0/24, 10.2.0.0/25]
       |                                    ^^^^^^^^^^^

    1 finding in lab.yaml
    ");
}

#[test]
fn a_network_has_no_reserved_range() {
    insta::assert_snapshot!(refused(&[("addressPrefixes: [10.3.0.0/24]", "addressPrefixes: [10.3.0.0/24, 169.254.0.0/20]")]), @r"
    error[reserved-range]: 169.254.0.0/20 overlaps 169.254.0.0/16, which is for link-local addresses
      --> lab.yaml:37:36
       |
    37 |     addressPrefixes: [10.3.0.0/24, 169.254.0.0/20]
       |                                    ^^^^^^^^^^^^^^
       |
       = help: Azure does not allow this range in a virtual network (virtual-networks-faq)

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("addressPrefixes: [10.3.0.0/24]", "addressPrefixes: [10.3.0.0/24, 168.63.128.0/22]")]), @r"
    error[reserved-range]: 168.63.128.0/22 overlaps 168.63.129.16/32, which is for Azure's DNS
      --> lab.yaml:37:36
       |
    37 |     addressPrefixes: [10.3.0.0/24, 168.63.128.0/22]
       |                                    ^^^^^^^^^^^^^^^
       |
       = help: Azure does not allow this range in a virtual network (virtual-networks-faq)

    1 finding in lab.yaml
    ");
    accepted(&[(
        "addressPrefixes: [10.3.0.0/24]",
        "addressPrefixes: [10.3.0.0/24, 168.63.132.0/22]",
    )]);
}

#[test]
fn a_router_speaks_bgp_from_outside_virtual_networks() {
    insta::assert_snapshot!(refused(&[("address: 10.5.0.125", "address: 10.2.0.9")]), @r"
    error[overlap]: 10.2.0.9/32 overlaps 10.2.0.0/24 of virtual network branch
       --> lab.yaml:100:57
        |
    100 |         tunnel: { sourceAddress: 198.51.100.2, address: 10.2.0.9 }
        |                                                         ^^^^^^^^

    1 finding in lab.yaml
    ");
    // None of its connections ends at this network or at a gateway that this network uses.
    accepted(&[("address: 10.5.0.125", "address: 10.1.0.9")]);
}

#[test]
fn a_router_advertises_nothing_of_a_virtual_network() {
    insta::assert_snapshot!(warned(&[("advertise: [10.5.0.0/24]\n", "advertise: [10.5.0.0/24, 10.2.0.0/26]\n")]), @r"
    warning[ignored-prefix]: 10.2.0.0/26 overlaps 10.2.0.0/24 of virtual network branch: gateways ignore it, and Azure sends nothing there
       --> lab.yaml:103:34
        |
    103 |         advertise: [10.5.0.0/24, 10.2.0.0/26]
        |                                  ^^^^^^^^^^^
        |
        = help: give the site a range outside the networks that it is connected to (vpn-gateway-vpn-faq)
    ");
    accepted(&[(
        "advertise: [10.5.0.0/24]\n",
        "advertise: [10.5.0.0/24, 10.0.0.0/8]\n",
    )]);
}

#[test]
fn a_wan_link_keeps_clear_of_virtual_networks() {
    insta::assert_snapshot!(warned(&[("addresses: [172.16.2.0/31, 172.16.2.1/31]", "addresses: [10.1.0.0/31, 10.1.0.1/31]")]), @r"
    warning[ignored-prefix]: 10.1.0.0/31 overlaps 10.1.0.0/24 of virtual network spoke: gateways ignore it, and Azure sends nothing there
       --> lab.yaml:105:46
        |
    105 |   east-west: { a: edge, b: gate, addresses: [10.1.0.0/31, 10.1.0.1/31] }
        |                                              ^^^^^^^^^^^
        |
        = help: give the site a range outside the networks that it is connected to (vpn-gateway-vpn-faq)

    warning[ignored-prefix]: 10.1.0.1/31 overlaps 10.1.0.0/24 of virtual network spoke: gateways ignore it, and Azure sends nothing there
       --> lab.yaml:105:59
        |
    105 |   east-west: { a: edge, b: gate, addresses: [10.1.0.0/31, 10.1.0.1/31] }
        |                                                           ^^^^^^^^^^^
        |
        = help: give the site a range outside the networks that it is connected to (vpn-gateway-vpn-faq)
    ");
}

#[test]
fn a_circuits_links_keep_clear_of_networks_and_sites() {
    insta::assert_snapshot!(refused(&[("peerAddressPrefix: 172.16.0.8/30", "peerAddressPrefix: 10.3.0.8/30")]), @r"
    error[overlap]: 10.3.0.8/30 overlaps 10.3.0.0/24 of virtual network far
      --> lab.yaml:70:35
       |
    70 |     primary: { peerAddressPrefix: 10.3.0.8/30, customerEdge: gate }
       |                                   ^^^^^^^^^^^
       |
       = help: a circuit's links need prefixes that nothing else uses

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("peerAddressPrefix: 172.16.0.8/30", "peerAddressPrefix: 10.5.0.8/30")]), @r"
    error[overlap]: 10.5.0.8/30 overlaps 10.5.0.0/24 of site west
      --> lab.yaml:70:35
       |
    70 |     primary: { peerAddressPrefix: 10.5.0.8/30, customerEdge: gate }
       |                                   ^^^^^^^^^^^
       |
       = help: a circuit's links need prefixes that nothing else uses

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("microsoftPeerAddressPrefix: 198.51.100.128/30", "microsoftPeerAddressPrefix: 172.16.2.0/30")]), @r"
    error[overlap]: 172.16.2.0/30 overlaps 172.16.2.0/31 of wan link east-west
      --> lab.yaml:66:98
       |
    66 |     primary: { peerAddressPrefix: 172.16.0.0/30, customerEdge: edge, microsoftPeerAddressPrefix: 172.16.2.0/30 }
       |                                                                                                  ^^^^^^^^^^^^^
       |
       = help: a circuit's links need prefixes that nothing else uses

    error[address-taken]: 172.16.2.1 already belongs to edge
       --> lab.yaml:105:61
        |
    105 |   east-west: { a: edge, b: gate, addresses: [172.16.2.0/31, 172.16.2.1/31] }
        |                                                             ^^^^^^^^^^^^^
        |
       ::: lab.yaml:66:98
        |
     66 |     primary: { peerAddressPrefix: 172.16.0.0/30, customerEdge: edge, microsoftPeerAddressPrefix: 172.16.2.0/30 }
        |                                                                                                  ------------- the other one

    2 findings in lab.yaml
    ");
    accepted(&[(
        "advertise: [10.5.0.0/24]\n",
        "advertise: [10.5.0.0/24, 172.16.0.0/16]\n",
    )]);
}

#[test]
fn global_reach_has_a_prefix_of_its_own() {
    insta::assert_snapshot!(refused(&[("addressPrefix: 172.16.0.16/29", "addressPrefix: 172.16.0.8/29")]), @r"
    error[overlap]: 172.16.0.8/29 overlaps 172.16.0.8/30 of circuit er2
      --> lab.yaml:75:78
       |
    75 |   reach: { connectionType: GlobalReach, circuits: [er1, er2], addressPrefix: 172.16.0.8/29 }
       |                                                                              ^^^^^^^^^^^^^
       |
       = help: a circuit's links need prefixes that nothing else uses

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("addressPrefix: 172.16.0.16/29", "addressPrefix: 10.3.0.16/29")]), @r"
    error[overlap]: 10.3.0.16/29 overlaps 10.3.0.0/24 of virtual network far
      --> lab.yaml:75:78
       |
    75 |   reach: { connectionType: GlobalReach, circuits: [er1, er2], addressPrefix: 10.3.0.16/29 }
       |                                                                              ^^^^^^^^^^^^
       |
       = help: a circuit's links need prefixes that nothing else uses

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("addressPrefix: 172.16.0.16/29", "addressPrefix: 10.6.0.0/29")]), @r"
    error[overlap]: 10.6.0.0/29 contains 10.6.0.1, which belongs to nva1
      --> lab.yaml:75:78
       |
    75 |   reach: { connectionType: GlobalReach, circuits: [er1, er2], addressPrefix: 10.6.0.0/29 }
       |                                                                              ^^^^^^^^^^^
       |
       = help: a circuit's links need prefixes that nothing else uses

    1 finding in lab.yaml
    ");
}
