//! The internet of a lab, which joins the public addresses.

use crate::routing::Solver;
use crate::routing::model::{Action, NextHop, Origin, Route};
use crate::routing::speaker::Speaker;
use crate::routing::speaker::local::discard;
use crate::topology::NodeId;

/// The internet of a lab.
#[derive(Debug)]
pub(super) struct Internet {
    pub(super) node: NodeId,
}

impl Speaker for Internet {
    fn is_internet(&self) -> bool {
        true
    }

    /// Every public address, by the interface toward it.
    fn table(&self, solver: &Solver<'_>) -> Vec<Route> {
        let topology = solver.topology;
        let access = topology.interfaces_of(self.node).filter_map(|(id, _)| {
            let far = topology.interface(topology.across(id)?);
            let public = far.addresses.first().filter(|_| far.node != self.node)?;
            let hop = NextHop {
                interface: id,
                via: Some(public.addr()),
            };
            let action = Action::Forward([hop].into());
            Some(Route::new(*public, action, Origin::Static))
        });
        access.chain([discard()]).collect()
    }
}
