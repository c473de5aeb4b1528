//! The stages of a plan after the namespaces: links, then everything on them.
//!
//! In each stage, every namespace gets one batch of requests.

mod carrier;
mod configure;

pub(super) use configure::request;

use std::collections::BTreeMap;
use std::os::fd::AsRawFd;

use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::link::LinkMessage;

use crate::kernel::failure::Failure;
use crate::kernel::features::Backends;
use crate::kernel::message::{self, Indexes};
use crate::kernel::netns::Netns;
use crate::kernel::queues;
use crate::kernel::quiet;
use crate::kernel::rtnl::{BatchError, Request, Rtnl};
use crate::names::IfName;
use crate::plan::{Carriage, Device, LinkEnd, Operation, Plan, TunnelEnd};
use crate::topology::NodeId;
use crate::units::Impairment;

/// The index of a new namespace's loopback interface.
const LOOPBACK_INDEX: u32 = 1;

/// A namespace's socket, and the indexes of its interfaces.
pub(super) struct Node {
    pub(super) rtnl: Rtnl,
    pub(super) indexes: BTreeMap<IfName, u32>,
}

impl Node {
    /// The name of the interface with that index.
    pub(super) fn name_at(&self, index: u32) -> String {
        let mut named = self.indexes.iter();
        let found = named.find(|(_, own)| **own == index);
        found.map(|(name, _)| name.to_string()).unwrap_or_default()
    }

    /// A new namespace, which has only a loopback interface.
    pub(super) fn new(rtnl: Rtnl) -> Self {
        Self {
            rtnl,
            indexes: BTreeMap::from([(IfName::loopback(), LOOPBACK_INDEX)]),
        }
    }
}

impl Indexes for Node {
    fn index(&self, name: &IfName) -> u32 {
        self.indexes.get(name).copied().unwrap_or_default()
    }
}

/// A namespace's requests, each with its operation.
type Batch<'a> = Vec<(&'a Operation, Request)>;

/// The stages after the namespaces.
pub(super) struct Stage<'a> {
    pub(super) plan: &'a Plan,
    pub(super) backends: Backends,
    pub(super) spaces: &'a [Netns],
    pub(super) nodes: &'a mut [Node],
}

impl<'a> Stage<'a> {
    /// Creates every link and brings it up.
    pub(super) fn links(&mut self) -> Result<(), Failure> {
        let plan = self.plan;
        let mut batches = self.batches();
        for operation in &plan.operations {
            match operation {
                Operation::AddBridge { end } => {
                    self.remember(&end.device, end.index);
                    batches[end.device.node.0]
                        .push((operation, Request::create(message::bridge(end))));
                }
                Operation::AddLink { ends, directions } if self.is_pair(directions) => {
                    self.add_veth(&mut batches, operation, ends);
                }
                Operation::AddNamespace { .. }
                | Operation::AddLink { .. }
                | Operation::AddTunnel { .. }
                | Operation::SetPort { .. }
                | Operation::AddAddress { .. }
                | Operation::AddNeighbour { .. }
                | Operation::AddForwarding { .. }
                | Operation::AddRoute { .. }
                | Operation::AddRule { .. }
                | Operation::AskEachSource { .. }
                | Operation::LimitTogether { .. }
                | Operation::Filter(_) => {}
            }
        }
        self.run(batches)?;
        self.finish_links()
    }

    /// Requests that need both ends of a pair, and interfaces created elsewhere.
    fn finish_links(&mut self) -> Result<(), Failure> {
        let plan = self.plan;
        let mut batches = self.batches();
        for operation in &plan.operations {
            match operation {
                Operation::AddNamespace { node, .. } => {
                    let up = Request::change(message::bring_up(LOOPBACK_INDEX));
                    batches[node.0].push((operation, up));
                }
                Operation::AddBridge { end } => self.finish(&mut batches, operation, end),
                Operation::AddLink { ends, directions } if self.is_pair(directions) => {
                    self.finish_veth(&mut batches, operation, ends, directions);
                }
                Operation::AddLink {
                    ends: [a, b],
                    directions: [from_a, from_b],
                } => {
                    self.adopt(&mut batches, operation, a, from_a)?;
                    self.adopt(&mut batches, operation, b, from_b)?;
                }
                Operation::AddTunnel { ends: [a, b], .. } => {
                    self.add_tunnel_end(&mut batches, operation, a)?;
                    self.add_tunnel_end(&mut batches, operation, b)?;
                }
                Operation::SetPort { .. }
                | Operation::AddAddress { .. }
                | Operation::AddNeighbour { .. }
                | Operation::AddForwarding { .. }
                | Operation::AddRoute { .. }
                | Operation::AddRule { .. }
                | Operation::AskEachSource { .. }
                | Operation::LimitTogether { .. }
                | Operation::Filter(_) => {}
            }
        }
        self.run(batches)
    }

    /// Whether a link is a veth pair, whose ends impair packets themselves.
    fn is_pair(&self, directions: &[Impairment; 2]) -> bool {
        self.backends.kernel_delays || Carriage::of(directions) != Carriage::Impaired
    }

    /// Takes over an interface that a process created. The process impairs the packets, but their size is set in the
    /// kernel.
    fn adopt(
        &mut self,
        batches: &mut [Batch<'a>],
        operation: &'a Operation,
        end: &LinkEnd,
        impairment: &Impairment,
    ) -> Result<(), Failure> {
        let link = self.look_up(operation, &end.device)?;
        let index = link.header.index;
        let batch = &mut batches[end.device.node.0];
        batch.extend(quiet::requests(index).map(|one| (operation, one)));
        batch.extend(queues::hold(&link).map(|one| (operation, one)));
        let request = Request::change(message::adopt(index, end, self.master(end)));
        batch.extend([
            (operation, request),
            (operation, queues::take_at_once(index, impairment)),
        ]);
        Ok(())
    }

    fn add_veth(
        &mut self,
        batches: &mut [Batch<'a>],
        operation: &'a Operation,
        ends: &[LinkEnd; 2],
    ) {
        let [near, far] = ends;
        for end in ends {
            self.remember(&end.device, end.index);
        }
        let far_namespace = self.spaces[far.device.node.0].file().as_raw_fd();
        let request = message::veth(near, far, far_namespace);
        batches[near.device.node.0].push((operation, Request::create(request)));
    }

    fn finish_veth(
        &self,
        batches: &mut [Batch<'a>],
        operation: &'a Operation,
        ends: &[LinkEnd; 2],
        directions: &[Impairment; 2],
    ) {
        for (end, way) in ends.iter().zip(directions) {
            self.finish(batches, operation, end);
            if !way.is_none() {
                let requests = queues::set(end.index, way);
                batches[end.device.node.0].extend(requests.into_iter().map(|one| (operation, one)));
            }
        }
    }

    /// Configures a new kernel interface.
    fn finish(&self, batches: &mut [Batch<'a>], operation: &'a Operation, end: &LinkEnd) {
        let batch = &mut batches[end.device.node.0];
        batch.extend(quiet::requests(end.index).map(|one| (operation, one)));
        if end.up || end.bridge.is_some() {
            let request = Request::change(message::finish(end, self.master(end)));
            batch.push((operation, request));
        }
    }

    fn add_tunnel_end(
        &mut self,
        batches: &mut [Batch<'a>],
        operation: &'a Operation,
        end: &TunnelEnd,
    ) -> Result<(), Failure> {
        let device = &end.device;
        let index = if self.backends.kernel_tunnels {
            // An index chosen by the kernel would have to be queried; one above the others is free.
            let index = self.free_index();
            self.remember(device, index);
            let request = message::wireguard(&device.name, index, end.mtu.into());
            batches[device.node.0].push((operation, Request::create(request)));
            index
        } else {
            self.look_up(operation, device)?.header.index
        };
        let batch = &mut batches[device.node.0];
        batch.extend(quiet::requests(index).map(|one| (operation, one)));
        batch.push((operation, Request::change(message::bring_up(index))));
        Ok(())
    }

    fn batches(&self) -> Vec<Batch<'a>> {
        self.nodes.iter().map(|_| Vec::new()).collect()
    }

    fn remember(&mut self, device: &Device, index: u32) {
        self.nodes[device.node.0]
            .indexes
            .insert(device.name.clone(), index);
    }

    fn master(&self, end: &LinkEnd) -> Option<u32> {
        let bridge = end.bridge.as_ref()?;
        Some(self.nodes[end.device.node.0].index(bridge))
    }

    fn free_index(&self) -> u32 {
        let highest = self
            .nodes
            .iter()
            .flat_map(|node| node.indexes.values())
            .max();
        highest.map_or(1, |highest| highest + 1)
    }

    /// An interface that a process created.
    fn look_up(&mut self, operation: &Operation, device: &Device) -> Result<LinkMessage, Failure> {
        let answers = self.ask(operation, device.node, message::link_named(&device.name))?;
        let mut links = answers.into_iter().filter_map(|answer| match answer {
            RouteNetlinkMessage::NewLink(link) => Some(link),
            _ => None,
        });
        let link = links.next().unwrap_or_default();
        self.remember(device, link.header.index);
        Ok(link)
    }

    fn ask(
        &mut self,
        operation: &Operation,
        node: NodeId,
        request: RouteNetlinkMessage,
    ) -> Result<Vec<RouteNetlinkMessage>, Failure> {
        self.nodes[node.0]
            .rtnl
            .ask(request, 0)
            .map_err(|error| failure(self.plan, node, operation, error))
    }

    fn run(&mut self, batches: Vec<Batch<'a>>) -> Result<(), Failure> {
        for (index, batch) in batches.into_iter().enumerate() {
            let (operations, requests): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
            self.nodes[index]
                .rtnl
                .run(&requests)
                .map_err(|error| match &error {
                    BatchError::Refused(position, _) => {
                        failure(self.plan, NodeId(index), operations[*position], error)
                    }
                    BatchError::Socket(_) => Failure::Socket {
                        namespace: self.plan.namespace(NodeId(index)),
                        source: std::io::Error::other(format!("{error:?}")),
                    },
                })?;
        }
        Ok(())
    }
}

fn failure(plan: &Plan, node: NodeId, operation: &Operation, error: BatchError) -> Failure {
    match error {
        BatchError::Refused(_, source) => Failure::refused(plan, operation, source),
        BatchError::Socket(source) => Failure::Socket {
            namespace: plan.namespace(node),
            source,
        },
    }
}
