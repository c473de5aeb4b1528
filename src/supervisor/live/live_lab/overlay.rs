//! Commands' changes to a lab's links on top of its file, by the links' names.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::control::Impaired;
use crate::plan::Device;
use crate::supervisor::error::SupervisorError;
use crate::supervisor::live::live_lab::LiveLab;
use crate::topology::LinkId;

/// Commands' changes to links; they survive if a link is recreated under its name.
#[derive(Debug, Clone, Default)]
pub struct Overlay {
    down: Vec<String>,
    silent: Vec<String>,
    impaired: Vec<Impaired>,
}

impl LiveLab {
    /// The changes that commands made to links.
    #[must_use]
    pub fn overlay(&self) -> Overlay {
        Overlay {
            down: self.names(self.commanded.iter().copied()),
            silent: self.names(self.faults.silent()),
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

    /// Repeats commands' changes on links that were recreated: those with an end in `fresh`, or all without a list.
    /// Links that no longer exist, or that the file disables now, are left out.
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
