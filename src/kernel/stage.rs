//! The stages of a plan that follow the namespaces: links, then all that stands on them.
//!
//! Within a stage every namespace gets one batch of requests.

use std::collections::BTreeMap;
use std::os::fd::AsRawFd;
use std::thread;
use std::time::{Duration, Instant};

use netlink_packet_route::RouteNetlinkMessage;

use crate::kernel::failure::Failure;
use crate::kernel::features::Backends;
use crate::kernel::message::{self, Indexes, NewRoute};
use crate::kernel::netem;
use crate::kernel::netns::Netns;
use crate::kernel::observe::{self, LinkState};
use crate::kernel::rtnl::{BatchError, Request, Rtnl};
use crate::names::IfName;
use crate::plan::{Device, LinkEnd, Operation, Plan};
use crate::topology::NodeId;

/// Azure's advice for packets through a tunnel (vpn-gateway-vpn-faq: 1400 bytes).
pub const TUNNEL_MTU: u16 = 1400;

/// The index of a new namespace's loopback interface.
const LOOPBACK_INDEX: u32 = 1;

/// How long a new link may take to be noticed. It is a matter of microseconds; the kernel's worker
/// has a second where the machine is very busy.
const LINK_PATIENCE: Duration = Duration::from_secs(5);

/// A namespace's socket, and the indexes of its interfaces.
pub(super) struct Node {
    pub(super) rtnl: Rtnl,
    pub(super) indexes: BTreeMap<IfName, u32>,
}

impl Node {
    /// A new namespace, which holds a loopback interface alone.
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

/// A namespace's requests, each with the operation that it is of.
type Batch<'a> = Vec<(&'a Operation, Request)>;

/// The stages after the namespaces.
pub(super) struct Stage<'a> {
    pub(super) plan: &'a Plan,
    pub(super) backends: Backends,
    pub(super) spaces: &'a [Netns],
    pub(super) nodes: &'a mut [Node],
}

impl<'a> Stage<'a> {
    /// Makes every link and brings it up.
    pub(super) fn links(&mut self) -> Result<(), Failure> {
        let plan = self.plan;
        let mut batches = self.batches();
        for operation in &plan.operations {
            match operation {
                Operation::AddNamespace { node, .. } => {
                    batches[node.0].push((
                        operation,
                        Request::change(message::bring_up(LOOPBACK_INDEX)),
                    ));
                }
                Operation::AddBridge { end } => {
                    self.remember(&end.device, end.index);
                    batches[end.device.node.0]
                        .push((operation, Request::create(message::bridge(end))));
                }
                Operation::AddLink { ends, delay }
                    if delay.is_zero() || self.backends.kernel_delays =>
                {
                    self.add_veth(&mut batches, operation, ends);
                }
                _ => {}
            }
        }
        self.run(batches)?;
        self.finish_links()
    }

    /// What needs the first links: second ports of one pair, queues, and interfaces made elsewhere.
    fn finish_links(&mut self) -> Result<(), Failure> {
        let plan = self.plan;
        let mut batches = self.batches();
        for operation in &plan.operations {
            match operation {
                Operation::AddLink { ends, delay }
                    if delay.is_zero() || self.backends.kernel_delays =>
                {
                    self.finish_veth(&mut batches, operation, ends, *delay);
                }
                Operation::AddLink { ends: [a, b], .. } => {
                    self.adopt(&mut batches, operation, a)?;
                    self.adopt(&mut batches, operation, b)?;
                }
                Operation::AddTunnel { ends: [a, b], .. } => {
                    self.add_tunnel_end(&mut batches, operation, &a.device)?;
                    self.add_tunnel_end(&mut batches, operation, &b.device)?;
                }
                _ => {}
            }
        }
        self.run(batches)
    }

    /// Takes over an interface that another hand made.
    fn adopt(
        &mut self,
        batches: &mut [Batch<'a>],
        operation: &'a Operation,
        end: &LinkEnd,
    ) -> Result<(), Failure> {
        let index = self.look_up(operation, &end.device)?;
        let request = message::adopt(index, end, self.master(end));
        batches[end.device.node.0].push((operation, Request::change(request)));
        Ok(())
    }

    fn add_veth(
        &mut self,
        batches: &mut [Batch<'a>],
        operation: &'a Operation,
        ends: &[LinkEnd; 2],
    ) {
        let (near, far) = near_and_far(ends);
        for end in ends {
            self.remember(&end.device, end.index);
        }
        let far_namespace = self.spaces[far.device.node.0].file().as_raw_fd();
        let request = message::veth(near, self.master(near), far, far_namespace);
        batches[near.device.node.0].push((operation, Request::create(request)));
    }

    fn finish_veth(
        &self,
        batches: &mut [Batch<'a>],
        operation: &'a Operation,
        ends: &[LinkEnd; 2],
        delay: Duration,
    ) {
        let (_, far) = near_and_far(ends);
        batches[far.device.node.0].push((
            operation,
            Request::change(message::finish(far, self.master(far))),
        ));
        if !delay.is_zero() {
            for end in ends {
                batches[end.device.node.0]
                    .push((operation, Request::create(netem::delay(end.index, delay))));
            }
        }
    }

    fn add_tunnel_end(
        &mut self,
        batches: &mut [Batch<'a>],
        operation: &'a Operation,
        device: &Device,
    ) -> Result<(), Failure> {
        if self.backends.kernel_tunnels {
            // The kernel's choice of index would only be known by asking; one past the others is free.
            let index = self.free_index();
            self.remember(device, index);
            let request = message::wireguard(&device.name, index, TUNNEL_MTU.into());
            batches[device.node.0].push((operation, Request::create(request)));
        } else {
            let index = self.look_up(operation, device)?;
            batches[device.node.0].push((operation, Request::change(message::bring_up(index))));
        }
        Ok(())
    }

    /// Addresses, neighbours, routes: all that stands on links.
    pub(super) fn configure(&mut self) -> Result<(), Failure> {
        let mut batches = self.batches();
        for operation in &self.plan.operations {
            if let Some((node, request)) = self.request(operation) {
                batches[node.0].push((operation, request));
            }
        }
        self.run(batches)
    }

    /// What an operation asks of what is there; nothing for one that makes something first.
    fn request(&self, operation: &Operation) -> Option<(NodeId, Request)> {
        let at = |device: &Device| self.nodes[device.node.0].index(&device.name);
        Some(match operation {
            Operation::SetPort { device, isolated } => (
                device.node,
                Request::change(message::port(at(device), *isolated)),
            ),
            Operation::AddAddress {
                device,
                address,
                connected,
            } => (
                device.node,
                Request::create(message::address(at(device), *address, *connected)),
            ),
            Operation::AddNeighbour {
                device,
                address,
                mac,
            } => (
                device.node,
                Request::create(message::neighbour(at(device), *address, *mac)),
            ),
            Operation::AddForwarding { device, mac } => (
                device.node,
                Request::create(message::forwarding(at(device), *mac)),
            ),
            Operation::AddRoute { node, .. } => (*node, self.route(operation)?),
            Operation::AddRule { device, to, table } => (
                device.node,
                Request::create(message::rule(&device.name, *to, *table)),
            ),
            Operation::AskEachSource { node } => {
                (*node, Request::create(message::rule_for_everything()))
            }
            Operation::AddNamespace { .. }
            | Operation::AddBridge { .. }
            | Operation::AddLink { .. }
            | Operation::AddTunnel { .. }
            | Operation::SetInnerTtl { .. }
            | Operation::HideGateway { .. }
            | Operation::FilterPeering { .. } => return None,
        })
    }

    fn route(&self, operation: &Operation) -> Option<Request> {
        let Operation::AddRoute {
            node,
            prefix,
            table,
            hops,
            source,
            protocol,
        } = operation
        else {
            return None;
        };
        let new = NewRoute {
            prefix: *prefix,
            table: *table,
            hops,
            source: *source,
            protocol: *protocol,
        };
        Some(Request::create(message::route(&new, &self.nodes[node.0])))
    }

    /// Waits until every link carries packets. A link is made at once but noticed by a worker of
    /// the kernel's, and drops packets until then; asking for a link has it noticed (since 6.8).
    pub(super) fn wait_for_links(&mut self) -> Result<(), Failure> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one wait on the kernel's own time"
        )]
        let deadline = Instant::now() + LINK_PATIENCE;
        for operation in &self.plan.operations {
            let Operation::AddLink { ends: [a, b], .. } = operation else {
                continue;
            };
            if a.up && b.up {
                self.wait_for_link(operation, &a.device, deadline)?;
                self.wait_for_link(operation, &b.device, deadline)?;
            }
        }
        Ok(())
    }

    fn wait_for_link(
        &mut self,
        operation: &Operation,
        device: &Device,
        deadline: Instant,
    ) -> Result<(), Failure> {
        let index = self.nodes[device.node.0].index(&device.name);
        loop {
            let answers = self.ask(operation, device.node, message::link_at(index))?;
            if answers.iter().find_map(observe::state) == Some(LinkState::Up) {
                return Ok(());
            }
            #[expect(
                clippy::disallowed_methods,
                reason = "the one wait on the kernel's own time"
            )]
            if Instant::now() >= deadline {
                let namespace = self.plan.namespace(device.node);
                return Err(Failure::LinkDown {
                    namespace,
                    name: device.name.to_string(),
                });
            }
            thread::yield_now();
        }
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

    /// The index of an interface that another hand made.
    fn look_up(&mut self, operation: &Operation, device: &Device) -> Result<u32, Failure> {
        let answers = self.ask(operation, device.node, message::link_named(&device.name))?;
        let index = answers.iter().find_map(|answer| match answer {
            RouteNetlinkMessage::NewLink(link) => Some(link.header.index),
            _ => None,
        });
        let index = index.unwrap_or_default();
        self.remember(device, index);
        Ok(index)
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

/// Which end of a pair is made by the request and which comes with it. The one that is a bridge's
/// port is near: that saves a request.
fn near_and_far(ends: &[LinkEnd; 2]) -> (&LinkEnd, &LinkEnd) {
    let [a, b] = ends;
    if b.bridge.is_some() { (b, a) } else { (a, b) }
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
