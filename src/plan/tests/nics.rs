//! The tables and rules of a machine with several network interfaces.

use super::planned;

const TWO_NIC_NVA: &str = include_str!("../../../labs/two-nic-nva.yaml");

#[test]
fn each_interface_has_a_table_in_the_kernel_and_a_rule_that_leads_to_it() {
    let plan = planned(TWO_NIC_NVA).1.to_string();
    let lines = plan.lines();
    let lines = lines.filter(|line| line.ends_with(" in nva") && !line.contains("neighbour"));
    let lines = lines.filter(|line| line.starts_with("rule") || line.contains("10.51"));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r"
    rule add from 10.50.0.36 lookup 100 in nva
    rule add from 10.50.0.68 lookup 101 in nva
    rule add lookup main in nva
    ");
}

#[test]
fn an_interface_without_forwarding_drops_what_others_forward() {
    let text = TWO_NIC_NVA.replace(
        "inside:  { subnet: inside, privateIPAddress: 10.50.0.68, ipForwarding: true }",
        "inside:  { subnet: inside, privateIPAddress: 10.50.0.68 }",
    );
    let plan = planned(&text).1.to_string();
    let mut lines = plan.lines();
    let filter = lines.find(|line| line.contains("forwarded in or out"));
    assert_eq!(
        filter,
        Some("nft drop what is forwarded in or out by eth1@nva")
    );
    assert!(
        !planned(TWO_NIC_NVA)
            .1
            .to_string()
            .contains("forwarded in or out")
    );
}
