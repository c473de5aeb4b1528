//! The findings of a file that was read only in part. None may depend on the unread part.

use crate::lab::further_findings;
use crate::lab::read;
use crate::lab::rules::tests::replaced;
use crate::lab::rules::tests::wide::WIDE;

/// The rules that the rest of the wide lab violates if some of its values cannot be read.
fn further(changes: &[(&str, &str)]) -> Vec<&'static str> {
    let reading = read(&replaced(WIDE, changes));
    assert!(!reading.findings.is_empty(), "{changes:?}");
    let spec = reading.spec.expect("enough of the file can be read");
    let findings = further_findings(&spec, &reading.keys);
    findings.iter().map(|finding| finding.rule.id).collect()
}

#[test]
fn what_could_not_be_read_is_not_missed() {
    for (old, new) in [
        (
            "ipForwarding: true\n        asn",
            "ipForwarding: yes!\n        asn",
        ),
        ("sourceAddress: 203.0.113.9", "sourceAddress: 203.0.113.900"),
        ("asn: 65010", "asn: many"),
        ("asn: 65002", "asn: 12076"),
        ("asn: 65516", "asn: 8074"),
        ("frontendIPAddress: 10.0.0.100", "frontendIPAddress: 10.0.0"),
        (
            "privateIPAddress: 10.0.0.69,",
            "privateIPAddress: 10.0.0.690,",
        ),
        ("gatewayType: Vpn, asn", "gatewayType: VPN, asn"),
        ("sku: ErGw3Az", "sku: ErGw4Az"),
        (
            "localNetworkAddressPrefixes: [10.5.0.0/24]",
            "localNetworkAddressPrefixes: [10.5.0.1/24]",
        ),
        (
            "microsoftPeerAddressPrefix: 198.51.100.132/30",
            "microsoftPeerAddressPrefix: 198.51.100.132/29",
        ),
        ("  tunnelled:\n    routes:\n", "  tunnelled:\n    routs:\n"),
        (
            "remoteVirtualNetwork: hub, useRemoteGateways: true",
            "remoteVirtualNetwork: [hub]",
        ),
        (
            "localSubnetNames: [default, nva]",
            "localSubnetNames: [default, [nva]]",
        ),
        (
            "172.16.1.0/31, 172.16.1.1/31",
            "172.16.1.0/31, 172.16.1.1/33",
        ),
        ("a: edge, b: gate", "a: edge, b: { gate: 1 }"),
        ("blackhole: er1-secondary", "blackhole: { er1: secondary }"),
        ("appliance: nva1", "appliance: { nva: 1 }"),
    ] {
        assert_eq!(further(&[(old, new)]), [""; 0], "{new}");
    }
}

#[test]
fn a_size_that_could_not_be_read_does_not_make_a_subnet_too_small() {
    let small = (
        "GatewaySubnet: { addressPrefix: 10.2.0.128/25 }",
        "GatewaySubnet: { addressPrefix: 10.2.0.128/29 }",
    );
    assert_eq!(
        further(&[small, ("asn: 65516,", "asn: 65516, sku: Basik,")]),
        [""; 0]
    );
}
