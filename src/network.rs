//! A lab's network in some state: what has failed of it, and the routes that follow.
//!
//! The state comes from a running lab, from a lab file, or from a step of a storyboard. Whatever asks about paths takes
//! all of it, so that no routes are mixed with the failures of another moment.

mod disturbances;

use std::borrow::Cow;

use crate::routing::{self, Failures, NotConverged, Tables};
use crate::topology::Topology;

pub use disturbances::{Disturbances, Impairments};

/// A network, what has failed of it, and its routes.
#[derive(Debug, Clone)]
pub struct State<'a> {
    /// The network.
    pub topology: Cow<'a, Topology>,
    /// Its failures, as far as routers have detected them.
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

    /// A network without failures, of which the routes are known.
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
