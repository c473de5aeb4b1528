//! The last stage: addresses, neighbours, routes, and shared capacities.

use nix::errno::Errno;

use crate::kernel::failure::Failure;
use crate::kernel::limit::{self, Devices};
use crate::kernel::message::{self, Indexes, NewRoute};
use crate::kernel::rtnl::Request;
use crate::kernel::stage::Stage;
use crate::plan::{Device, Operation};
use crate::topology::NodeId;

fn is_route(operation: &Operation) -> bool {
    matches!(operation, Operation::AddRoute { .. })
}

impl Stage<'_> {
    /// Addresses, neighbours, and everything else on links except routes.
    pub(in crate::kernel) fn addresses(&mut self) -> Result<(), Failure> {
        let plan = self.plan;
        let mut batches = self.batches();
        for operation in plan.operations.iter().filter(|one| !is_route(one)) {
            if let Some((node, request)) = self.requested(operation) {
                batches[node.0].push((operation, request));
            }
            if let Operation::LimitTogether { node, .. } = operation {
                let requests = self.limit(operation).into_iter();
                batches[node.0].extend(requests.map(|request| (operation, request)));
            }
        }
        self.run(batches)
    }

    /// Routes, which need addresses and neighbours.
    pub(in crate::kernel) fn routes(&mut self) -> Result<(), Failure> {
        let plan = self.plan;
        let mut batches = self.batches();
        for operation in plan.operations.iter().filter(|one| is_route(one)) {
            if let Some((node, request)) = self.requested(operation) {
                batches[node.0].push((operation, request));
            }
        }
        self.run(batches)
    }

    fn requested(&self, operation: &Operation) -> Option<(NodeId, Request)> {
        let node = *operation.nodes().first()?;
        request(operation, &self.nodes[node.0])
    }

    /// The shared capacity of several interfaces.
    fn limit(&mut self, operation: &Operation) -> Vec<Request> {
        let Operation::LimitTogether {
            node,
            interfaces,
            rate,
            arriving,
            leaving,
            ..
        } = operation
        else {
            return Vec::new();
        };
        let [arriving, leaving] = [arriving, leaving].map(|name| {
            let index = self.free_index();
            let node = *node;
            self.remember(
                &Device {
                    node,
                    name: name.clone(),
                },
                index,
            );
            (name, index)
        });
        let devices = Devices { arriving, leaving };
        limit::requests(&devices, interfaces, *rate, &self.nodes[node.0])
    }
}

/// The requests of an operation to its own node; empty if the operation creates something first.
///
/// If the kernel or a user may already have an entry with the same key, it is replaced: for example an unresolved
/// neighbor that a ping has left.
pub(in crate::kernel) fn request(
    operation: &Operation,
    indexes: &impl Indexes,
) -> Option<(NodeId, Request)> {
    let at = |device: &Device| indexes.index(&device.name);
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
            Request::replace(message::address(at(device), *address, *connected)),
        ),
        Operation::AddNeighbour {
            device,
            address,
            mac,
        } => (
            device.node,
            Request::replace(message::neighbour(at(device), *address, *mac)),
        ),
        Operation::AddForwarding { device, mac } => (
            device.node,
            Request::replace(message::forwarding(at(device), *mac)),
        ),
        Operation::AddRoute { node, .. } => (*node, route(operation, indexes)?),
        Operation::AddRule {
            node,
            packets,
            table,
        } => (
            *node,
            Request::create(message::rule(packets, *table)).or_refused_with(Errno::EEXIST),
        ),
        Operation::AskEachSource { node } => (
            *node,
            Request::create(message::rule_for_everything()).or_refused_with(Errno::EEXIST),
        ),
        Operation::AddNamespace { .. }
        | Operation::AddBridge { .. }
        | Operation::AddLink { .. }
        | Operation::AddTunnel { .. }
        | Operation::LimitTogether { .. }
        | Operation::Filter(_) => return None,
    })
}

fn route(operation: &Operation, indexes: &impl Indexes) -> Option<Request> {
    let Operation::AddRoute {
        prefix,
        table,
        hops,
        source,
        protocol,
        ..
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
    Some(Request::create(message::route(&new, indexes)))
}
