//! The state of every link of a lab at a moment, as the page shows it.

use serde::Serialize;

use crate::control::{Impaired, Moment};
use crate::engine::travellers;
use crate::report::impairment;
use crate::topology::{Link, LinkId, SessionId, Topology};

/// The state of a lab that the page shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct State {
    /// One entry per link, with tunnels, in the topology's order.
    links: Vec<LinkState>,
    /// Milliseconds until the next session detects a failure; null if no detection is pending.
    later_ms: Option<f64>,
    /// Problems with the routes, in sentences.
    problems: Vec<String>,
}

/// The state of a link.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct LinkState {
    /// The link.
    name: String,
    /// Whether the link carries packets.
    condition: Condition,
    /// The sessions over the link that are down, in words.
    ended: Vec<String>,
    /// Impairments that differ from the lab file, in words, one entry per direction.
    impaired: Vec<String>,
}

/// Whether a link carries packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Condition {
    /// The link carries packets.
    Up,
    /// The lab file disables the link.
    Disabled,
    /// The link was taken down.
    Down,
    /// The link drops all packets silently (blackhole).
    Blackhole,
}

/// The state of a lab at a moment.
pub(super) fn state(topology: &Topology, moment: &Moment) -> State {
    let links = topology.links.iter().zip((0..).map(LinkId));
    State {
        links: links
            .map(|(link, id)| LinkState {
                name: link.name.clone(),
                condition: condition(topology, link, moment),
                ended: ended(topology, id, moment),
                impaired: moment
                    .impaired
                    .iter()
                    .filter(|impaired| impaired.link == link.name)
                    .flat_map(|impaired| impairments(topology, impaired))
                    .collect(),
            })
            .collect(),
        later_ms: moment.faults.later_ms,
        problems: moment.faults.problems.clone(),
    }
}

fn condition(topology: &Topology, link: &Link, moment: &Moment) -> Condition {
    let faults = &moment.faults;
    if !link.ends.iter().all(|end| topology.interface(*end).up) {
        Condition::Disabled
    } else if faults.down.contains(&link.name) {
        Condition::Down
    } else if faults.blackholed.contains(&link.name) {
        Condition::Blackhole
    } else {
        Condition::Up
    }
}

/// The sessions over a link that are down, and the adjacency of its two routers if that is down.
fn ended(topology: &Topology, id: LinkId, moment: &Moment) -> Vec<String> {
    let sessions = moment.faults.ended_sessions.iter().map(|id| SessionId(*id));
    let own = sessions.filter(|session| topology.session(*session).link == Some(id));
    let lost = moment
        .faults
        .lost_adjacencies
        .contains(&topology.link(id).name);
    own.map(|session| session_words(topology, session))
        .chain(lost.then(|| "the routers at its ends have ended their sessions".to_owned()))
        .collect()
}

/// A session's name and its two speakers.
pub(super) fn session_words(topology: &Topology, id: SessionId) -> String {
    let session = topology.session(id);
    let [a, b] = topology.speakers_of(id);
    format!("{} ({a} and {b})", session.name)
}

/// A link's impairments, one entry per direction.
pub(super) fn impairments(topology: &Topology, impaired: &Impaired) -> Vec<String> {
    let Some(link) = topology.link_named(&impaired.link) else {
        return Vec::new();
    };
    let directions = impairment::directions(&travellers(topology, link), &impaired.directions);
    let words = directions.iter().map(|direction| {
        let words = match direction.words() {
            "" => "nothing",
            words => words,
        };
        format!("{} to {}: {words}", direction.from, direction.to)
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::FaultStatus;
    use crate::engine::load;
    use crate::units::Impairment;

    #[test]
    fn a_link_has_a_condition_and_what_is_done_to_its_packets() {
        let topology = load("hub-spoke").unwrap().topology;
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let moment = Moment {
            faults: FaultStatus {
                down: names(&["er1-primary"]),
                blackholed: names(&["er2-primary"]),
                lost_adjacencies: names(&["loc1-ce1-loc1-lan"]),
                ended_sessions: topology
                    .sessions
                    .iter()
                    .position(|session| session.link == topology.link_named("er1-primary"))
                    .into_iter()
                    .collect(),
                later_ms: Some(900.0),
                ..FaultStatus::default()
            },
            impaired: vec![Impaired {
                link: "er2-secondary".to_owned(),
                directions: [
                    Impairment::delay(std::time::Duration::from_millis(40)),
                    Impairment::default(),
                ],
            }],
            ..Moment::default()
        };
        let state = state(&topology, &moment);
        assert_eq!(state.links.len(), topology.links.len());
        let shown = [
            "er1-primary",
            "er1-secondary",
            "er2-primary",
            "er2-secondary",
            "loc1-ce1-loc1-lan",
            "hub-loc1",
        ]
        .map(|name| {
            let link = state.links.iter().find(|link| link.name == name);
            serde_json::to_string(link.unwrap()).unwrap()
        });
        insta::assert_snapshot!(shown.join("\n"), @r#"
        {"name":"er1-primary","condition":"down","ended":["er1 (er1-msee1 and loc1-ce1)"],"impaired":[]}
        {"name":"er1-secondary","condition":"disabled","ended":[],"impaired":[]}
        {"name":"er2-primary","condition":"blackhole","ended":[],"impaired":[]}
        {"name":"er2-secondary","condition":"up","ended":[],"impaired":["er2-msee2 to loc2-ce2: delay 40ms","loc2-ce2 to er2-msee2: nothing"]}
        {"name":"loc1-ce1-loc1-lan","condition":"up","ended":["the routers at its ends have ended their sessions"],"impaired":[]}
        {"name":"hub-loc1","condition":"up","ended":[],"impaired":[]}
        "#);
    }
}
