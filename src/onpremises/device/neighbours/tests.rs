//! Which sessions names mean.

use super::*;
use crate::findings::Place;

fn tunnel(instance: u8, connection: &'static str) -> Peering<'static> {
    Peering {
        device: "edge",
        neighbour: format!("hub-in{instance}"),
        gateway: Some("hub"),
        session: connection,
        link: Some(format!("{connection}-in{instance}")),
    }
}

/// Two connections to both instances of a gateway, and a router of the same site.
fn peerings() -> Vec<Peering<'static>> {
    let inside = Peering {
        device: "edge",
        neighbour: "core".to_owned(),
        gateway: None,
        session: "site",
        link: None,
    };
    vec![
        tunnel(0, "first"),
        tunnel(1, "first"),
        tunnel(0, "second"),
        tunnel(1, "second"),
        inside,
    ]
}

#[test]
fn a_name_means_a_connection_a_tunnel_a_node_a_pair_or_one_session() {
    let peerings = peerings();
    let means = |name: &str| meant(&peerings, name);
    assert_eq!(means("first"), [0, 1]);
    assert_eq!(means("first-in1"), [1]);
    assert_eq!(means("hub-in0"), [0, 2]);
    assert_eq!(means("hub"), [0, 1, 2, 3]);
    assert_eq!(means("edge/hub-in1"), [1, 3]);
    assert_eq!(means("hub-in1/edge"), [1, 3]);
    assert_eq!(means("session:edge/hub-in1/second"), [3]);
    assert_eq!(means("edge/hub/second-in0"), [2]);
    assert_eq!(means("core"), [4]);
    assert_eq!(means("edge/core/site"), [4]);
    for nothing in [
        "site",
        "edge",
        "",
        "/",
        "edge/",
        "edge/hub/third",
        "a/b/c/d",
        "hub-in0/hub-in1",
    ] {
        assert_eq!(means(nothing), [0; 0], "{nothing}");
    }
}

#[test]
fn the_name_of_a_connection_means_nothing_else_that_has_this_name() {
    let mut peerings = peerings();
    peerings[2].neighbour = "first".to_owned();
    peerings[3].link = Some("first".to_owned());
    assert_eq!(meant(&peerings, "first"), [0, 1]);
}

fn named(name: &str) -> Located<String> {
    Located {
        value: name.to_owned(),
        place: Place(0),
    }
}

#[test]
fn the_name_for_the_fewest_sessions_applies() {
    let settings = ["hub", "first", "edge/hub-in0/first"].map(|name| (named(name), name));
    let found = applying(&peerings(), &settings);
    let found: Vec<&str> = found
        .into_iter()
        .map(|one| one.map_or("-", |name| *name))
        .collect();
    assert_eq!(found, ["edge/hub-in0/first", "first", "hub", "hub", "-"]);
}

#[test]
fn two_names_for_equally_many_sessions_are_unclear_where_they_meet() {
    let names = ["first", "hub-in0", "core", "hub-in1/edge", "edge/core"].map(named);
    let peerings = peerings();
    let pairs = unclear(&peerings, names.iter());
    let pairs: Vec<[&str; 2]> = pairs
        .into_iter()
        .map(|pair| pair.map(|name| name.value.as_str()))
        .collect();
    assert_eq!(
        pairs,
        [
            ["first", "hub-in0"],
            ["first", "hub-in1/edge"],
            ["core", "edge/core"]
        ]
    );
}
