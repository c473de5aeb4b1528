//! The route changes after a failure. A difference must lead from one set of routes to the other.

use super::*;
use crate::plan::{Change, NodeRoutes, Routes, difference, routes, routes_again};
use crate::routing::{Tables, solve_again};

fn link(topology: &Topology, name: &str) -> LinkId {
    LinkId(
        topology
            .links
            .iter()
            .position(|link| link.name == name)
            .unwrap(),
    )
}

fn routes_without(topology: &Topology, links: BTreeSet<LinkId>) -> Routes {
    let failures = Failures::noticed(topology, links);
    routes(topology, &solve(topology, &failures).unwrap(), &failures)
}

/// All routes of all nodes.
fn all(routes: &Routes) -> NodeRoutes {
    let routes = routes.iter();
    routes.map(|(key, path)| (*key, path.clone())).collect()
}

fn apply(mut routes: NodeRoutes, changes: &[Change]) -> NodeRoutes {
    for change in changes {
        match change.clone() {
            Change::Add { key, path } => assert_eq!(routes.insert(key, path), None),
            Change::Replace { key, old, new } => assert_eq!(routes.insert(key, new), Some(old)),
            Change::Remove { key, path } => assert_eq!(routes.remove(&key), Some(path)),
        }
    }
    routes
}

fn inverse(change: &Change) -> Change {
    match change.clone() {
        Change::Add { key, path } => Change::Remove { key, path },
        Change::Replace { key, old, new } => Change::Replace {
            key,
            old: new,
            new: old,
        },
        Change::Remove { key, path } => Change::Add { key, path },
    }
}

#[test]
fn a_circuits_link_that_fails_moves_its_customers_routes_to_the_vpn() {
    let (topology, _) = planned(HUB_SPOKE);
    let before = routes_without(&topology, BTreeSet::new());
    let after = routes_without(&topology, BTreeSet::from([link(&topology, "er1-primary")]));
    let changes = difference(&before, &after);
    let lines: Vec<String> = changes
        .iter()
        .map(|change| format!("{}: {change}", topology.node(change.key().node).name))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    hub-vm: route replace 10.2.30.0/25 via 10.10.30.142 dev eth0 onlink src 10.10.30.4 proto bgp
    spoke-vm: route replace 10.2.30.0/25 via 10.10.30.142 dev eth0 onlink src 10.11.30.4 proto bgp
    remote-vm: route del 10.2.30.0/25 via 10.17.30.36 dev eth0 onlink src 10.17.30.4 proto bgp
    hub-ergw: route replace 10.2.30.0/25 via 10.10.30.142 dev eth0 onlink src 169.254.201.7 proto bgp
    remote-ergw: route del 10.2.30.0/25 via 169.254.214.55 dev er1-msee1 onlink src 169.254.231.0 proto bgp
    loc1-ce1: route replace 10.10.30.0/24 dev hub-loc1 src 10.2.30.125 proto bgp
    loc1-ce1: route replace 10.11.30.0/26 dev hub-loc1 src 10.2.30.125 proto bgp
    loc1-ce1: route del 10.17.30.0/26 via 192.168.30.18 dev er1-msee1 src 192.168.30.17 proto bgp
    loc1-ce1: route del 192.168.30.16/30 dev er1-msee1 src 192.168.30.17 proto kernel
    loc1-ce2: route del 192.168.30.16/30 via 192.168.30.5 dev loc1-lan proto ospf
    loc1-lan: route del 192.168.30.16/30 via 192.168.30.0 dev loc1-ce1 proto ospf
    er1-msee1: route del 10.2.30.0/25 via 192.168.30.17 dev loc1-ce1 onlink src 192.168.30.18 proto bgp
    er1-msee1: route del 192.168.30.16/30 dev loc1-ce1 src 192.168.30.18 proto static
    ");
}

#[test]
fn a_difference_leads_from_any_state_to_any_other_and_its_inverse_back() {
    let (topology, _) = planned(HUB_SPOKE);
    let states: Vec<Routes> = (0..topology.links.len())
        .map(|index| routes_without(&topology, BTreeSet::from([LinkId(index)])))
        .chain([routes_without(&topology, BTreeSet::new())])
        .collect();
    for from in &states {
        assert_eq!(difference(from, from), []);
        for to in &states {
            let changes = difference(from, to);
            assert_eq!(apply(all(from), &changes), all(to));
            let back: Vec<Change> = changes.iter().map(inverse).collect();
            assert_eq!(back, difference(to, from));
        }
    }
}

#[test]
fn no_route_is_left_over_an_interface_that_is_down() {
    let (topology, _) = planned(HUB_SPOKE);
    for (index, link) in topology.links.iter().enumerate() {
        let links = BTreeSet::from([LinkId(index)]);
        let ends = link.ends.map(|end| topology.interface(end));
        for (key, path) in all(&routes_without(&topology, links)) {
            let is_over = path.hops.iter().any(|hop| {
                ends.iter()
                    .any(|end| end.node == key.node && end.name == hop.name)
            });
            assert!(!is_over, "{}: {path:?}", link.name);
        }
    }
}

#[test]
fn what_is_planned_is_what_belongs_in_the_kernel_of_a_whole_lab() {
    for (topology, plan) in plans() {
        let routes = routes_without(&topology, BTreeSet::new());
        let planned: usize = plan.nodes.iter().map(|node| node.routes.len()).sum();
        let own = routes
            .iter()
            .filter(|(_, path)| path.protocol != Protocol::Kernel);
        assert_eq!(own.count(), planned);
    }
}

#[test]
fn routes_that_go_on_from_another_state_are_those_that_belong_there() {
    let (topology, _) = planned(HUB_SPOKE);
    let states: Vec<_> = (0..topology.links.len())
        .map(|index| Failures::noticed(&topology, BTreeSet::from([LinkId(index)])))
        .chain([Failures::default()])
        .map(|failures| (solve(&topology, &failures).unwrap(), failures))
        .collect();
    let whole = &states[states.len() - 1];
    let all_of = |(tables, failures): &(Tables, Failures)| routes(&topology, tables, failures);
    for failed in &states {
        for (from, to) in [(whole, failed), (failed, whole)] {
            let tables = solve_again(&topology, &to.1, &from.0).unwrap();
            let before = (&from.0, &all_of(from));
            let found = routes_again(&topology, &tables, &to.1, before);
            assert_eq!(all(&found), all(&all_of(to)));
        }
    }
}
