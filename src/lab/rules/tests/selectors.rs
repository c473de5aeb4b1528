//! Rules for traffic selectors.

use crate::lab::rules::tests::wide::{accepted, refused};

const BRANCH_WEST: &str = ", localNetworkAddressPrefixes: [10.5.0.0/24]";

#[test]
fn selectors_contain_the_bgp_address_of_the_device() {
    let static_one = ", localNetworkAddressPrefixes: [10.5.0.0/24], trafficSelectorPolicies: [{ localAddressRanges: [10.1.0.0/24], remoteAddressRanges: [10.5.0.0/24] }], connectionMode: InitiatorOnly";
    accepted(&[(BRANCH_WEST, static_one)]);
    let with_bgp = ", trafficSelectorPolicies: [{ localAddressRanges: [10.1.0.0/24], remoteAddressRanges: [10.5.0.128/25] }]";
    insta::assert_snapshot!(refused(&[(", enableBgp: false, localNetworkAddressPrefixes: [10.5.0.0/24]", with_bgp)]), @r"
    error[peer-not-selected]: the traffic selectors do not contain 10.5.0.125, the BGP address of `gate`: its session cannot be established
      --> lab.yaml:78:163
       |
    78 | ... localAddressRanges: [10.1.0.0/24], remoteAddressRanges: [10.5.0.128/25] }] }
       |                                                              ^^^^^^^^^^^^^
       |
       = help: add 10.5.0.125/32 to `remoteAddressRanges`, or `enableBgp: false` with `localNetworkAddressPrefixes`

    1 finding in lab.yaml
    ");
}
