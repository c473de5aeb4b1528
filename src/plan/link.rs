//! Interfaces, links and tunnels of a plan.

use crate::addresses::Address;
use crate::names::IfName;
use crate::topology::{InterfaceId, LinkId, Mac, NodeId, Topology};
use crate::units::Impairment;

/// An interface of a node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Device {
    /// The node.
    pub node: NodeId,
    /// The interface's name there.
    pub name: IfName,
}

impl Device {
    /// An interface of a topology.
    #[must_use]
    pub fn of(topology: &Topology, id: InterfaceId) -> Self {
        let interface = topology.interface(id);
        Self {
            node: interface.node,
            name: interface.name.clone(),
        }
    }
}

/// An interface that is created: a bridge, or an end of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterfacePlan {
    /// Its name.
    pub name: IfName,
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

impl InterfacePlan {
    /// Whether two interfaces are the same, except for their indexes, which never change.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let essence = |interface: &Self| {
            let Self {
                name,
                index: _,
                mac,
                resolves,
                bridge,
                up,
            } = interface;
            (name.clone(), *mac, *resolves, bridge.clone(), *up)
        };
        essence(self) == essence(other)
    }
}

/// An end of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkEnd {
    /// Its node.
    pub node: NodeId,
    /// Its interface.
    pub interface: InterfacePlan,
}

impl LinkEnd {
    /// Its interface, by node and name.
    #[must_use]
    pub fn device(&self) -> Device {
        Device {
            node: self.node,
            name: self.interface.name.clone(),
        }
    }
}

/// A link: two joined interfaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkPlan {
    /// The link, in the topology.
    pub id: LinkId,
    /// The interfaces.
    pub ends: [LinkEnd; 2],
    /// The impairments of frames: first of those that leave the first interface.
    pub directions: [Impairment; 2],
}

/// An end of a site-to-site tunnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TunnelEnd {
    /// The tunnel's interface.
    pub device: Device,
    /// The source address of encrypted packets.
    pub public: Address,
    /// The largest packet that enters the tunnel there, in bytes with its IP header. A node that forwards a larger
    /// packet with DF set reports it to the sender.
    pub mtu: u16,
}

/// A site-to-site tunnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TunnelPlan {
    /// The tunnel, in the topology.
    pub id: LinkId,
    /// The connection.
    pub name: String,
    /// Its ends.
    pub ends: [TunnelEnd; 2],
    /// The UDP port of both.
    pub port: u16,
    /// Whether all links that carry it are enabled.
    pub carried: bool,
}

/// What links and tunnels have in common.
pub(super) trait Joining {
    /// The link, in the topology.
    fn id(&self) -> LinkId;

    /// The two interfaces.
    fn devices(&self) -> [Device; 2];

    /// Whether it is the same as another between the same interfaces, except for what can change in place.
    fn is_like(&self, other: &Self) -> bool;
}

impl Joining for LinkPlan {
    fn id(&self) -> LinkId {
        self.id
    }

    fn devices(&self) -> [Device; 2] {
        self.ends.each_ref().map(LinkEnd::device)
    }

    /// A link's impairments can change in place.
    fn is_like(&self, other: &Self) -> bool {
        let mut ends = self.ends.iter().zip(&other.ends);
        ends.all(|(own, other)| own.interface.is_like(&other.interface))
    }
}

impl Joining for TunnelPlan {
    fn id(&self) -> LinkId {
        self.id
    }

    fn devices(&self) -> [Device; 2] {
        self.ends.each_ref().map(|end| end.device.clone())
    }

    fn is_like(&self, other: &Self) -> bool {
        let essence = |tunnel: &Self| {
            let Self {
                id: _,
                name,
                ends,
                port,
                carried,
            } = tunnel;
            let ends = ends.each_ref().map(|end| (end.public, end.mtu));
            (name.clone(), ends, *port, *carried)
        };
        essence(self) == essence(other)
    }
}
