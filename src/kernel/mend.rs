//! Reads the content of a running lab's namespaces, and adds what is missing.

use std::collections::BTreeSet;

use nix::errno::Errno;

use crate::kernel::failure::Failure;
use crate::kernel::live::Live;
use crate::kernel::message;
use crate::kernel::observe::as_io;
use crate::kernel::routes::LiveRoute;
use crate::kernel::rtnl::Request;
use crate::kernel::stage;
use crate::kernel::standing::{self, Standing};
use crate::plan::{Device, Entry};
use crate::topology::NodeId;

impl Live {
    /// The content of a node's namespace.
    ///
    /// # Errors
    ///
    /// [`Failure::Socket`].
    pub fn standing(&mut self, node: NodeId) -> Result<Standing, Failure> {
        let read = standing::read(&mut self.node_mut(node).rtnl, node);
        read.map_err(|error| Failure::Socket {
            namespace: self.namespace(node).to_owned(),
            source: as_io(error),
        })
    }

    /// Removes routes from a node, and adds entries, each with its description. Returns the kernel's errors.
    #[must_use]
    pub fn mend(
        &mut self,
        node: NodeId,
        routes: &[LiveRoute],
        entries: &[(String, Entry)],
    ) -> Vec<Failure> {
        let away = routes.iter().map(|route| {
            let request = Request::change(route.away()).or_refused_with(Errno::ESRCH);
            (format!("route del {route}"), request)
        });
        let indexes = &*self.node_mut(node);
        let made = entries.iter();
        let made = made.map(|(words, entry)| (words.clone(), stage::request(entry, indexes)));
        let requests: Vec<_> = away.chain(made).collect();
        self.refused(node, &requests)
    }

    /// Restores the neighbor entries of interfaces that are up again: the kernel removes them when a link goes down.
    #[must_use]
    pub fn restore_neighbours(&mut self, devices: &BTreeSet<Device>) -> Vec<Failure> {
        let mut failures = Vec::new();
        for device in devices {
            let index = self.index_of(device);
            let known = self.neighbours_of(device).iter();
            let requests: Vec<_> = known
                .map(|(address, mac)| {
                    let words = format!("neighbour replace {address} dev {}", device.name);
                    let request = Request::replace(message::neighbour(index, *address, *mac));
                    (words, request)
                })
                .collect();
            failures.extend(self.refused(device.node, &requests));
        }
        failures
    }

    fn refused(&mut self, node: NodeId, requests: &[(String, Request)]) -> Vec<Failure> {
        match self.run(node, requests) {
            Ok(refused) => refused.into_iter().map(|(.., failure)| failure).collect(),
            Err(failure) => vec![failure],
        }
    }
}
