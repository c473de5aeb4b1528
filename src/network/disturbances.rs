//! Failures and impairments of a running lab on top of its file.

use std::collections::{BTreeMap, BTreeSet};

use crate::topology::{InterfaceId, LinkId, SessionId, Topology};
use crate::units::{Impairment, Share};

/// The impairments of links that differ from the lab file, by direction as in
/// [`Link::directions`](crate::topology::Link::directions).
pub type Impairments = BTreeMap<LinkId, [Impairment; 2]>;

/// Failures and impairments of a running lab's links, and sessions that are shut.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Disturbances {
    /// Links that are down.
    pub down: BTreeSet<LinkId>,
    /// Blackholed links.
    pub blackholed: BTreeSet<LinkId>,
    /// BGP sessions that are shut.
    pub shut: BTreeSet<SessionId>,
    /// Links whose impairments differ from the lab file.
    pub impaired: Impairments,
}

impl Disturbances {
    /// The impairments of packets that leave through an interface.
    #[must_use]
    pub fn leaving(&self, topology: &Topology, end: InterfaceId) -> Impairment {
        self.changed(topology, end)
            .unwrap_or_else(|| topology.leaving(end))
    }

    /// The same, if they differ from the lab file.
    #[must_use]
    pub fn changed(&self, topology: &Topology, end: InterfaceId) -> Option<Impairment> {
        let link = topology.interface(end).link?;
        let directions = self.impaired.get(&link)?;
        let changed = directions[usize::from(end != topology.link(link).ends[0])];
        (changed != topology.leaving(end)).then_some(changed)
    }

    /// Whether every packet that leaves through an interface is silently lost.
    #[must_use]
    pub fn loses_all(&self, topology: &Topology, end: InterfaceId) -> bool {
        let link = topology.interface(end).link;
        let is_blackhole = link.is_some_and(|link| self.blackholed.contains(&link));
        is_blackhole || self.leaving(topology, end).loss == Share::ALL
    }
}
