//! Fails links of a running lab, and heals them.

use std::collections::BTreeSet;

use crate::control::{Changed, LinkAction, Request};
use crate::engine::{EngineError, Up, client, find_links};
use crate::topology::{LinkId, Topology};

/// The links of names. A node's name means all of its links, except those that are down from the start.
///
/// # Errors
///
/// [`EngineError::NoSuchPart`], and [`EngineError::NotEnabled`] for a link that is down from the start.
pub fn links_named(topology: &Topology, names: &[String]) -> Result<Vec<LinkId>, EngineError> {
    let mut links = BTreeSet::new();
    for name in names {
        links.extend(of_name(topology, name)?);
    }
    Ok(links.into_iter().collect())
}

fn of_name(topology: &Topology, name: &str) -> Result<Vec<LinkId>, EngineError> {
    let mut links = find_links(topology, name)?;
    links.retain(|link| topology.is_link_enabled(*link));
    if links.is_empty() {
        return Err(EngineError::NotEnabled {
            name: name.to_owned(),
        });
    }
    Ok(links)
}

/// Fails or heals links; returns when the new routes are installed.
///
/// # Errors
///
/// [`EngineError`].
pub fn act_on_links(up: &Up, names: &[String], action: LinkAction) -> Result<Changed, EngineError> {
    let topology = &up.lab.topology;
    let links = links_named(topology, names)?;
    let links = links
        .iter()
        .map(|link| topology.link(*link).name.clone())
        .collect();
    let request = match action {
        LinkAction::Down => Request::Fault(links),
        LinkAction::Blackhole => Request::Blackhole(links),
        LinkAction::Healed => Request::Heal(links),
    };
    client::command(up, &request)
}

/// Heals every failed link, whoever caused the failure. Impairments stay.
///
/// # Errors
///
/// [`EngineError`].
pub fn heal_all(up: &Up) -> Result<Changed, EngineError> {
    client::command(up, &Request::HealAll)
}

/// Heals every failed link, and restores the lab file's impairments of every link.
///
/// # Errors
///
/// [`EngineError`].
pub fn restore(up: &Up) -> Result<Changed, EngineError> {
    client::command(up, &Request::Restore)
}
