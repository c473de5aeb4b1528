//! Properties of every lab, tested with many random labs, which are the same in each run.

mod again;
mod made_up;

use std::collections::BTreeSet;
use std::sync::Arc;

use made_up::{Dice, made_up};

use super::{HUB_SPOKE, Solved, lab, order, resolved};
use crate::routing::bgp::Ground;
use crate::routing::igp::Sites;
use crate::routing::index::Index;
use crate::routing::{Action, End, Failures, Tables, bgp, solve, walk};
use crate::topology::{LinkId, NodeId, Role, Topology};

/// The number of random labs.
const LABS: u64 = 240;

/// How often the choices among equal next hops are randomized.
const CHOICES: usize = 3;

/// The senders and receivers of packets.
fn machines(topology: &Topology) -> Vec<NodeId> {
    let ids = (0..topology.nodes.len()).map(NodeId);
    let is_machine = |node: &NodeId| {
        matches!(
            topology.node(*node).role,
            Role::VirtualMachine { .. } | Role::Host { .. }
        )
    };
    ids.filter(is_machine).collect()
}

/// The first pair of machines between which packets loop.
fn a_loop(topology: &Topology, tables: &Tables) -> Option<String> {
    let machines = machines(topology);
    let pairs = machines
        .iter()
        .flat_map(|from| machines.iter().map(move |to| (*from, *to)));
    pairs
        .map(|(from, to)| {
            let destination = topology.node(to).address.expect("a machine has an address");
            walk(topology, tables, from, destination)
        })
        .find(|walk| walk.end == End::Loops)
        .map(|walk| {
            let names = walk.nodes[..12]
                .iter()
                .map(|node| topology.node(*node).name.as_str());
            names.collect::<Vec<_>>().join(" ")
        })
}

/// The same tables with the next hops of every route in random order. A walk uses the first one.
fn other_choices(tables: &Tables, dice: &mut Dice) -> Tables {
    let mut tables = tables.clone();
    let all = tables.nodes.iter_mut().map(Arc::make_mut);
    for route in all.flat_map(|table| &mut table.routes) {
        if let Action::Forward(hops) = &mut route.action {
            let first = dice.below(hops.len());
            Arc::make_mut(hops).swap(0, first);
        }
    }
    tables
}

/// A random link of the lab that is down, with all failures detected.
fn one_link_down(topology: &Topology, dice: &mut Dice) -> Failures {
    let link = LinkId(dice.below(topology.links.len()));
    Failures::noticed(topology, BTreeSet::from([link]))
}

/// The random labs whose routes converge, with their seeds.
fn settled() -> impl Iterator<Item = (u64, lab::Lab)> {
    let labs = (0..LABS).map(|seed| (seed, made_up(&mut Dice::new(seed))));
    labs.filter(|(_, lab)| solve(&resolved(&lab.text()), &Failures::default()).is_ok())
}

#[test]
fn without_routes_of_the_user_and_appliances_no_packet_goes_round_for_ever() {
    for (seed, lab) in settled() {
        let text = lab.text();
        let topology = resolved(&text);
        let mut dice = Dice::new(seed);
        let states = [Failures::default(), one_link_down(&topology, &mut dice)];
        for failures in states {
            let Ok(tables) = solve(&topology, &failures) else {
                continue;
            };
            for _ in 0..CHOICES {
                let found = a_loop(&topology, &other_choices(&tables, &mut dice));
                assert_eq!(found, None, "lab {seed} with {failures:?}\n{text}");
            }
        }
    }
}

#[test]
fn every_made_up_lab_settles() {
    assert_eq!(settled().count(), usize::try_from(LABS).unwrap());
}

#[test]
fn made_up_labs_have_something_of_everything() {
    let texts: Vec<String> = settled().map(|(_, lab)| lab.text()).collect();
    assert!(texts.len() >= 200, "{}", texts.len());
    for part in [
        "activeActive: true",
        "useRemoteGateways: true",
        "enableBgp: false",
        "GlobalReach",
        "expressRouteGatewayBypass: true",
        "routingWeight",
        "localPreference",
        "asPathPrepend",
        "import",
        "export",
        "med: ",
        "no-export",
        "deny: ",
        "transit: true",
        "ibgp: true",
        "enabled: false",
        "wan:",
    ] {
        let having = texts.iter().filter(|text| text.contains(part)).count();
        assert!(having >= 20, "{part}: {having}");
    }
    let arrivals: usize = texts.iter().map(|text| arrivals(&Solved::of(text))).sum();
    assert!(arrivals > 2000, "{arrivals}");
}

/// The number of ordered pairs of machines between which packets arrive.
fn arrivals(Solved { topology, tables }: &Solved) -> usize {
    let machines = machines(topology);
    let pairs = machines
        .iter()
        .flat_map(|from| machines.iter().map(move |to| (*from, *to)));
    let arriving = pairs.filter(|(from, to)| {
        let destination = topology
            .node(*to)
            .address
            .expect("a machine has an address");
        from != to && walk(topology, tables, *from, destination).end == End::Delivered
    });
    arriving.count()
}

#[test]
fn the_order_in_which_a_lab_says_things_does_not_matter() {
    for (seed, lab) in settled() {
        let mut dice = Dice::new(seed);
        let shuffled = lab.clone().shuffled(|left| dice.below(left));
        for other in [lab.clone().reversed(), shuffled] {
            order::assert_same_tables(&lab, &other);
        }
    }
}

/// Takes each link of a lab down and up again.
fn every_link_down_and_up(text: &str) {
    let topology = resolved(text);
    let whole = solve(&topology, &Failures::default()).unwrap();
    let carriers: BTreeSet<LinkId> = topology
        .sessions
        .iter()
        .enumerate()
        .filter(|(index, _)| whole.is_live(crate::topology::SessionId(*index)))
        .filter_map(|(_, session)| session.link)
        .collect();
    for index in 0..topology.links.len() {
        let down = BTreeSet::from([LinkId(index)]);
        let Ok(failed) = solve(&topology, &Failures::noticed(&topology, down)) else {
            continue;
        };
        if carriers.contains(&LinkId(index)) {
            assert_ne!(failed, whole, "{}", topology.links[index].name);
        }
        let healed = solve(&topology, &Failures::noticed(&topology, BTreeSet::new())).unwrap();
        assert_eq!(healed, whole, "{}", topology.links[index].name);
    }
}

#[test]
fn a_link_that_was_down_and_is_up_again_leaves_no_trace() {
    every_link_down_and_up(HUB_SPOKE);
    for (_, lab) in settled().take(20) {
        every_link_down_and_up(&lab.text());
    }
}

#[test]
fn no_made_up_table_has_two_routes_of_one_prefix_in_force() {
    for (seed, lab) in settled() {
        let text = lab.text();
        let solved = Solved::of(&text);
        for node in &solved.topology.nodes {
            let table = solved.tables.of(solved.node(node.name.as_str()));
            let prefixes: Vec<_> = table.active().map(|route| route.prefix).collect();
            let twice = prefixes.windows(2).find(|pair| pair[0] == pair[1]);
            assert!(
                twice.is_none(),
                "lab {seed} {}: {twice:?}\n{text}",
                node.name
            );
        }
    }
}

/// Sites around one that has the prefix. Each prefers the path of its next neighbor to its own, so two neighbors cannot
/// both have the path that they prefer.
fn each_prefers_its_neighbour(sites: &[(&str, u32)]) -> lab::Lab {
    let ring = sites.len();
    let mut lab = lab::Lab::default().site("home", 1, 65000);
    let mut number = 0;
    for (index, (name, asn)) in sites.iter().enumerate() {
        let (next, _) = sites[(index + 1) % ring];
        let link = if ring == 2 {
            "one-two".to_owned()
        } else {
            format!("{name}-{next}")
        };
        let edge = format!("transit: true, localPreference: {{ {link}: 200 }}");
        let position = u8::try_from(index).unwrap();
        lab = lab
            .on_premises(lab::Site::new(name, 2 + position, *asn).edge(&edge))
            .wan(number, "home", name);
        number += 1;
        if ring > 2 || index == 0 {
            lab = lab.wan(number, name, next);
            number += 1;
        }
    }
    lab
}

#[test]
fn neighbours_that_each_prefer_the_other_settle_in_one_of_two_ways_whatever_the_files_order() {
    for sites in [
        &[("one", 65001), ("two", 65002)][..],
        &[("one", 65001), ("two", 65002), ("three", 65003)],
    ] {
        let lab = each_prefers_its_neighbour(sites);
        let solved = Solved::of(&lab.text());
        let reversed = Solved::of(&lab.reversed().text());
        for (name, _) in sites {
            let edge = format!("{name}-ce");
            assert_eq!(
                solved.known(&edge, "10.101.0.0/24"),
                reversed.known(&edge, "10.101.0.0/24")
            );
        }
    }
}

#[test]
fn what_has_not_settled_in_time_is_reported_and_not_tried_for_ever() {
    let topology = resolved(HUB_SPOKE);
    let failures = Failures::default();
    let index = Index::new(&topology);
    let sites = Sites::new(&topology, &index, &failures, None);
    let ground = Ground {
        topology: &topology,
        index: &index,
        failures: &failures,
        sites: &sites,
    };
    let error = bgp::converge_within(ground, None, 1).unwrap_err();
    insta::assert_snapshot!(error, @"BGP does not converge:  keeps changing its best route to 0.0.0.0/0; stopped after 2 rounds of advertisements");
}
