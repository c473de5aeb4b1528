//! The update from one plan to another.

use super::*;
use crate::plan::Update;

/// Three routers in a row, and a virtual network with a machine.
const ROW: &str = "\
name: row
virtualNetworks:
  a:
    location: region1
    addressPrefixes: [10.1.0.0/24]
    subnets: { default: { addressPrefix: 10.1.0.0/25 } }
    virtualMachines: { a-vm: { subnet: default, privateIPAddress: 10.1.0.4 } }
sites:
  row:
    routers: { r1: {}, r2: {}, r3: {} }
    links:
      - { a: r1, b: r2, addresses: [10.0.12.0/31, 10.0.12.1/31] }
      - { a: r2, b: r3, addresses: [10.0.23.0/31, 10.0.23.1/31] }
";

/// The update that results from edits of a lab file, as text.
fn update(changes: &[(&str, &str)]) -> String {
    let mut text = ROW.to_owned();
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replacen(old, new, 1);
    }
    let ((_, old), (_, new)) = (planned(ROW), planned(&text));
    let update = Update::between(&old, &new, 5000);
    let removed = update.removed.undone().into_iter();
    let removed = removed.map(|one| format!("undo {}", old.describe(one)));
    let gone = update
        .gone
        .iter()
        .map(|node| format!("gone {}", old.namespace(*node)));
    let added = update.added.operations().into_iter();
    let added = added.map(|one| update.added.describe(one));
    let filters = update
        .filters
        .keys()
        .map(|node| format!("filters of {}", new.namespace(*node)));
    let impaired = update.impaired.iter().map(|link| {
        let link = new.link(*link).unwrap();
        format!("impaired {}", link.ends[0].interface.name)
    });
    let lines: Vec<String> = removed
        .chain(gone)
        .chain(added)
        .chain(filters)
        .chain(impaired)
        .collect();
    lines.join("\n")
}

#[test]
fn a_file_that_says_the_same_in_another_order_changes_nothing() {
    let turned = [
        (
            "      - { a: r1, b: r2, addresses: [10.0.12.0/31, 10.0.12.1/31] }\n",
            "",
        ),
        (
            "10.0.23.1/31] }\n",
            "10.0.23.1/31] }\n      - { a: r1, b: r2, addresses: [10.0.12.0/31, 10.0.12.1/31] }\n",
        ),
        ("r1: {}, r2: {}, r3: {}", "r3: {}, r1: {}, r2: {}"),
    ];
    insta::assert_snapshot!(update(&turned), @"");
}

#[test]
fn a_link_that_comes_leaves_the_others_alone() {
    let comes = [(
        "    links:\n",
        "    links:\n      - { a: r1, b: r3, addresses: [10.0.13.0/31, 10.0.13.1/31] }\n",
    )];
    insta::assert_snapshot!(update(&comes), @"
    link add r3@r1 index 5000 address 02:5a:d3:cc:a1:e2 up type veth peer r1@r3 index 5001 address 02:71:eb:06:b4:2a up
    address add 10.0.13.0/31 dev r3@r1
    address add 10.0.13.1/31 dev r1@r3
    neighbour add 10.0.13.1 lladdr 02:71:eb:06:b4:2a dev r3@r1 nud permanent
    neighbour add 10.0.13.0 lladdr 02:5a:d3:cc:a1:e2 dev r1@r3 nud permanent
    ");
}

#[test]
fn a_link_that_goes_takes_along_what_stood_on_it() {
    let goes = [(
        "      - { a: r2, b: r3, addresses: [10.0.23.0/31, 10.0.23.1/31] }\n",
        "",
    )];
    insta::assert_snapshot!(update(&goes), @"undo link add r3@r2 index 1005 address 02:de:59:d4:bc:63 up type veth peer r2@r3 index 1006 address 02:71:eb:05:b4:2a up");
}

#[test]
fn a_node_that_comes_takes_its_place_among_the_others() {
    let comes = [(
        "virtualMachines: { a-vm",
        "virtualMachines: { a-new: { subnet: default, privateIPAddress: 10.1.0.5 }, a-vm",
    )];
    insta::assert_snapshot!(update(&comes), @"
    netns add row.a-new ipv4.ip_forward=0 ipv4.icmp_ratemask=0 ipv4.fib_multipath_hash_policy=1 ipv4.conf.all.send_redirects=0 ipv4.conf.all.rp_filter=2 ipv4.conf.default.rp_filter=2 ipv4.ip_default_ttl=64
    link add eth0@a-new index 5000 address 02:8c:eb:9f:47:e4 arp off up type veth peer a-new@azure index 5001 address 02:22:2d:b7:95:db arp off master a up
    bridge link set a-new@azure learning off flood off
    bridge fdb add 02:8c:eb:9f:47:e4 dev a-new@azure static
    address add 10.1.0.5/25 dev eth0@a-new noprefixroute
    neighbour add 10.1.0.1 lladdr 12:34:56:78:9a:bc dev eth0@a-new nud permanent
    neighbour add 10.1.0.4 lladdr 02:cd:bd:5c:44:ce dev eth0@a-new nud permanent
    neighbour add 10.1.0.5 lladdr 02:8c:eb:9f:47:e4 dev eth0@a-vm nud permanent
    ");
}

#[test]
fn a_node_that_goes_takes_its_links_along_at_both_ends() {
    let goes = [
        (
            "    virtualMachines: { a-vm: { subnet: default, privateIPAddress: 10.1.0.4 } }\n",
            "",
        ),
        ("r1: {}, r2: {}, r3: {}", "r1: {}, r2: {}"),
        (
            "      - { a: r2, b: r3, addresses: [10.0.23.0/31, 10.0.23.1/31] }\n",
            "",
        ),
    ];
    insta::assert_snapshot!(update(&goes), @"
    undo link add eth0@a-vm index 1001 address 02:cd:bd:5c:44:ce arp off up type veth peer a-vm@azure index 1002 address 02:82:eb:ba:17:e2 arp off master a up
    undo link add r3@r2 index 1005 address 02:de:59:d4:bc:63 up type veth peer r2@r3 index 1006 address 02:71:eb:05:b4:2a up
    gone row.a-vm
    gone row.r3
    ");
}

#[test]
fn an_address_that_changes_stays_on_its_link() {
    let renumbered = [("10.0.12.0/31, 10.0.12.1/31", "10.0.99.0/31, 10.0.99.1/31")];
    insta::assert_snapshot!(update(&renumbered), @"
    undo address add 10.0.12.0/31 dev r2@r1
    undo address add 10.0.12.1/31 dev r1@r2
    undo neighbour add 10.0.12.1 lladdr 02:de:59:d2:bc:63 dev r2@r1 nud permanent
    undo neighbour add 10.0.12.0 lladdr 02:5a:d3:cd:a1:e2 dev r1@r2 nud permanent
    address add 10.0.99.0/31 dev r2@r1
    address add 10.0.99.1/31 dev r1@r2
    neighbour add 10.0.99.1 lladdr 02:de:59:d2:bc:63 dev r2@r1 nud permanent
    neighbour add 10.0.99.0 lladdr 02:5a:d3:cd:a1:e2 dev r1@r2 nud permanent
    ");
}

#[test]
fn a_link_that_takes_longer_stays() {
    let slower = [("10.0.12.1/31] }", "10.0.12.1/31], rtt: 4ms }")];
    insta::assert_snapshot!(update(&slower), @"impaired r2");
}
