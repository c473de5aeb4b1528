//! Carries out a plan.
//!
//! Namespaces first, then links, then everything on links, in one batch per namespace and stage. After a failure the
//! caller removes the namespaces, which undoes everything.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use crate::firewall::Firewall;
use crate::kernel::failure::Failure;
use crate::kernel::features::Backends;
use crate::kernel::live::Live;
use crate::kernel::netns::{self, Netns};
use crate::kernel::nft::{self, NftError};
use crate::kernel::rtnl::Rtnl;
use crate::kernel::settings::{Preset, Views};
use crate::kernel::stage::{Node, Stage};
use crate::kernel::watch::Watch;
use crate::plan::{Plan, Update};
use crate::topology::NodeId;

/// A lab under construction.
pub struct Build<'a> {
    plan: &'a Plan,
    backends: Backends,
    spaces: Vec<Netns>,
    nodes: Vec<Node>,
    /// The watches of new namespaces.
    watches: Vec<Watch>,
}

/// A new namespace: its sockets, and the result of the other work in it.
type Made<T> = (Netns, ((Rtnl, Watch), T));

/// The namespaces that an update adds, created before the running lab is changed.
pub struct Further<T> {
    made: Vec<Made<T>>,
}

impl<T: Send> Further<T> {
    /// Creates them, and runs `inside` in each. After a failure none of them is left.
    ///
    /// # Errors
    ///
    /// A [`Failure`], or what `inside` returns.
    pub fn make<E>(
        update: &Update,
        inside: impl Fn(NodeId) -> Result<T, E> + Sync,
    ) -> Result<Self, E>
    where
        E: From<Failure> + Send,
    {
        let plan = &update.added;
        let made = make(plan, &update.new_nodes(), &Preset::new(), inside)?;
        Ok(Self { made })
    }
}

impl<'a> Build<'a> {
    /// Creates every namespace, applies its settings and runs `inside` in each. Skips settings that a new namespace
    /// already has, according to `preset`.
    ///
    /// # Errors
    ///
    /// A [`Failure`], or what `inside` returns.
    pub fn namespaces<T, E>(
        plan: &'a Plan,
        backends: Backends,
        preset: &Preset,
        inside: impl Fn(NodeId) -> Result<T, E> + Sync,
    ) -> Result<(Self, Vec<T>), E>
    where
        T: Send,
        E: From<Failure> + Send,
    {
        let nodes: Vec<NodeId> = (0..plan.nodes.len()).map(NodeId).collect();
        let mut build = Self::empty(plan, backends);
        let mut extras = Vec::new();
        for made in make(plan, &nodes, preset, inside)? {
            extras.push(build.take(made));
        }
        Ok((build, extras))
    }

    /// Takes the namespaces of a running lab and those created for its update. Changes the settings of the running
    /// ones, and runs `inside` in those of them that are in `others`.
    ///
    /// # Errors
    ///
    /// A [`Failure`], or what `inside` returns.
    pub fn further<T, E>(
        update: &'a Update,
        backends: Backends,
        (live, further): (Live, Further<T>),
        (others, inside): (&BTreeSet<NodeId>, impl Fn(NodeId) -> Result<T, E> + Sync),
    ) -> Result<(Self, Vec<T>), E>
    where
        T: Send,
        E: From<Failure> + Send,
    {
        let plan = &update.added;
        let mut made = further.made.into_iter();
        let mut standing = live.into_parts();
        let mut build = Self::empty(plan, backends);
        let mut extras = Vec::new();
        for (index, old) in update.kept.iter().enumerate() {
            let part = old.and_then(|old| standing[old.0].take());
            let Some((space, node)) = part else {
                extras.extend(made.next().map(|made| build.take(made)));
                continue;
            };
            let id = NodeId(index);
            let settings = &plan.node(id).settings;
            let is_other = others.contains(&id);
            let work = || {
                let made = Views::of(1).apply(0, settings, &Preset::new());
                set(plan, id, made)?;
                is_other.then(|| inside(id)).transpose()
            };
            if is_other || !settings.is_empty() {
                extras.extend(entered(plan, id, space.within(work))??);
            }
            build.spaces.push(space);
            build.nodes.push(node);
        }
        Ok((build, extras))
    }

    const fn empty(plan: &'a Plan, backends: Backends) -> Self {
        Self {
            plan,
            backends,
            spaces: Vec::new(),
            nodes: Vec::new(),
            watches: Vec::new(),
        }
    }

    fn take<T>(&mut self, (space, ((rtnl, watch), extra)): Made<T>) -> T {
        self.spaces.push(space);
        self.nodes.push(Node::new(rtnl));
        self.watches.push(watch);
        extra
    }

    /// Creates links. Interfaces that a process creates must exist under their names: TAPs for delayed links, TUNs for
    /// tunnels.
    ///
    /// # Errors
    ///
    /// A [`Failure`].
    pub fn links(&mut self) -> Result<(), Failure> {
        self.stage().links()
    }

    /// Adds addresses and everything else on links, except routes.
    ///
    /// # Errors
    ///
    /// A [`Failure`].
    pub fn addresses(&mut self) -> Result<(), Failure> {
        let plan = self.plan;
        // nft is a program and slow to start, so it runs in parallel with the rest.
        thread::scope(|scope| {
            let spaces = &self.spaces;
            let nft = scope.spawn(move || set_filters(plan, spaces));
            let mut stage = Stage {
                plan,
                backends: self.backends,
                spaces,
                nodes: &mut self.nodes,
            };
            stage.addresses()?;
            nft.join()
                .unwrap_or_else(|cause| std::panic::resume_unwind(cause))
        })
    }

    /// Adds routes, listens for link events from then on, and waits until every link carries packets.
    ///
    /// # Errors
    ///
    /// A [`Failure`].
    pub fn routes(&mut self) -> Result<(), Failure> {
        self.stage().routes()?;
        for watch in &self.watches {
            watch.listen().map_err(|source| Failure::Namespace {
                namespace: self.plan.namespace(watch.node()),
                action: "listen in it",
                source,
            })?;
        }
        self.stage().wait_for_links()
    }

    fn stage(&mut self) -> Stage<'_> {
        Stage {
            plan: self.plan,
            backends: self.backends,
            spaces: &self.spaces,
            nodes: &mut self.nodes,
        }
    }

    /// Replaces the filters and the firewalls of nodes.
    ///
    /// # Errors
    ///
    /// A [`Failure`].
    pub fn reset_filters(&self, update: &Update) -> Result<(), Failure> {
        for (node, filters) in &update.filters {
            let reset = self.spaces[node.0].within(|| nft::reset(filters));
            set_or_fail(self.plan, *node, reset)?;
        }
        self.replace_firewalls(&update.firewalls)
    }

    fn replace_firewalls(
        &self,
        firewalls: &BTreeMap<NodeId, [Option<Firewall>; 2]>,
    ) -> Result<(), Failure> {
        for (node, [old, new]) in firewalls {
            let space = &self.spaces[node.0];
            let done = space.within(|| nft::replace_firewall(old.as_ref(), new.as_ref()));
            set_or_fail(self.plan, *node, done)?;
        }
        Ok(())
    }

    /// The running lab with its whole plan, and the listening watch of each new namespace.
    #[must_use]
    pub fn into_live(self, whole: &Plan) -> (Live, Vec<Watch>) {
        (Live::new(whole, self.spaces, self.nodes), self.watches)
    }
}

/// Creates namespaces, with sockets and settings, and runs `inside` in each.
fn make<T, E>(
    plan: &Plan,
    nodes: &[NodeId],
    preset: &Preset,
    inside: impl Fn(NodeId) -> Result<T, E> + Sync,
) -> Result<Vec<Made<T>>, E>
where
    T: Send,
    E: From<Failure> + Send,
{
    let names: Vec<String> = nodes.iter().map(|node| plan.namespace(*node)).collect();
    let failed = |index: usize, action, source| Failure::Namespace {
        namespace: names[index].clone(),
        action,
        source,
    };
    let views = Views::of(nodes.len());
    let prepare = |index: usize| {
        let node = nodes[index];
        let opened = |source| failed(index, "open netlink in it", source);
        let rtnl = Rtnl::open().map_err(opened)?;
        set(
            plan,
            node,
            views.apply(index, &plan.node(node).settings, preset),
        )?;
        let watch = Watch::open(node).map_err(opened)?;
        Ok(((rtnl, watch), inside(node)?))
    };
    netns::create_each(&names, prepare, |index, source| {
        E::from(failed(index, "make it", source))
    })
}

/// Converts the result of applying settings in a node's namespace.
fn set(
    plan: &Plan,
    node: NodeId,
    made: Result<(), (&'static str, &'static str, std::io::Error)>,
) -> Result<(), Failure> {
    made.map_err(|(key, value, source)| Failure::Setting {
        namespace: plan.namespace(node),
        key: key.to_owned(),
        value: value.to_owned(),
        source,
    })
}

fn set_filters(plan: &Plan, spaces: &[Netns]) -> Result<(), Failure> {
    for (node, own) in plan.numbered() {
        if !own.filters.is_empty() {
            let done = spaces[node.0].within(|| nft::set(&own.filters));
            set_or_fail(plan, node, done)?;
        }
        if own.firewall.is_some() {
            let done = spaces[node.0].within(|| nft::replace_firewall(None, own.firewall.as_ref()));
            set_or_fail(plan, node, done)?;
        }
    }
    Ok(())
}

/// Converts the result of entering a node's namespace.
fn entered<T>(plan: &Plan, node: NodeId, result: std::io::Result<T>) -> Result<T, Failure> {
    result.map_err(|source| Failure::Namespace {
        namespace: plan.namespace(node),
        action: "enter it",
        source,
    })
}

/// Converts the result of nft inside a node.
fn set_or_fail(
    plan: &Plan,
    node: NodeId,
    done: std::io::Result<Result<(), NftError>>,
) -> Result<(), Failure> {
    entered(plan, node, done)?.map_err(|source| Failure::Nft {
        namespace: plan.namespace(node),
        source,
    })
}
