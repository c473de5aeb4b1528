//! The settings of whole nodes, and links that are down.

use super::*;

#[test]
fn azure_drops_sources_it_has_no_route_to_and_nobody_else_does() {
    for (topology, plan) in plans() {
        for (id, node) in plan.numbered() {
            let role = &topology.node(id).role;
            let value = |key| {
                node.settings
                    .iter()
                    .find(|(name, _)| *name == key)
                    .map(|(_, value)| *value)
            };
            let filter = if role.is_azure() || *role == Role::Fabric {
                "2"
            } else {
                "0"
            };
            let forward = if role.forwards() { "1" } else { "0" };
            assert_eq!(
                value("ipv4/conf/all/rp_filter"),
                Some(filter),
                "{}",
                role.title()
            );
            assert_eq!(
                value("ipv4/conf/default/rp_filter"),
                Some(filter),
                "{}",
                role.title()
            );
            assert_eq!(value("ipv4/ip_forward"), Some(forward), "{}", role.title());
        }
    }
}

#[test]
fn a_machine_forwards_nothing_and_a_router_filters_nothing() {
    let (_, plan) = planned(HUB_SPOKE);
    let settings = |name: &str| {
        let mut nodes = plan.numbered();
        let found = nodes.find(|(_, node)| node.name.as_str() == name);
        let (id, node) = found.unwrap();
        let text = plan.describe(Operation::Namespace(id, &node.settings));
        text.replace(' ', "\n")
    };
    insta::assert_snapshot!(settings("hub-vm"), @r"
    netns
    add
    hub-spoke.hub-vm
    ipv4.ip_forward=0
    ipv4.icmp_ratemask=0
    ipv4.fib_multipath_hash_policy=1
    ipv4.conf.all.send_redirects=0
    ipv4.conf.all.rp_filter=2
    ipv4.conf.default.rp_filter=2
    ipv4.ip_default_ttl=64
    ");
    insta::assert_snapshot!(settings("loc1-ce1"), @r"
    netns
    add
    hub-spoke.loc1-ce1
    ipv4.ip_forward=1
    ipv4.icmp_ratemask=0
    ipv4.fib_multipath_hash_policy=1
    ipv4.conf.all.send_redirects=0
    ipv4.conf.all.rp_filter=0
    ipv4.conf.default.rp_filter=0
    ipv4.ip_default_ttl=255
    ");
}

#[test]
fn a_link_that_is_disabled_is_made_and_left_down() {
    let (_, plan) = planned(HUB_SPOKE);
    let text = plan.to_string();
    let link = text
        .lines()
        .find(|line| line.contains("loc1-ce2@er1-msee2"))
        .unwrap();
    assert!(
        link.contains(" up type veth peer er1-msee2@loc1-ce2 "),
        "{link}"
    );
    let far = link.split(" peer ").nth(1).unwrap();
    assert!(far.contains(" down"), "{link}");
}

#[test]
fn a_link_that_fails_changes_routes_alone() {
    let (topology, before) = planned(HUB_SPOKE);
    let down = topology
        .links
        .iter()
        .position(|link| link.name == "er1-primary")
        .map(crate::topology::LinkId);
    let failures = Failures::noticed(&topology, down.into_iter().collect());
    let tables = solve(&topology, &failures).unwrap();
    let after = plan(&topology, &tables);
    let but_routes = |plan: &Plan| {
        let mut plan = plan.clone();
        plan.nodes.iter_mut().for_each(|node| node.routes.clear());
        plan
    };
    assert_eq!(but_routes(&before), but_routes(&after));
    assert_ne!(before, after);
}
