//! The kernel objects of a lab, as data.
//!
//! [`plan`] turns a topology and its routes into what is created in each node and between nodes. [`routes`] gives the
//! routes that belong in the kernel during a failure, and [`difference`] the changes from one such state to another.
//! Nothing is carried out here: a plan is printed, compared and tested without privilege. A plan does not say whether
//! the kernel or a process carries a delayed link or a tunnel.
//!
//! # Stages
//!
//! A plan is staged: each part of the kernel's work is a field of [`Plan`] or [`NodePlan`], and the code for a stage
//! reads only that field. The stages are namespaces with settings, then bridges, links and tunnels, then entries,
//! limits and filters, then routes.
//!
//! Objects that every applier handles alike share one field: one request adds an [`Entry`] and one removes it, whether
//! it is an address or a rule. A field for each kind would repeat each loop for each kind; the remaining matches on
//! entries name every kind. Links and tunnels are two fields, since every stage treats them differently; each has its
//! [`LinkId`], by which processes find their ends.
//!
//! A [`NodePlan`] does not contain its node's id, except in routes, so the [`Update`] from one plan to another compares
//! nodes of the same name field by field. Both of its parts are again plans. For messages and output, a plan is one
//! list of [`Operation`]s, which refer to the plan's parts.

mod build;
mod carriage;
mod change;
mod entries;
mod filter;
mod filters;
mod limits;
mod link;
mod node;
mod operation;
mod routes;
mod settings;
mod show;
mod tables;
mod update;

pub use build::plan;
pub use carriage::{Carriage, MOST_FRAMES_WAITING};
pub use change::{Change, Hop, Path, Protocol, RouteKey, Worded, difference};
pub use filter::{Filter, Refused};
pub use link::{Device, InterfacePlan, LinkEnd, LinkPlan, TunnelEnd, TunnelPlan};
pub use node::{Entry, Limit, NodePlan, RuleSelector, Setting};
pub use operation::Operation;
pub use routes::{NodeRoutes, Routes, routes, routes_again};
pub use update::Update;

use crate::names::{LabName, NodeName};
use crate::topology::{LinkId, NodeId};

/// Everything that `lab up` does to the kernel; in an [`Update`], a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The lab.
    pub lab: LabName,
    /// The nodes, by id.
    pub nodes: Vec<NodePlan>,
    /// The links between them, in the order of their ids.
    pub links: Vec<LinkPlan>,
    /// The tunnels between them, in the order of their ids.
    pub tunnels: Vec<TunnelPlan>,
}

impl Plan {
    /// The nodes with their ids.
    pub fn numbered(&self) -> impl Iterator<Item = (NodeId, &NodePlan)> {
        (0..).map(NodeId).zip(&self.nodes)
    }

    /// A node's part.
    #[must_use]
    pub fn node(&self, node: NodeId) -> &NodePlan {
        &self.nodes[node.0]
    }

    /// A link.
    #[must_use]
    pub fn link(&self, id: LinkId) -> Option<&LinkPlan> {
        let place = self.links.binary_search_by_key(&id, |link| link.id);
        place.ok().map(|place| &self.links[place])
    }

    /// A tunnel.
    #[must_use]
    pub fn tunnel(&self, id: LinkId) -> Option<&TunnelPlan> {
        let place = self.tunnels.binary_search_by_key(&id, |tunnel| tunnel.id);
        place.ok().map(|place| &self.tunnels[place])
    }

    /// The name of a node's namespace, under /run/netns and for `ip netns exec`.
    #[must_use]
    pub fn namespace(&self, node: NodeId) -> String {
        namespace(&self.lab, &self.nodes[node.0].name)
    }

    /// The same plan, with some tunnels down.
    #[must_use]
    pub fn without_carriers(&self, tunnels: &[String]) -> Self {
        let mut plan = self.clone();
        for tunnel in &mut plan.tunnels {
            tunnel.carried &= !tunnels.contains(&tunnel.name);
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
