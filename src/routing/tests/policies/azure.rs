//! Filters of devices beside Azure's gateways and MSEEs.

use super::*;

/// Two sites with one prefix at a hub with two gateways and a third site.
fn hub(east: &str, west: &str) -> Solved {
    let site = |name, number, asn, edge| Site::new(name, number, asn).advertise(PREFIX).edge(edge);
    let lab = Lab::default()
        .network("hub", 1, &[])
        .vpn_gateway_pair("hub", 1, 65515)
        .circuit_gateway("hub")
        .on_premises(site("east", 1, 65001, east))
        .on_premises(site("west", 2, 65002, west))
        .site("third", 3, 65003)
        .site_to_site("hub", "east")
        .site_to_site("hub", "west")
        .site_to_site("hub", "third");
    Solved::of(&lab.text())
}

#[test]
fn rule_5_6_and_29_2_a_vpn_gateway_feels_prepending_and_neither_med_nor_communities() {
    let lab = hub(
        "export: { hub-to-east: [{ permit: 10.9.0.0/24, set: { med: 50, communities: [\"65001:1\"] } }] }",
        "export: { hub-to-west: [{ permit: 10.9.0.0/24, set: { asPathPrepend: 1 } }] }",
    );
    insta::assert_snapshot!(learned(&lab, "hub-vpn-in0"), @r"
    * east-ce path 65001 preference 100 med 50 65001:1
    hub-vpn-in1 path 65001 preference 100 65001:1
    west-ce path 65002-65002 preference 100
    ");
    // The gateway passes communities on, but no MED.
    insta::assert_snapshot!(learned(&lab, "third-ce"), @r"
    * hub-vpn-in0 path 65515-65001 preference 100 65001:1
    * hub-vpn-in1 path 65515-65001 preference 100 65001:1
    ");
}

#[test]
fn rule_5_6_a_tunnel_to_one_instance_may_be_prepended_alone() {
    let lab = hub(
        "asPathPrepend: { hub-to-east-in1: 3 }",
        "export: { hub-to-west: [] }",
    );
    insta::assert_snapshot!(learned(&lab, "hub-vpn-in0"), @r"* east-ce path 65001 preference 100");
    insta::assert_snapshot!(learned(&lab, "hub-vpn-in1"), @r"
    * hub-vpn-in0 path 65001 preference 100
    east-ce path 65001-65001-65001-65001 preference 100
    ");
}

#[test]
fn rule_29_2_a_gateway_obeys_no_export_toward_other_systems_and_not_toward_its_own() {
    let lab = hub(
        "export: { hub-to-east-in0: [{ permit: 10.9.0.0/24, set: { communities: [no-export] } }], hub-to-east-in1: [] }",
        "export: { hub-to-west: [] }",
    );
    insta::assert_snapshot!(learned(&lab, "hub-vpn-in1"), @r"* hub-vpn-in0 path 65001 preference 100 no-export");
    insta::assert_snapshot!(learned(&lab, "hub-er"), @r"* hub-vpn-in0 path 65001 preference 100 no-export");
    insta::assert_snapshot!(learned(&lab, "third-ce"), @"nothing");
}

/// A circuit to a hub, whose customer's edge and its settings.
fn circuit(edge: &str) -> Solved {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .circuit_gateway("hub")
        .on_premises(Site::new("east", 1, 65001).advertise(PREFIX).edge(edge))
        .circuit("er", 1, ["east-ce", "east-ce"])
        .circuit_connection("er", "hub", 1, 140);
    Solved::of(&lab.text())
}

#[test]
fn rule_6_11_a_gateway_compares_weight_and_path_but_no_med_of_two_legs() {
    let lab = circuit("export: { er-primary: [{ permit: 10.9.0.0/24, set: { med: 50 } }] }");
    insta::assert_snapshot!(learned(&lab, "er-msee1"), @r"* east-ce path 65001 preference 100 med 50");
    insta::assert_snapshot!(learned(&lab, "hub-er"), @r"
    * er-msee1 path 12076-65001 preference 100
    * er-msee2 path 12076-65001 preference 100
    ");
    let lab = circuit("export: { er-msee1: [{ permit: 10.9.0.0/24, set: { asPathPrepend: 1 } }] }");
    insta::assert_snapshot!(learned(&lab, "hub-er"), @r"
    * er-msee2 path 12076-65001 preference 100
    er-msee1 path 12076-65001-65001 preference 100
    ");
}

#[test]
fn rule_29_2_an_msee_obeys_no_export() {
    let lab =
        circuit("export: { er: [{ permit: 10.9.0.0/24, set: { communities: [no-export] } }] }");
    insta::assert_snapshot!(learned(&lab, "er-msee1"), @r"* east-ce path 65001 preference 100 no-export");
    insta::assert_snapshot!(learned(&lab, "hub-er"), @"nothing");
}

#[test]
fn rule_29_3_public_numbers_prepended_on_the_circuit_reach_the_gateway() {
    let lab = Lab::default()
        .network("hub", 1, &[])
        .circuit_gateway("hub")
        .on_premises(
            Site::new("east", 1, 3001)
                .advertise(PREFIX)
                .edge("export: { er: [{ permit: 10.9.0.0/24, set: { asPathPrepend: 2 } }] }"),
        )
        .circuit("er", 1, ["east-ce", "east-ce"])
        .circuit_connection("er", "hub", 1, 140);
    insta::assert_snapshot!(learned(&Solved::of(&lab.text()), "hub-er"), @r"
    * er-msee1 path 12076-3001-3001-3001 preference 100
    * er-msee2 path 12076-3001-3001-3001 preference 100
    ");
}
