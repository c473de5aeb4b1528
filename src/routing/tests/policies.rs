//! What filters of devices accept, deny and set: the values of RFC 4271 and RFC 1997, and Azure's gateways beside them.

mod azure;

use super::lab::{Lab, Site};
use super::*;
use crate::routing::{LearnedOrigin, LearnedRoute};

const PREFIX: &str = "10.9.0.0/24";

/// The routers `f1` and `f2` of one autonomous system and `o` of another originate a prefix. The router `n` has a link to
/// each of them, and `t`, in a system of its own, one to `n`.
struct Around {
    n: &'static str,
    f1: &'static str,
    f2: &'static str,
    o: &'static str,
}

impl Default for Around {
    fn default() -> Self {
        Self {
            n: "transit: true",
            f1: "",
            f2: "",
            o: "",
        }
    }
}

impl Around {
    fn text(&self) -> String {
        let Self { n, f1, f2, o } = self;
        let advertise = format!("advertise: [{PREFIX}]");
        format!(
            "name: lab
sites:
  near: {{ asn: 65001, routers: {{ n: {{ {n} }} }} }}
  far: {{ asn: 65002, igp: false, routers: {{ f1: {{ {advertise}, {f1} }}, f2: {{ {advertise}, {f2} }} }} }}
  other: {{ asn: 65003, routers: {{ o: {{ {advertise}, {o} }} }} }}
  third: {{ asn: 65004, routers: {{ t: {{}} }} }}
wan:
  to-f1: {{ a: n, b: f1, addresses: [172.30.0.0/31, 172.30.0.1/31] }}
  to-f2: {{ a: n, b: f2, addresses: [172.30.0.2/31, 172.30.0.3/31] }}
  to-o: {{ a: n, b: o, addresses: [172.30.0.4/31, 172.30.0.5/31] }}
  to-t: {{ a: n, b: t, addresses: [172.30.0.6/31, 172.30.0.7/31] }}
"
        )
    }

    fn solved(&self) -> Solved {
        Solved::of(&self.text())
    }

    /// The routes of a router to the prefix, best first.
    fn learned(&self, node: &str) -> String {
        learned(&self.solved(), node)
    }
}

/// The routes of a speaker to the prefix, with all attributes.
fn learned(solved: &Solved, node: &str) -> String {
    let routes = solved
        .tables
        .learned(&solved.topology, solved.speaker(node));
    let routes = routes
        .iter()
        .filter(|route| route.prefix.to_string() == PREFIX);
    let lines: Vec<String> = routes.map(|route| line(solved, route)).collect();
    if lines.is_empty() {
        "nothing".to_owned()
    } else {
        lines.join("\n")
    }
}

fn line(solved: &Solved, route: &LearnedRoute) -> String {
    let from = match &route.origin {
        LearnedOrigin::Neighbour { speaker, .. } => {
            solved.topology.speaker_name(*speaker).to_string()
        }
        LearnedOrigin::Network { .. } => "itself".to_owned(),
    };
    let path: Vec<String> = route.as_path.iter().map(ToString::to_string).collect();
    let med = route.med.map_or(String::new(), |med| format!(" med {med}"));
    let communities: Vec<String> = route.communities.iter().map(ToString::to_string).collect();
    format!(
        "{}{from} path {} preference {}{med} {}",
        if route.is_best { "* " } else { "" },
        path.join("-"),
        route.local_preference,
        communities.join(" ")
    )
    .trim_end()
    .to_owned()
}

/// A setting of a router for the link to `n`, as an entry for all routes.
macro_rules! exports {
    ($link:literal, $set:literal) => {
        concat!(
            "export: { ",
            $link,
            ": [{ permit: 0.0.0.0/0, le: 32, set: { ",
            $set,
            " } }] }"
        )
    };
}

#[test]
fn rfc_4271_9_1_2_2_c_the_lowest_med_wins_among_paths_from_one_system() {
    let around = Around {
        f1: exports!("to-f1", "med: 20"),
        f2: exports!("to-f2", "med: 10"),
        o: exports!("to-o", "med: 99"),
        ..Around::default()
    };
    insta::assert_snapshot!(around.learned("n"), @r"
    * f2 path 65002 preference 100 med 10
    * o path 65003 preference 100 med 99
    f1 path 65002 preference 100 med 20
    ");
    insta::assert_snapshot!(around.solved().known("n", PREFIX), @r"
    10.9.0.0/24 > f2 via 172.30.0.3 | o via 172.30.0.5: BGP f2 path 65002 preference 100
      before 10.9.0.0/24 > f1 via 172.30.0.1: BGP f1 path 65002 preference 100: lower MED wins among paths from one AS
    ");
}

#[test]
fn rfc_4271_9_1_2_2_c_a_missing_med_is_the_lowest() {
    let around = Around {
        f1: exports!("to-f1", "med: 1"),
        ..Around::default()
    };
    insta::assert_snapshot!(around.learned("n"), @r"
    * f2 path 65002 preference 100
    * o path 65003 preference 100
    f1 path 65002 preference 100 med 1
    ");
}

#[test]
fn rfc_4271_9_1_2_2_the_path_length_comes_before_the_med() {
    let around = Around {
        f1: exports!("to-f1", "med: 10"),
        f2: exports!("to-f2", "med: 5, asPathPrepend: 1"),
        ..Around::default()
    };
    insta::assert_snapshot!(around.learned("n"), @r"
    * f1 path 65002 preference 100 med 10
    * o path 65003 preference 100
    f2 path 65002-65002 preference 100 med 5
    ");
}

#[test]
fn rfc_4271_5_1_4_a_med_goes_to_the_neighbouring_system_and_not_beyond() {
    let around = Around {
        f1: exports!("to-f1", "med: 10"),
        f2: "export: { to-f2: [] }",
        o: "export: { to-o: [] }",
        ..Around::default()
    };
    insta::assert_snapshot!(around.learned("n"), @r"* f1 path 65002 preference 100 med 10");
    insta::assert_snapshot!(around.learned("t"), @r"* n path 65001-65002 preference 100");
}

#[test]
fn rfc_4271_5_1_4_a_med_goes_with_the_route_inside_a_system() {
    let text = "name: lab
sites:
  own:
    asn: 65001
    ibgp: true
    routers: { a: {}, b: {}, c: {} }
    links: [[a, c], [b, c]]
  far: { asn: 65002, igp: false, routers: { f1: { advertise: [10.9.0.0/24], ALL: { w1: [SET20] } }, f2: { advertise: [10.9.0.0/24], ALL: { w2: [SET10] } } } }
wan:
  w1: { a: a, b: f1, addresses: [172.30.0.0/31, 172.30.0.1/31] }
  w2: { a: b, b: f2, addresses: [172.30.0.2/31, 172.30.0.3/31] }
";
    let set = |med: u8| format!("{{ permit: {PREFIX}, set: {{ med: {med} }} }}");
    let text = text
        .replace("ALL", "export")
        .replace("SET20", &set(20))
        .replace("SET10", &set(10));
    let solved = Solved::of(&text);
    let all = ["a", "b", "c"].map(|node| format!("{node}:\n{}", learned(&solved, node)));
    insta::assert_snapshot!(all.join("\n"), @r"
    a:
    * b path 65002 preference 100 med 10
    f1 path 65002 preference 100 med 20
    b:
    * f2 path 65002 preference 100 med 10
    c:
    * b path 65002 preference 100 med 10
    ");
}

#[test]
fn an_importing_router_sets_preference_med_communities_and_the_neighbours_number() {
    let around = Around {
        n: "transit: true, import: { \
            to-f1: [{ permit: 10.9.0.0/24, set: { localPreference: 200, med: 7, communities: [\"65001:9\"] } }], \
            to-f2: [{ permit: 10.0.0.0/8, ge: 16, set: { asPathPrepend: 2, addCommunities: [\"65001:2\"] } }], \
            to-o: [{ permit: 10.0.0.0/8 }] }",
        f1: exports!("to-f1", "communities: [\"65002:1\"]"),
        f2: exports!("to-f2", "communities: [\"65002:1\"]"),
        ..Around::default()
    };
    insta::assert_snapshot!(around.learned("n"), @r"
    * f1 path 65002 preference 200 med 7 65001:9
    f2 path 65002-65002-65002 preference 100 65001:2 65002:1
    ");
    // Communities are transitive.
    insta::assert_snapshot!(around.learned("t"), @r"* n path 65001-65002 preference 100 65001:9");
}

#[test]
fn the_setting_of_an_entry_replaces_that_of_the_neighbour() {
    let around = Around {
        n: "localPreference: { to-f1: 150, to-f2: 160 }, import: { to-f1: [{ permit: 10.9.0.0/24, set: { localPreference: 50 } }], to-f2: [10.0.0.0/8] }",
        f2: "asPathPrepend: { to-f2: 3 }",
        o: "asPathPrepend: { to-o: 3 }, export: { to-o: [{ permit: 10.9.0.0/24, set: { asPathPrepend: 1 } }] }",
        ..Around::default()
    };
    insta::assert_snapshot!(around.learned("n"), @r"
    * f2 path 65002-65002-65002-65002 preference 160
    o path 65003-65003 preference 100
    f1 path 65002 preference 50
    ");
}

#[test]
fn filters_match_communities() {
    let around = Around {
        n: "import: { to-f1: [{ deny: 0.0.0.0/0, le: 32, communities: [\"65002:1\"] }], to-f2: [{ deny: 0.0.0.0/0, le: 32, communities: [\"65002:1\", \"65002:2\"] }] }",
        f1: exports!("to-f1", "communities: [\"65002:1\", \"65002:3\"]"),
        f2: exports!("to-f2", "communities: [\"65002:1\", \"65002:3\"]"),
        o: "export: { to-o: [] }",
    };
    insta::assert_snapshot!(around.learned("n"), @r"* f2 path 65002 preference 100 65002:1 65002:3");
}

#[test]
fn rfc_1997_no_export_stays_in_the_system_that_receives_it_and_no_advertise_with_the_router() {
    for community in ["no-export", "no-advertise", "local-as"] {
        let text = Around {
            f1: "export: { to-f1: [{ permit: 10.9.0.0/24, set: { communities: [COMMUNITY] } }] }",
            f2: "export: { to-f2: [] }",
            o: "export: { to-o: [] }",
            ..Around::default()
        }
        .text()
        .replace("COMMUNITY", community);
        let solved = Solved::of(&text);
        assert_eq!(
            learned(&solved, "n"),
            format!("* f1 path 65002 preference 100 {community}")
        );
        assert_eq!(learned(&solved, "t"), "nothing");
    }
}

/// The reasons why a router has no route to the prefix.
fn absences(solved: &Solved, node: &str) -> String {
    let destination = "10.9.0.10".parse().unwrap();
    let absences = solved
        .tables
        .absence(&solved.topology, solved.node(node), destination);
    let lines = absences.iter().map(|absence| {
        let [holder, listener] =
            [absence.holder, absence.listener].map(|node| &solved.topology.node(node).name);
        let source = absence.reason.source().unwrap_or("-");
        format!(
            "{holder} to {listener}: {} ({source})",
            absence.because(&solved.topology)
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_entry_that_denies_a_route_is_named() {
    let around = Around {
        n: "import: { to-f1: [10.1.0.0/16, { deny: 10.9.0.0/16, le: 24 }, 0.0.0.0/0] }",
        f2: "export: { to-f2: [{ deny: 10.9.0.0/24 }] }",
        o: "export: { to-o: [{ permit: 10.9.0.0/16 }] }",
        ..Around::default()
    };
    insta::assert_snapshot!(absences(&around.solved(), "n"), @r"
    f1 to n: entry 2 of the import filter there denies it: deny 10.9.0.0/16 le 24 (-)
    f2 to n: entry 1 of its export filter denies it: deny 10.9.0.0/24 (-)
    o to n: its export filter denies it (-)
    ");
    let around = Around {
        f1: exports!("to-f1", "communities: [no-advertise]"),
        f2: "export: { to-f2: [] }",
        o: "export: { to-o: [] }",
        ..Around::default()
    };
    insta::assert_snapshot!(absences(&around.solved(), "t"), @r"n to t: its community no-advertise keeps it from all neighbours (RFC 1997)");
}
