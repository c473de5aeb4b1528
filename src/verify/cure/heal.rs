//! The end of failures, as a cure of a path that they cut.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::network::State;
use crate::routing::Failures;
use crate::topology::{LinkId, Parts, SessionId, Topology};
use crate::verify::cure::{Cure, Lost, Remedy, hops_in};
use crate::verify::why::{Cause, LosesBy};

/// The most links, and the most sessions, that are healed one by one.
const MOST_TRIED: usize = 8;

/// Failures or impairments that end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heals {
    /// Links that are down or drop everything are healed, and BGP sessions that are shut are opened.
    Parts(Vec<String>),
    /// All links of a node, or of a gateway's instances, are healed.
    Node(String),
    /// The impairments of a link, given by a command, end.
    Impairment(String),
}

/// The link or session, or all of them, whose healing makes the path work.
pub(super) fn cure(lost: Lost<'_>) -> Option<Cure> {
    let State {
        topology,
        failures,
        disturbances,
        ..
    } = lost.state;
    if let Some(link) = impaired(lost) {
        let mut state = lost.state.clone();
        state.disturbances.impaired.remove(&link);
        let name = topology.link(link).name.clone();
        if let Some(hops) = hops_in(&state, lost) {
            return Some(Cure {
                what: format!("end the impairments of the link {name}"),
                remedy: Remedy::Heals(Heals::Impairment(name)),
                hops,
                cuts: Vec::new(),
            });
        }
    }
    let failed: BTreeSet<LinkId> = failures
        .links
        .iter()
        .chain(&disturbances.blackholed)
        .copied()
        .collect();
    let named = lost.why.losses().filter_map(|loss| match loss.cause {
        Cause::LinkDown { link } | Cause::LosesAll { link, .. } => Some(link),
        _ => None,
    });
    let first: Vec<LinkId> = named.filter(|link| failed.contains(link)).collect();
    let others = failed.iter().filter(|link| !first.contains(link));
    let one_by_one = first.iter().chain(others).take(MOST_TRIED);
    let one_by_one = one_by_one.map(|link| BTreeSet::from([*link]));
    let nodes = whole_nodes(topology, &failed).into_iter();
    let nodes = nodes.map(|(_, links)| links).take(MOST_TRIED);
    let of_links = |links| Parts {
        links,
        ..Parts::default()
    };
    let mut tries: Vec<Parts> = one_by_one.chain(nodes).map(of_links).collect();
    let shut = &failures.shut;
    tries.extend(shut.iter().take(MOST_TRIED).map(|session| Parts {
        sessions: [*session].into(),
        ..Parts::default()
    }));
    if failed.len() + shut.len() > 1 {
        tries.push(Parts {
            links: failed,
            sessions: shut.clone(),
        });
    }
    tries.into_iter().find_map(|parts| healed(lost, &parts))
}

/// A node all of whose links, at least two, are among these.
fn whole_nodes(topology: &Topology, failed: &BTreeSet<LinkId>) -> Vec<(String, BTreeSet<LinkId>)> {
    let gateways = topology
        .gateways
        .iter()
        .map(|gateway| gateway.name.as_str());
    let nodes = topology.nodes.iter().map(|node| node.name.as_str());
    let all = gateways.chain(nodes).map(|name| {
        let links = topology.links_named(name).into_iter();
        let links = links.filter(|link| topology.is_link_enabled(*link));
        (name.to_owned(), links.collect::<BTreeSet<LinkId>>())
    });
    all.filter(|(_, links)| links.len() > 1 && links.is_subset(failed))
        .collect()
}

/// The link on the path that loses every packet because a command impairs it.
fn impaired(lost: Lost<'_>) -> Option<LinkId> {
    lost.why.losses().find_map(|loss| match loss.cause {
        Cause::LosesAll {
            link,
            by: LosesBy::Impairment,
        } => Some(link),
        _ => None,
    })
}

/// The cure by healing links and sessions, if it is one.
fn healed(lost: Lost<'_>, parts: &Parts) -> Option<Cure> {
    let Parts { links, sessions } = parts;
    let topology = &*lost.state.topology;
    let mut disturbances = lost.state.disturbances.clone();
    disturbances.down.retain(|link| !links.contains(link));
    disturbances.blackholed.retain(|link| !links.contains(link));
    disturbances.shut.retain(|one| !sessions.contains(one));
    let failures = without(topology, &lost.state.failures, parts);
    let state = State::solve(Cow::Borrowed(topology), failures, disturbances).ok()?;
    let hops = hops_in(&state, lost)?;
    let (what, heals) = named(topology, parts);
    Some(Cure {
        what,
        remedy: Remedy::Heals(heals),
        hops,
        cuts: Vec::new(),
    })
}

/// What heals links and sessions, in words, and by their names or by that of the node whose links they are.
fn named(topology: &Topology, parts: &Parts) -> (String, Heals) {
    let mut nodes = whole_nodes(topology, &parts.links).into_iter();
    let whole = nodes.find(|(_, of_node)| *of_node == parts.links);
    if let Some((node, _)) = whole.filter(|_| parts.sessions.is_empty()) {
        return (format!("heal the links of {node}"), Heals::Node(node));
    }
    let names = topology.names_of(parts);
    let [one, several] = match (parts.links.is_empty(), parts.sessions.is_empty()) {
        (false, true) => ["heal the link", "heal the links"],
        (true, false) => ["open", "open"],
        _ => ["heal", "heal"],
    };
    let what = match names.as_slice() {
        [only] => format!("{one} {only}"),
        [firsts @ .., last] => format!("{several} {} and {last}", firsts.join(", ")),
        [] => String::new(),
    };
    (what, Heals::Parts(names))
}

/// The failures when links and sessions are healed: sessions that no other failed link carries are up again.
fn without(topology: &Topology, failures: &Failures, parts: &Parts) -> Failures {
    let healed = &parts.links;
    let links: BTreeSet<LinkId> = failures.links.difference(healed).copied().collect();
    let is_lost = |id: &&SessionId| {
        let carriers = &topology.session(**id).carriers;
        let on_healed = carriers.iter().any(|link| healed.contains(link));
        !on_healed || carriers.iter().any(|link| links.contains(link))
    };
    let sessions = failures.sessions.iter().filter(is_lost);
    Failures {
        sessions: sessions.copied().collect(),
        shut: failures.shut.difference(&parts.sessions).copied().collect(),
        adjacencies: failures.adjacencies.difference(healed).copied().collect(),
        links,
    }
}
