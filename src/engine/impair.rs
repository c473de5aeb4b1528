//! Makes links of a running lab delay, lose, duplicate or reorder packets, as requested by a command.

use crate::control::{Impair, Impaired, Request};
use crate::engine::parts::links_of;
use crate::engine::{EngineError, Up, client};
use crate::findings;
use crate::topology::{InternetPath, LinkId, LinkKind, Topology};
use crate::units::ImpairmentChange;

/// The request of a command.
#[derive(Debug, Clone, Copy)]
pub struct ImpairOrder<'a> {
    /// The link, or a tunnel for its path across the internet.
    pub link: &'a str,
    /// The node at which packets enter the link; `None` for both directions.
    pub from: Option<&'a str>,
    /// Change on top of the lab file; `None` restores the file's values.
    pub change: Option<ImpairmentChange>,
}

/// Impairs a link. Returns its impairments, with the names of the nodes at its first and its second end.
///
/// # Errors
///
/// [`EngineError::NoSuchLink`] and [`EngineError::NotAnEnd`] for wrong names, [`EngineError::Impossible`] if no link
/// can have them, and the supervisor's errors.
pub fn impair(up: &Up, order: &ImpairOrder<'_>) -> Result<([String; 2], Impaired), EngineError> {
    let topology = &up.lab.topology;
    let link = find(topology, order.link)?;
    let directions = entering(topology, link, order.from)?;
    check(topology, link, directions, order.change)?;
    let request = Request::Impair(Impair {
        link: topology.link(link).name.clone(),
        directions,
        change: order.change,
    });
    let impaired = client::command(up, &request)?;
    Ok((travellers(topology, link), impaired))
}

/// Checks that a link can have a change on top of the lab file.
fn check(
    topology: &Topology,
    link: LinkId,
    directions: [bool; 2],
    change: Option<ImpairmentChange>,
) -> Result<(), EngineError> {
    let file = topology.link(link).directions;
    let meant = file.iter().zip(directions).filter(|(_, meant)| *meant);
    let mut wanted = meant.map(|(file, _)| change.map_or(*file, |change| change.of(file)));
    wanted
        .try_for_each(|wanted| wanted.check())
        .map_err(EngineError::Impossible)
}

/// The link with this name or, for a tunnel's name, the tunnel's path across the internet.
fn find(topology: &Topology, name: &str) -> Result<LinkId, EngineError> {
    let Some(link) = topology.link_named(name) else {
        let names = topology.links.iter().map(|link| link.name.as_str());
        return Err(EngineError::NoSuchLink {
            lab: topology.name.to_string(),
            name: name.to_owned(),
            near: links_of(topology, name)
                .or_else(|| findings::near(name, names).map(str::to_owned)),
        });
    };
    if topology.link(link).kind == LinkKind::Wire {
        return Ok(link);
    }
    way_of(topology, link)
        .map(|path| path.link)
        .ok_or_else(|| EngineError::Impossible(no_way_of_its_own(topology, link)))
}

/// A tunnel's path across the internet, if no other tunnel shares it.
fn way_of(topology: &Topology, tunnel: LinkId) -> Option<&InternetPath> {
    let session = topology
        .sessions
        .iter()
        .find(|session| session.link == Some(tunnel))?;
    let mut paths = topology.internet_paths.iter();
    paths.find(|path| session.carriers.contains(&path.link))
}

fn no_way_of_its_own(topology: &Topology, tunnel: LinkId) -> String {
    let name = &topology.link(tunnel).name;
    let session = topology
        .sessions
        .iter()
        .find(|session| session.link == Some(tunnel));
    let carriers = session.iter().flat_map(|session| &session.carriers);
    let names: Vec<&str> = carriers
        .filter(|carrier| **carrier != tunnel)
        .map(|carrier| topology.link(*carrier).name.as_str())
        .collect();
    format!(
        "tunnel {name} has no path of its own across the internet: give its connection an `rtt` in the \
         lab file, or impair a link that carries it: {}",
        names.join(", ")
    )
}

/// The ends of a link that a name selects; both without a name.
fn entering(
    topology: &Topology,
    link: LinkId,
    from: Option<&str>,
) -> Result<[bool; 2], EngineError> {
    let Some(from) = from else {
        return Ok([true, true]);
    };
    let is_meant = |end| {
        topology
            .end_names(link, end)
            .iter()
            .any(|name| name == from)
    };
    let directions = [0, 1].map(is_meant);
    if directions == [false, false] {
        return Err(EngineError::NotAnEnd {
            link: topology.link(link).name.clone(),
            name: from.to_owned(),
            ends: travellers(topology, link),
        });
    }
    Ok(directions)
}

/// The nodes at which packets enter a link, or the networks for a peering.
#[must_use]
pub fn travellers(topology: &Topology, link: LinkId) -> [String; 2] {
    [0, 1].map(|end| topology.end_names(link, end).swap_remove(0))
}
