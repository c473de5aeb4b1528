//! Rules of a node's packet filter: what no route can say.

use std::net::Ipv4Addr;

use crate::names::IfName;
use crate::plan::operation::Device;
use crate::topology::{Mac, NodeId};
use crate::units::Ttl;

/// A rule of a packet filter. All of a node's are set together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Filter {
    /// Sets the time to live of every packet that leaves by a tunnel.
    SetInnerTtl {
        /// The tunnel's interface.
        device: Device,
        /// The time to live.
        ttl: Ttl,
    },
    /// Makes a gateway no hop between its network and its tunnels: what crosses it keeps its time to
    /// live, and so never runs out there.
    HideGateway {
        /// The gateway's interface on its network.
        nic: Device,
        /// Its tunnels' interfaces.
        tunnels: Vec<IfName>,
    },
    /// Drops what leaves by an interface, from some addresses, to say that a packet's TTL ran out.
    Silence {
        /// The interface.
        device: Device,
        /// The addresses.
        sources: Vec<Ipv4Addr>,
    },
    /// Has no TCP connection over a node's tunnels agree on larger segments: the maximum segment size of
    /// its first packets is lowered, never raised, whichever way they go.
    ClampMss {
        /// The node.
        node: NodeId,
        /// Its tunnels' interfaces.
        tunnels: Vec<IfName>,
        /// The largest segment, in bytes without headers (RFC 9293, section 3.7.1).
        mss: u16,
    },
    /// Drops some of what a peered network sends.
    FilterPeering {
        /// The bridge's port toward the peered network.
        port: Device,
        /// What is dropped.
        refused: Refused,
    },
}

/// What a peering's flags keep out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refused {
    /// Everything.
    Everything,
    /// What these machines of the peered network send in others' names; each is given by its Ethernet
    /// and its own address.
    Forwarded(Vec<(Mac, Ipv4Addr)>),
}

impl Filter {
    /// The node whose filter it is a rule of.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        match self {
            Self::SetInnerTtl { device, .. }
            | Self::Silence { device, .. }
            | Self::HideGateway { nic: device, .. }
            | Self::FilterPeering { port: device, .. } => device.node,
            Self::ClampMss { node, .. } => *node,
        }
    }

    /// The same, to be changed.
    pub(super) const fn node_mut(&mut self) -> &mut NodeId {
        match self {
            Self::SetInnerTtl { device, .. }
            | Self::Silence { device, .. }
            | Self::HideGateway { nic: device, .. }
            | Self::FilterPeering { port: device, .. } => &mut device.node,
            Self::ClampMss { node, .. } => node,
        }
    }

    /// The interface that it is about, where it is about one.
    #[must_use]
    pub const fn device(&self) -> Option<&Device> {
        match self {
            Self::SetInnerTtl { device, .. }
            | Self::Silence { device, .. }
            | Self::HideGateway { nic: device, .. }
            | Self::FilterPeering { port: device, .. } => Some(device),
            Self::ClampMss { .. } => None,
        }
    }
}
