//! Addresses whose time exceeded messages (RFC 792) are dropped, although their nodes have a route to the sender.

use crate::addresses::{Address, Prefix};
use crate::topology::allocate::is_link_local_of_labs;
use crate::topology::model::{
    CustomerEdgeHops, GatewayHops, InterfaceId, InterfaceKind, NodeId, SessionKind, Topology,
};

impl Topology {
    /// The addresses whose time exceeded messages do not leave through an interface.
    ///
    /// Two kinds of interface drop them. One is a gateway's tunnel to a customer's device, if gateways appear in
    /// traces: a trace from the site shows a silent hop there, unless the file gives the gateway an address inside its
    /// tunnels (use-s2s-vpn-as-backup-for-expressroute-privatepeering). The other is an MSEE's interface into a network
    /// past its gateway (about-fastpath), if customer edges are silent: elsewhere the gateway drops packets from a
    /// circuit's link.
    #[must_use]
    pub fn silenced_at(&self, interface: InterfaceId) -> Vec<Address> {
        let node = self.interface(interface).node;
        let role = &self.node(node).role;
        if role.is_vpn_gateway() && self.is_silent_tunnel(interface) {
            self.unshown(node)
        } else if role.is_msee() && self.is_fast_path(interface) {
            self.unadvertised_edges(node)
        } else {
            Vec::new()
        }
    }

    /// The lab's own link-local addresses at a gateway's ends of such tunnels. The kernel answers from any of them if
    /// several tunnels lead to the same prefix.
    fn unshown(&self, node: NodeId) -> Vec<Address> {
        let tunnels = self.interfaces_of(node);
        let tunnels = tunnels.filter(|(id, _)| self.is_silent_tunnel(*id));
        let mut addresses: Vec<Address> = tunnels
            .filter_map(|(_, interface)| interface.addresses.first().map(Prefix::addr))
            .collect();
        addresses.sort_unstable();
        addresses
    }

    fn is_silent_tunnel(&self, tunnel: InterfaceId) -> bool {
        let interface = self.interface(tunnel);
        let is_gateway = |id: InterfaceId| {
            let role = &self.node(self.interface(id).node).role;
            role.is_vpn_gateway()
        };
        let is_chosen = || {
            let address = interface.addresses.first();
            address.is_some_and(|address| is_link_local_of_labs(address.addr()))
        };
        self.semantics.vpn_gateway_hops == GatewayHops::Legacy
            && interface.kind == InterfaceKind::Tunnel
            && self.across(tunnel).is_some_and(|far| !is_gateway(far))
            && is_chosen()
    }

    fn is_fast_path(&self, interface: InterfaceId) -> bool {
        let is_way = |kind: SessionKind| match kind {
            SessionKind::GatewayConnection {
                leg,
                bypasses_gateway,
                ..
            } => bypasses_gateway && leg == interface,
            _ => false,
        };
        self.semantics.customer_edge_hops == CustomerEdgeHops::Silent
            && self.sessions.iter().any(|session| is_way(session.kind))
    }

    /// The addresses of the customer edges on an MSEE's links, except advertised ones.
    fn unadvertised_edges(&self, msee: NodeId) -> Vec<Address> {
        let sessions = self.sessions.iter();
        let links = sessions.filter(|session| {
            session.kind == SessionKind::PrivatePeering && session.ends[0].node == msee
        });
        let edges = links.filter_map(|session| session.ends[1].next_hop);
        let is_advertised = |address: &Address| {
            let mut prefixes = self.nodes.iter().flat_map(|node| &node.advertise);
            prefixes.any(|prefix| prefix.prefix_len() > 0 && prefix.contains(address))
        };
        edges.filter(|address| !is_advertised(address)).collect()
    }
}
