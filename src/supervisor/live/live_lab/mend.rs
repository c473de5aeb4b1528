//! Compares a running lab with its expected state, and repairs differences.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::{Belonging, Difference, Failure, Live, LiveRoute};
use crate::plan::{Change, Device, NodeRoutes, Path, Routes};
use crate::supervisor::live::line;
use crate::supervisor::live::live_lab::LiveLab;
use crate::topology::NodeId;

/// The result of a comparison with repair.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mended {
    /// The differences found, in sentences.
    pub found: Vec<String>,
    /// The differences left after one repair, and the kernel's errors.
    pub left: Vec<String>,
    /// The nodes with differences.
    pub nodes: usize,
}

impl LiveLab {
    /// Compares nodes, or all without a list, with their expected state, and repairs differences once.
    pub fn mend(&mut self, nodes: Option<&BTreeSet<NodeId>>) -> Mended {
        let all: BTreeSet<NodeId>;
        let nodes = if let Some(nodes) = nodes {
            nodes
        } else {
            all = (0..self.topology.nodes.len()).map(NodeId).collect();
            &all
        };
        let belonging = Belonging::of(&self.plan);
        let mut compared = Compared {
            belonging,
            routes: &self.expected.1,
            live: &mut self.live,
        };
        let mut mended = Mended::default();
        let differing = compared.differences(nodes, &mut mended.left);
        if differing.is_empty() {
            return mended;
        }
        mended.nodes = differing.len();
        for (node, difference) in &differing {
            let sentences = compared.belonging.sentences(*node, difference);
            mended.found.extend(sentences);
            let refused = compared.repair(*node, difference);
            self.problems.extend(refused.iter().map(line));
            self.installed.set(*node, compared.routes.of(*node).clone());
        }
        let repaired = differing.into_keys().collect();
        for (node, difference) in compared.differences(&repaired, &mut mended.left) {
            let sentences = compared.belonging.sentences(node, &difference);
            mended.left.extend(sentences);
            // A missing object is retried with the next change of routes.
            self.installed
                .remove(difference.lacking.iter().map(|(key, _)| key));
        }
        mended
    }

    /// The nodes whose routes have changed since a lab file was applied.
    #[must_use]
    pub const fn rerouted(&self) -> &BTreeSet<NodeId> {
        &self.rerouted
    }

    /// Reads the installed routes of some nodes from the kernel.
    pub(super) fn read_installed(&mut self, nodes: &BTreeSet<NodeId>) {
        for node in nodes {
            match self.live.standing(*node) {
                Ok(standing) => {
                    let plain = standing.routes.into_iter().filter(LiveRoute::is_plain);
                    let routes: NodeRoutes = plain.map(|route| (route.key, route.path)).collect();
                    self.installed.set(*node, routes);
                }
                Err(failure) => self.problems.push(line(&failure)),
            }
        }
    }
}

/// A running lab and its expected state.
struct Compared<'a> {
    belonging: Belonging<'a>,
    routes: &'a Routes,
    live: &'a mut Live,
}

impl Compared<'_> {
    /// The differences, by node. Nodes that cannot be read are added to `unread`.
    fn differences(
        &mut self,
        nodes: &BTreeSet<NodeId>,
        unread: &mut Vec<String>,
    ) -> BTreeMap<NodeId, Difference> {
        let mut differing = BTreeMap::new();
        for node in nodes {
            match self.live.standing(*node) {
                Ok(standing) => {
                    let routes = self.routes.of(*node);
                    let difference = self.belonging.compare(*node, routes, &standing);
                    differing.insert(*node, difference);
                }
                Err(failure) => unread.push(line(&failure)),
            }
        }
        differing.retain(|_, difference| !difference.is_nothing());
        differing
    }

    /// Adds what a node lacks, and removes what is not expected. Returns the kernel's errors.
    fn repair(&mut self, node: NodeId, difference: &Difference) -> Vec<Failure> {
        let mut refused = Vec::new();
        refused.extend(self.live.set_links(&difference.raised, false).err());
        refused.extend(self.live.remove(node, &difference.extra).err());
        let is_replaced = |route: &LiveRoute| {
            let mut lacking = difference.lacking.iter();
            route.is_replaceable() && lacking.any(|(key, _)| *key == route.key)
        };
        let wrong = difference.wrong.iter().filter(|route| !is_replaced(route));
        let wrong: Vec<LiveRoute> = wrong.cloned().collect();
        let missing = difference.missing.iter();
        let missing: Vec<_> = missing
            .map(|one| (self.belonging.words(node, one), one.clone()))
            .collect();
        refused.extend(self.live.mend(node, &wrong, &missing));
        let lacking = difference.lacking.iter().map(|(key, path)| Change::Add {
            key: *key,
            path: path.clone(),
        });
        let routes = self.live.apply(&lacking.collect::<Vec<_>>());
        refused.extend(routes.failures);
        refused
    }
}

/// The unchanged routes over interfaces whose routes the kernel removed.
pub(super) fn repairs(before: &Routes, now: &Routes, devices: &BTreeSet<Device>) -> Vec<Change> {
    let nodes: BTreeSet<NodeId> = devices.iter().map(|device| device.node).collect();
    let is_over = |node, path: &Path| {
        path.hops.iter().any(|hop| {
            devices.contains(&Device {
                node,
                name: hop.name.clone(),
            })
        })
    };
    let routes = nodes.into_iter().flat_map(|node| now.of(node));
    let lost = routes.filter(|(key, path)| {
        before.of(key.node).get(key) == Some(path) && is_over(key.node, path)
    });
    lost.map(|(key, path)| Change::Add {
        key: *key,
        path: path.clone(),
    })
    .collect()
}
