//! Rules of a node's packet filter: what routes cannot express.

use std::net::Ipv4Addr;

use crate::names::IfName;
use crate::plan::operation::Device;
use crate::topology::{Mac, NodeId};
use crate::units::Ttl;

/// A rule of a packet filter. All rules of a node are set together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Filter {
    /// Sets the TTL of every packet that leaves through a tunnel.
    SetInnerTtl {
        /// The tunnel's interface.
        device: Device,
        /// The TTL.
        ttl: Ttl,
    },
    /// Hides the gateway from traceroute, between its network and its tunnels: it does not decrement the TTL, so that
    /// no packet expires there.
    HideGateway {
        /// The gateway's interface on its network.
        nic: Device,
        /// Its tunnels' interfaces.
        tunnels: Vec<IfName>,
    },
    /// Drops time-exceeded messages that leave through an interface from some addresses.
    Silence {
        /// The interface.
        device: Device,
        /// The addresses.
        sources: Vec<Ipv4Addr>,
    },
    /// Clamps the TCP maximum segment size in a node's tunnels, in both directions: it is lowered, never raised.
    ClampMss {
        /// The node.
        node: NodeId,
        /// Its tunnels' interfaces.
        tunnels: Vec<IfName>,
        /// The largest segment, in bytes without headers (RFC 9293, section 3.7.1).
        mss: u16,
    },
    /// Drops what a machine would forward in or out by a network interface without IP forwarding, where another
    /// interface of the machine has it.
    KeepOwn {
        /// The interface.
        nic: Device,
    },
    /// Drops some packets from a peered network.
    FilterPeering {
        /// The bridge's port toward the peered network.
        port: Device,
        /// The packets to drop.
        refused: Refused,
    },
}

/// The packets that a peering's flags drop.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refused {
    /// All packets.
    Everything,
    /// Packets that these machines of the peered network forward for others; each machine is given by its Ethernet
    /// address and its IP address.
    Forwarded(Vec<(Mac, Ipv4Addr)>),
}

impl Filter {
    /// The node of the rule.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        match self {
            Self::SetInnerTtl { device, .. }
            | Self::Silence { device, .. }
            | Self::HideGateway { nic: device, .. }
            | Self::KeepOwn { nic: device }
            | Self::FilterPeering { port: device, .. } => device.node,
            Self::ClampMss { node, .. } => *node,
        }
    }

    /// The same, mutable.
    pub(super) const fn node_mut(&mut self) -> &mut NodeId {
        match self {
            Self::SetInnerTtl { device, .. }
            | Self::Silence { device, .. }
            | Self::HideGateway { nic: device, .. }
            | Self::KeepOwn { nic: device }
            | Self::FilterPeering { port: device, .. } => &mut device.node,
            Self::ClampMss { node, .. } => node,
        }
    }

    /// The interface of the rule, if it has one.
    #[must_use]
    pub const fn device(&self) -> Option<&Device> {
        match self {
            Self::SetInnerTtl { device, .. }
            | Self::Silence { device, .. }
            | Self::HideGateway { nic: device, .. }
            | Self::KeepOwn { nic: device }
            | Self::FilterPeering { port: device, .. } => Some(device),
            Self::ClampMss { .. } => None,
        }
    }
}
