//! How every interface of a running lab is, by the kernel's word.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::{LinkEvent, LinkState};
use crate::topology::{Interface, InterfaceId, Link, NodeId, Topology};

/// What is known of every interface, by the kernel's word.
pub(super) struct Interfaces {
    by_name: BTreeMap<(NodeId, String), InterfaceId>,
    states: Vec<Option<LinkState>>,
    /// Those that were down since routes were last installed: the kernel has forgotten theirs.
    forgotten: BTreeSet<InterfaceId>,
}

impl Interfaces {
    /// As a lab is built.
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

    /// Takes over what was known in another topology of those that stay, and tells where each of these is now: all whose
    /// node was kept, but for fresh ones.
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

    /// Takes in what happened to one.
    pub(super) fn hear(&mut self, event: &LinkEvent) {
        let key = (event.node, event.name.clone());
        if let Some(id) = self.by_name.get(&key) {
            self.states[id.0] = event.state;
            if !self.is_enabled(*id) {
                self.forgotten.insert(*id);
            }
        }
    }

    /// Whether none has gone.
    pub(super) fn are_there(&self) -> bool {
        self.states.iter().all(Option::is_some)
    }

    /// Whether one is brought up, whatever is at its other end.
    pub(super) fn is_enabled(&self, id: InterfaceId) -> bool {
        matches!(
            self.states[id.0],
            Some(LinkState::Up | LinkState::NoCarrier)
        )
    }

    /// Whether a link carries packets: both of its ends do, and the bridges that they are ports of
    /// are up.
    pub(super) fn carries(&self, topology: &Topology, link: &Link) -> bool {
        link.ends.iter().all(|end| {
            let port = topology.interface(*end).port;
            let bridge = port.map(|port| topology.segment(port.segment).bridge);
            self.states[end.0] == Some(LinkState::Up)
                && bridge.is_none_or(|bridge| self.is_enabled(bridge))
        })
    }

    /// Those that are up again since routes were last installed.
    pub(super) fn take_returned(&mut self) -> BTreeSet<InterfaceId> {
        let forgotten = std::mem::take(&mut self.forgotten);
        let (returned, still_down) = forgotten.into_iter().partition(|id| self.is_enabled(*id));
        self.forgotten = still_down;
        returned
    }
}
