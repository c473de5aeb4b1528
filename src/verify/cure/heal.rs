//! The end of failures, as a cure of a path that they cut.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::network::State;
use crate::routing::Failures;
use crate::topology::{LinkId, SessionId, Topology};
use crate::verify::cure::{Cure, Lost, Remedy, hops_in};
use crate::verify::why::{Cause, LosesBy};

/// The most links that are healed one by one.
const MOST_TRIED: usize = 8;

/// Failures or impairments that end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heals {
    /// Links that are down or drop everything are healed.
    Links(Vec<String>),
    /// All links of a node, or of a gateway's instances, are healed.
    Node(String),
    /// The impairments of a link, given by a command, end.
    Impairment(String),
}

/// The link, or all links, whose healing makes the path work.
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
    let mut tries: Vec<BTreeSet<LinkId>> = one_by_one.map(|link| [*link].into()).collect();
    let nodes = whole_nodes(topology, &failed).into_iter();
    tries.extend(nodes.map(|(_, links)| links).take(MOST_TRIED));
    if failed.len() > 1 {
        tries.push(failed);
    }
    tries.into_iter().find_map(|links| healed(lost, &links))
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

/// The cure by healing links, if it is one.
fn healed(lost: Lost<'_>, links: &BTreeSet<LinkId>) -> Option<Cure> {
    let topology = &*lost.state.topology;
    let mut disturbances = lost.state.disturbances.clone();
    disturbances.down.retain(|link| !links.contains(link));
    disturbances.blackholed.retain(|link| !links.contains(link));
    let failures = without(topology, &lost.state.failures, links);
    let state = State::solve(Cow::Borrowed(topology), failures, disturbances).ok()?;
    let hops = hops_in(&state, lost)?;
    let (what, heals) = named(topology, links);
    Some(Cure {
        what,
        remedy: Remedy::Heals(heals),
        hops,
        cuts: Vec::new(),
    })
}

/// What heals links, in words, and by the names of the links or of the node whose links they are.
fn named(topology: &Topology, links: &BTreeSet<LinkId>) -> (String, Heals) {
    let mut nodes = whole_nodes(topology, links).into_iter();
    if let Some((node, _)) = nodes.find(|(_, of_node)| of_node == links) {
        return (format!("heal the links of {node}"), Heals::Node(node));
    }
    let names = links
        .iter()
        .map(|link| topology.link(*link).name.clone())
        .collect::<Vec<_>>();
    let what = match names.as_slice() {
        [one] => format!("heal the link {one}"),
        [firsts @ .., last] => format!("heal the links {} and {last}", firsts.join(", ")),
        [] => String::new(),
    };
    (what, Heals::Links(names))
}

/// The failures when links are healed: sessions that no other failed link carries are up again.
fn without(topology: &Topology, failures: &Failures, healed: &BTreeSet<LinkId>) -> Failures {
    let links: BTreeSet<LinkId> = failures.links.difference(healed).copied().collect();
    let is_lost = |id: &&SessionId| {
        let carriers = &topology.session(**id).carriers;
        let on_healed = carriers.iter().any(|link| healed.contains(link));
        !on_healed || carriers.iter().any(|link| links.contains(link))
    };
    let sessions = failures.sessions.iter().filter(is_lost);
    Failures {
        sessions: sessions.copied().collect(),
        adjacencies: failures.adjacencies.difference(healed).copied().collect(),
        links,
    }
}
