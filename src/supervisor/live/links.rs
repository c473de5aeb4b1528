//! The impairments of a running lab's links, applied by the kernel or by a wire of this process.
//!
//! A link that the lab file impairs has its wire or qdisc from the start. A link that a process impairs later is
//! diverted: packets leaving either end go into a TAP interface beside it and over a wire. From the TAP beside the
//! other end they continue as if they had arrived through the link. Both ends keep their addresses, routes and rules.

use std::collections::{BTreeMap, VecDeque};
use std::mem::take;
use std::sync::Arc;

use crate::control::{Carried, Impair, Impaired, TapIndexes, WireStatus};
use crate::kernel::Live;
use crate::names::IfName;
use crate::plan::{Carriage, Device, LinkPlan};
use crate::supervisor::error::SupervisorError;
use crate::topology::{LinkId, NodeId, Topology};
use crate::units::Impairment;
use crate::wire::{Counters, Tap, Wire, Wires};

/// How many links with TAP interfaces are remembered: a capture asks for them within a second of the packets.
const MOST_REMEMBERED: usize = 1000;

/// The links of a running lab.
pub struct Links {
    by_kernel: bool,
    wires: Arc<Wires>,
    /// The wires of links that were created with one.
    built: BTreeMap<LinkId, usize>,
    diverted: BTreeMap<LinkId, Diversion>,
    /// The impairments that differ from the lab file.
    changed: BTreeMap<LinkId, [Impairment; 2]>,
    /// The indexes of the TAP interfaces of each diversion, including ended ones, oldest first.
    taps: VecDeque<(LinkId, [u32; 2])>,
}

/// A link whose packets go through a wire while it is impaired.
#[derive(Debug)]
struct Diversion {
    wire: usize,
    /// The TAP beside each end.
    taps: [IfName; 2],
}

impl Links {
    /// Links as built; `built` are those with a wire, and their wires.
    pub(super) fn new(by_kernel: bool, wires: Arc<Wires>, built: BTreeMap<LinkId, usize>) -> Self {
        Self {
            by_kernel,
            wires,
            built,
            diverted: BTreeMap::new(),
            changed: BTreeMap::new(),
            taps: VecDeque::new(),
        }
    }

    /// The links that were created with a wire. Only this process can set the carrier of their ends.
    pub(super) fn built(&self) -> impl Iterator<Item = LinkId> {
        self.built.keys().copied()
    }

    /// Blackholes a link that was created with a wire, or ends the blackhole. Returns whether the link has a wire.
    pub(super) fn set_blackhole(&self, link: LinkId, lost: bool) -> bool {
        let wire = self.built.get(&link);
        if let Some(wire) = wire {
            self.wires.set_blackhole(*wire, lost);
        }
        wire.is_some()
    }

    /// Changes a link's impairments and returns them. Without a change, it only returns them.
    pub(super) fn impair(
        &mut self,
        topology: &Topology,
        live: &mut Live,
        order: &Impair,
    ) -> Result<Impaired, SupervisorError> {
        let link = topology.link_named(&order.link).ok_or_else(|| {
            SupervisorError::Impossible(format!("there is no link `{}`", order.link))
        })?;
        let now = self.now(topology, link);
        let wanted = wanted(&topology.link(link).directions, &now, order);
        for direction in &wanted {
            direction.check().map_err(SupervisorError::Impossible)?;
        }
        self.impair_as(topology, live, link, &wanted)?;
        Ok(Impaired {
            link: order.link.clone(),
            directions: wanted,
        })
    }

    /// Applies impairments to a link.
    pub(super) fn impair_as(
        &mut self,
        topology: &Topology,
        live: &mut Live,
        link: LinkId,
        wanted: &[Impairment; 2],
    ) -> Result<(), SupervisorError> {
        let now = self.now(topology, link);
        if *wanted == now {
            return Ok(());
        }
        if let Err(error) = self.set(topology, live, link, wanted) {
            // The change may be half done: the first error is reported, and the old state is restored if possible.
            let _ = self.set(topology, live, link, &now);
            return Err(error);
        }
        if *wanted == topology.link(link).directions {
            self.changed.remove(&link);
        } else {
            self.changed.insert(link, *wanted);
        }
        Ok(())
    }

    fn now(&self, topology: &Topology, link: LinkId) -> [Impairment; 2] {
        let changed = self.changed.get(&link);
        changed.copied().unwrap_or(topology.link(link).directions)
    }

    fn set(
        &mut self,
        topology: &Topology,
        live: &mut Live,
        link: LinkId,
        wanted: &[Impairment; 2],
    ) -> Result<(), SupervisorError> {
        let ends = topology
            .link(link)
            .ends
            .map(|end| Device::of(topology, end));
        if let Some(wire) = self.built.get(&link) {
            return self.set_wire(live, *wire, &ends, wanted);
        }
        if self.by_kernel || Carriage::of(wanted) != Carriage::Impaired {
            self.end_diversion(live, link, &ends)?;
            for (end, impairment) in ends.iter().zip(wanted) {
                live.set_impairment(end, impairment)?;
            }
            return Ok(());
        }
        let Some(Diversion { wire, taps }) = self.diverted.get(&link) else {
            return self.divert(topology, live, link, wanted);
        };
        let taps = beside(&ends, taps);
        self.set_wire(live, *wire, &taps, wanted)
    }

    /// Sets a wire's impairments, which also limit the size of aggregated packets on its interfaces.
    fn set_wire(
        &self,
        live: &mut Live,
        wire: usize,
        interfaces: &[Device; 2],
        wanted: &[Impairment; 2],
    ) -> Result<(), SupervisorError> {
        for (direction, (interface, impairment)) in interfaces.iter().zip(wanted).enumerate() {
            self.wires.set(wire, direction, *impairment);
            live.limit_bursts(interface, impairment)?;
        }
        Ok(())
    }

    fn divert(
        &mut self,
        topology: &Topology,
        live: &mut Live,
        link: LinkId,
        wanted: &[Impairment; 2],
    ) -> Result<(), SupervisorError> {
        let ends = &topology
            .link(link)
            .ends
            .map(|end| Device::of(topology, end));
        let taps = self.free_names(topology, ends);
        let open = |end: usize| -> Result<Tap, SupervisorError> {
            let opened = live.within(ends[end].node, || Tap::open(&taps[end]))?;
            Ok(opened?)
        };
        let wire = self.wires.add(Wire {
            ends: [open(0)?, open(1)?],
            directions: *wanted,
        })?;
        let diversion = Diversion { wire, taps };
        for ((end, tap), impairment) in ends.iter().zip(&diversion.taps).zip(wanted) {
            live.divert(end, tap, impairment)?;
        }
        let taps = beside(ends, &diversion.taps);
        self.remember(link, taps.each_ref().map(|tap| live.index_of(tap)));
        self.diverted.insert(link, diversion);
        Ok(())
    }

    fn remember(&mut self, link: LinkId, indexes: [u32; 2]) {
        if self.taps.len() == MOST_REMEMBERED {
            self.taps.pop_front();
        }
        self.taps.push_back((link, indexes));
    }

    /// The TAP interfaces that links have or had beside their ends.
    pub(super) fn taps(&self, topology: &Topology) -> Vec<TapIndexes> {
        let taps = self.taps.iter();
        taps.map(|(link, indexes)| TapIndexes {
            link: topology.link(*link).name.clone(),
            indexes: *indexes,
        })
        .collect()
    }

    /// Names for interfaces beside a link's ends, unused in their nodes.
    fn free_names(&self, topology: &Topology, ends: &[Device; 2]) -> [IfName; 2] {
        let taken = |node: NodeId, name: &IfName| {
            let mut own = topology.interfaces_of(node);
            let mut beside = self.diverted.values().flat_map(|it| &it.taps);
            own.any(|(_, interface)| interface.name == *name) || beside.any(|tap| tap == name)
        };
        let free = |end: &Device, given: Option<&IfName>| {
            let wanted = format!("{}-w", end.name);
            IfName::near(&wanted, |name| taken(end.node, name) || Some(name) == given)
        };
        let first = free(&ends[0], None);
        let second = free(&ends[1], Some(&first));
        [first, second]
    }

    fn end_diversion(
        &mut self,
        live: &mut Live,
        link: LinkId,
        ends: &[Device; 2],
    ) -> Result<(), SupervisorError> {
        let Some(Diversion { wire, .. }) = self.diverted.remove(&link) else {
            return Ok(());
        };
        let ended: Result<Vec<()>, _> = ends.iter().map(|end| live.undivert(end)).collect();
        // Packets in transit are lost, as with an unplugged cable.
        self.wires.remove(wire);
        ended?;
        Ok(())
    }

    /// Releases links that are about to be undone.
    pub(super) fn end(&mut self, links: &[LinkPlan]) {
        for link in links.iter().map(|link| link.id) {
            let diverted = self.diverted.remove(&link).map(|diversion| diversion.wire);
            for wire in self.built.remove(&link).into_iter().chain(diverted) {
                self.wires.remove(wire);
            }
            self.changed.remove(&link);
            self.taps.retain(|(of, _)| *of != link);
        }
    }

    /// Translates links to their ids in another topology.
    pub(super) fn rename(&mut self, names: &BTreeMap<LinkId, LinkId>) {
        fn renamed<T>(
            links: BTreeMap<LinkId, T>,
            names: &BTreeMap<LinkId, LinkId>,
        ) -> BTreeMap<LinkId, T> {
            let links = links.into_iter();
            links
                .filter_map(|(link, value)| Some((*names.get(&link)?, value)))
                .collect()
        }
        self.built = renamed(take(&mut self.built), names);
        self.diverted = renamed(take(&mut self.diverted), names);
        self.changed = renamed(take(&mut self.changed), names);
        let taps = take(&mut self.taps).into_iter();
        let taps = taps.filter_map(|(link, indexes)| Some((*names.get(&link)?, indexes)));
        self.taps = taps.collect();
    }

    /// A wire now carries a link.
    pub(super) fn carry(&mut self, link: LinkId, wire: usize) {
        self.built.insert(link, wire);
    }

    /// Applies the present lab file to a link that stays.
    pub(super) fn follow_file(
        &mut self,
        topology: &Topology,
        live: &mut Live,
        link: LinkId,
    ) -> Result<(), SupervisorError> {
        self.changed.remove(&link);
        self.set(topology, live, link, &topology.link(link).directions)
    }

    /// The links whose impairments differ from the lab file.
    pub(super) fn changed(&self, topology: &Topology) -> Vec<Impaired> {
        let changed = self.changed.iter();
        changed
            .map(|(link, directions)| Impaired {
                link: topology.link(*link).name.clone(),
                directions: *directions,
            })
            .collect()
    }

    /// The counters of wires.
    pub(super) fn wires(&self, topology: &Topology) -> Vec<WireStatus> {
        let counters = self.wires.counters();
        let built = self.built.iter().map(|(link, wire)| (link, wire, None));
        let diverted = self.diverted.iter();
        let diverted = diverted.map(|(link, it)| (link, &it.wire, Some(&it.taps)));
        let held = built.chain(diverted);
        held.filter_map(|(link, wire, taps)| {
            Some(WireStatus {
                link: topology.link(*link).name.clone(),
                beside: taps.map(|taps| taps.each_ref().map(IfName::to_string)),
                directions: counters.get(wire)?.each_ref().map(carried),
            })
        })
        .collect()
    }
}

fn carried(counters: &Counters) -> Carried {
    Carried {
        frames: counters.frames,
        bytes: counters.bytes,
        dropped: counters.dropped(),
    }
}

/// Interfaces in the nodes of a link's ends.
fn beside(ends: &[Device; 2], names: &[IfName; 2]) -> [Device; 2] {
    [0, 1].map(|end| Device {
        node: ends[end].node,
        name: names[end].clone(),
    })
}

/// The impairments of both directions: selected ones start from the lab file, others stay.
fn wanted(file: &[Impairment; 2], now: &[Impairment; 2], order: &Impair) -> [Impairment; 2] {
    let only_asks = order.change.is_some_and(|change| change.is_nothing());
    [0, 1].map(|direction| match order.change {
        _ if only_asks || !order.directions[direction] => now[direction],
        Some(change) => change.of(&file[direction]),
        None => file[direction],
    })
}
