//! The lab's internet: it joins public addresses, and carries tunnels.

use std::time::Duration;

use crate::addresses::{Address, Prefix};
use crate::topology::allocate;
use crate::topology::builder::{Builder, INTERNET, NewInterface};
use crate::topology::model::{InterfaceId, InternetPath, LinkId, NodeId, Role};

/// A tunnel's path across the internet.
pub(crate) struct Crossing<'a> {
    /// The tunnel's link.
    pub(crate) tunnel: &'a str,
    /// The round-trip time; zero means no delay beyond the machine's own.
    pub(crate) round_trip_time: Duration,
    /// Whether its path is a separate link although it has no delay.
    pub(crate) is_apart: bool,
    /// The internet's interfaces toward the two ends.
    pub(crate) access: [InterfaceId; 2],
    /// The public addresses of the two ends.
    pub(crate) public: [Address; 2],
}

/// The start of the names of interfaces toward the internet; a number follows.
const OUTSIDE: &str = "pub";

/// The prefix of the name of a tunnel's path across the internet; the tunnel's name follows.
const ACROSS: &str = "internet-";

/// The tunnel whose path across the internet has this name.
pub(crate) fn tunnel_across(link: &str) -> Option<&str> {
    link.strip_prefix(ACROSS)
}

impl<S> Builder<S> {
    /// Gives a node its public address, on an interface toward the internet. Returns the node's and the internet's
    /// interface.
    pub(crate) fn add_public_address(
        &mut self,
        node: NodeId,
        address: Address,
    ) -> [InterfaceId; 2] {
        self.add_internet_access(node, allocate::host_prefix(address))
    }

    /// Joins a node to the internet. Returns the node's and the internet's interface.
    pub(crate) fn add_internet_access(
        &mut self,
        node: NodeId,
        address: Prefix,
    ) -> [InterfaceId; 2] {
        let internet = self.common_node(INTERNET, Role::Internet);
        let name = self.topology.node(node).name.to_string();
        let own = self.topology.interfaces_of(node);
        let own = own.filter(|(_, interface)| interface.name.as_str().starts_with(OUTSIDE));
        let outside = format!("{OUTSIDE}{}", own.count());
        let access = self
            .allocations
            .link_local(&format!("internet/{name}/{address}"));
        self.add_wire(
            format!("internet-{name}"),
            [
                NewInterface::unadvertised(node, &outside, address),
                NewInterface::unadvertised(internet, &name, access),
            ],
            Duration::ZERO,
        )
    }

    /// The internet's interface toward a node's public address.
    pub(crate) fn internet_access(&self, node: NodeId, public: Address) -> InterfaceId {
        let mut interfaces = self.topology.interfaces_of(node);
        interfaces
            .find(|(_, interface)| {
                let mut addresses = interface.addresses.iter();
                addresses.any(|address| address.addr() == public)
            })
            .and_then(|(id, _)| self.topology.across(id))
            .expect("a tunnel's end has its public address on an interface toward the internet")
    }

    /// Carries a tunnel across the internet, over a separate link if it has a delay or must have one. Returns every
    /// link that it needs there.
    pub(crate) fn cross_internet(&mut self, crossing: &Crossing<'_>) -> Vec<LinkId> {
        let access = crossing.access.map(|interface| self.link_of(interface));
        let mut links = access.to_vec();
        if crossing.is_apart || !crossing.round_trip_time.is_zero() {
            links.push(self.add_internet_path(crossing));
        }
        links
    }

    fn add_internet_path(&mut self, crossing: &Crossing<'_>) -> LinkId {
        let internet = self.common_node(INTERNET, Role::Internet);
        let labels = ["a", "b"].map(|end| format!("{}-{end}", crossing.tunnel));
        let ends = labels
            .each_ref()
            .map(|label| NewInterface::bare(internet, label));
        let [interface, _] = self.add_wire(
            format!("{ACROSS}{}", crossing.tunnel),
            ends,
            crossing.round_trip_time / 2,
        );
        let link = self.link_of(interface);
        self.topology.internet_paths.push(InternetPath {
            link,
            access: crossing.access,
            public: crossing.public,
        });
        link
    }
}
