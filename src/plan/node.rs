//! What a plan creates in one node.
//!
//! Only routes have the node's id, for the difference between two states of all routes. The plan holds its nodes by id,
//! so everything else in two nodes can be compared without their ids.

use crate::addresses::{Address, Prefix};
use crate::firewall::Firewall;
use crate::names::{IfName, NodeName};
use crate::plan::change::{Path, RouteKey};
use crate::plan::filter::Filter;
use crate::plan::link::InterfacePlan;
use crate::topology::Mac;
use crate::units::Bandwidth;

/// A file under /proc/sys/net and its value.
pub type Setting = (&'static str, &'static str);

/// A node: its namespace, and all that is created in it, by stages. The kernel gets each field as one stage, or as part
/// of one, in the order of the fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodePlan {
    /// Its name.
    pub name: NodeName,
    /// The settings of its namespace, whose loopback is up. Empty for an existing node that keeps its settings.
    pub settings: Vec<Setting>,
    /// Its bridges.
    pub bridges: Vec<InterfacePlan>,
    /// Its entries in tables of the kernel, in order.
    pub entries: Vec<Entry>,
    /// The capacities that some of its interfaces share.
    pub limits: Vec<Limit>,
    /// The rules of its packet filter, in order; all are set together.
    pub filters: Vec<Filter>,
    /// The firewall that the lab file gives it, besides these rules.
    pub firewall: Option<Firewall>,
    /// Its routes, in order, except those that the kernel creates from addresses.
    pub routes: Vec<(RouteKey, Path)>,
}

/// An entry of a node in a table of the kernel, or the settings of a port. One request adds or removes an entry, and
/// the kernel lists entries; a port's settings are removed with the port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entry {
    /// Isolates a bridge's port: no learning, no flooding.
    Port {
        /// The port.
        port: IfName,
        /// Whether it receives from other isolated ports.
        isolated: bool,
    },
    /// A forwarding entry of a bridge: the port of an Ethernet address.
    Forwarding {
        /// The port.
        port: IfName,
        /// The address.
        mac: Mac,
    },
    /// An address of an interface.
    Address {
        /// The interface.
        interface: IfName,
        /// The address with its prefix length.
        address: Prefix,
        /// Whether the prefix becomes a route.
        connected: bool,
    },
    /// A neighbour entry of an interface.
    Neighbour {
        /// The interface.
        interface: IfName,
        /// The neighbour.
        address: Address,
        /// Its Ethernet address.
        mac: Mac,
    },
    /// Routes some packets by another table.
    Rule {
        /// The packets.
        packets: RuleSelector,
        /// The table.
        table: u32,
    },
    /// Makes the node check the source of every packet. Of packets that the kernel receives together for one
    /// destination, it checks only the first, unless the namespace has a routing rule of its own (Linux 5.6,
    /// `ip_route_use_hint`). So the namespace gets a rule that changes nothing.
    AskEachSource,
}

/// The packets that a routing rule is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleSelector {
    /// Those that arrive at an interface, for a destination.
    Arriving {
        /// The interface.
        interface: IfName,
        /// The destination.
        to: Address,
    },
    /// The node's own packets from one of its addresses.
    From(Address),
    /// UDP packets to a destination and its port.
    Udp {
        /// The destination.
        to: Address,
        /// The port.
        port: u16,
    },
}

impl Entry {
    /// The entry's interface, with which the kernel removes the entry. `None` for a rule: it stays when its interface
    /// is removed.
    #[must_use]
    pub const fn on(&self) -> Option<&IfName> {
        match self {
            Self::Port { port, .. } | Self::Forwarding { port, .. } => Some(port),
            Self::Address { interface, .. } | Self::Neighbour { interface, .. } => Some(interface),
            Self::Rule { .. } | Self::AskEachSource => None,
        }
    }
}

/// Limits the rate of several interfaces of a node together, each direction separately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// The owner of the capacity: a VPN gateway.
    pub name: String,
    /// The interfaces.
    pub interfaces: Vec<IfName>,
    /// The rate in bit/s of whole frames, for each direction.
    pub rate: Bandwidth,
    /// The new intermediate device (ifb) for all packets that the interfaces receive.
    pub arriving: IfName,
    /// The one for all packets that the node sends through the interfaces.
    pub leaving: IfName,
}

impl NodePlan {
    /// An existing node in which nothing is created.
    #[must_use]
    pub const fn unchanged(name: NodeName) -> Self {
        Self {
            name,
            settings: Vec::new(),
            bridges: Vec::new(),
            entries: Vec::new(),
            limits: Vec::new(),
            filters: Vec::new(),
            firewall: None,
            routes: Vec::new(),
        }
    }
}
