//! Tests of the comparison: BIRD's output is parsed correctly, and differences are found.

use netns_lab::addresses::Prefix;
use netns_lab::topology::SessionId;

use crate::configuration::{FIRST, configure};
use crate::shipped::hub_spoke;
use crate::table::{Held, Key, NOBODY, Quality, differences, printed, solved};

/// The output of BIRD 2.0.12 for three routes, on a speaker that is the second end of session 4.
const SHOWN: &str = "\
Table master4:
10.1.0.0/16          unicast [session4 00:07:33.236 from 100.64.0.0] * (32778/?) [AS12076i]
\tdev lo
\tType: BGP univ
\tBGP.origin: IGP
\tBGP.as_path: 12076 12076 65001
\tBGP.next_hop: 100.64.0.0
\tBGP.local_pref: 200
                     blackhole [own 00:07:32.380] (65000)
\tType: static univ
\tBGP.large_community: (1, 3, 0)
10.2.0.0/16          blackhole [own 00:07:32.380] * (65000)
\tType: static univ
";

#[test]
fn what_bird_prints_is_read_as_routes() {
    let lab = hub_spoke();
    let (mut speakers, _) = configure(&lab, FIRST);
    let mut configured = speakers.remove(0);
    configured.speaker.ends.truncate(1);
    configured.speaker.ends[0].session = SessionId(4);
    let held = printed(&lab.topology, &configured, SHOWN);
    insta::assert_snapshot!(shown(&held), @r"
    branch-vpngw: 10.1.0.0/16 from er1-hub er1-msee1: path [12076 12076 65001] weight 10 preference 200, best
    branch-vpngw: 10.1.0.0/16 from itself: path [] weight 0 preference 0
    branch-vpngw: 10.2.0.0/16 from itself: path [] weight 0 preference 0, best
    ");
}

#[test]
fn a_table_that_is_altered_differs_from_the_solvers() {
    let lab = hub_spoke();
    let (speakers, _) = configure(&lab, FIRST);
    let solved = solved(&lab.topology, &lab.tables, &speakers);
    assert_eq!(differences(&solved, &solved.clone()), Vec::<String>::new());
    let mut altered = solved.clone();
    let at_edge: Vec<Key> = solved
        .keys()
        .filter(|key| key.0 == "loc1-ce1" && key.2 != NOBODY)
        .cloned()
        .collect();
    altered.remove(&at_edge[0]);
    for (key, alter) in at_edge[1..].iter().zip(ALTERATIONS) {
        alter(altered.get_mut(key).expect("a route of the solver's"));
    }
    let new = (
        "loc1-ce1".to_owned(),
        Prefix::ALL_IPV4,
        at_edge[0].2.clone(),
    );
    altered.insert(new, Quality::own(true));
    insta::assert_snapshot!(differences(&solved, &altered).join("\n"), @r"
    loc1-ce1: 0.0.0.0/0 from er1 er1-msee1: solver nothing
    loc1-ce1: 0.0.0.0/0 from er1 er1-msee1: BIRD   path [] weight 0 preference 0, best
    loc1-ce1: 10.10.30.0/24 from er1 er1-msee1: solver path [12076] weight 0 preference 200, best
    loc1-ce1: 10.10.30.0/24 from er1 er1-msee1: BIRD   nothing
    loc1-ce1: 10.10.30.0/24 from hub-loc1 hub-vpngw: solver path [65515] weight 0 preference 100
    loc1-ce1: 10.10.30.0/24 from hub-loc1 hub-vpngw: BIRD   path [65515 65001] weight 0 preference 100
    loc1-ce1: 10.11.30.0/26 from er1 er1-msee1: solver path [12076] weight 0 preference 200, best
    loc1-ce1: 10.11.30.0/26 from er1 er1-msee1: BIRD   path [12076] weight 1 preference 200, best
    loc1-ce1: 10.11.30.0/26 from hub-loc1 hub-vpngw: solver path [65515] weight 0 preference 100
    loc1-ce1: 10.11.30.0/26 from hub-loc1 hub-vpngw: BIRD   path [65515] weight 0 preference 101
    loc1-ce1: 10.11.30.64/26 from hub-loc1 hub-vpngw: solver path [65515 65516] weight 0 preference 100, best
    loc1-ce1: 10.11.30.64/26 from hub-loc1 hub-vpngw: BIRD   path [65515 65516] weight 0 preference 100
    loc1-ce1: 10.11.30.126/32 from hub-loc1 hub-vpngw: solver path [65515] weight 0 preference 100, best
    loc1-ce1: 10.11.30.126/32 from hub-loc1 hub-vpngw: BIRD   path [65515] weight 0 preference 100 med 5, best
    loc1-ce1: 10.17.30.0/26 from er1 er1-msee1: solver path [12076] weight 0 preference 200, best
    loc1-ce1: 10.17.30.0/26 from er1 er1-msee1: BIRD   path [12076] weight 0 preference 200 65001:1, best
    ");
}

/// One for each compared value.
const ALTERATIONS: [fn(&mut Quality); 6] = [
    |quality| quality.path.push(65001),
    |quality| quality.weight += 1,
    |quality| quality.local_preference += 1,
    |quality| quality.is_best = !quality.is_best,
    |quality| quality.med = Some(5),
    |quality| quality.communities.push([65001, 1]),
];

fn shown(held: &Held) -> String {
    let lines = held.iter().map(|((speaker, prefix, from), quality)| {
        format!("{speaker}: {prefix} from {from}: {quality}")
    });
    lines.collect::<Vec<_>>().join("\n")
}
