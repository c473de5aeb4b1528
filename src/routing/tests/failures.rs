//! Failures of links that carry a session but are not its own link.

use super::{HUB_SPOKE, Solved, resolved};
use crate::routing::Failures;

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

/// A lab in which the BGP sessions of these names are shut.
pub(super) fn shut(text: &str, sessions: &[&str]) -> Solved {
    let topology = resolved(text);
    let shut = sessions
        .iter()
        .flat_map(|name| topology.sessions_named(name))
        .collect();
    let failures = Failures {
        shut,
        ..Failures::default()
    };
    Solved::under(topology, &failures)
}

#[test]
fn routes_of_a_session_that_is_shut_are_gone_and_its_link_carries_the_others() {
    let lab = shut(HUB_SPOKE, &["session:loc1-ce1/er1-msee1"]);
    insta::assert_snapshot!(lab.known("hub-vm", "10.2.30.0/25"), @r"10.2.30.0/25 > eth0 via 10.10.30.142: VirtualNetworkGateway hub-vpngw path 65021");
    insta::assert_snapshot!(lab.path("hub-vm", "loc1-vm"), @r"hub-vm hub-vpngw loc1-ce1 loc1-lan loc1-vm: Delivered");
    assert_eq!(
        lab.tables,
        shut(HUB_SPOKE, &["session:er1-msee1/loc1-ce1"]).tables,
        "the order of the speakers does not matter"
    );
}

#[test]
fn a_tunnel_whose_session_is_shut_still_leads_to_its_peer_and_to_static_prefixes() {
    let lab = shut(HUB_SPOKE, &["session:hub-vpngw/branch-vpngw"]);
    assert!(!lab.knows("hub-vm", "10.11.30.64/26"));
    insta::assert_snapshot!(lab.table("hub-vpngw"), @r"
    0.0.0.0/0 > drop: discard
    10.2.30.0/25 > hub-loc1: BGP loc1-ce1 path 65021 preference 100
    10.2.30.125/32 > hub-loc1: network hub-loc1
    10.10.30.0/24 > eth0: VnetLocal
    10.11.30.0/26 > eth0: VNetPeering spoke
    10.11.30.126/32 > hub-branch: network hub-branch
    52.168.162.85/32 > pub0 via 169.254.212.144: static
    66.198.12.106/32 > pub0 via 169.254.212.144: static
    ");
    let tunnel = Solved::without(HUB_SPOKE, &["hub-branch"]);
    insta::assert_snapshot!(tunnel.table("hub-vpngw"), @r"
    0.0.0.0/0 > drop: discard
    10.2.30.0/25 > hub-loc1: BGP loc1-ce1 path 65021 preference 100
    10.2.30.125/32 > hub-loc1: network hub-loc1
    10.10.30.0/24 > eth0: VnetLocal
    10.11.30.0/26 > eth0: VNetPeering spoke
    52.168.162.85/32 > pub0 via 169.254.212.144: static
    66.198.12.106/32 > pub0 via 169.254.212.144: static
    ");
}
