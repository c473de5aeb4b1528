//! The network interfaces of machines and gateways, and the routes by which an operating system selects one of them.
//!
//! Azure's DHCP gives the default gateway to the primary interface only. The operating system adds a route to the subnet
//! of each interface, and the user adds routes through another interface (virtual-machines/linux/multiple-nics). Azure
//! then routes each packet by the effective routes of the interface through which it leaves.

use crate::addresses::{Address, Prefix};
use crate::topology::model::{InterfaceId, Nic, NodeId, Topology};

impl Topology {
    /// The network interfaces in Azure of a machine or gateway, the primary one first.
    pub fn nics(&self, node: NodeId) -> impl Iterator<Item = (InterfaceId, &Nic)> {
        let interfaces = self.interfaces_of(node);
        interfaces.filter_map(|(id, interface)| Some((id, interface.nic.as_ref()?)))
    }

    /// The network interface with that name in the lab file, or else in the operating system.
    #[must_use]
    pub fn nic_named(&self, node: NodeId, name: &str) -> Option<InterfaceId> {
        let found = self.nics(node).find(|(_, nic)| nic.name.as_str() == name);
        let by_system = || {
            let mut nics = self.nics(node);
            nics.find(|(id, _)| self.interface(*id).name.as_str() == name)
        };
        found.or_else(by_system).map(|(id, _)| id)
    }

    /// The name of a network interface in commands: that of its machine for a primary one, MACHINE/INTERFACE for the
    /// others.
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
    pub fn address_of(&self, nic: InterfaceId) -> Option<Address> {
        self.interface(nic).addresses.first().map(Prefix::addr)
    }

    /// The routes of a machine's operating system, each with its outgoing interface, sorted by prefix. Interfaces that
    /// are down, for which `works` is false, have none.
    #[must_use]
    pub fn os_routes(
        &self,
        node: NodeId,
        works: impl Fn(InterfaceId) -> bool,
    ) -> Vec<(Prefix, InterfaceId)> {
        let working = || self.nics(node).map(|(id, _)| id).filter(|id| works(*id));
        let subnet = |id: InterfaceId| self.interface(id).addresses.first().map(Prefix::trunc);
        let primary = self.nics(node).map(|(id, _)| id).next();
        let default = primary.filter(|id| works(*id));
        let default = default.map(|id| (Prefix::ALL_IPV4, id));
        let connected = working().filter_map(|id| Some((subnet(id)?, id)));
        let routes = self.node(node).static_routes.iter().filter_map(|route| {
            let is_there =
                |id: &InterfaceId| subnet(*id).is_some_and(|prefix| prefix.contains(&route.via));
            Some((route.prefix, working().find(is_there)?))
        });
        // Among routes to one prefix, static ones come before connected ones; otherwise the first one is used.
        let mut routes: Vec<_> = routes.chain(connected).chain(default).collect();
        routes.sort_by_key(|(prefix, _)| *prefix);
        routes.dedup_by_key(|(prefix, _)| *prefix);
        routes
    }

    /// The network interface through which a machine sends to an address.
    #[must_use]
    pub fn nic_toward(&self, node: NodeId, address: Address) -> Option<InterfaceId> {
        let routes = self.os_routes(node, |_| true).into_iter();
        let holding = routes.filter(|(prefix, _)| prefix.contains(&address));
        let longest = holding.max_by_key(|(prefix, _)| prefix.prefix_len());
        longest.map(|(_, nic)| nic)
    }
}
