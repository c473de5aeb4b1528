//! A running lab, changed while packets pass through it.

use std::collections::{BTreeMap, BTreeSet};

use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::link::LinkMessage;
use netlink_packet_route::route::RouteType;
use nix::errno::Errno;

use crate::addresses::Address;
use crate::kernel::failure::{Failure, Refusal};
use crate::kernel::message::{self, Indexes};
use crate::kernel::netns::Netns;
use crate::kernel::nft;
use crate::kernel::observe::as_io;
use crate::kernel::rtnl::{BatchError, Request};
use crate::kernel::stage::Node;
use crate::kernel::watch::{self, LinkEvent};
use crate::names::IfName;
use crate::plan::{Change, Device, Entry, Path, Plan, Protocol, RouteKey};
use crate::topology::{Mac, NodeId};

/// The namespaces of a lab, each with a socket in it.
pub struct Live {
    namespaces: Vec<String>,
    spaces: Vec<Netns>,
    nodes: Vec<Node>,
    neighbours: BTreeMap<Device, Vec<(Address, Mac)>>,
    /// Interfaces that share a capacity, each with the device at which leaving packets wait.
    limited: BTreeMap<Device, IfName>,
}

/// A request for a route, the route's key, and the acceptable error.
struct Step {
    key: RouteKey,
    request: Request,
    words: String,
    /// The error that means that it is already done: the kernel has changed the route by itself.
    is_done: Option<Errno>,
}

/// The kernel's errors for a set of changes.
#[derive(Debug, Default)]
pub struct Refused {
    /// The routes that are wrong.
    pub keys: BTreeSet<RouteKey>,
    /// The error.
    pub failures: Vec<Failure>,
}

impl Live {
    pub(super) fn new(plan: &Plan, spaces: Vec<Netns>, nodes: Vec<Node>) -> Self {
        let mut neighbours: BTreeMap<Device, Vec<(Address, Mac)>> = BTreeMap::new();
        let entries = plan.numbered().flat_map(|(node, own)| {
            let entries = own.entries.iter();
            entries.map(move |entry| (node, entry))
        });
        for (node, entry) in entries {
            if let Entry::Neighbour {
                interface: name,
                address,
                mac,
            } = entry
            {
                let name = name.clone();
                let known = neighbours.entry(Device { node, name }).or_default();
                known.push((*address, *mac));
            }
        }
        let names = (0..plan.nodes.len()).map(|index| plan.namespace(NodeId(index)));
        Self {
            namespaces: names.collect(),
            spaces,
            nodes,
            neighbours,
            limited: limited(plan),
        }
    }

    /// Whether every namespace still exists under its name.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        let mut named = self.namespaces.iter().zip(&self.spaces);
        named.all(|(name, space)| space.is_pinned_as(name))
    }

    /// Each node's namespace and socket, which callers take one by one.
    pub(super) fn into_parts(self) -> Vec<Option<(Netns, Node)>> {
        let parts = self.spaces.into_iter().zip(self.nodes);
        parts.map(Some).collect()
    }

    /// An index above that of any present or former interface of the lab.
    #[must_use]
    pub fn free_index(&self) -> u32 {
        let indexes = self.nodes.iter().flat_map(|node| node.indexes.values());
        indexes.max().map_or(1, |highest| highest + 1)
    }

    /// Forgets the index of a deleted interface.
    pub(super) fn forget(&mut self, node: NodeId, name: &IfName) {
        self.nodes[node.0].indexes.remove(name);
    }

    /// An interface's index in its namespace.
    #[must_use]
    pub fn index_of(&self, device: &Device) -> u32 {
        self.nodes[device.node.0].index(&device.name)
    }

    /// The index of the device at which packets leaving the interface wait.
    pub(super) fn limited_at(&self, device: &Device) -> Option<u32> {
        let leaving = self.limited.get(device)?;
        Some(self.nodes[device.node.0].index(leaving))
    }

    /// Reads the present state of an interface, which may be new. Stores its index.
    pub(super) fn look_up(&mut self, node: NodeId, name: &IfName) -> Result<LinkMessage, Failure> {
        let namespace = &self.namespaces[node.0];
        let answers = self.nodes[node.0].rtnl.ask(message::link_named(name), 0);
        let answers = answers.map_err(|error| match error {
            BatchError::Refused(_, source) => Failure::Refused {
                operation: format!("link show {name} in {namespace}"),
                source,
            },
            BatchError::Socket(source) => Failure::Socket {
                namespace: namespace.clone(),
                source,
            },
        })?;
        let link = answers.into_iter().find_map(|answer| match answer {
            RouteNetlinkMessage::NewLink(link) => Some(link),
            _ => None,
        });
        let link = link.unwrap_or_default();
        self.nodes[node.0]
            .indexes
            .insert(name.clone(), link.header.index);
        Ok(link)
    }

    /// The state of every link of a node.
    ///
    /// # Errors
    ///
    /// [`Failure::Socket`].
    pub fn links(&mut self, node: NodeId) -> Result<Vec<LinkEvent>, Failure> {
        let dump = self.nodes[node.0].rtnl.dump(message::all_links());
        let dump = dump.map_err(|error| Failure::Socket {
            namespace: self.namespaces[node.0].clone(),
            source: as_io(error),
        })?;
        Ok(dump
            .iter()
            .filter_map(|message| watch::event(node, message))
            .collect())
    }

    /// Takes interfaces down, or brings them up, in order.
    ///
    /// # Errors
    ///
    /// The first [`Failure`]; all are tried.
    pub fn set_links(&mut self, devices: &[Device], up: bool) -> Result<(), Failure> {
        let mut result = Ok(());
        for device in devices {
            let index = self.nodes[device.node.0].index(&device.name);
            let request = Request::change(message::set_up(index, up));
            let state = if up { "up" } else { "down" };
            let words = format!("link set {} {state}", device.name);
            let done = self.run(device.node, &[(words, request)]);
            result = result.and(done.and_then(|refused| match refused.into_iter().next() {
                Some((_, _, failure)) => Err(failure),
                None => Ok(()),
            }));
        }
        result
    }

    /// Sets a TAP's carrier to match its far end. If the kernel does not support this, the carrier stays on.
    ///
    /// # Errors
    ///
    /// [`Failure::Socket`].
    pub fn set_carrier(&mut self, device: &Device, carrier: bool) -> Result<(), Failure> {
        let index = self.nodes[device.node.0].index(&device.name);
        let request = Request::change(message::set_carrier(index, carrier));
        let words = format!("link set {} carrier", device.name);
        self.run(device.node, &[(words, request)]).map(drop)
    }

    /// Starts or ends a blackhole at an interface, which drops all received packets.
    ///
    /// # Errors
    ///
    /// [`Failure`].
    pub fn set_blackhole(&self, device: &Device, lost: bool) -> Result<(), Failure> {
        let namespace = || self.namespaces[device.node.0].clone();
        let result = self.spaces[device.node.0].within(|| nft::set_blackhole(&device.name, lost));
        let result = result.map_err(|source| Failure::Namespace {
            namespace: namespace(),
            action: "enter it",
            source,
        })?;
        result.map_err(|source| Failure::Blackhole {
            namespace: namespace(),
            device: device.name.to_string(),
            source,
        })
    }

    /// Runs `work` inside a node's namespace.
    ///
    /// # Errors
    ///
    /// [`Failure::Namespace`].
    pub fn within<T: Send>(
        &self,
        node: NodeId,
        work: impl FnOnce() -> T + Send,
    ) -> Result<T, Failure> {
        let within = self.spaces[node.0].within(work);
        within.map_err(|source| Failure::Namespace {
            namespace: self.namespaces[node.0].clone(),
            action: "enter it",
            source,
        })
    }

    /// Changes routes, in one batch per namespace. A replaced route is never absent, and additions come before
    /// removals.
    #[must_use]
    pub fn apply(&mut self, changes: &[Change]) -> Refused {
        let mut by_node: BTreeMap<NodeId, Vec<&Change>> = BTreeMap::new();
        for change in changes {
            by_node.entry(change.key().node).or_default().push(change);
        }
        let mut refused = Refused::default();
        for (node, mut changes) in by_node {
            changes.sort_by_key(|change| rank(change));
            self.apply_to(node, &changes, &mut refused);
        }
        refused
    }

    fn apply_to(&mut self, node: NodeId, changes: &[&Change], refused: &mut Refused) {
        let indexes = &self.nodes[node.0];
        let steps = changes.iter().flat_map(|change| steps(change, indexes));
        let steps: Vec<Step> = steps.collect();
        let requests = steps
            .iter()
            .map(|step| (step.words.clone(), step.request.clone()));
        match self.run(node, &requests.collect::<Vec<_>>()) {
            Ok(answers) => {
                let is_wrong = |(position, errno, _): &(usize, Errno, _)| {
                    steps[*position].is_done != Some(*errno)
                };
                for (position, _, failure) in answers.into_iter().filter(is_wrong) {
                    refused.keys.insert(steps[position].key);
                    refused.failures.push(failure);
                }
            }
            Err(failure) => {
                refused.keys.extend(steps.iter().map(|step| step.key));
                refused.failures.push(failure);
            }
        }
    }

    /// A node's socket, and the indexes of its interfaces.
    pub(super) fn node_mut(&mut self, node: NodeId) -> &mut Node {
        &mut self.nodes[node.0]
    }

    /// The name of a node's namespace.
    pub(super) fn namespace(&self, node: NodeId) -> &str {
        &self.namespaces[node.0]
    }

    /// The neighbor entries of an interface.
    pub(super) fn neighbours_of(&self, device: &Device) -> &[(Address, Mac)] {
        self.neighbours.get(device).map_or(&[], Vec::as_slice)
    }

    /// Stores an interface's index, which changes if a user recreates it.
    pub fn note_index(&mut self, event: &LinkEvent) {
        if let (Ok(name), Some(_)) = (IfName::new(&event.name), event.state) {
            self.nodes[event.node.0].indexes.insert(name, event.index);
        }
    }

    /// Sends requests in a namespace, and returns the failed ones, by position.
    pub(super) fn run(
        &mut self,
        node: NodeId,
        requests: &[(String, Request)],
    ) -> Result<Vec<(usize, Errno, Failure)>, Failure> {
        let messages: Vec<Request> = requests
            .iter()
            .map(|(_, request)| request.clone())
            .collect();
        let namespace = &self.namespaces[node.0];
        let refused = self.nodes[node.0].rtnl.run_all(&messages);
        let refused = refused.map_err(|source| Failure::Socket {
            namespace: namespace.clone(),
            source,
        })?;
        let failure = |(position, source): (usize, Refusal)| {
            let operation = format!("{} in {namespace}", requests[position].0);
            let errno = source.errno;
            (position, errno, Failure::Refused { operation, source })
        };
        Ok(refused.into_iter().map(failure).collect())
    }
}

fn limited(plan: &Plan) -> BTreeMap<Device, IfName> {
    let mut limited = BTreeMap::new();
    for (node, own) in plan.numbered() {
        for limit in &own.limits {
            limited.extend(limit.interfaces.iter().map(|name| {
                let name = name.clone();
                (Device { node, name }, limit.leaving.clone())
            }));
        }
    }
    limited
}

/// The order of changes: routes of interface prefixes come first, since next hops are looked up among them. Removals
/// come last.
fn rank(change: &Change) -> u8 {
    match change {
        Change::Add { path, .. } | Change::Replace { new: path, .. } => {
            u8::from(path.protocol != Protocol::Kernel)
        }
        Change::Remove { .. } => 2,
    }
}

fn steps(change: &Change, indexes: &Node) -> Vec<Step> {
    let key = *change.key();
    let step = |request, is_done| Step {
        key,
        request,
        words: change.to_string(),
        is_done,
    };
    match change {
        Change::Remove { path, .. } => vec![step(away(&key, path), Some(Errno::ESRCH))],
        // The kernel has already restored the interface's own route, after `old` in its list.
        Change::Replace { old, new, .. } if new.protocol == Protocol::Kernel => vec![
            step(away(&key, old), Some(Errno::ESRCH)),
            step(
                Request::create(message::route(&key, new, indexes)),
                Some(Errno::EEXIST),
            ),
        ],
        Change::Add { path: new, .. } | Change::Replace { new, .. } => {
            vec![step(
                Request::replace(message::route(&key, new, indexes)),
                None,
            )]
        }
    }
}

fn away(key: &RouteKey, path: &Path) -> Request {
    let kind = if path.hops.is_empty() {
        RouteType::BlackHole
    } else {
        RouteType::Unicast
    };
    Request::change(message::route_away(
        key.prefix,
        key.table,
        kind,
        path.protocol,
    ))
}
