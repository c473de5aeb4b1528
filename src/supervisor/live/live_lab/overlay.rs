//! Commands' changes to a lab's links and BGP sessions on top of its file, by name.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::control::Impaired;
use crate::plan::Device;
use crate::supervisor::error::SupervisorError;
use crate::supervisor::live::live_lab::LiveLab;
use crate::topology::LinkId;

/// Commands' changes to links and BGP sessions; they survive if a link is recreated under its name.
#[derive(Debug, Clone, Default)]
pub struct Overlay {
    down: Vec<String>,
    silent: Vec<String>,
    shut: Vec<String>,
    impaired: Vec<Impaired>,
}

impl LiveLab {
    /// The changes that commands made to links and BGP sessions.
    #[must_use]
    pub fn overlay(&self) -> Overlay {
        Overlay {
            down: self.names(self.commanded.iter().copied()),
            silent: self.names(self.faults.silent()),
            shut: self.lasting_names(),
            impaired: self.impaired(),
        }
    }

    /// Restores the lab file's impairments of every link. Returns the links that had others.
    ///
    /// # Errors
    ///
    /// [`SupervisorError`]; links after the failed one stay impaired.
    pub fn clear_impairments(&mut self) -> Result<Vec<String>, SupervisorError> {
        let impaired = self.impaired();
        let Self {
            links,
            topology,
            live,
            ..
        } = self;
        let mut cleared = Vec::new();
        for Impaired { link: name, .. } in impaired {
            if let Some(link) = topology.link_named(&name) {
                let file = topology.link(link).directions;
                links.impair_as(topology, live, link, &file)?;
            }
            cleared.push(name);
        }
        Ok(cleared)
    }

    /// Repeats commands' changes on sessions, and on links that were recreated: those with an end in `fresh`, or all
    /// without a list. Sessions that no longer exist, links that no longer exist, or that the file disables now, are left out.
    ///
    /// # Errors
    ///
    /// [`SupervisorError`]; links after the failed one are as in the file.
    pub fn lay_over(
        &mut self,
        overlay: &Overlay,
        fresh: Option<&BTreeSet<Device>>,
        now: Duration,
    ) -> Result<(), SupervisorError> {
        let shut = overlay.shut.iter();
        let shut = shut.flat_map(|name| self.topology.sessions_named(name));
        self.set_shut(&shut.collect(), true);
        let meant = |live_lab: &Self, name: &String| {
            let topology = &live_lab.topology;
            let id = topology.link_named(name)?;
            let link = topology.link(id);
            let mut ends = link.ends.iter().map(|end| Device::of(topology, *end));
            let is_fresh = fresh.is_none_or(|fresh| ends.any(|end| fresh.contains(&end)));
            (is_fresh && topology.is_link_enabled(id)).then_some(id)
        };
        for impaired in &overlay.impaired {
            if let Some(link) = meant(self, &impaired.link) {
                let Self {
                    links,
                    topology,
                    live,
                    ..
                } = self;
                links.impair_as(topology, live, link, &impaired.directions)?;
            }
        }
        for name in &overlay.silent {
            if let Some(link) = meant(self, name) {
                self.set_blackhole(link, Some(now))?;
            }
        }
        let down: Vec<LinkId> = overlay
            .down
            .iter()
            .filter_map(|name| meant(self, name))
            .collect();
        self.take_down(&down)
    }
}
