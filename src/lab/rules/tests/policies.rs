//! Rules for policies that mean one session, a tunnel, a leg or a node.

use std::collections::BTreeSet;

use crate::lab::parse;
use crate::lab::resolve;
use crate::lab::rules::devices::speakers;
use crate::lab::rules::peerings;
use crate::lab::rules::tests::wide::{WIDE, accepted, refused};
use crate::onpremises::device::neighbours::{Peering, ends_by_node};

const PREFERENCE: &str = "localPreference: { er1: 200 }";

#[test]
fn a_policy_may_mean_a_tunnel_a_leg_a_node_or_a_session() {
    for name in [
        "hub-east",
        "hub-vpngw",
        "edge/hub-vpngw",
        "hub-vpngw/edge/hub-east",
        "er1-primary",
        "er1-msee1",
        "east-west",
        "session:edge/er1-msee1",
    ] {
        accepted(&[(PREFERENCE, &format!("localPreference: {{ {name}: 200 }}"))]);
    }
}

#[test]
fn a_name_of_nothing_or_of_another_devices_session_is_found() {
    insta::assert_snapshot!(refused(&[(PREFERENCE, "localPreference: { edge/hub-vpngv: 200, er1-msee3: 10, hub-vpngw/gate: 5 }")]), @r"
    error[no-such-name]: there is no neighbour `edge/hub-vpngv`
      --> lab.yaml:87:28
       |
    87 |         localPreference: { edge/hub-vpngv: 200, er1-msee3: 10, hub-vpngw/gate: 5 }
       |                            ^^^^^^^^^^^^^^ did you mean `edge/hub-vpngw-in0`?

    error[no-such-name]: there is no neighbour `er1-msee3`
      --> lab.yaml:87:49
       |
    87 |         localPreference: { edge/hub-vpngv: 200, er1-msee3: 10, hub-vpngw/gate: 5 }
       |                                                 ^^^^^^^^^ did you mean `er1-msee1`?

    error[no-such-name]: there is no neighbour `hub-vpngw/gate`
      --> lab.yaml:87:64
       |
    87 |         localPreference: { edge/hub-vpngv: 200, er1-msee3: 10, hub-vpngw/gate: 5 }
       |                                                                ^^^^^^^^^^^^^^ did you mean `hub-vpngw-in0`?

    3 findings in lab.yaml
    ");
}

#[test]
fn two_names_for_the_same_sessions_are_found() {
    insta::assert_snapshot!(refused(&[(PREFERENCE, "localPreference: { hub-east: 200, edge/hub-vpngw: 10 }")]), @r"
    error[two-policies]: `hub-east` and `edge/hub-vpngw` are for the same session, and it is not clear which of the two applies
      --> lab.yaml:87:43
       |
    87 |         localPreference: { hub-east: 200, edge/hub-vpngw: 10 }
       |                            --------       ^^^^^^^^^^^^^^
       |                            |
       |                            the other name
       |
       = help: leave one of them out: of two names, the one for fewer sessions applies

    1 finding in lab.yaml
    ");
}

#[test]
fn an_entry_for_a_router_of_the_same_system_sets_no_preference() {
    insta::assert_snapshot!(refused(&[(PREFERENCE, "import: { core: [{ permit: 10.4.0.0/24, set: { localPreference: 5 } }] }")]), @r"
    error[useless-policy]: `edge` and `core` are in one autonomous system, where local preference and AS path prepending are not set
      --> lab.yaml:87:19
       |
    87 |         import: { core: [{ permit: 10.4.0.0/24, set: { localPreference: 5 } }] }
       |                   ^^^^
       |
       = help: set it where the route enters the autonomous system, or leave this out (RFC 4271, section 5.1.5)

    1 finding in lab.yaml
    ");
    accepted(&[(
        PREFERENCE,
        "import: { core: [{ permit: 10.4.0.0/24, set: { med: 5 } }] }",
    )]);
}

/// The names of a session in the file and in the topology are the same, or else a policy would be refused that means a
/// session, or accepted that means none.
#[test]
fn a_files_sessions_have_the_names_that_the_topology_gives_them() {
    let labs = [
        WIDE,
        include_str!("../../../../labs/hub-spoke.yaml"),
        include_str!("../../../../labs/er-resiliency.yaml"),
        include_str!("../../../../labs/hub-nva.yaml"),
        include_str!("../../../../labs/s2s-over-expressroute.yaml"),
    ];
    let mut count = 0;
    for text in labs {
        let spec = parse(text).unwrap();
        let topology = resolve(&spec).unwrap();
        let ends = ends_by_node(&topology);
        for speaker in speakers(&spec.resources) {
            let own = &ends[topology.find(speaker.name).unwrap().0];
            let resolved = crate::onpremises::device::neighbours::peerings(&topology, own);
            let in_file = peerings::peerings(&spec.resources, speaker);
            let set = |all: &[Peering<'_>]| -> BTreeSet<String> {
                all.iter().map(|one| format!("{one:?}")).collect()
            };
            assert_eq!(set(&resolved), set(&in_file), "{}", speaker.name);
            count += in_file.len();
        }
    }
    assert!(count > 15, "{count}");
}
