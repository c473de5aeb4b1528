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

/// An interface that a link is made with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkEnd {
    /// Where, and what it is called.
    pub device: Device,
    /// The index it is given, unique in the lab: two ends of a pair with one index would make the
    /// kernel take a second to notice that the link is up.
    pub index: u32,
    /// Its Ethernet address.
    pub mac: Mac,
    /// Whether it asks for its neighbours' addresses; in Azure nobody does, all are known.
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
    /// The address that encrypted packets come from.
    pub public: Ipv4Addr,
    /// The largest packet that enters the tunnel there, in bytes with its IP header. A node that passes on a
    /// larger one, which may not be cut, tells its sender.
    pub mtu: u16,
}

/// One of a route's next hops.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hop {
    /// The interface that packets leave by.
    pub name: IfName,
    /// The neighbour they are handed to.
    pub via: Option<Ipv4Addr>,
    /// Whether the neighbour is reached without a route to it.
    pub on_link: bool,
}

/// Who a route is from, as `ip route` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// A route that is set, not learned.
    Static,
    /// Learned by BGP.
    Bgp,
    /// Learned inside a site.
    Ospf,
    /// Made by the kernel itself, from an address's prefix.
    Kernel,
    /// Anything else, by its number: `ip route add` says 3, which it shows as `boot`.
    Other(u8),
}

/// One thing that is done to the kernel.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// Makes a node's namespace, with its loopback up.
    AddNamespace {
        /// The node.
        node: NodeId,
        /// Files under /proc/sys/net and what they are set to.
        settings: Vec<(&'static str, &'static str)>,
    },
    /// Makes a bridge.
    AddBridge {
        /// The bridge.
        end: LinkEnd,
    },
    /// Joins two interfaces.
    AddLink {
        /// The interfaces.
        ends: [LinkEnd; 2],
        /// What happens to frames on their way: first to those that leave the first interface.
        directions: [Impairment; 2],
    },
    /// Makes a site-to-site tunnel.
    AddTunnel {
        /// The connection.
        name: String,
        /// Its ends.
        ends: [TunnelEnd; 2],
        /// The UDP port of both.
        port: u16,
        /// Whether all that carries it is meant to be up.
        carried: bool,
    },
    /// Makes a bridge's port send only where it is told: nothing is learned and nothing flooded.
    SetPort {
        /// The port.
        device: Device,
        /// Whether it hears other isolated ports.
        isolated: bool,
    },
    /// Gives an interface an address.
    AddAddress {
        /// The interface.
        device: Device,
        /// The address with its prefix length.
        address: Ipv4Net,
        /// Whether the prefix becomes a route.
        connected: bool,
    },
    /// Tells an interface where a neighbour is.
    AddNeighbour {
        /// The interface.
        device: Device,
        /// The neighbour.
        address: Ipv4Addr,
        /// Its Ethernet address.
        mac: Mac,
    },
    /// Tells a bridge which port an Ethernet address is behind.
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
        /// Where to.
        prefix: Ipv4Net,
        /// The table; the main one where none.
        table: Option<u32>,
        /// The next hops; none drops packets, and tells nobody.
        hops: Arc<[Hop]>,
        /// The address of the node's own packets.
        source: Option<Ipv4Addr>,
        /// Who the route is from.
        protocol: Protocol,
    },
    /// Sends what comes in by an interface, for a destination, to another routing table.
    AddRule {
        /// The interface.
        device: Device,
        /// The destination.
        to: Ipv4Addr,
        /// The table.
        table: u32,
    },
    /// Has a node ask where every single packet comes from. The kernel asks only once of packets that it
    /// takes in together, for one destination, unless the namespace has a routing rule of its own (Linux
    /// 5.6, `ip_route_use_hint`); so it is given one that changes nothing.
    AskEachSource {
        /// The node.
        node: NodeId,
    },
    /// Has several interfaces of a node carry no more than so much together, each direction by itself.
    LimitTogether {
        /// Whose capacity it is: a VPN gateway's.
        name: String,
        /// The node.
        node: NodeId,
        /// Its interfaces.
        interfaces: Vec<IfName>,
        /// Bits a second of whole frames, for each direction.
        rate: Bandwidth,
        /// The intermediate device (ifb), to be made, that everything crosses which the interfaces
        /// receive: what the other ends of their links send.
        arriving: IfName,
        /// The one that everything crosses which the node sends by the interfaces.
        leaving: IfName,
    },
    /// Adds a rule to a node's packet filter.
    Filter(Filter),
}

impl Operation {
    /// The nodes that the operation touches.
    #[must_use]
    pub fn nodes(&self) -> Vec<NodeId> {
        match self {
            Self::AddNamespace { node, .. }
            | Self::AddRoute { node, .. }
            | Self::AskEachSource { node }
            | Self::LimitTogether { node, .. } => vec![*node],
            Self::Filter(filter) => vec![filter.node()],
            Self::AddBridge { .. }
            | Self::AddLink { .. }
            | Self::AddTunnel { .. }
            | Self::SetPort { .. }
            | Self::AddAddress { .. }
            | Self::AddNeighbour { .. }
            | Self::AddForwarding { .. }
            | Self::AddRule { .. } => self.devices().map(|device| device.node).collect(),
        }
    }

    /// The same, to be changed.
    pub(super) fn nodes_mut(&mut self) -> Vec<&mut NodeId> {
        match self {
            Self::AddNamespace { node, .. }
            | Self::AddRoute { node, .. }
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
            | Self::AddForwarding { device, .. }
            | Self::AddRule { device, .. } => vec![&mut device.node],
        }
    }

    /// The interfaces that the operation makes, or that it is about; not those that a route leaves by.
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
            | Self::AddForwarding { device, .. }
            | Self::AddRule { device, .. } => vec![device.clone()],
        };
        devices.into_iter()
    }

    /// The interfaces that it makes with an index of the plan's choice, to be changed.
    pub(super) fn link_ends_mut(&mut self) -> &mut [LinkEnd] {
        match self {
            Self::AddBridge { end } => std::slice::from_mut(end),
            Self::AddLink { ends, .. } => ends,
            _ => &mut [],
        }
    }

    /// Whether it makes interfaces.
    #[must_use]
    pub const fn is_link(&self) -> bool {
        matches!(
            self,
            Self::AddBridge { .. } | Self::AddLink { .. } | Self::AddTunnel { .. }
        )
    }
}
