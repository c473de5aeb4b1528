//! Machines and routers, their interfaces, and the links of these.

use std::fmt;

use crate::addresses::{Address, Prefix};
use crate::firewall::Firewall;
use crate::names::{IfName, NodeName};
use crate::topology::model::{InterfaceId, LinkId, NodeId, SegmentId, SiteId, VnetId};
use crate::units::{Asn, Impairment, Ttl};

/// A machine or router.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its name; its namespace is called `<lab>.<name>`.
    pub name: NodeName,
    /// Its kind.
    pub role: Role,
    /// The address that its name resolves to, if any.
    pub address: Option<Address>,
    /// Addresses on its loopback interface, /32 each.
    pub loopback: Vec<Address>,
    /// Its autonomous system, if it speaks BGP.
    pub asn: Option<Asn>,
    /// The prefixes that it originates in BGP, in addition to those of a gateway's networks.
    pub advertise: Vec<Prefix>,
    /// A router or appliance that advertises to its neighbours what it learned from others.
    pub transit: bool,
    /// Its static routes to neighbours on its links.
    pub static_routes: Vec<StaticRoute>,
    /// Its firewall, if the lab file gives it one.
    pub firewall: Option<Firewall>,
    /// Its interfaces.
    pub interfaces: Vec<InterfaceId>,
    /// The instances that speak BGP separately and share its interfaces; empty for a node that is one speaker.
    pub instances: Vec<Instance>,
}

/// A speaker of BGP that shares the interfaces of a node with others: an instance of an `ExpressRoute` gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its name.
    pub name: NodeName,
    /// Its address, in the tables of its neighbours.
    pub address: Address,
}

/// The kind of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// A virtual machine.
    VirtualMachine {
        /// Its network.
        vnet: VnetId,
        /// One of its network interfaces forwards packets: a network virtual appliance.
        forwards: bool,
    },
    /// An instance of a VPN gateway.
    VpnGateway {
        /// Its network.
        vnet: VnetId,
    },
    /// An `ExpressRoute` gateway.
    ExpressRouteGateway {
        /// Its network.
        vnet: VnetId,
    },
    /// A Microsoft Enterprise Edge router.
    Msee,
    /// An on-premises router.
    Router {
        /// Its site.
        site: SiteId,
    },
    /// An on-premises host.
    Host {
        /// Its site.
        site: SiteId,
        /// Its default gateway.
        gateway: Address,
    },
    /// The node of every virtual network's bridge.
    Fabric,
    /// The node that joins the public addresses.
    Internet,
}

impl Role {
    /// Whether the node is a virtual machine.
    #[must_use]
    pub const fn is_machine(&self) -> bool {
        matches!(self, Self::VirtualMachine { .. })
    }

    /// Whether the node is a virtual machine that forwards packets.
    #[must_use]
    pub const fn is_appliance(&self) -> bool {
        matches!(self, Self::VirtualMachine { forwards: true, .. })
    }

    /// Whether the node sends and receives traffic of its own: a virtual machine or a host.
    #[must_use]
    pub const fn is_end(&self) -> bool {
        matches!(self, Self::VirtualMachine { .. } | Self::Host { .. })
    }

    /// Whether the node is an instance of a VPN gateway.
    #[must_use]
    pub const fn is_vpn_gateway(&self) -> bool {
        matches!(self, Self::VpnGateway { .. })
    }

    /// Whether the node is an instance of a VPN gateway or an `ExpressRoute` gateway.
    #[must_use]
    pub const fn is_gateway(&self) -> bool {
        matches!(
            self,
            Self::VpnGateway { .. } | Self::ExpressRouteGateway { .. }
        )
    }

    /// Whether the node is an MSEE.
    #[must_use]
    pub const fn is_msee(&self) -> bool {
        matches!(self, Self::Msee)
    }

    /// Whether the node is a part of `ExpressRoute`: a gateway of this kind or an MSEE.
    #[must_use]
    pub const fn is_express_route(&self) -> bool {
        matches!(self, Self::ExpressRouteGateway { .. } | Self::Msee)
    }

    /// Whether the node holds the virtual networks' bridges.
    #[must_use]
    pub const fn is_fabric(&self) -> bool {
        matches!(self, Self::Fabric)
    }

    /// Whether the node is an on-premises router.
    #[must_use]
    pub const fn is_router(&self) -> bool {
        matches!(self, Self::Router { .. })
    }

    /// The virtual network that the node is in.
    #[must_use]
    pub const fn vnet(&self) -> Option<VnetId> {
        match self {
            Self::VirtualMachine { vnet, .. }
            | Self::VpnGateway { vnet }
            | Self::ExpressRouteGateway { vnet } => Some(*vnet),
            Self::Msee
            | Self::Router { .. }
            | Self::Host { .. }
            | Self::Fabric
            | Self::Internet => None,
        }
    }

    /// The site that the node is in.
    #[must_use]
    pub const fn site(&self) -> Option<SiteId> {
        match self {
            Self::Router { site } | Self::Host { site, .. } => Some(*site),
            Self::VirtualMachine { .. }
            | Self::VpnGateway { .. }
            | Self::ExpressRouteGateway { .. }
            | Self::Msee
            | Self::Fabric
            | Self::Internet => None,
        }
    }

    /// Whether Azure runs the node: it then drops packets from sources it has no route to.
    #[must_use]
    pub const fn is_azure(&self) -> bool {
        matches!(
            self,
            Self::VirtualMachine { .. }
                | Self::VpnGateway { .. }
                | Self::ExpressRouteGateway { .. }
                | Self::Msee
        )
    }

    /// Whether the node forwards packets.
    #[must_use]
    pub const fn forwards(&self) -> bool {
        matches!(
            self,
            Self::VirtualMachine { forwards: true, .. }
                | Self::VpnGateway { .. }
                | Self::ExpressRouteGateway { .. }
                | Self::Msee
                | Self::Router { .. }
                | Self::Internet
        )
    }

    /// The initial TTL of the node's own packets: that of a machine (RFC 1700), or that of routers, with which an
    /// answer can cross the most hops.
    #[must_use]
    pub const fn initial_ttl(&self) -> Ttl {
        match self {
            Self::Router { .. } => Ttl::MOST,
            _ => Ttl::MACHINES,
        }
    }

    /// Its name for people.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        match self {
            Self::VirtualMachine { forwards: true, .. } => "virtual appliance",
            Self::VirtualMachine { .. } => "virtual machine",
            Self::VpnGateway { .. } => "VPN gateway",
            Self::ExpressRouteGateway { .. } => "ExpressRoute gateway",
            Self::Msee => "MSEE",
            Self::Router { .. } => "router",
            Self::Host { .. } => "host",
            Self::Fabric => "Azure fabric",
            Self::Internet => "internet",
        }
    }
}

/// An Ethernet address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// The Ethernet address of every subnet's gateway in Azure.
    pub const AZURE_FABRIC: Self = Self([0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc]);
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0.map(|byte| format!("{byte:02x}"));
        f.write_str(&bytes.join(":"))
    }
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its node.
    pub node: NodeId,
    /// Its name, unique in its node.
    pub name: IfName,
    /// Its Ethernet address; irrelevant for tunnels.
    pub mac: Mac,
    /// Its addresses with their prefix lengths.
    pub addresses: Vec<Prefix>,
    /// Whether the interface's address creates a route to its prefix: only on premises.
    pub connected: bool,
    /// Whether it is enabled.
    pub up: bool,
    /// Its kind of device.
    pub kind: InterfaceKind,
    /// The bridge that it is a port of.
    pub port: Option<Port>,
    /// The segment of its addresses.
    pub segment: Option<SegmentId>,
    /// Its properties as a network interface in Azure, if it is one.
    pub nic: Option<Nic>,
    /// Its link.
    pub link: Option<LinkId>,
}

impl Interface {
    /// Whether it accepts and sends packets of other nodes: Azure drops them at a network interface without IP
    /// forwarding (virtual-networks-udr-overview).
    #[must_use]
    pub fn forwards(&self) -> bool {
        self.nic.as_ref().is_none_or(|nic| nic.forwards)
    }
}

/// A network interface in Azure, of a machine or of a gateway's instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nic {
    /// Its name, unique in its node; its system has another one.
    pub name: NodeName,
    /// Its network.
    pub vnet: VnetId,
    /// Its subnet, by position in its network's.
    pub subnet: usize,
    /// Its subnet's first address, for which Azure answers and which receives packets without a route.
    pub subnet_gateway: Address,
    /// It has IP forwarding; a gateway always has.
    pub forwards: bool,
}

/// The kinds of device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InterfaceKind {
    /// One end of a link between two interfaces.
    Link,
    /// A bridge.
    Bridge,
    /// An end of a site-to-site tunnel.
    Tunnel,
}

/// Membership of a bridge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Port {
    /// The bridge's segment.
    pub segment: SegmentId,
    /// Isolated ports never receive from each other: peerings use them, since they are not transitive.
    pub isolated: bool,
}

/// A link between two interfaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its name, unique in the lab.
    pub name: String,
    /// Its two interfaces.
    pub ends: [InterfaceId; 2],
    /// The impairments by direction: first of packets that leave its first interface. A tunnel itself has none; the
    /// links that carry it have them.
    pub directions: [Impairment; 2],
    /// Its kind.
    pub kind: LinkKind,
}

impl Link {
    /// The impairments of packets that leave one of its interfaces for the other. An interface of another link counts
    /// as the second.
    #[must_use]
    pub fn leaving(&self, end: InterfaceId) -> &Impairment {
        &self.directions[usize::from(end != self.ends[0])]
    }
}

/// The kinds of link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkKind {
    /// A wire between two interfaces.
    Wire,
    /// A site-to-site tunnel over the lab's internet or over a circuit.
    Tunnel {
        /// The addresses between which encrypted packets travel: public ones, or private ones over private peering.
        public: [Address; 2],
        /// The UDP port at both ends.
        port: u16,
        /// The TTL that each end sets on packets that enter the tunnel there.
        inner_ttl: [Option<Ttl>; 2],
        /// The largest packet in bytes that enters the tunnel at each end; `None` for that of its kind of device.
        mtu: [Option<u16>; 2],
        /// The traffic selectors: pairs of prefixes, of the first end's side and of the second's, between which packets
        /// may cross the tunnel. Empty for all packets.
        selectors: Vec<[Prefix; 2]>,
    },
}

/// A bridge and the interfaces that reach each other over it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The bridge itself.
    pub bridge: InterfaceId,
    /// The virtual network that it carries; `None` for a site's LAN.
    pub vnet: Option<VnetId>,
    /// Interfaces of machines and routers on it, each with its port.
    pub members: Vec<Member>,
    /// Ports toward the bridges of peered networks, each with the peer's segment.
    pub peerings: Vec<(InterfaceId, SegmentId)>,
}

/// An interface on a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The machine's or router's interface.
    pub interface: InterfaceId,
    /// Its port on the bridge, or the interface itself if it is the bridge.
    pub port: InterfaceId,
}

/// A static route to a neighbour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaticRoute {
    /// The destination prefix.
    pub prefix: Prefix,
    /// The neighbour, on one of the node's links.
    pub via: Address,
}
