//! Section 27: the instances of an ExpressRoute gateway.

use super::Solved;
use super::s7_coexistence::hub;
use crate::routing::tests::failures::shut;

#[test]
fn rule_27_1_each_instance_has_a_session_with_each_msee_and_each_vpn_instance() {
    let lab = Solved::of(&hub().text());
    for instance in ["hub-er-in0", "hub-er-in1"] {
        for other in ["er-msee1", "er-msee2", "hub-vpn-in0", "hub-vpn-in1"] {
            assert!(lab.are_neighbours(instance, other), "{instance} {other}");
        }
    }
}

#[test]
fn rule_27_2_an_instance_has_each_prefix_once_per_msee() {
    let lab = Solved::of(&hub().text());
    let first = lab.learned("hub-er-in0");
    insta::assert_snapshot!(first, @r"
    10.1.0.0/24 Network itself -
    10.2.0.0/24 Network itself -
    10.77.0.0/24 IBgp hub-vpn-in0 -
    10.77.0.0/24 IBgp hub-vpn-in1 -
    10.101.0.0/24 IBgp hub-vpn-in0 65001
    10.101.0.0/24 IBgp hub-vpn-in1 65001
    10.102.0.0/24 EBgp er-msee1 12076-65002
    10.102.0.0/24 EBgp er-msee2 12076-65002
    ");
    assert_eq!(lab.learned("hub-er-in1"), first);
}

#[test]
fn rule_27_2_a_circuits_table_has_each_prefix_from_both_instances() {
    let lab = Solved::of(&hub().text());
    insta::assert_snapshot!(lab.learned_of("er-msee1", "10.1.0.0/24"), @r"
    10.1.0.0/24 EBgp hub-er-in0 65515
    10.1.0.0/24 EBgp hub-er-in1 65515
    ");
}

#[test]
fn rule_27_5_without_one_instance_interfaces_keep_both_msees_and_the_circuits_table_loses_its_line()
{
    let text = hub().text();
    let (whole, lab) = (Solved::of(&text), shut(&text, &["session:hub-er-in1"]));
    insta::assert_snapshot!(lab.learned_of("er-msee1", "10.1.0.0/24"), @r"10.1.0.0/24 EBgp hub-er-in0 65515");
    for node in ["hub-vm", "spoke-vm", "er-msee1", "west-ce"] {
        assert_eq!(lab.table(node), whole.table(node), "{node}");
    }
}

/// An interface has the MSEEs of all instances, even if no instance has both.
#[test]
fn rule_27_5_an_interface_has_the_msees_of_all_instances() {
    let text = hub().text();
    let lab = shut(
        &text,
        &["session:hub-er-in0/er-msee1", "session:hub-er-in1/er-msee2"],
    );
    insta::assert_snapshot!(lab.known("hub-vm", "10.102.0.0/24"), @r"10.102.0.0/24 > eth0 via 10.1.0.140 | eth0 via 10.1.0.141: VirtualNetworkGateway hub-er path 12076-65002");
    let none = shut(&text, &["session:hub-er/er-msee1"]);
    insta::assert_snapshot!(none.known("hub-vm", "10.102.0.0/24"), @r"10.102.0.0/24 > eth0 via 10.1.0.141: VirtualNetworkGateway hub-er path 12076-65002");
}

#[test]
fn rule_30_7_the_gateways_exchange_routes_instance_by_instance() {
    let lab = shut(
        &hub().text(),
        &[
            "session:hub-er-in1/hub-vpn-in0",
            "session:hub-er-in1/hub-vpn-in1",
        ],
    );
    insta::assert_snapshot!(lab.learned_of("hub-er-in0", "10.101.0.0/24"), @r"
    10.101.0.0/24 IBgp hub-vpn-in0 65001
    10.101.0.0/24 IBgp hub-vpn-in1 65001
    ");
    insta::assert_snapshot!(lab.learned_of("hub-er-in1", "10.101.0.0/24"), @"");
    insta::assert_snapshot!(lab.learned_of("hub-vpn-in0", "10.1.0.0/24"), @r"
    10.1.0.0/24 Network itself -
      before 10.1.0.0/24 IBgp hub-er-in0 -
    ");
}
