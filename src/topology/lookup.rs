//! Finding one's way in a topology: from an id to its part, and from one part to the next.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::topology::model::{
    Interface, InterfaceId, Link, LinkId, Member, Node, NodeId, Segment, SegmentId, Topology,
    VirtualNetwork, VnetId,
};

impl Topology {
    /// A node.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    /// An interface.
    #[must_use]
    pub fn interface(&self, id: InterfaceId) -> &Interface {
        &self.interfaces[id.0]
    }

    /// A segment.
    #[must_use]
    pub fn segment(&self, id: SegmentId) -> &Segment {
        &self.segments[id.0]
    }

    /// A virtual network.
    #[must_use]
    pub fn vnet(&self, id: VnetId) -> &VirtualNetwork {
        &self.virtual_networks[id.0]
    }

    /// A link.
    #[must_use]
    pub fn link(&self, id: LinkId) -> &Link {
        &self.links[id.0]
    }

    /// The node of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<NodeId> {
        self.nodes
            .iter()
            .position(|node| node.name.as_str() == name)
            .map(NodeId)
    }

    /// A node's interfaces.
    pub fn interfaces_of(&self, node: NodeId) -> impl Iterator<Item = (InterfaceId, &Interface)> {
        self.node(node)
            .interfaces
            .iter()
            .map(|id| (*id, self.interface(*id)))
    }

    /// The interface at the other end of an interface's link.
    #[must_use]
    pub fn across(&self, interface: InterfaceId) -> Option<InterfaceId> {
        let [a, b] = self.link(self.interface(interface).link?).ends;
        Some(if a == interface { b } else { a })
    }

    /// Every member that an interface on a segment reaches: those of its own segment and, on a
    /// virtual network, those of the networks peered with it. The interface itself is left out.
    pub fn reachable_on(
        &self,
        segment: SegmentId,
        from: InterfaceId,
    ) -> impl Iterator<Item = Member> {
        let own = self.segment(segment);
        let peers = own
            .peerings
            .iter()
            .flat_map(|(_, peer)| &self.segment(*peer).members);
        own.members
            .iter()
            .chain(peers)
            .copied()
            .filter(move |member| member.interface != from)
    }

    /// The addresses that an interface answers for: its own and, for a node's first interface on a
    /// segment, those of the node's loopback.
    pub fn addresses_at(&self, id: InterfaceId) -> impl Iterator<Item = Ipv4Addr> {
        let interface = self.interface(id);
        let on_segment = interface.segment.is_some();
        let loopback = self
            .node(interface.node)
            .loopback
            .iter()
            .copied()
            .filter(move |_| on_segment);
        interface
            .addresses
            .iter()
            .map(Ipv4Net::addr)
            .chain(loopback)
    }
}
