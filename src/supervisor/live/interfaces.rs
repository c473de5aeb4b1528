//! The state of every interface of a running lab, as reported by the kernel.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::{LinkEvent, LinkState};
use crate::topology::{Interface, InterfaceId, Link, NodeId, Topology};

/// The known state of every interface.
pub(super) struct Interfaces {
    by_name: BTreeMap<(NodeId, String), InterfaceId>,
    states: Vec<Option<LinkState>>,
    /// Interfaces that were down since routes were last installed: the kernel has removed their routes.
    forgotten: BTreeSet<InterfaceId>,
}

impl Interfaces {
    /// The state of a newly built lab.
    pub(super) fn new(topology: &Topology) -> Self {
        let numbered = || topology.interfaces.iter().zip(0..);
        let name = |(interface, id): (&Interface, usize)| {
            let name = interface.name.to_string();
            ((interface.node, name), InterfaceId(id))
        };
        Self {
            by_name: numbered().map(name).collect(),
            states: numbered()
                .map(|(interface, _)| {
                    Some(if interface.up {
                        LinkState::Up
                    } else {
                        LinkState::Down
                    })
                })
                .collect(),
            forgotten: BTreeSet::new(),
        }
    }

    /// Takes over the known state of interfaces that stay from another topology, and returns their new positions.
    /// Those in `fresh` are left out.
    pub(super) fn resume(
        &mut self,
        before: &Self,
        kept: &[Option<NodeId>],
        fresh: &BTreeSet<InterfaceId>,
    ) -> BTreeMap<InterfaceId, InterfaceId> {
        let mut places = BTreeMap::new();
        for ((node, name), id) in self.by_name.iter().filter(|(_, id)| !fresh.contains(id)) {
            let old = kept[node.0].and_then(|old| before.by_name.get(&(old, name.clone())));
            if let Some(old) = old {
                self.states[id.0] = before.states[old.0];
                self.forgotten
                    .extend(before.forgotten.contains(old).then_some(*id));
                places.insert(*old, *id);
            }
        }
        places
    }

    /// Processes an event of an interface.
    pub(super) fn hear(&mut self, event: &LinkEvent) {
        let key = (event.node, event.name.clone());
        if let Some(id) = self.by_name.get(&key) {
            self.states[id.0] = event.state;
            if !self.is_enabled(*id) {
                self.forgotten.insert(*id);
            }
        }
    }

    /// Whether every interface still exists.
    pub(super) fn are_there(&self) -> bool {
        self.states.iter().all(Option::is_some)
    }

    /// Whether an interface is administratively up, whatever the state of its far end.
    pub(super) fn is_enabled(&self, id: InterfaceId) -> bool {
        matches!(
            self.states[id.0],
            Some(LinkState::Up | LinkState::NoCarrier)
        )
    }

    /// Whether a link carries packets: both of its ends do, and their bridges are up.
    pub(super) fn carries(&self, topology: &Topology, link: &Link) -> bool {
        link.ends.iter().all(|end| {
            let port = topology.interface(*end).port;
            let bridge = port.map(|port| topology.segment(port.segment).bridge);
            self.states[end.0] == Some(LinkState::Up)
                && bridge.is_none_or(|bridge| self.is_enabled(bridge))
        })
    }

    /// Interfaces that are up again since routes were last installed.
    pub(super) fn take_returned(&mut self) -> BTreeSet<InterfaceId> {
        let forgotten = std::mem::take(&mut self.forgotten);
        let (returned, still_down) = forgotten.into_iter().partition(|id| self.is_enabled(*id));
        self.forgotten = still_down;
        returned
    }
}
