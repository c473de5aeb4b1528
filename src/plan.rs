//! The kernel operations that build a lab, as data.
//!
//! [`plan`] turns a topology and its routes into operations, in the order of their dependencies. [`routes`] gives the
//! routes that belong in the kernel during a failure, and [`difference`] the changes from one such state to another.
//! Nothing is carried out here: a plan is printed, compared and tested without privilege. A plan does not say whether
//! the kernel or a process carries a delayed link or a tunnel.

mod build;
mod carriage;
mod change;
mod filter;
mod filters;
mod limits;
mod operation;
mod routes;
mod settings;
mod show;
mod tables;
mod update;

pub use build::plan;
pub use carriage::{Carriage, MOST_FRAMES_WAITING};
pub use change::{Change, Path, RouteKey, Worded, difference};
pub use filter::{Filter, Refused};
pub use operation::{Device, Hop, LinkEnd, Operation, Packets, Protocol, TunnelEnd};
pub use routes::{NodeRoutes, Routes, routes, routes_again};
pub use update::Update;

use crate::names::{LabName, NodeName};
use crate::topology::NodeId;

/// Everything that `lab up` does to the kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The lab.
    pub lab: LabName,
    /// The nodes, one namespace each; operations refer to them by position.
    pub nodes: Vec<NodeName>,
    /// The operations, in order.
    pub operations: Vec<Operation>,
}

impl Plan {
    /// The name of a node's namespace, under /run/netns and for `ip netns exec`.
    #[must_use]
    pub fn namespace(&self, node: NodeId) -> String {
        namespace(&self.lab, &self.nodes[node.0])
    }

    /// The same plan, with some tunnels down.
    #[must_use]
    pub fn without_carriers(&self, tunnels: &[String]) -> Self {
        let mut plan = self.clone();
        for operation in &mut plan.operations {
            if let Operation::AddTunnel { name, carried, .. } = operation {
                *carried &= !tunnels.contains(name);
            }
        }
        plan
    }
}

/// The name of a node's namespace.
#[must_use]
pub fn namespace(lab: &LabName, node: &NodeName) -> String {
    format!("{lab}.{node}")
}

#[cfg(test)]
mod tests;
