//! Labs of the catalogue, exported as resources of Azure and imported again.

use std::borrow::Cow;

use crate::engine::CATALOGUE;
use crate::export::arm::arm;
use crate::import::{Input, Options, import};
use crate::lab;
use crate::network::{Disturbances, State};
use crate::report::routes;
use crate::routing::Failures;
use crate::topology::NodeId;

/// The lab file that comes back from the export of a lab.
fn round_trip(text: &str) -> String {
    let topology = lab::resolve(&lab::parse(text).unwrap()).unwrap();
    let exported = arm(&lab::filled(text).unwrap(), &topology.gateway_addresses()).unwrap();
    let input = |name: &str, text: String| Input {
        name: name.to_owned(),
        text,
    };
    let name = lab::plain_name(text).unwrap();
    let options = Options {
        name: name.to_string(),
        on_premises: Some(input("rest.yaml", exported.rest)),
        ..Options::default()
    };
    let resources = serde_json::to_string(&exported.resources).unwrap();
    import(&[input("arm.json", resources)], &options)
        .unwrap()
        .text
}

/// The routes of every node of a lab.
fn routes_of(text: &str) -> Vec<(String, String)> {
    let topology =
        lab::resolve(&lab::parse(text).unwrap_or_else(|findings| panic!("{findings:?}\n{text}")))
            .unwrap();
    let state = State::solve(
        Cow::Owned(topology),
        Failures::default(),
        Disturbances::default(),
    )
    .unwrap();
    let nodes = (0..state.topology.nodes.len()).map(NodeId);
    let shown = nodes.map(|node| {
        let routes = routes::routes(&state.topology, &state.tables, node);
        let name = state.topology.node(node).name.to_string();
        (name, routes::text(&routes))
    });
    let mut shown: Vec<_> = shown.collect();
    shown.sort();
    shown
}

#[test]
fn labs_of_the_catalogue_come_back_with_the_same_routes_at_every_node() {
    for (name, text) in CATALOGUE {
        let back = round_trip(text);
        for (before, after) in routes_of(text).into_iter().zip(routes_of(&back)) {
            assert_eq!(before.0, after.0, "{name}");
            assert!(
                before == after,
                "{name}: {}\n{}\n{}",
                before.0,
                before.1,
                after.1
            );
        }
    }
}
