//! A lab's network in some state: its failures, and the routes that follow.
//!
//! The state comes from a running lab, from a lab file, or from a step of a storyboard. Code that needs paths takes the
//! whole state, so that it never mixes routes with the failures of another moment.

mod disturbances;
mod moved;

use std::borrow::Cow;

use crate::routing::{self, Failures, NotConverged, Tables};
use crate::topology::Topology;

pub use disturbances::{Disturbances, Impairments};

/// A network, its failures, and its routes.
#[derive(Debug, Clone)]
pub struct State<'a> {
    /// The network.
    pub topology: Cow<'a, Topology>,
    /// The failures that routers have detected.
    pub failures: Failures,
    /// The failures and impairments of its links on top of the lab file.
    pub disturbances: Disturbances,
    /// The routes for these failures.
    pub tables: Tables,
}

impl<'a> State<'a> {
    /// A network with failures, and the routes that follow.
    ///
    /// # Errors
    ///
    /// [`NotConverged`].
    pub fn solve(
        topology: Cow<'a, Topology>,
        failures: Failures,
        disturbances: Disturbances,
    ) -> Result<Self, NotConverged> {
        let tables = routing::solve(&topology, &failures)?;
        Ok(Self {
            topology,
            failures,
            disturbances,
            tables,
        })
    }

    /// A network without failures, with known routes.
    #[must_use]
    pub fn whole(topology: &'a Topology, tables: Tables) -> Self {
        Self {
            topology: Cow::Borrowed(topology),
            failures: Failures::default(),
            disturbances: Disturbances::default(),
            tables,
        }
    }

    /// The same, without a borrow.
    #[must_use]
    pub fn into_owned(self) -> State<'static> {
        State {
            topology: Cow::Owned(self.topology.into_owned()),
            failures: self.failures,
            disturbances: self.disturbances,
            tables: self.tables,
        }
    }
}
