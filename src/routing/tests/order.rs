//! The order of entries in a lab file does not matter.

use std::collections::BTreeMap;

use super::{Solved, lab::Lab};

/// Every node's table by the node's name, a route's next hops in the order of their text.
fn tables(text: &str) -> BTreeMap<String, Vec<String>> {
    let solved = Solved::of(text);
    let sorted = |node: &str| {
        let mut lines: Vec<_> = solved.table(node).lines().map(hops_sorted).collect();
        lines.sort();
        lines
    };
    let nodes = solved.topology.nodes.iter();
    nodes
        .map(|node| (node.name.to_string(), sorted(node.name.as_str())))
        .collect()
}

fn hops_sorted(line: &str) -> String {
    let Some((prefix, rest)) = line.split_once(" > ") else {
        return line.to_owned();
    };
    let (hops, origin) = rest
        .split_once(": ")
        .expect("an origin follows the next hops");
    let mut hops: Vec<_> = hops.split(" | ").collect();
    hops.sort_unstable();
    format!("{prefix} > {}: {origin}", hops.join(" | "))
}

/// The tables are the same in either order of the file, except for link-local addresses, which are assigned in the
/// file's order and have no routes.
fn assert_order_does_not_matter(lab: &Lab) {
    assert_same_tables(lab, &lab.clone().reversed());
}

/// The tables of two equivalent labs are the same, except for link-local addresses.
pub(super) fn assert_same_tables(lab: &Lab, other: &Lab) {
    let hide = |tables: BTreeMap<String, Vec<String>>| -> BTreeMap<String, Vec<String>> {
        tables
            .into_iter()
            .map(|(node, lines)| {
                (
                    node,
                    lines.iter().map(|line| without_link_local(line)).collect(),
                )
            })
            .collect()
    };
    let [there, back] = [lab, other].map(|lab| hide(tables(&lab.text())));
    assert_eq!(
        there.keys().collect::<Vec<_>>(),
        back.keys().collect::<Vec<_>>()
    );
    for (node, table) in &there {
        assert_eq!(table, &back[node], "{node} of {}", lab.text());
    }
}

fn without_link_local(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        if word.starts_with("169.254.") {
            "link-local"
        } else {
            word
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_lab_with_one_of_everything_has_one_result() {
    assert_order_does_not_matter(
        &Lab::default()
            .network("hub", 1, &["spoke, allowGatewayTransit: true"])
            .network("spoke", 2, &["hub, useRemoteGateways: true"])
            .network("branch", 3, &[])
            .network("remote", 4, &[])
            .vpn_gateway("hub", 1, 65515)
            .vpn_gateway("branch", 3, 65010)
            .circuit_gateway("hub")
            .circuit_gateway("remote")
            .site("east", 1, 65001)
            .site("west", 2, 65002)
            .circuit("er1", 1, ["east-ce", "east-ce"])
            .circuit("er2", 2, ["west-ce", "west-ce, enabled: false"])
            .circuit_connection("er1", "hub", 1, 140)
            .circuit_connection("er1", "remote", 4, 140)
            .circuit_connection("er2", "hub", 1, 142)
            .tunnel("hub", "branch")
            .site_to_site("hub", "east"),
    );
}

#[test]
fn of_two_equal_paths_the_same_one_is_passed_on() {
    assert_order_does_not_matter(
        &Lab::default()
            .network("a", 1, &[])
            .network("b", 2, &[])
            .network("c", 3, &[])
            .network("d", 4, &[])
            .network("e", 5, &[])
            .vpn_gateway("a", 1, 65011)
            .vpn_gateway("b", 2, 65012)
            .vpn_gateway("c", 3, 65013)
            .vpn_gateway("d", 4, 65014)
            .vpn_gateway("e", 5, 65015)
            .tunnel("a", "b")
            .tunnel("a", "c")
            .tunnel("b", "d")
            .tunnel("c", "d")
            .tunnel("d", "e"),
    );
}

#[test]
fn of_two_sites_with_one_prefix_neither_comes_first() {
    assert_order_does_not_matter(
        &Lab::default()
            .network("hub", 1, &[])
            .network("branch", 2, &[])
            .vpn_gateway("hub", 1, 65515)
            .vpn_gateway("branch", 2, 65010)
            .advertising_site("east", 1, 65001, "10.200.0.0/16")
            .advertising_site("west", 2, 65002, "10.200.0.0/16")
            .tunnel("hub", "branch")
            .site_to_site("hub", "east")
            .site_to_site("hub", "west"),
    );
}

#[test]
fn of_two_connections_with_one_static_prefix_neither_comes_first() {
    let behind = "localNetworkAddressPrefixes: [10.200.0.0/16]";
    assert_order_does_not_matter(
        &Lab::default()
            .network("hub", 1, &[])
            .vpn_gateway("hub", 1, 65515)
            .site("east", 1, 65001)
            .site("west", 2, 65002)
            .site_to_site_with("hub", "east", behind)
            .site_to_site_with("hub", "west", behind),
    );
}
