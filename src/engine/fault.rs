//! Fails links of a running lab and shuts its BGP sessions, and heals them.

use crate::control::{Changed, LinkAction, Request};
use crate::engine::{EngineError, Up, client, find_links, find_sessions};
use crate::routing::Failures;
use crate::topology::{Parts, Topology, is_session_name};

/// The links and BGP sessions of names, except those that are down from the start. A node's name means all of its
/// links.
fn parts_named(topology: &Topology, names: &[String]) -> Result<Parts, EngineError> {
    let mut parts = Parts::default();
    for name in names {
        parts.extend(of_name(topology, name)?);
    }
    Ok(parts)
}

fn of_name(topology: &Topology, name: &str) -> Result<Parts, EngineError> {
    if is_session_name(name) {
        let mut sessions = find_sessions(topology, name)?;
        sessions.retain(|session| topology.is_enabled(topology.session(*session)));
        if sessions.is_empty() {
            return Err(EngineError::NotEnabled {
                name: name.to_owned(),
            });
        }
        return Ok(Parts {
            sessions,
            ..Parts::default()
        });
    }
    let mut links = find_links(topology, name)?;
    links.retain(|link| topology.is_link_enabled(*link));
    if links.is_empty() {
        return Err(EngineError::NotEnabled {
            name: name.to_owned(),
        });
    }
    Ok(Parts {
        links: links.into_iter().collect(),
        ..Parts::default()
    })
}

/// The failures of a lab in which links and nodes of these names have been down for long, and BGP sessions are shut.
///
/// # Errors
///
/// [`EngineError::NoSuchPart`], [`EngineError::NoSuchSession`], and [`EngineError::NotEnabled`] for a link that is down
/// from the start.
pub fn noticed(topology: &Topology, names: &[String]) -> Result<Failures, EngineError> {
    let Parts { links, sessions } = parts_named(topology, names)?;
    Ok(Failures {
        shut: sessions,
        ..Failures::noticed(topology, links)
    })
}

/// Fails or heals links and BGP sessions by name; returns when the new routes are installed.
///
/// # Errors
///
/// [`EngineError`]; only links can be blackholed.
pub fn act_on_parts(up: &Up, names: &[String], action: LinkAction) -> Result<Changed, EngineError> {
    let topology = &up.lab.topology;
    let parts = parts_named(topology, names)?;
    let session = names.iter().find(|name| is_session_name(name));
    if let (LinkAction::Blackhole, Some(session)) = (action, session) {
        return Err(EngineError::NoBlackhole {
            name: session.clone(),
        });
    }
    let names = topology.names_of(&parts);
    let request = match action {
        LinkAction::Down => Request::Fault(names),
        LinkAction::Blackhole => Request::Blackhole(names),
        LinkAction::Healed => Request::Heal(names),
    };
    client::command(up, &request)
}

/// Heals every failed link and opens every BGP session, whoever caused the failure. Impairments stay.
///
/// # Errors
///
/// [`EngineError`].
pub fn heal_all(up: &Up) -> Result<Changed, EngineError> {
    client::command(up, &Request::HealAll)
}

/// The same, and restores the lab file's impairments of every link.
///
/// # Errors
///
/// [`EngineError`].
pub fn restore(up: &Up) -> Result<Changed, EngineError> {
    client::command(up, &Request::Restore)
}
