//! Rules for the two sides of a peering, and what each requires of the other.

use crate::lab::rules::tests::{GOOD, findings_in, refused, replaced, warnings_in};

#[test]
fn a_peering_has_two_halves() {
    insta::assert_snapshot!(refused(&[("remoteVirtualNetwork: hub, useRemoteGateways: true", "remoteVirtualNetwork: hbu")]), @r"
    error[no-such-name]: there is no virtual network `hbu`
      --> lab.yaml:20:33
       |
    20 |       - { remoteVirtualNetwork: hbu }
       |                                 ^^^ did you mean `hub`?

    warning[peering-initiated]: the peering `hub` to `spoke` is Initiated: `spoke` has no peering to `hub`, so no packet crosses it
      --> lab.yaml:12:33
       |
    12 |       - { remoteVirtualNetwork: spoke, allowGatewayTransit: true }
       |                                 ^^^^^
       |
       = help: add `- { remoteVirtualNetwork: hub }` to the peerings of `spoke` (virtual-network-peering-overview)

    2 findings in lab.yaml, 1 of them a warning
    ");
}

#[test]
fn half_a_peering_is_initiated() {
    let peering = "    peerings:\n      - { remoteVirtualNetwork: hub, useRemoteGateways: true }\n";
    let text = replaced(
        GOOD,
        &[
            (peering, ""),
            (
                "to: spoke-vm, hops: [10.1.0.4]",
                "to: spoke-vm, unreachable: timeout",
            ),
        ],
    );
    insta::assert_snapshot!(warnings_in(&text), @r"
    warning[peering-initiated]: the peering `hub` to `spoke` is Initiated: `spoke` has no peering to `hub`, so no packet crosses it
      --> lab.yaml:12:33
       |
    12 |       - { remoteVirtualNetwork: spoke, allowGatewayTransit: true }
       |                                 ^^^^^
       |
       = help: add `- { remoteVirtualNetwork: hub }` to the peerings of `spoke` (virtual-network-peering-overview)
    ");
    let strict = text.replace("name: small\n", "name: small\nstrict: true\n");
    insta::assert_snapshot!(findings_in(&strict), @r"
    error[peering-initiated]: the peering `hub` to `spoke` is Initiated: `spoke` has no peering to `hub`, so no packet crosses it
      --> lab.yaml:13:33
       |
    13 |       - { remoteVirtualNetwork: spoke, allowGatewayTransit: true }
       |                                 ^^^^^
       |
       = help: add `- { remoteVirtualNetwork: hub }` to the peerings of `spoke` (virtual-network-peering-overview)

    1 finding in lab.yaml
    ");
}

#[test]
fn half_a_peering_that_uses_gateways_is_initiated() {
    let peering =
        "    peerings:\n      - { remoteVirtualNetwork: spoke, allowGatewayTransit: true }\n";
    insta::assert_snapshot!(warnings_in(&replaced(GOOD, &[(peering, "")])), @r"
    warning[peering-initiated]: the peering `spoke` to `hub` is Initiated: `hub` has no peering to `spoke`, so no packet crosses it
      --> lab.yaml:18:33
       |
    18 |       - { remoteVirtualNetwork: hub, useRemoteGateways: true }
       |                                 ^^^
       |
       = help: add `- { remoteVirtualNetwork: spoke, allowGatewayTransit: true }` to the peerings of `hub` (virtual-network-peering-overview)
    ");
}

#[test]
fn a_network_is_peered_with_another_and_once() {
    let again = "{ remoteVirtualNetwork: hub, useRemoteGateways: true }\n      - { remoteVirtualNetwork: hub }\n      - { remoteVirtualNetwork: spoke }";
    insta::assert_snapshot!(refused(&[("{ remoteVirtualNetwork: hub, useRemoteGateways: true }", again)]), @r"
    error[peering]: `spoke` is already peered with `hub`
      --> lab.yaml:21:33
       |
    21 |       - { remoteVirtualNetwork: hub }
       |                                 ^^^

    error[peering]: `spoke` cannot be peered with itself
      --> lab.yaml:22:33
       |
    22 |       - { remoteVirtualNetwork: spoke }
       |                                 ^^^^^

    2 findings in lab.yaml
    ");
}

#[test]
fn a_network_uses_the_gateways_of_a_peer_that_allows_it() {
    insta::assert_snapshot!(refused(&[("allowGatewayTransit: true", "allowGatewayTransit: false")]), @r"
    error[gateway-transit]: `spoke` may not use the gateways of `hub`
      --> lab.yaml:20:57
       |
    20 |       - { remoteVirtualNetwork: hub, useRemoteGateways: true }
       |                                                         ^^^^
       |
       = help: set `allowGatewayTransit: true` on the peering of `hub` to `spoke`

    1 finding in lab.yaml
    ");
}

#[test]
fn a_network_uses_the_gateways_of_a_peer_that_has_some() {
    insta::assert_snapshot!(refused(&[
        ("remoteVirtualNetwork: spoke, allowGatewayTransit: true", "remoteVirtualNetwork: spoke, useRemoteGateways: true"),
        ("remoteVirtualNetwork: hub, useRemoteGateways: true", "remoteVirtualNetwork: hub, allowGatewayTransit: true"),
    ]), @r"
    error[gateway-transit]: `spoke` has no gateway that `hub` could use
      --> lab.yaml:12:59
       |
    12 |       - { remoteVirtualNetwork: spoke, useRemoteGateways: true }
       |                                                           ^^^^
       |
       = help: give `spoke` a gateway under `virtualNetworkGateways`, or leave `useRemoteGateways` out

    error[gateway-transit]: `hub` has a gateway of its own and cannot use that of `spoke`
      --> lab.yaml:12:59
       |
    12 |       - { remoteVirtualNetwork: spoke, useRemoteGateways: true }
       |                                                           ^^^^
       |
       = help: a virtual network uses its own gateways or a peer's, not both

    2 findings in lab.yaml
    ");
}
