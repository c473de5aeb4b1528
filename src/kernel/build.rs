//! Carries out a plan.
//!
//! Namespaces first, then links, then all that stands on them; within a stage one batch a
//! namespace. A failure leaves things as they are: removing the namespaces undoes everything, and
//! that is the caller's to do.

use std::collections::BTreeMap;
use std::thread;

use crate::kernel::failure::Failure;
use crate::kernel::features::Backends;
use crate::kernel::live::Live;
use crate::kernel::netns::{self, Netns};
use crate::kernel::rtnl::Rtnl;
use crate::kernel::stage::{Node, Stage};
use crate::kernel::watch::Watch;
use crate::kernel::{nft, settings};
use crate::plan::{Operation, Plan};
use crate::topology::NodeId;

/// A lab under construction.
pub struct Build<'a> {
    plan: &'a Plan,
    backends: Backends,
    spaces: Vec<Netns>,
    nodes: Vec<Node>,
    watches: Vec<Watch>,
}

impl<'a> Build<'a> {
    /// Makes every namespace, and runs `inside` in each when its settings are made.
    ///
    /// # Errors
    ///
    /// A [`Failure`], or what `inside` returns.
    pub fn namespaces<T, E>(
        plan: &'a Plan,
        backends: Backends,
        mut inside: impl FnMut(NodeId) -> Result<T, E> + Send,
    ) -> Result<(Self, Vec<T>), E>
    where
        T: Send,
        E: From<Failure> + Send,
    {
        let names: Vec<String> = (0..plan.nodes.len())
            .map(|index| plan.namespace(NodeId(index)))
            .collect();
        let settings = settings_by_node(plan);
        let failed = |index: usize, action, source| Failure::Namespace {
            namespace: names[index].clone(),
            action,
            source,
        };
        let prepare = |index: usize| {
            let rtnl =
                Rtnl::open().map_err(|source| failed(index, "open netlink in it", source))?;
            settings::apply(settings[index]).map_err(|(key, value, source)| Failure::Setting {
                namespace: names[index].clone(),
                key: key.to_owned(),
                value: value.to_owned(),
                source,
            })?;
            let watch = Watch::open(NodeId(index))
                .map_err(|source| failed(index, "open netlink in it", source))?;
            let extra = inside(NodeId(index))?;
            Ok(((rtnl, watch), extra))
        };
        let made = netns::create_each(&names, prepare, |index, source| {
            E::from(failed(index, "make it", source))
        })?;
        let mut build = Self {
            plan,
            backends,
            spaces: Vec::new(),
            nodes: Vec::new(),
            watches: Vec::new(),
        };
        let mut extras = Vec::new();
        for (space, ((rtnl, watch), extra)) in made {
            build.spaces.push(space);
            build.nodes.push(Node::new(rtnl));
            build.watches.push(watch);
            extras.push(extra);
        }
        Ok((build, extras))
    }

    /// Makes links and all that stands on them. Interfaces that are not the kernel's to make must
    /// be there: TAPs for delayed links, TUNs for tunnels, each under its name.
    ///
    /// # Errors
    ///
    /// A [`Failure`].
    pub fn carry_out(&mut self) -> Result<(), Failure> {
        let filters = filters(self.plan);
        let (plan, backends) = (self.plan, self.backends);
        let (spaces, nodes) = (&self.spaces, &mut self.nodes);
        // nft is a program and slow to start, so it runs beside the rest; its rules name interfaces
        // that need not be there yet.
        thread::scope(|scope| {
            let nft = scope.spawn(|| set_filters(plan, spaces, &filters));
            let mut stage = Stage {
                plan,
                backends,
                spaces,
                nodes,
            };
            stage.links()?;
            stage.configure()?;
            stage.wait_for_links()?;
            nft.join()
                .unwrap_or_else(|cause| std::panic::resume_unwind(cause))
        })
    }

    /// The lab as it stands, open for changes, with a watch on each of its namespaces.
    #[must_use]
    pub fn into_live(self) -> (Live, Vec<Watch>) {
        (Live::new(self.plan, self.spaces, self.nodes), self.watches)
    }

    /// A node's namespace.
    #[must_use]
    pub fn space(&self, node: NodeId) -> &Netns {
        &self.spaces[node.0]
    }
}

fn settings_by_node(plan: &Plan) -> Vec<&[(&'static str, &'static str)]> {
    let mut by_node: Vec<&[_]> = vec![&[]; plan.nodes.len()];
    for operation in &plan.operations {
        if let Operation::AddNamespace { node, settings } = operation {
            by_node[node.0] = settings;
        }
    }
    by_node
}

/// The operations that are filters, by node.
fn filters(plan: &Plan) -> BTreeMap<NodeId, Vec<&Operation>> {
    let mut filters: BTreeMap<NodeId, Vec<&Operation>> = BTreeMap::new();
    for operation in &plan.operations {
        let node = match operation {
            Operation::SetInnerTtl { device, .. }
            | Operation::HideGateway { nic: device, .. }
            | Operation::FilterPeering { port: device, .. } => device.node,
            Operation::ClampMss { node, .. } => *node,
            _ => continue,
        };
        filters.entry(node).or_default().push(operation);
    }
    filters
}

fn set_filters(
    plan: &Plan,
    spaces: &[Netns],
    filters: &BTreeMap<NodeId, Vec<&Operation>>,
) -> Result<(), Failure> {
    for (node, filters) in filters {
        let namespace = plan.namespace(*node);
        let result = spaces[node.0].within(|| nft::set(filters));
        let result = result.map_err(|source| Failure::Namespace {
            namespace: namespace.clone(),
            action: "enter it",
            source,
        })?;
        result.map_err(|source| Failure::Nft { namespace, source })?;
    }
    Ok(())
}
