//! The network interfaces of machines and gateways, and the one that a machine's system sends a packet by.
//!
//! Azure's DHCP gives the default gateway to the primary interface only; the system adds the route of each subnet
//! itself, and the user adds routes that select another interface (virtual-machines/linux/multiple-nics). What the
//! system sends by an interface, Azure then routes by that interface's effective routes.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::topology::model::{InterfaceId, Nic, NodeId, Topology};

impl Topology {
    /// The network interfaces in Azure of a machine or gateway, the primary one first.
    pub fn nics(&self, node: NodeId) -> impl Iterator<Item = (InterfaceId, &Nic)> {
        let interfaces = self.interfaces_of(node);
        interfaces.filter_map(|(id, interface)| Some((id, interface.nic.as_ref()?)))
    }

    /// The network interface with a name, or else with that name in its system.
    #[must_use]
    pub fn nic_named(&self, node: NodeId, name: &str) -> Option<InterfaceId> {
        let found = self.nics(node).find(|(_, nic)| nic.name.as_str() == name);
        let by_system = || {
            let mut nics = self.nics(node);
            nics.find(|(id, _)| self.interface(*id).name.as_str() == name)
        };
        found.or_else(by_system).map(|(id, _)| id)
    }

    /// The name by which commands know a network interface: its machine's for a primary one, MACHINE/INTERFACE for
    /// the others.
    #[must_use]
    pub fn name_of(&self, nic: InterfaceId) -> String {
        let interface = self.interface(nic);
        let node = &self.node(interface.node).name;
        let further = interface.nic.as_ref();
        let further = further.filter(|_| self.nic(interface.node) != Some(nic));
        further.map_or_else(|| node.to_string(), |one| format!("{node}/{}", one.name))
    }

    /// The address of a network interface.
    #[must_use]
    pub fn address_of(&self, nic: InterfaceId) -> Option<Ipv4Addr> {
        self.interface(nic).addresses.first().map(Ipv4Net::addr)
    }

    /// Which destinations a machine's system sends by which network interface, sorted by prefix. Only interfaces that
    /// `works` accepts count: the system loses the routes of those that are down.
    #[must_use]
    pub fn ways_of_system(
        &self,
        node: NodeId,
        works: impl Fn(InterfaceId) -> bool,
    ) -> Vec<(Ipv4Net, InterfaceId)> {
        let working = || self.nics(node).map(|(id, _)| id).filter(|id| works(*id));
        let subnet = |id: InterfaceId| self.interface(id).addresses.first().map(Ipv4Net::trunc);
        let primary = self.nics(node).map(|(id, _)| id).next();
        let default = primary.filter(|id| works(*id));
        let default = default.map(|id| (Ipv4Net::default(), id));
        let connected = working().filter_map(|id| Some((subnet(id)?, id)));
        let routes = self.node(node).static_routes.iter().filter_map(|route| {
            let is_there =
                |id: &InterfaceId| subnet(*id).is_some_and(|prefix| prefix.contains(&route.via));
            Some((route.prefix, working().find(is_there)?))
        });
        // A static route takes precedence over one that the system has by itself, and a first one over a later one.
        let mut ways: Vec<_> = routes.chain(connected).chain(default).collect();
        ways.sort_by_key(|(prefix, _)| *prefix);
        ways.dedup_by_key(|(prefix, _)| *prefix);
        ways
    }

    /// The network interface by which a machine's system sends to an address.
    #[must_use]
    pub fn nic_toward(&self, node: NodeId, address: Ipv4Addr) -> Option<InterfaceId> {
        let ways = self.ways_of_system(node, |_| true).into_iter();
        let holding = ways.filter(|(prefix, _)| prefix.contains(&address));
        let longest = holding.max_by_key(|(prefix, _)| prefix.prefix_len());
        longest.map(|(_, nic)| nic)
    }
}
