//! Keeps a running lab's routes up to date with its links.
//!
//! Link failures come from kernel events, whoever caused them. The routes for the new state come from the same
//! computation as in `up`. Only the difference is applied. What the kernel removed when a link went down is restored
//! when it comes back.

mod mend;
mod overlay;
mod resume;
mod told;

pub use mend::Mended;
pub use overlay::Overlay;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::control::{Impair, Impaired, TapIndexes, WireStatus};
use crate::engine::Lab;
use crate::fault::Faults;
use crate::kernel::{LinkEvent, Live};
use crate::plan::{self, Device, Plan, Routes};
use crate::routing::{self, Failures, Tables};
use crate::supervisor::error::SupervisorError;
use crate::supervisor::live::interfaces::Interfaces;
use crate::supervisor::live::line;
use crate::supervisor::live::links::Links;
use crate::topology::{InterfaceId, LinkId, NodeId, Parts, SessionId, Topology};

/// A running lab, and its failures.
pub struct LiveLab {
    topology: Topology,
    /// The plan that built it.
    plan: Plan,
    live: Live,
    faults: Faults,
    interfaces: Interfaces,
    links: Links,
    /// Interfaces whose carrier was cleared because the far end is down.
    alone: BTreeSet<InterfaceId>,
    /// Links that a command took down.
    commanded: BTreeSet<LinkId>,
    /// The failures that the installed routes were computed for.
    failures: Failures,
    /// The time of that computation: later expirations of session timers are still to come.
    converged: Duration,
    installed: Routes,
    /// The tables and routes for the same failures, installed or not.
    expected: (Tables, Routes),
    /// The error of the last installation of routes.
    problems: Vec<String>,
    /// Nodes whose routes have changed since a lab file was last applied.
    rerouted: BTreeSet<NodeId>,
}

impl LiveLab {
    /// A newly built lab, without failures.
    #[must_use]
    pub fn new(lab: Lab, live: Live, links: Links) -> Self {
        let topology = lab.topology;
        let installed = plan::routes(&topology, &lab.tables, &Failures::default());
        Self {
            interfaces: Interfaces::new(&topology),
            topology,
            plan: lab.plan,
            live,
            faults: Faults::default(),
            links,
            alone: BTreeSet::new(),
            commanded: BTreeSet::new(),
            failures: Failures::default(),
            converged: Duration::ZERO,
            installed: installed.clone(),
            expected: (lab.tables, installed),
            problems: Vec::new(),
            rerouted: BTreeSet::new(),
        }
    }

    /// Whether every namespace's pin and every interface still exists.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.interfaces.are_there() && self.live.is_pinned()
    }

    /// The plan that built it.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// An index above that of any present or former interface of the lab.
    #[must_use]
    pub fn free_index(&self) -> u32 {
        self.live.free_index()
    }

    /// The lab.
    #[must_use]
    pub fn topology(&self) -> &Topology {
        &self.topology
    }

    /// Reads the state of every link of a node, after missed events.
    pub fn look(&mut self, node: NodeId, now: Duration) {
        match self.live.links(node) {
            Ok(mut events) => {
                let seen: BTreeSet<String> =
                    events.iter().map(|event| event.name.clone()).collect();
                let own = self.topology.interfaces_of(node);
                let gone = own.filter(|(_, own)| !seen.contains(own.name.as_str()));
                events.extend(gone.map(|(_, own)| LinkEvent {
                    node,
                    name: own.name.to_string(),
                    index: 0,
                    state: None,
                }));
                self.hear(&events, now);
            }
            Err(error) => self.problems.push(line(&error)),
        }
    }

    /// Processes link events.
    pub fn hear(&mut self, events: &[LinkEvent], now: Duration) {
        for event in events {
            self.live.note_index(event);
            self.interfaces.hear(event);
        }
        self.pass_on_carriers();
        for (index, link) in self.topology.links.iter().enumerate() {
            let id = LinkId(index);
            if !self.topology.is_link_enabled(id) {
                continue;
            }
            if !self.interfaces.carries(&self.topology, link) {
                self.faults.take_down(id, now);
            } else if self.faults.is_down(id) {
                // The kernel reports a link later that a command has just taken down, if it is not down yet.
                self.faults.bring_up(id);
                self.commanded.remove(&id);
            }
        }
    }

    /// Sets the carrier of each end of a wire to match the other end, as the kernel does for a veth pair.
    pub(super) fn pass_on_carriers(&mut self) {
        let wired = self.links.built().map(|link| self.topology.link(link).ends);
        let ends: Vec<[InterfaceId; 2]> = wired.flat_map(|[a, b]| [[a, b], [b, a]]).collect();
        for [near, far] in ends {
            let is_alone = !self.interfaces.is_enabled(near);
            if is_alone == self.alone.contains(&far) {
                continue;
            }
            if let Err(error) = self
                .live
                .set_carrier(&Device::of(&self.topology, far), !is_alone)
            {
                self.problems.push(line(&error));
            } else if is_alone {
                self.alone.insert(far);
            } else {
                self.alone.remove(&far);
            }
        }
    }

    /// Takes links down at both ends. The kernel reports it like any other change.
    ///
    /// # Errors
    ///
    /// [`SupervisorError::Kernel`].
    pub fn take_down(&mut self, links: &[LinkId]) -> Result<(), SupervisorError> {
        self.commanded.extend(links);
        let devices = self.ends(links);
        Ok(self.live.set_links(&devices, false)?)
    }

    /// Brings links up at both ends, whoever took them down.
    ///
    /// # Errors
    ///
    /// [`SupervisorError::Kernel`].
    pub fn bring_up(&mut self, links: &[LinkId]) -> Result<(), SupervisorError> {
        let down: Vec<LinkId> = self
            .faults
            .down()
            .filter(|link| links.contains(link))
            .collect();
        let devices = self.ends(&down);
        Ok(self.live.set_links(&devices, true)?)
    }

    /// Whether the kernel reports carrier on all of these links.
    #[must_use]
    pub fn are_up(&self, links: &[LinkId]) -> bool {
        self.faults.down().all(|link| !links.contains(&link))
    }

    /// Blackholes a link from the time `lost` on; `None` ends it.
    ///
    /// # Errors
    ///
    /// [`SupervisorError::Kernel`].
    pub fn set_blackhole(
        &mut self,
        link: LinkId,
        lost: Option<Duration>,
    ) -> Result<(), SupervisorError> {
        if self.faults.silent().any(|silent| silent == link) == lost.is_some() {
            return Ok(());
        }
        if !self.links.set_blackhole(link, lost.is_some()) {
            for device in self.ends(&[link]) {
                self.live.set_blackhole(&device, lost.is_some())?;
            }
        }
        match lost {
            Some(now) => self.faults.silence(link, now),
            None => self.faults.restore(link),
        }
        Ok(())
    }

    /// Shuts BGP sessions, or opens them again.
    pub fn set_shut(&mut self, sessions: &BTreeSet<SessionId>, is_shut: bool) {
        for session in sessions {
            if is_shut {
                self.faults.shut(*session);
            } else {
                self.faults.open(*session);
            }
        }
    }

    /// Impairs a link, and returns its impairments.
    ///
    /// # Errors
    ///
    /// [`SupervisorError::Impossible`] if no link can have them, [`SupervisorError::Kernel`] and [`SupervisorError::Wire`].
    pub fn impair(&mut self, order: &Impair) -> Result<Impaired, SupervisorError> {
        self.links.impair(&self.topology, &mut self.live, order)
    }

    /// The links whose impairments differ from the lab file.
    #[must_use]
    pub fn impaired(&self) -> Vec<Impaired> {
        self.links.changed(&self.topology)
    }

    /// The counters of this process's wires.
    #[must_use]
    pub fn wires(&self) -> Vec<WireStatus> {
        self.links.wires(&self.topology)
    }

    /// The TAP interfaces that links have or had beside their ends.
    #[must_use]
    pub fn taps(&self) -> Vec<TapIndexes> {
        self.links.taps(&self.topology)
    }

    /// All failed links, and all sessions that are shut.
    #[must_use]
    pub fn broken(&self) -> Parts {
        Parts {
            links: self.faults.down().chain(self.faults.silent()).collect(),
            sessions: self.faults.sessions().clone(),
        }
    }

    /// The links that have failed or that a command impairs: packets over them may be late or lost.
    #[must_use]
    pub fn disturbed(&self) -> Vec<LinkId> {
        let impaired = self.impaired();
        let impaired = impaired
            .iter()
            .filter_map(|impaired| self.topology.link_named(&impaired.link));
        self.broken().links.into_iter().chain(impaired).collect()
    }

    /// When the next session ends, if nothing is healed until then. This time may be in the past if the routes are not
    /// updated yet.
    #[must_use]
    pub fn next_change(&self) -> Option<Duration> {
        self.faults.next_change(&self.topology, self.converged)
    }

    /// The tunnels whose sessions, or whose sessions' routes, need one of some links.
    #[must_use]
    pub fn tunnels_over(&self, links: &[LinkId]) -> Vec<String> {
        let sessions = self.topology.sessions.iter();
        let over = sessions.filter(|session| {
            let mut carriers = session.carriers.iter();
            carriers.any(|carrier| links.contains(carrier))
        });
        let links: BTreeSet<LinkId> = over.filter_map(|session| session.link).collect();
        self.names(links.into_iter())
    }

    /// Installs the routes of the present state. Returns how many changed, and in how many nodes.
    pub fn converge(&mut self, now: Duration) -> [usize; 2] {
        let failures = self.faults.failures(&self.topology, now);
        self.converged = now;
        let returned = self.interfaces.take_returned();
        if failures == self.failures && returned.is_empty() && self.problems.is_empty() {
            return [0, 0];
        }
        self.reroute(failures, &returned)
    }

    /// Computes routes, and installs the difference.
    fn reroute(&mut self, failures: Failures, returned: &BTreeSet<InterfaceId>) -> [usize; 2] {
        self.problems.clear();
        let tables = match routing::solve_again(&self.topology, &failures, &self.expected.0) {
            Ok(tables) => tables,
            Err(error) => {
                self.problems.push(line(&error));
                return [0, 0];
            }
        };
        let (tables_before, before) = &self.expected;
        let before = (tables_before, before);
        let routes = plan::routes_again(&self.topology, &tables, &failures, before);
        self.failures = failures;
        self.expected = (tables, routes.clone());
        self.install(routes, returned)
    }

    fn install(&mut self, routes: Routes, returned: &BTreeSet<InterfaceId>) -> [usize; 2] {
        let devices: BTreeSet<Device> = returned
            .iter()
            .map(|id| Device::of(&self.topology, *id))
            .collect();
        let neighbours = self.live.restore_neighbours(&devices);
        self.problems.extend(neighbours.iter().map(line));
        let mut changes = plan::difference(&self.installed, &routes);
        let nodes: BTreeSet<NodeId> = changes.iter().map(|change| change.key().node).collect();
        let counts = [changes.len(), nodes.len()];
        self.rerouted.extend(nodes);
        let repairs = mend::repairs(&self.installed, &routes, &devices);
        changes.extend(repairs);
        let refused = self.live.apply(&changes);
        self.problems.extend(refused.failures.iter().map(line));
        self.installed = routes;
        // A refused route is missing, so it is retried with the next change.
        self.installed.remove(&refused.keys);
        counts
    }

    fn ends(&self, links: &[LinkId]) -> Vec<Device> {
        let ends = links.iter().flat_map(|link| self.topology.link(*link).ends);
        ends.map(|end| Device::of(&self.topology, end)).collect()
    }
}
