//! Continues a live lab with another lab file.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::engine::Lab;
use crate::fault::Faults;
use crate::kernel::Live;
use crate::plan::{self, Device, Plan, Routes, Update};
use crate::routing::Failures;
use crate::supervisor::live::interfaces::Interfaces;
use crate::supervisor::live::line;
use crate::supervisor::live::links::Links;
use crate::supervisor::live::live_lab::LiveLab;
use crate::topology::{InterfaceId, LinkId};

/// The known state of a lab before its file changed.
pub(in crate::supervisor::live) struct Before {
    pub(in crate::supervisor::live) plan: Plan,
    faults: Faults,
    /// The names of the BGP sessions that are shut.
    shut: Vec<String>,
    interfaces: Interfaces,
    alone: BTreeSet<InterfaceId>,
    commanded: BTreeSet<LinkId>,
    installed: Routes,
}

impl LiveLab {
    /// The known state, without the kernel's part and the links'.
    pub(in crate::supervisor::live) fn take_apart(self) -> (Before, Live, Links) {
        let before = Before {
            shut: self.lasting_names(),
            plan: self.plan,
            faults: self.faults,
            interfaces: self.interfaces,
            alone: self.alone,
            commanded: self.commanded,
            installed: self.installed,
        };
        (before, self.live, self.links)
    }

    /// Installs the routes of a new file, and neighbors that the kernel has removed. Returns how many routes changed.
    /// The kernel's routes in updated nodes are read from it, since it removes routes together with interfaces and
    /// addresses.
    pub fn settle(&mut self, update: &Update, now: Duration) -> usize {
        self.pass_on_carriers();
        self.read_installed(&update.touched());
        let forgotten = self.live.restore_neighbours(&update.renumbered());
        self.problems.extend(forgotten.iter().map(line));
        let failures = self.faults.failures(&self.topology, now);
        self.converged = now;
        let returned = self.interfaces.take_returned();
        let [routes, _] = self.reroute(failures, &returned);
        routes
    }
}

impl Before {
    /// Continues with a new file, after everything but routes has been changed. Failures of links and sessions that stay are
    /// kept.
    pub(in crate::supervisor::live) fn resume(
        self,
        lab: Lab,
        (live, links): (Live, Links),
        update: &Update,
    ) -> LiveLab {
        let topology = lab.topology;
        let unbroken = plan::routes(&topology, &lab.tables, &Failures::default());
        let mut interfaces = Interfaces::new(&topology);
        let fresh: BTreeSet<InterfaceId> = (0..topology.interfaces.len())
            .map(InterfaceId)
            .filter(|id| update.fresh.contains(&Device::of(&topology, *id)))
            .collect();
        let places = interfaces.resume(&self.interfaces, &update.kept, &fresh);
        let place = |id: &InterfaceId| places.get(id).copied();
        let shut = self.shut.iter();
        let shut = shut.flat_map(|name| topology.sessions_named(name));
        let faults = self.faults.renamed(&update.kept_links, shut.collect());
        let rename = |link: &LinkId| update.kept_links.get(link).copied();
        LiveLab {
            topology,
            plan: lab.plan,
            live,
            faults,
            interfaces,
            links,
            alone: self.alone.iter().filter_map(place).collect(),
            commanded: self.commanded.iter().filter_map(rename).collect(),
            failures: Failures::default(),
            converged: Duration::ZERO,
            installed: self.installed.renumbered(&update.kept),
            expected: (lab.tables, unbroken),
            problems: Vec::new(),
            rerouted: BTreeSet::new(),
        }
    }
}
