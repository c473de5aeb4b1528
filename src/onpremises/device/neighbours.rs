//! The names by which a device's policies mean its BGP sessions.

use crate::findings::Located;
use crate::topology::{NodeId, SessionId, SessionKind, Topology};

/// What the name of a session may begin with, as in storyboards.
const SESSION: &str = "session:";

/// One BGP session of a device, by everything that has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Peering<'a> {
    /// The device.
    pub(crate) device: &'a str,
    /// The node at the other end.
    pub(crate) neighbour: String,
    /// The gateway that the node is an instance of.
    pub(crate) gateway: Option<&'a str>,
    /// The connection, circuit or WAN link, or the site of two of its routers.
    pub(crate) session: &'a str,
    /// The tunnel, the leg of a circuit or the WAN link; `None` between routers of a site.
    pub(crate) link: Option<String>,
}

impl<'a> Peering<'a> {
    /// One end of a session of a topology.
    fn of(topology: &'a Topology, id: SessionId, end: usize) -> Self {
        let session = topology.session(id);
        let [device, other] = [end, 1 - end].map(|end| session.ends[end].node);
        let gateway = topology.gateway_of(other);
        Self {
            device: topology.node(device).name.as_str(),
            neighbour: topology.node(other).name.to_string(),
            gateway: gateway.map(|id| topology.gateway(id).name.as_str()),
            session: session.name.as_str(),
            link: session.link.map(|link| topology.link(link).name.clone()),
        }
    }

    /// Whether it is between routers of one site, whose name means no session.
    pub(crate) fn is_inside_site(&self) -> bool {
        self.link.is_none()
    }

    fn has_neighbour(&self, name: &str) -> bool {
        self.neighbour == name || self.gateway == Some(name)
    }

    fn is_between(&self, a: &str, b: &str) -> bool {
        (a == self.device && self.has_neighbour(b)) || (b == self.device && self.has_neighbour(a))
    }

    /// Whether a name means the session, and how closely: the names of connections and circuits, and inside a site of
    /// routers, come before those of links, and these before those of other nodes.
    fn closeness(&self, name: &str) -> Option<u8> {
        let words: Vec<&str> = name.split('/').collect();
        let is_own = |name: &str| self.session == name || self.link.as_deref() == Some(name);
        match words[..] {
            [one] if self.is_inside_site() => self.has_neighbour(one).then_some(0),
            [one] if self.session == one => Some(0),
            [one] if self.link.as_deref() == Some(one) => Some(1),
            [one] => self.has_neighbour(one).then_some(2),
            [a, b] => self.is_between(a, b).then_some(0),
            [a, b, own] => (self.is_between(a, b) && is_own(own)).then_some(0),
            _ => None,
        }
    }
}

/// The names by which a device's policies can mean a session, those for fewer sessions first.
pub(crate) fn names(topology: &Topology, id: SessionId, device: NodeId) -> Vec<String> {
    let ends = &topology.session(id).ends;
    let end = usize::from(ends[0].node != device);
    let peering = Peering::of(topology, id, end);
    let (own, session) = (peering.device, peering.session);
    let link = peering.link.iter().cloned();
    let nodes = [Some(peering.neighbour.as_str()), peering.gateway];
    let nodes = nodes.into_iter().flatten();
    let one = nodes.clone().flat_map(|node| {
        [
            format!("{own}/{node}/{session}"),
            format!("{node}/{own}/{session}"),
        ]
    });
    let pairs = nodes
        .clone()
        .flat_map(|node| [format!("{own}/{node}"), format!("{node}/{own}")]);
    let plain = one.chain(link).chain(pairs);
    let names = plain
        .chain([session.to_owned()])
        .chain(nodes.map(str::to_owned));
    let names: Vec<String> = names.collect();
    let marked = names.iter().map(|name| format!("{SESSION}{name}"));
    names.iter().cloned().chain(marked).collect()
}

/// The positions of the sessions that a name means.
pub(crate) fn meant(peerings: &[Peering<'_>], name: &str) -> Vec<usize> {
    let name = name.strip_prefix(SESSION).unwrap_or(name);
    let close = peerings.iter().map(|peering| peering.closeness(name));
    let close: Vec<Option<u8>> = close.collect();
    let closest = close.iter().flatten().min();
    let is_meant = |one: &Option<u8>| closest.is_some() && one.as_ref() == closest;
    let numbered = close.iter().enumerate();
    numbered
        .filter(|(_, one)| is_meant(one))
        .map(|(index, _)| index)
        .collect()
}

/// For each session, the setting that applies: that of the name that means the fewest sessions.
pub(crate) fn applying<'s, T>(
    peerings: &[Peering<'_>],
    settings: &'s [(Located<String>, T)],
) -> Vec<Option<&'s T>> {
    let mut applying: Vec<Option<(usize, &T)>> = vec![None; peerings.len()];
    for (name, value) in settings {
        let meant = meant(peerings, &name.value);
        for index in &meant {
            let one = &mut applying[*index];
            if one.is_none_or(|(sessions, _)| meant.len() < sessions) {
                *one = Some((meant.len(), value));
            }
        }
    }
    let values = applying.into_iter();
    values.map(|one| one.map(|(_, value)| value)).collect()
}

/// Two names for one session of which neither means fewer sessions: it is not clear which of the two applies.
pub(crate) fn unclear<'s>(
    peerings: &[Peering<'_>],
    names: impl Iterator<Item = &'s Located<String>>,
) -> Vec<[&'s Located<String>; 2]> {
    let mut seen: Vec<(&Located<String>, Vec<usize>)> = Vec::new();
    let mut pairs = Vec::new();
    for name in names {
        let meant = meant(peerings, &name.value);
        let clashes = |(other, earlier): &&(&Located<String>, Vec<usize>)| {
            let shares = meant.iter().any(|one| earlier.contains(one));
            earlier.len() == meant.len() && shares && other.value != name.value
        };
        pairs.extend(seen.iter().find(clashes).map(|(other, _)| [*other, name]));
        seen.push((name, meant));
    }
    pairs
}

/// The BGP sessions of a device in a topology: each with the end that is the device's.
pub(crate) fn peerings<'a>(
    topology: &'a Topology,
    ends: &[(SessionId, usize)],
) -> Vec<Peering<'a>> {
    let ends = ends.iter();
    ends.map(|(id, end)| Peering::of(topology, *id, *end))
        .collect()
}

/// The ends of the BGP sessions of a topology, by node.
pub(crate) fn ends_by_node(topology: &Topology) -> Vec<Vec<(SessionId, usize)>> {
    let mut ends = vec![Vec::new(); topology.nodes.len()];
    let numbered = (0..).map(SessionId).zip(&topology.sessions);
    for (id, session) in numbered.filter(|(_, one)| one.kind != SessionKind::StaticTunnel) {
        for (end, own) in session.ends.iter().enumerate() {
            ends[own.node.0].push((id, end));
        }
    }
    ends
}

#[cfg(test)]
mod tests;
