//! The end of failures, as a cure of a path that they cut.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::network::State;
use crate::routing::Failures;
use crate::topology::{LinkId, SessionId, Topology};
use crate::verify::cure::{Cure, Lost, Remedy, hops_in};
use crate::verify::why::{Cause, LosesBy, Loss};

/// The most links that are healed one by one.
const MOST_TRIED: usize = 8;

/// Failures or impairments that end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heals {
    /// Links that are down or drop everything are healed.
    Links(Vec<String>),
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
                what: format!("End the impairments of the link {name}"),
                remedy: Remedy::Heals(Heals::Impairment(name)),
                hops,
            });
        }
    }
    let failed: BTreeSet<LinkId> = failures
        .links
        .iter()
        .chain(&disturbances.blackholed)
        .copied()
        .collect();
    let named = losses(lost).filter_map(|loss| match loss.cause {
        Cause::LinkDown { link } | Cause::LosesAll { link, .. } => Some(link),
        _ => None,
    });
    let first: Vec<LinkId> = named.filter(|link| failed.contains(link)).collect();
    let others = failed.iter().filter(|link| !first.contains(link));
    let one_by_one = first.iter().chain(others).take(MOST_TRIED);
    let mut tries: Vec<BTreeSet<LinkId>> = one_by_one.map(|link| [*link].into()).collect();
    if failed.len() > 1 {
        tries.push(failed);
    }
    tries.into_iter().find_map(|links| healed(lost, &links))
}

fn losses(lost: Lost<'_>) -> impl Iterator<Item = &Loss> {
    let ways = [Some(&lost.why.there), lost.why.back.as_ref()];
    let ways = ways.into_iter().flatten();
    ways.filter_map(|way| way.loss.as_ref())
}

/// The link on the path that loses every packet because a command impairs it.
fn impaired(lost: Lost<'_>) -> Option<LinkId> {
    losses(lost).find_map(|loss| match loss.cause {
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
    let names: Vec<String> = links
        .iter()
        .map(|link| topology.link(*link).name.clone())
        .collect();
    let what = match names.as_slice() {
        [one] => format!("Heal the link {one}"),
        several => format!("Heal the links {}", several.join(", ")),
    };
    Some(Cure {
        what,
        remedy: Remedy::Heals(Heals::Links(names)),
        hops,
    })
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
