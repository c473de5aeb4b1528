//! When the ends of a session detect a failure, on the documented lab.

use super::*;
use crate::lab::parse;
use crate::lab::resolve;

const HUB_SPOKE: &str = include_str!("../../labs/hub-spoke.yaml");

fn lab() -> Topology {
    resolve(&parse(HUB_SPOKE).unwrap()).unwrap()
}

fn link(topology: &Topology, name: &str) -> LinkId {
    LinkId(
        topology
            .links
            .iter()
            .position(|link| link.name == name)
            .unwrap(),
    )
}

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// The failures at a time: links, then sessions by connection or circuit and kind.
fn failed(faults: &Faults, topology: &Topology, now: Duration) -> String {
    let Failures {
        links,
        sessions,
        shut,
        adjacencies,
    } = faults.failures(topology, now);
    assert!(
        adjacencies.is_empty() && shut.is_empty(),
        "{adjacencies:?} {shut:?}"
    );
    let links = links.iter().map(|link| topology.link(*link).name.clone());
    let sessions = sessions.iter().map(|session| {
        let session = &topology.sessions[session.0];
        let ends = session
            .ends
            .each_ref()
            .map(|end| topology.node(end.node).name.as_str());
        format!("{} {}", session.name, ends.join("-"))
    });
    let [links, sessions] = [links.collect::<Vec<_>>(), sessions.collect()];
    format!(
        "down [{}], ended [{}]",
        links.join(", "),
        sessions.join(", ")
    )
}

fn after(change: impl FnOnce(&mut Faults, &Topology)) -> (Faults, Topology) {
    let topology = lab();
    let mut faults = Faults::default();
    change(&mut faults, &topology);
    (faults, topology)
}

#[test]
fn a_session_ends_at_once_with_its_own_link() {
    let (faults, topology) =
        after(|faults, lab| faults.take_down(link(lab, "er1-primary"), ms(5000)));
    insta::assert_snapshot!(failed(&faults, &topology, ms(5000)), @"down [er1-primary], ended [er1 er1-msee1-loc1-ce1]");
    assert_eq!(faults.next_change(&topology, ms(5000)), None);
}

#[test]
fn a_distant_link_is_missed_when_the_session_has_heard_nothing_for_its_time() {
    let (faults, topology) =
        after(|faults, lab| faults.take_down(link(lab, "internet-hub-branch"), ms(1000)));
    insta::assert_snapshot!(failed(&faults, &topology, ms(180_999)), @"down [internet-hub-branch], ended []");
    assert_eq!(faults.next_change(&topology, ms(2000)), Some(ms(181_000)));
    insta::assert_snapshot!(failed(&faults, &topology, ms(181_000)), @"down [internet-hub-branch], ended [hub-branch hub-vpngw-branch-vpngw]");
    assert_eq!(faults.next_change(&topology, ms(181_000)), None);
}

#[test]
fn a_silent_loss_is_no_link_that_is_down_and_is_missed_even_on_a_sessions_own_link() {
    let (faults, topology) = after(|faults, lab| faults.silence(link(lab, "er1-primary"), ms(100)));
    insta::assert_snapshot!(failed(&faults, &topology, ms(999)), @"down [], ended []");
    assert_eq!(faults.next_change(&topology, ms(100)), Some(ms(1000)));
    insta::assert_snapshot!(failed(&faults, &topology, ms(1000)), @"down [], ended [er1 er1-msee1-loc1-ce1]");
}

#[test]
fn a_link_that_goes_down_while_it_is_silent_is_seen_at_once() {
    let (faults, topology) = after(|faults, lab| {
        faults.silence(link(lab, "er1-primary"), ms(0));
        faults.take_down(link(lab, "er1-primary"), ms(10));
    });
    insta::assert_snapshot!(failed(&faults, &topology, ms(10)), @"down [er1-primary], ended [er1 er1-msee1-loc1-ce1]");
}

#[test]
fn changes_come_one_after_the_other_by_each_sessions_own_timer() {
    let (faults, topology) = after(|faults, lab| {
        faults.silence(link(lab, "hub-loc1"), ms(0));
        faults.silence(link(lab, "er1-hub-primary-out"), ms(0));
        faults.silence(link(lab, "er2-primary"), ms(0));
    });
    let mut now = Duration::ZERO;
    let mut times = Vec::new();
    while let Some(next) = faults.next_change(&topology, now) {
        times.push(next);
        now = next;
    }
    assert_eq!(times, [ms(900), ms(60_000), ms(180_000)]);
}

#[test]
fn a_lab_may_notice_everything_at_once() {
    let mut topology = lab();
    topology.converges_immediately = true;
    let mut faults = Faults::default();
    faults.silence(link(&topology, "er1-primary"), ms(7));
    faults.take_down(link(&topology, "internet-hub-branch"), ms(7));
    insta::assert_snapshot!(failed(&faults, &topology, ms(7)), @"down [internet-hub-branch], ended [er1 er1-msee1-loc1-ce1, hub-branch hub-vpngw-branch-vpngw]");
    assert_eq!(faults.next_change(&topology, ms(7)), None);
}

#[test]
fn what_is_healed_is_back_at_once_and_fails_anew_from_then_on() {
    let (mut faults, topology) = after(|faults, lab| {
        faults.take_down(link(lab, "er1-primary"), ms(0));
        faults.silence(link(lab, "er2-primary"), ms(0));
    });
    for name in ["er1-primary", "er2-primary"] {
        faults.bring_up(link(&topology, name));
        faults.restore(link(&topology, name));
    }
    assert_eq!(faults, Faults::default());
    insta::assert_snapshot!(failed(&faults, &topology, ms(10_000)), @"down [], ended []");
    faults.silence(link(&topology, "er2-primary"), ms(20_000));
    faults.silence(link(&topology, "er2-primary"), ms(20_500));
    assert_eq!(faults.next_change(&topology, ms(20_600)), Some(ms(20_900)));
}

#[test]
fn routers_of_a_site_give_a_silent_neighbour_up_after_four_hellos() {
    let (faults, topology) =
        after(|faults, lab| faults.silence(link(lab, "loc2-ce1-loc2-lan"), ms(1000)));
    assert_eq!(faults.next_change(&topology, ms(1000)), Some(ms(41_000)));
    let before = faults.failures(&topology, ms(40_999));
    assert_eq!(before, Failures::default());
    let after = faults.failures(&topology, ms(41_000));
    assert_eq!(after.adjacencies.len(), 1);
    assert!(after.links.is_empty() && after.sessions.is_empty());
}

#[test]
fn a_session_that_is_shut_ends_at_once_and_its_link_stays_up() {
    let (mut faults, topology) = after(|faults, lab| {
        for session in lab.sessions_named("session:er1") {
            faults.shut(session);
        }
    });
    let failures = faults.failures(&topology, ms(0));
    assert_eq!((failures.links.len(), failures.sessions.len()), (0, 0));
    let shut = failures.shut.iter().map(|id| topology.session_name(*id));
    insta::assert_snapshot!(shut.collect::<Vec<_>>().join(" "), @r"session:er1-msee1/loc1-ce1 session:er1-msee2/loc1-ce2");
    assert_eq!(faults.next_change(&topology, ms(0)), None);
    for session in failures.shut {
        faults.open(session);
    }
    assert_eq!(faults, Faults::default());
}
