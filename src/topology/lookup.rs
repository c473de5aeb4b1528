//! Lookup in a topology: from an id to its part, and from one part to another.

use std::collections::BTreeSet;

use crate::addresses::{Address, Prefix};
use crate::topology::GATEWAY_SUBNET;
use crate::topology::model::{
    DomainId, Gateway, GatewayId, Interface, InterfaceId, Link, LinkId, LinkKind, Member, Node,
    NodeId, RouteTable, RouteTableId, Segment, SegmentId, Session, SessionId, Topology,
    VirtualNetwork, VnetId,
};
use crate::units::Impairment;

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

    /// A gateway.
    #[must_use]
    pub fn gateway(&self, id: GatewayId) -> &Gateway {
        &self.gateways[id.0]
    }

    /// A route table.
    #[must_use]
    pub fn route_table(&self, id: RouteTableId) -> &RouteTable {
        &self.route_tables[id.0]
    }

    /// A session.
    #[must_use]
    pub fn session(&self, id: SessionId) -> &Session {
        &self.sessions[id.0]
    }

    /// Whether another network behaves the same, whatever fails: they differ in expectations and storyboards at most. The
    /// plan of a lab that is built does not say so, as it contains neither timers nor routes that are not in use.
    #[must_use]
    pub fn behaves_as(&self, other: &Self) -> bool {
        let bare = |one: &Self| Self {
            expectations: Vec::new(),
            storyboards: Vec::new(),
            ..one.clone()
        };
        bare(self) == bare(other)
    }

    /// The gateway of an instance.
    #[must_use]
    pub fn gateway_of(&self, node: NodeId) -> Option<GatewayId> {
        let role = &self.node(node).role;
        let network = self.vnet(role.vnet().filter(|_| role.is_gateway())?);
        if role.is_vpn_gateway() {
            network.vpn_gateway
        } else {
            network.express_route_gateway
        }
    }

    /// The virtual network that a machine or gateway is in.
    #[must_use]
    pub fn network_of(&self, node: NodeId) -> Option<VnetId> {
        self.node(node).role.vnet()
    }

    /// Whether a user-defined route may have an address of a node as its next hop: that of one of a machine's network
    /// interfaces, or any of a VPN gateway (virtual-networks-udr-overview).
    #[must_use]
    pub fn may_be_next_hop(&self, id: NodeId, address: Address) -> bool {
        let role = &self.node(id).role;
        let has_it = || {
            let mut nics = self.nics(id);
            nics.any(|(nic, _)| self.address_of(nic) == Some(address))
        };
        role.is_vpn_gateway() || role.is_machine() && has_it()
    }

    /// The node with that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<NodeId> {
        self.nodes
            .iter()
            .position(|node| node.name.as_str() == name)
            .map(NodeId)
    }

    /// Every virtual machine and host: the sources and destinations of traffic.
    pub fn machines(&self) -> impl Iterator<Item = NodeId> {
        let is_machine = |node: &Node| node.role.is_end();
        let nodes = self.nodes.iter().enumerate();
        nodes
            .filter(move |(_, node)| is_machine(node) && node.address.is_some())
            .map(|(index, _)| NodeId(index))
    }

    /// Whether every link that a session needs is enabled.
    #[must_use]
    pub fn is_enabled(&self, session: &Session) -> bool {
        let interfaces = session.ends.iter().map(|end| end.interface);
        let carriers = session.carriers.iter();
        interfaces
            .chain(carriers.flat_map(|link| self.link(*link).ends))
            .all(|interface| self.interface(interface).up)
    }

    /// A node's interfaces.
    pub fn interfaces_of(&self, node: NodeId) -> impl Iterator<Item = (InterfaceId, &Interface)> {
        self.node(node)
            .interfaces
            .iter()
            .map(|id| (*id, self.interface(*id)))
    }

    /// A node's interface on its network or LAN: the first with a segment.
    #[must_use]
    pub fn nic(&self, node: NodeId) -> Option<InterfaceId> {
        self.interfaces_of(node)
            .find(|(_, interface)| interface.segment.is_some())
            .map(|(id, _)| id)
    }

    /// The link with that name.
    #[must_use]
    pub fn link_named(&self, name: &str) -> Option<LinkId> {
        self.links
            .iter()
            .position(|link| link.name == name)
            .map(LinkId)
    }

    /// Whether the lab brings a link up. A link that is down from the start is no failure.
    #[must_use]
    pub fn is_link_enabled(&self, link: LinkId) -> bool {
        let mut ends = self.link(link).ends.iter();
        ends.all(|end| self.interface(*end).up)
    }

    /// The links of a name: all of a node's, all of a gateway's instances, or the link with that name. A node takes
    /// precedence over a link with the same name. Sorted; empty for an unknown name.
    #[must_use]
    pub fn links_named(&self, name: &str) -> Vec<LinkId> {
        let mut gateways = self.gateways.iter();
        let nodes = gateways
            .find(|gateway| gateway.name.as_str() == name)
            .map_or_else(
                || self.find(name).into_iter().collect(),
                |gateway| gateway.instances.clone(),
            );
        if nodes.is_empty() {
            return self.link_named(name).into_iter().collect();
        }
        let links: BTreeSet<LinkId> = nodes
            .into_iter()
            .flat_map(|node| self.interfaces_of(node))
            .filter_map(|(_, interface)| interface.link)
            .collect();
        links.into_iter().collect()
    }

    /// The interface at the other end of an interface's link.
    #[must_use]
    pub fn across(&self, interface: InterfaceId) -> Option<InterfaceId> {
        let [a, b] = self.link(self.interface(interface).link?).ends;
        Some(if a == interface { b } else { a })
    }

    /// The lab file's impairments of packets that leave through an interface; `None` for a bridge.
    #[must_use]
    pub fn leaving(&self, interface: InterfaceId) -> Impairment {
        let link = self.interface(interface).link;
        link.map_or_else(Impairment::default, |link| {
            *self.link(link).leaving(interface)
        })
    }

    /// Every interface through which a packet leaves some node on its path over an interface's link: the interface
    /// itself or, for a tunnel, those of its carriers, unordered.
    #[must_use]
    pub fn sending_ends(&self, interface: InterfaceId) -> Vec<InterfaceId> {
        let Some(id) = self.interface(interface).link else {
            return Vec::new();
        };
        let tunnel = self.link(id);
        if tunnel.kind == LinkKind::Wire {
            return vec![interface];
        }
        let from = usize::from(interface != tunnel.ends[0]);
        let nodes = tunnel.ends.map(|end| self.interface(end).node);
        let sessions = self.sessions.iter();
        let carriers = sessions
            .filter(|session| session.link == Some(id))
            .flat_map(|session| &session.carriers)
            .filter(|carrier| **carrier != id);
        let is_crossed =
            |carrier: &&LinkId| self.only_from(**carrier).is_none_or(|end| end == from);
        carriers
            .filter(is_crossed)
            .map(|carrier| self.end_leaving(self.link(*carrier), nodes, from))
            .collect()
    }

    /// The end through which packets of a tunnel between two nodes leave over a link that carries it. A path across the
    /// internet has the tunnel's order of ends. A link at neither node is a circuit's, whose MSEE is on the second
    /// node's side.
    fn end_leaving(&self, carrier: &Link, nodes: [NodeId; 2], from: usize) -> InterfaceId {
        let [a, b] = carrier.ends.map(|end| self.interface(end).node);
        let leaves_first = if a == b {
            from == 0
        } else if let Some(end) = nodes.iter().position(|node| *node == a) {
            end == from
        } else if let Some(end) = nodes.iter().position(|node| *node == b) {
            end != from
        } else {
            from == 1
        };
        carrier.ends[usize::from(!leaves_first)]
    }

    /// The routing domain of a node; `None` for the fabric and the internet, and in a lab in which no address is used
    /// twice.
    #[must_use]
    pub fn domain_of(&self, node: NodeId) -> Option<DomainId> {
        self.domains.get(node.0).copied().flatten()
    }

    /// Every member that an interface on a segment reaches, except itself: those of its own segment and, on a virtual
    /// network, those that peered networks show.
    pub fn reachable_on(
        &self,
        segment: SegmentId,
        from: InterfaceId,
    ) -> impl Iterator<Item = Member> {
        let own = self.segment(segment);
        let peers = own.peerings.iter();
        let peers = peers.flat_map(move |(_, peer)| self.members_shown(segment, *peer));
        let members = own.members.iter().copied().chain(peers);
        members.filter(move |member| member.interface != from)
    }

    /// Every address that an interface on a segment reaches there, with its owner; in a peered network only the
    /// addresses that it shows.
    pub fn addresses_on(
        &self,
        segment: SegmentId,
        from: InterfaceId,
    ) -> impl Iterator<Item = (Member, Address)> {
        let members = self.reachable_on(segment, from);
        members.flat_map(move |member| {
            let home = self.interface(member.interface).segment;
            let peering = home.filter(|home| *home != segment);
            let addresses = self.addresses_at(member.interface);
            let shown = addresses.filter(move |address| {
                peering.is_none_or(|home| self.shows(home, segment, *address))
            });
            shown.map(move |address| (member, address))
        })
    }

    /// The members of a peered network's segment with an address that the network shows to a segment.
    pub fn members_shown(&self, to: SegmentId, peer: SegmentId) -> impl Iterator<Item = Member> {
        let members = self.segment(peer).members.iter().copied();
        members.filter(move |member| {
            let mut addresses = self.addresses_at(member.interface);
            addresses.any(|address| self.shows(peer, to, address))
        })
    }

    /// Whether a network shows one of its addresses to a peered one. A network that uses another's gateways reaches
    /// them, even if the peering hides their subnet.
    fn shows(&self, own: SegmentId, to: SegmentId, address: Address) -> bool {
        let networks = [own, to].map(|segment| self.segment(segment).vnet);
        let [Some(own), Some(to)] = networks else {
            return false;
        };
        let mut peerings = self.vnet(to).peerings.iter();
        let Some(peering) = peerings.find(|peering| peering.remote == own) else {
            return false;
        };
        let mut subnets = self.vnet(own).subnets.iter();
        let mut is_gateways = || {
            let subnet = subnets.find(|subnet| subnet.name == GATEWAY_SUBNET);
            subnet.is_some_and(|subnet| subnet.prefix.contains(&address))
        };
        peering.shows(address) || (peering.uses_remote_gateways && is_gateways())
    }

    /// The addresses for which an interface answers: its own and, for a node's first interface on a segment, those of
    /// the node's loopback. No interface answers for a load balancer's frontend.
    pub fn addresses_at(&self, id: InterfaceId) -> impl Iterator<Item = Address> {
        let interface = self.interface(id);
        let is_nic = self.nic(interface.node) == Some(id);
        let loopback = self
            .node(interface.node)
            .loopback
            .iter()
            .copied()
            .filter(move |_| is_nic);
        interface.addresses.iter().map(Prefix::addr).chain(loopback)
    }
}
