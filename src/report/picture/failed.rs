//! Failed links of a running lab in its picture.

use crate::network::Disturbances;
use crate::report::picture::{Lane, Picture};
use crate::topology::Topology;

/// The failure of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failed {
    /// One of its links is down.
    Down,
    /// One of its links silently drops all packets.
    Blackhole,
}

impl Failed {
    /// Its class in style sheets.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Blackhole => "blackhole",
        }
    }

    /// What it means.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Blackhole => "drops all packets",
        }
    }
}

impl Picture {
    /// The picture with the failed links of the lab.
    #[must_use]
    pub fn with_failures(mut self, topology: &Topology, disturbances: &Disturbances) -> Self {
        let down = disturbances.down.iter();
        let down = down.map(|link| (link, Failed::Down));
        let lost = disturbances.blackholed.iter();
        let lost = lost.map(|link| (link, Failed::Blackhole));
        let name = |(link, failed): (&_, Failed)| (topology.link(*link).name.clone(), failed);
        // A link that is down loses packets anyway.
        self.failed = lost.chain(down).map(name).collect();
        self
    }

    /// The failure of a line, if any of its links has failed.
    #[must_use]
    pub fn failure_of(&self, lane: &Lane) -> Option<Failed> {
        let links = lane.links.iter();
        links
            .filter_map(|link| self.failed.get(link).copied())
            .min()
    }

    /// Whether packets cannot use a line: it has failed, or the lab file disables it.
    pub(super) fn is_out(&self, lane: &Lane) -> bool {
        lane.is_disabled || self.failure_of(lane).is_some()
    }
}
