//! Events in words: the difference between two moments.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::control::Moment;
use crate::topology::{SessionId, Topology};
use crate::ui::state::{impairments, session_words};
use crate::units::counted;

/// Up to this number, sessions are listed by name; more are counted.
const MOST_NAMED: usize = 3;

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Event {
    /// Its kind.
    pub(super) kind: Kind,
    /// Its text.
    pub(super) text: String,
}

/// The kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// A link failed.
    Fault,
    /// A link was repaired.
    Heal,
    /// A link's impairments changed.
    Impair,
    /// A session went down or came up.
    Session,
    /// Routes changed.
    Routes,
    /// Paths were probed.
    Verify,
    /// The lab changed or ended.
    Lab,
    /// A problem was found.
    Problem,
}

/// The events between two moments of a lab.
pub(super) fn events(topology: &Topology, before: &Moment, now: &Moment) -> Vec<Event> {
    let mut events = Vec::new();
    links(&mut events, before, now);
    impaired(&mut events, topology, before, now);
    sessions(&mut events, topology, before, now);
    if now.routes > 0 {
        let routes = counted(now.routes, "route");
        let nodes = counted(now.nodes, "node");
        say(
            &mut events,
            Kind::Routes,
            format!("{routes} of {nodes} changed"),
        );
    }
    for problem in new(&before.faults.problems, &now.faults.problems) {
        let text = format!("the routes differ from the expected ones: {problem}");
        say(&mut events, Kind::Problem, text);
    }
    events
}

fn say(events: &mut Vec<Event>, kind: Kind, text: String) {
    events.push(Event { kind, text });
}

fn links(events: &mut Vec<Event>, before: &Moment, now: &Moment) {
    let (before, now) = (&before.faults, &now.faults);
    for link in new(&before.down, &now.down) {
        let text = if now.commanded.contains(link) {
            format!("{link} was taken down")
        } else {
            format!("{link} went down: somebody took an interface of it down")
        };
        say(events, Kind::Fault, text);
    }
    for link in new(&before.blackholed, &now.blackholed) {
        let text = format!("{link} silently drops all packets");
        say(events, Kind::Fault, text);
    }
    for session in new(&before.shut, &now.shut) {
        say(events, Kind::Fault, format!("{session} was shut"));
    }
    for session in new(&now.shut, &before.shut) {
        say(events, Kind::Heal, format!("{session} is open again"));
    }
    for link in new(&now.blackholed, &before.blackholed) {
        say(events, Kind::Heal, format!("{link} carries packets again"));
    }
    for link in new(&now.down, &before.down) {
        say(events, Kind::Heal, format!("{link} is up again"));
    }
}

fn impaired(events: &mut Vec<Event>, topology: &Topology, before: &Moment, now: &Moment) {
    let changed = now.impaired.iter();
    for one in changed.filter(|one| !before.impaired.contains(one)) {
        let text = format!("{}: {}", one.link, impairments(topology, one).join(", "));
        say(events, Kind::Impair, text);
    }
    for one in &before.impaired {
        if !now.impaired.iter().any(|other| other.link == one.link) {
            let text = format!("{} has the lab file's values again", one.link);
            say(events, Kind::Impair, text);
        }
    }
}

fn sessions(events: &mut Vec<Event>, topology: &Topology, before: &Moment, now: &Moment) {
    let (before, now) = (&before.faults, &now.faults);
    let named = |ids: Vec<usize>| {
        let names = ids
            .into_iter()
            .map(|id| session_words(topology, SessionId(id)));
        names.collect::<Vec<_>>()
    };
    let of = |before, now| named(new(before, now).copied().collect());
    for (sessions, one, several) in [
        (
            of(&before.ended_sessions, &now.ended_sessions),
            "has ended",
            "have ended",
        ),
        (
            of(&now.ended_sessions, &before.ended_sessions),
            "is back",
            "are back",
        ),
    ] {
        let text = match sessions.as_slice() {
            [] => continue,
            [only] => format!("the session {only} {one}"),
            few if few.len() <= MOST_NAMED => format!("the sessions {} {several}", few.join(", ")),
            many => format!("{} sessions {several}, {} among them", many.len(), many[0]),
        };
        say(events, Kind::Session, text);
    }
    for link in new(&before.lost_adjacencies, &now.lost_adjacencies) {
        let text = format!("the routers at the ends of {link} have ended their sessions");
        say(events, Kind::Session, text);
    }
}

/// The elements of the second list that the first one lacks.
fn new<'a, T: Ord>(before: &'a [T], now: &'a [T]) -> impl Iterator<Item = &'a T> {
    let before: BTreeSet<&T> = before.iter().collect();
    now.iter().filter(move |one| !before.contains(one))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::{FaultStatus, Impaired};
    use crate::engine::load;
    use crate::units::Impairment;

    fn moment(down: &[&str], blackholed: &[&str]) -> Moment {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Moment {
            faults: FaultStatus {
                down: names(down),
                blackholed: names(blackholed),
                ..FaultStatus::default()
            },
            ..Moment::default()
        }
    }

    #[test]
    fn what_happened_is_told_in_sentences_both_ways() {
        let topology = load("hub-spoke").unwrap().topology;
        let mut later = moment(&["er1-primary", "hub-branch"], &["er2-primary"]);
        later.faults.commanded = vec!["er1-primary".to_owned()];
        later.faults.ended_sessions = (0..topology.sessions.len()).collect();
        later.faults.lost_adjacencies = vec!["loc1-ce1-loc1-lan".to_owned()];
        later.faults.problems = vec!["no room".to_owned()];
        later.impaired = vec![Impaired {
            link: "er2-secondary".to_owned(),
            directions: [Impairment::delay(std::time::Duration::from_millis(40)); 2],
        }];
        (later.routes, later.nodes) = (12, 1);
        let told = |before: &Moment, now: &Moment| {
            let events = events(&topology, before, now);
            let lines = events
                .iter()
                .map(|event| format!("{:?}: {}", event.kind, event.text));
            lines.collect::<Vec<_>>().join("\n")
        };
        let before = Moment::default();
        insta::assert_snapshot!(told(&before, &later), @r"
        Fault: er1-primary was taken down
        Fault: hub-branch went down: somebody took an interface of it down
        Fault: er2-primary silently drops all packets
        Impair: er2-secondary: er2-msee2 to loc2-ce2: delay 40ms, loc2-ce2 to er2-msee2: delay 40ms
        Session: 20 sessions have ended, er1 (er1-msee1 and loc1-ce1) among them
        Session: the routers at the ends of loc1-ce1-loc1-lan have ended their sessions
        Routes: 12 routes of 1 node changed
        Problem: the routes differ from the expected ones: no room
        ");
        later.routes = 0;
        assert_eq!(told(&later, &later), "");
        let mut few = moment(&[], &[]);
        few.faults.ended_sessions = vec![0, 1];
        insta::assert_snapshot!(told(&later, &few), @r"
        Heal: er2-primary carries packets again
        Heal: er1-primary is up again
        Heal: hub-branch is up again
        Impair: er2-secondary has the lab file's values again
        Session: 18 sessions are back, er2 (er2-msee1 and loc2-ce1) among them
        ");
        insta::assert_snapshot!(told(&few, &before), @"Session: the sessions er1 (er1-msee1 and loc1-ce1), er1 (er1-msee2 and loc1-ce2) are back");
    }
}
