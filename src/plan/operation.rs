//! One step of a plan.

use std::net::Ipv4Addr;
use std::sync::Arc;

use ipnet::Ipv4Net;

use crate::names::IfName;
use crate::plan::filter::Filter;
use crate::topology::{Mac, NodeId};
use crate::units::{Bandwidth, Impairment};

/// An interface of a node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Device {
    /// The node.
    pub node: NodeId,
    /// The interface's name there.
    pub name: IfName,
}

/// An end of a link.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkEnd {
    /// Its node and name.
    pub device: Device,
    /// Its index, unique in the lab: if two ends of a pair had one index, the kernel would take a second to bring the
    /// link up.
    pub index: u32,
    /// Its Ethernet address.
    pub mac: Mac,
    /// Whether it uses ARP; in Azure no interface does, since all neighbours are known.
    pub resolves: bool,
    /// The bridge that it is a port of.
    pub bridge: Option<IfName>,
    /// Whether it is brought up.
    pub up: bool,
}

/// An end of a site-to-site tunnel.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TunnelEnd {
    /// The tunnel's interface.
    pub device: Device,
    /// The source address of encrypted packets.
    pub public: Ipv4Addr,
    /// The largest packet that enters the tunnel there, in bytes with its IP header. A node that forwards a larger
    /// packet with DF set reports it to the sender.
    pub mtu: u16,
}

/// A next hop of a route.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hop {
    /// The outgoing interface.
    pub name: IfName,
    /// The neighbour that gets the packets.
    pub via: Option<Ipv4Addr>,
    /// Whether the neighbour is on link without a route to it.
    pub on_link: bool,
}

/// The packets that a routing rule is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Packets {
    /// Those that arrive at an interface, for a destination.
    Arriving {
        /// The interface.
        interface: IfName,
        /// The destination.
        to: Ipv4Addr,
    },
    /// The node's own packets from one of its addresses.
    From(Ipv4Addr),
}

/// The source of a route, as `ip route` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// A static route.
    Static,
    /// Learned by BGP.
    Bgp,
    /// Learned inside a site.
    Ospf,
    /// Created by the kernel from an address's prefix.
    Kernel,
    /// Any other protocol, by its number: `ip route add` uses 3, shown as `boot`.
    Other(u8),
}

/// One operation on the kernel.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// Creates a node's namespace, with its loopback up.
    AddNamespace {
        /// The node.
        node: NodeId,
        /// Files under /proc/sys/net and their values.
        settings: Vec<(&'static str, &'static str)>,
    },
    /// Creates a bridge.
    AddBridge {
        /// The bridge.
        end: LinkEnd,
    },
    /// Joins two interfaces.
    AddLink {
        /// The interfaces.
        ends: [LinkEnd; 2],
        /// The impairments of frames: first of those that leave the first interface.
        directions: [Impairment; 2],
    },
    /// Creates a site-to-site tunnel.
    AddTunnel {
        /// The connection.
        name: String,
        /// Its ends.
        ends: [TunnelEnd; 2],
        /// The UDP port of both.
        port: u16,
        /// Whether all links that carry it are enabled.
        carried: bool,
    },
    /// Isolates a bridge's port: no learning, no flooding.
    SetPort {
        /// The port.
        device: Device,
        /// Whether it receives from other isolated ports.
        isolated: bool,
    },
    /// Adds an address to an interface.
    AddAddress {
        /// The interface.
        device: Device,
        /// The address with its prefix length.
        address: Ipv4Net,
        /// Whether the prefix becomes a route.
        connected: bool,
    },
    /// Adds a neighbour entry to an interface.
    AddNeighbour {
        /// The interface.
        device: Device,
        /// The neighbour.
        address: Ipv4Addr,
        /// Its Ethernet address.
        mac: Mac,
    },
    /// Adds a forwarding entry to a bridge: the port of an Ethernet address.
    AddForwarding {
        /// The port.
        device: Device,
        /// The address.
        mac: Mac,
    },
    /// Adds a route.
    AddRoute {
        /// The node.
        node: NodeId,
        /// The destination prefix.
        prefix: Ipv4Net,
        /// The table; `None` is the main one.
        table: Option<u32>,
        /// The next hops; without any, packets are silently dropped.
        hops: Arc<[Hop]>,
        /// The source address of the node's own packets.
        source: Option<Ipv4Addr>,
        /// The source of the route.
        protocol: Protocol,
    },
    /// Routes some packets by another table.
    AddRule {
        /// The node.
        node: NodeId,
        /// The packets.
        packets: Packets,
        /// The table.
        table: u32,
    },
    /// Makes a node check the source of every single packet. The kernel checks packets that it receives together, for
    /// one destination, only once, unless the namespace has a routing rule of its own (Linux 5.6, `ip_route_use_hint`).
    /// So it gets a rule that changes nothing.
    AskEachSource {
        /// The node.
        node: NodeId,
    },
    /// Limits the rate of several interfaces of a node together, each direction separately.
    LimitTogether {
        /// The owner of the capacity: a VPN gateway.
        name: String,
        /// The node.
        node: NodeId,
        /// Its interfaces.
        interfaces: Vec<IfName>,
        /// The rate in bit/s of whole frames, for each direction.
        rate: Bandwidth,
        /// The new intermediate device (ifb) for all packets that the interfaces receive.
        arriving: IfName,
        /// The one for all packets that the node sends through the interfaces.
        leaving: IfName,
    },
    /// Adds a rule to a node's packet filter.
    Filter(Filter),
}

impl Operation {
    /// The nodes of the operation.
    #[must_use]
    pub fn nodes(&self) -> Vec<NodeId> {
        match self {
            Self::AddNamespace { node, .. }
            | Self::AddRoute { node, .. }
            | Self::AddRule { node, .. }
            | Self::AskEachSource { node }
            | Self::LimitTogether { node, .. } => vec![*node],
            Self::Filter(filter) => vec![filter.node()],
            Self::AddBridge { .. }
            | Self::AddLink { .. }
            | Self::AddTunnel { .. }
            | Self::SetPort { .. }
            | Self::AddAddress { .. }
            | Self::AddNeighbour { .. }
            | Self::AddForwarding { .. } => self.devices().map(|device| device.node).collect(),
        }
    }

    /// The same, mutable.
    pub(super) fn nodes_mut(&mut self) -> Vec<&mut NodeId> {
        match self {
            Self::AddNamespace { node, .. }
            | Self::AddRoute { node, .. }
            | Self::AddRule { node, .. }
            | Self::AskEachSource { node }
            | Self::LimitTogether { node, .. } => vec![node],
            Self::Filter(filter) => vec![filter.node_mut()],
            Self::AddBridge { end } => vec![&mut end.device.node],
            Self::AddLink { ends, .. } => ends.iter_mut().map(|end| &mut end.device.node).collect(),
            Self::AddTunnel { ends, .. } => {
                ends.iter_mut().map(|end| &mut end.device.node).collect()
            }
            Self::SetPort { device, .. }
            | Self::AddAddress { device, .. }
            | Self::AddNeighbour { device, .. }
            | Self::AddForwarding { device, .. } => vec![&mut device.node],
        }
    }

    /// The interfaces that the operation creates or changes, without the outgoing interfaces of a route.
    #[must_use = "an iterator does nothing by itself"]
    pub fn devices(&self) -> impl Iterator<Item = Device> + use<> {
        let devices: Vec<Device> = match self {
            Self::AddNamespace { .. } | Self::AddRoute { .. } | Self::AskEachSource { .. } => {
                Vec::new()
            }
            Self::Filter(filter) => filter.device().cloned().into_iter().collect(),
            Self::LimitTogether {
                node, interfaces, ..
            } => {
                let named = interfaces.iter().cloned();
                named.map(|name| Device { node: *node, name }).collect()
            }
            Self::AddBridge { end } => vec![end.device.clone()],
            Self::AddLink { ends, .. } => ends.iter().map(|end| end.device.clone()).collect(),
            Self::AddTunnel { ends, .. } => ends.iter().map(|end| end.device.clone()).collect(),
            Self::SetPort { device, .. }
            | Self::AddAddress { device, .. }
            | Self::AddNeighbour { device, .. }
            | Self::AddForwarding { device, .. } => vec![device.clone()],
            Self::AddRule { node, packets, .. } => {
                let interface = match packets {
                    Packets::Arriving { interface, .. } => Some(interface.clone()),
                    Packets::From(_) => None,
                };
                let interface = interface.into_iter();
                interface.map(|name| Device { node: *node, name }).collect()
            }
        };
        devices.into_iter()
    }

    /// The interfaces that it creates with an index from the plan, mutable.
    pub(super) fn link_ends_mut(&mut self) -> &mut [LinkEnd] {
        match self {
            Self::AddBridge { end } => std::slice::from_mut(end),
            Self::AddLink { ends, .. } => ends,
            _ => &mut [],
        }
    }

    /// Whether it creates interfaces.
    #[must_use]
    pub const fn is_link(&self) -> bool {
        matches!(
            self,
            Self::AddBridge { .. } | Self::AddLink { .. } | Self::AddTunnel { .. }
        )
    }
}
