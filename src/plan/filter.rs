//! Rules of a node's packet filter: what routes cannot express.

use crate::addresses::{Address, Prefix};
use crate::names::IfName;
use crate::topology::Mac;
use crate::units::Ttl;

/// A rule of a node's packet filter. All rules of a node are set together, in their order here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Filter {
    /// Sets the TTL of every packet that leaves through a tunnel.
    SetInnerTtl {
        /// The tunnel's interface.
        tunnel: IfName,
        /// The TTL.
        ttl: Ttl,
    },
    /// Hides the gateway from traceroute, between its network and its tunnels: it does not decrement the TTL, so that
    /// no packet expires there.
    HideGateway {
        /// The gateway's interface on its network.
        nic: IfName,
        /// Its tunnels' interfaces.
        tunnels: Vec<IfName>,
    },
    /// Drops packets that a machine would forward from or to a network interface without IP forwarding, while another
    /// interface of the machine has IP forwarding.
    DropForwarded {
        /// The interface.
        nic: IfName,
    },
    /// Drops time-exceeded messages that leave through an interface from some addresses.
    Silence {
        /// The interface.
        interface: IfName,
        /// The addresses.
        sources: Vec<Address>,
    },
    /// Drops some packets from a peered network.
    FilterPeering {
        /// The bridge's port toward the peered network.
        port: IfName,
        /// The packets to drop.
        refused: Refused,
    },
    /// Drops packets that enter or leave a tunnel, except between some pairs of prefixes.
    SelectTraffic {
        /// The tunnel's interface.
        tunnel: IfName,
        /// The pairs, each of a prefix on the node's side and one on the other side.
        pairs: Vec<[Prefix; 2]>,
    },
    /// Clamps the TCP maximum segment size in a node's tunnels, in both directions: it is lowered, never raised.
    ClampMss {
        /// The tunnels' interfaces.
        tunnels: Vec<IfName>,
        /// The largest segment, in bytes without headers (RFC 9293, section 3.7.1).
        mss: u16,
    },
}

/// The packets that a peering's flags drop.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refused {
    /// All packets.
    Everything,
    /// Packets that these machines of the peered network forward for others; each machine is given by its Ethernet
    /// address and its IP address.
    Forwarded(Vec<(Mac, Address)>),
}
