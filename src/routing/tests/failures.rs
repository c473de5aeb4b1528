//! Failures of links that carry a session but are not its own link.

use super::{HUB_SPOKE, Solved};

/// The routes of a hub's machine to a prefix while some links are down.
fn known_without(down: &[&str], prefix: &str) -> String {
    Solved::without(HUB_SPOKE, down).known("hub-vm", prefix)
}

#[test]
fn an_msee_that_a_network_cannot_send_to_is_not_used() {
    insta::assert_snapshot!(known_without(&["er2-hub-primary-out"], "10.1.31.0/25"), @r"10.1.31.0/25 > eth0 via 10.10.30.135: VirtualNetworkGateway hub-ergw path 12076-65022");
}

#[test]
fn an_msee_that_cannot_send_to_the_gateway_is_not_used() {
    insta::assert_snapshot!(known_without(&["er2-hub-primary-in"], "10.1.31.0/25"), @r"10.1.31.0/25 > eth0 via 10.10.30.135: VirtualNetworkGateway hub-ergw path 12076-65022");
}

#[test]
fn a_tunnel_lives_as_long_as_both_of_its_ends_are_on_the_internet() {
    for link in [
        "internet-hub-vpngw",
        "internet-branch-vpngw",
        "internet-hub-branch",
        "hub-branch",
    ] {
        assert_eq!(
            known_without(&[link], "10.11.30.64/26"),
            "nothing",
            "{link}"
        );
    }
}

#[test]
fn a_link_that_is_down_elsewhere_changes_nothing() {
    let whole = Solved::hub_spoke();
    for link in ["internet-hub-branch", "er2-hub-primary-in", "er2-primary"] {
        let failed = Solved::without(HUB_SPOKE, &[link]);
        for node in ["loc1-lan", "remote-vm", "er1-msee1"] {
            assert_eq!(failed.table(node), whole.table(node), "{link} at {node}");
        }
    }
}
