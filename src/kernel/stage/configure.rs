//! The last stage: addresses, neighbours, routes, and capacities that are shared.

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
    /// Addresses, neighbours, and all else that stands on links but routes.
    pub(in crate::kernel) fn addresses(&mut self) -> Result<(), Failure> {
        let plan = self.plan;
        let mut batches = self.batches();
        for operation in plan.operations.iter().filter(|one| !is_route(one)) {
            if let Some((node, request)) = self.request(operation) {
                batches[node.0].push((operation, request));
            }
            if let Operation::LimitTogether { node, .. } = operation {
                let requests = self.limit(operation).into_iter();
                batches[node.0].extend(requests.map(|request| (operation, request)));
            }
        }
        self.run(batches)
    }

    /// Routes, which ask for addresses and neighbours.
    pub(in crate::kernel) fn routes(&mut self) -> Result<(), Failure> {
        let plan = self.plan;
        let mut batches = self.batches();
        for operation in plan.operations.iter().filter(|one| is_route(one)) {
            if let Some((node, request)) = self.request(operation) {
                batches[node.0].push((operation, request));
            }
        }
        self.run(batches)
    }

    /// What several interfaces need to share a capacity.
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
            | Operation::LimitTogether { .. }
            | Operation::ClampMss { .. }
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
}
