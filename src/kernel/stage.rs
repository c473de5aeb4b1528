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
use crate::plan::{
    Carriage, Device, InterfacePlan, LinkEnd, LinkPlan, Operation, Plan, TunnelEnd, TunnelPlan,
};
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
type Batch<'a> = Vec<(Operation<'a>, Request)>;

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
        for (node, own) in plan.numbered() {
            for bridge in &own.bridges {
                self.remember(node, &bridge.name, bridge.index);
                let request = Request::create(message::bridge(bridge));
                batches[node.0].push((Operation::Bridge(node, bridge), request));
            }
        }
        for link in &plan.links {
            if self.is_pair(link) {
                self.add_veth(&mut batches, link);
            }
        }
        self.run(batches)?;
        self.finish_links()
    }

    /// Requests that need both ends of a pair, and interfaces created elsewhere.
    fn finish_links(&mut self) -> Result<(), Failure> {
        let plan = self.plan;
        let mut batches = self.batches();
        for (node, own) in plan.numbered() {
            let batch = &mut batches[node.0];
            if !own.settings.is_empty() {
                let up = Request::change(message::bring_up(LOOPBACK_INDEX));
                batch.push((Operation::Namespace(node, &own.settings), up));
            }
            for bridge in &own.bridges {
                self.finish(batch, Operation::Bridge(node, bridge), (node, bridge));
            }
        }
        for link in &plan.links {
            if self.is_pair(link) {
                self.finish_veth(&mut batches, link);
                continue;
            }
            for (end, impairment) in link.ends.iter().zip(&link.directions) {
                self.adopt(&mut batches, Operation::Link(link), end, impairment)?;
            }
        }
        for tunnel in &plan.tunnels {
            for end in &tunnel.ends {
                self.add_tunnel_end(&mut batches, tunnel, end)?;
            }
        }
        self.run(batches)
    }

    /// Whether a link is a veth pair, whose ends impair packets themselves.
    fn is_pair(&self, link: &LinkPlan) -> bool {
        self.backends.kernel_delays || Carriage::of(&link.directions) != Carriage::Impaired
    }

    /// Takes over an interface that a process created. The process impairs the packets, but their size is set in the
    /// kernel.
    fn adopt(
        &mut self,
        batches: &mut [Batch<'a>],
        operation: Operation<'a>,
        LinkEnd { node, interface }: &LinkEnd,
        impairment: &Impairment,
    ) -> Result<(), Failure> {
        let link = self.look_up(operation, *node, &interface.name)?;
        let index = link.header.index;
        let batch = &mut batches[node.0];
        batch.extend(quiet::requests(index).map(|one| (operation, one)));
        batch.extend(queues::hold(&link).map(|one| (operation, one)));
        let master = self.master(*node, interface);
        let request = Request::change(message::adopt(index, interface, master));
        batch.extend([
            (operation, request),
            (operation, queues::take_at_once(index, impairment)),
        ]);
        Ok(())
    }

    fn add_veth(&mut self, batches: &mut [Batch<'a>], link: &'a LinkPlan) {
        let [near, far] = &link.ends;
        for LinkEnd { node, interface } in &link.ends {
            self.remember(*node, &interface.name, interface.index);
        }
        let far_namespace = self.spaces[far.node.0].file().as_raw_fd();
        let request = message::veth(&near.interface, &far.interface, far_namespace);
        batches[near.node.0].push((Operation::Link(link), Request::create(request)));
    }

    fn finish_veth(&self, batches: &mut [Batch<'a>], link: &'a LinkPlan) {
        let operation = Operation::Link(link);
        for (LinkEnd { node, interface }, way) in link.ends.iter().zip(&link.directions) {
            let batch = &mut batches[node.0];
            self.finish(batch, operation, (*node, interface));
            if !way.is_none() {
                let requests = queues::set(interface.index, way);
                batch.extend(requests.into_iter().map(|one| (operation, one)));
            }
        }
    }

    /// Configures a new kernel interface.
    fn finish(
        &self,
        batch: &mut Batch<'a>,
        operation: Operation<'a>,
        (node, interface): (NodeId, &InterfacePlan),
    ) {
        batch.extend(quiet::requests(interface.index).map(|one| (operation, one)));
        if interface.up || interface.bridge.is_some() {
            let master = self.master(node, interface);
            let request = Request::change(message::finish(interface, master));
            batch.push((operation, request));
        }
    }

    fn add_tunnel_end(
        &mut self,
        batches: &mut [Batch<'a>],
        tunnel: &'a TunnelPlan,
        end: &TunnelEnd,
    ) -> Result<(), Failure> {
        let operation = Operation::Tunnel(tunnel);
        let Device { node, name } = &end.device;
        let index = if self.backends.kernel_tunnels {
            // An index chosen by the kernel would have to be queried; one above the others is free.
            let index = self.free_index();
            self.remember(*node, name, index);
            let request = message::wireguard(name, index, end.mtu.into());
            batches[node.0].push((operation, Request::create(request)));
            index
        } else {
            self.look_up(operation, *node, name)?.header.index
        };
        let batch = &mut batches[node.0];
        batch.extend(quiet::requests(index).map(|one| (operation, one)));
        batch.push((operation, Request::change(message::bring_up(index))));
        Ok(())
    }

    fn batches(&self) -> Vec<Batch<'a>> {
        self.nodes.iter().map(|_| Vec::new()).collect()
    }

    fn remember(&mut self, node: NodeId, name: &IfName, index: u32) {
        self.nodes[node.0].indexes.insert(name.clone(), index);
    }

    fn master(&self, node: NodeId, interface: &InterfacePlan) -> Option<u32> {
        let bridge = interface.bridge.as_ref()?;
        Some(self.nodes[node.0].index(bridge))
    }

    fn free_index(&self) -> u32 {
        let highest = self
            .nodes
            .iter()
            .flat_map(|node| node.indexes.values())
            .max();
        highest.map_or(1, |highest| highest + 1)
    }

    /// Looks up an interface that a process created.
    fn look_up(
        &mut self,
        operation: Operation<'_>,
        node: NodeId,
        name: &IfName,
    ) -> Result<LinkMessage, Failure> {
        let answers = self.ask(operation, node, message::link_named(name))?;
        let mut links = answers.into_iter().filter_map(|answer| match answer {
            RouteNetlinkMessage::NewLink(link) => Some(link),
            _ => None,
        });
        let link = links.next().unwrap_or_default();
        self.remember(node, name, link.header.index);
        Ok(link)
    }

    fn ask(
        &mut self,
        operation: Operation<'_>,
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

fn failure(plan: &Plan, node: NodeId, operation: Operation<'_>, error: BatchError) -> Failure {
    match error {
        BatchError::Refused(_, source) => Failure::refused(plan, operation, source),
        BatchError::Socket(source) => Failure::Socket {
            namespace: plan.namespace(node),
            source,
        },
    }
}
