//! The last stage: addresses, neighbors, routes, and shared capacities.

use nix::errno::Errno;

use crate::kernel::failure::Failure;
use crate::kernel::limit::{self, Devices};
use crate::kernel::message::{self, Indexes};
use crate::kernel::rtnl::Request;
use crate::kernel::stage::Stage;
use crate::plan::{Entry, Limit, Operation};
use crate::topology::NodeId;

impl Stage<'_> {
    /// Addresses, neighbors, and everything else on links except routes.
    pub(in crate::kernel) fn addresses(&mut self) -> Result<(), Failure> {
        let plan = self.plan;
        let mut batches = self.batches();
        for (node, own) in plan.numbered() {
            let indexes = &self.nodes[node.0];
            let entries = own.entries.iter();
            batches[node.0].extend(entries.map(|entry| {
                let request = request(entry, indexes);
                (Operation::Entry(node, entry), request)
            }));
            for limit in &own.limits {
                let operation = Operation::Limit(node, limit);
                let requests = self.limit(node, limit).into_iter();
                batches[node.0].extend(requests.map(|request| (operation, request)));
            }
        }
        self.run(batches)
    }

    /// Routes, which need addresses and neighbors.
    pub(in crate::kernel) fn routes(&mut self) -> Result<(), Failure> {
        let plan = self.plan;
        let mut batches = self.batches();
        for (node, own) in plan.numbered() {
            let indexes = &self.nodes[node.0];
            batches[node.0].extend(own.routes.iter().map(|(key, path)| {
                let request = Request::create(message::route(key, path, indexes));
                (Operation::Route(key, path), request)
            }));
        }
        self.run(batches)
    }

    /// The shared capacity of several interfaces.
    fn limit(&mut self, node: NodeId, limit: &Limit) -> Vec<Request> {
        let [arriving, leaving] = [&limit.arriving, &limit.leaving].map(|name| {
            let index = self.free_index();
            self.remember(node, name, index);
            (name, index)
        });
        let devices = Devices { arriving, leaving };
        limit::requests(&devices, &limit.interfaces, limit.rate, &self.nodes[node.0])
    }
}

/// The request that adds an entry to its node.
///
/// If the kernel or a user may already have an entry with the same key, it is replaced: for example an unresolved
/// neighbor that a ping has left.
pub(in crate::kernel) fn request(entry: &Entry, indexes: &impl Indexes) -> Request {
    let at = |name| indexes.index(name);
    match entry {
        Entry::Port { port, isolated } => Request::change(message::port(at(port), *isolated)),
        Entry::Forwarding { port, mac } => Request::replace(message::forwarding(at(port), *mac)),
        Entry::Address {
            interface,
            address,
            connected,
        } => Request::replace(message::address(at(interface), *address, *connected)),
        Entry::Neighbour {
            interface,
            address,
            mac,
        } => Request::replace(message::neighbour(at(interface), *address, *mac)),
        Entry::Rule { packets, table } => {
            let rule = Request::create(message::rule(packets, *table));
            rule.or_refused_with(Errno::EEXIST)
        }
        Entry::AskEachSource => {
            let rule = Request::create(message::rule_for_everything());
            rule.or_refused_with(Errno::EEXIST)
        }
    }
}
