//! What a route is, and its origin.

use std::{fmt, sync::Arc};

use crate::addresses::{Address, Prefix};
use crate::names::NodeName;
use crate::routing::rule::Rule;
use crate::topology::{InterfaceId, Topology, UserNextHop};
use crate::units::Asn;

/// A node's routes, sorted by prefix, the active one first. At most one route of a prefix is active.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// The routes, active and inactive.
    pub routes: Vec<Route>,
    /// The routes of each network interface of a machine with several, the primary one first. They apply to the
    /// machine's own packets from the interface's address, instead of `routes`. Empty for a machine with one interface.
    pub nics: Vec<NicTable>,
    /// The routes of encrypted packets, for each of the node's [`Topology::outer_ends_apart`].
    pub outer: Vec<Vec<Route>>,
}

/// The effective routes of one of several network interfaces, in the order of a [`Table`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NicTable {
    /// The interface.
    pub interface: InterfaceId,
    /// The routes, active and inactive.
    pub routes: Vec<Route>,
}

impl Table {
    /// The active routes.
    pub fn active(&self) -> impl Iterator<Item = &Route> {
        self.routes
            .iter()
            .filter(|route| route.standing == Standing::Active)
    }

    /// The route for a destination: the longest active prefix that contains it.
    #[must_use]
    pub fn lookup(&self, destination: Address) -> Option<&Route> {
        longest(&self.routes, destination)
    }

    /// The route for a packet that the node itself sends. If the node has several network interfaces, a packet from an
    /// interface's address uses that interface's routes.
    #[must_use]
    pub fn lookup_from(
        &self,
        topology: &Topology,
        source: Option<Address>,
        destination: Address,
    ) -> Option<&Route> {
        longest(self.routes_from(topology, source), destination)
    }

    /// The routes of a packet of the node itself, by its source address.
    #[must_use]
    pub fn routes_from(&self, topology: &Topology, source: Option<Address>) -> &[Route] {
        let is_source =
            |table: &&NicTable| source.is_some() && topology.address_of(table.interface) == source;
        let own = self.nics.iter().find(is_source);
        own.map_or(&self.routes, |table| &table.routes)
    }
}

fn longest(routes: &[Route], destination: Address) -> Option<&Route> {
    let holding = routes
        .iter()
        .filter(|route| route.is_active() && route.prefix.contains(&destination));
    holding.max_by_key(|route| route.prefix.prefix_len())
}

/// A route, active or inactive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Where to.
    pub prefix: Prefix,
    /// What happens to a packet.
    pub action: Action,
    /// The source address of the node's own packets; `None` if the kernel selects it.
    pub source: Option<Address>,
    /// Where the route comes from.
    pub origin: Origin,
    /// The next hops as az lists them. They may differ from the real next hops: a VPN gateway with one instance is
    /// listed by its public address (vpn-gateway-about-vpn-gateway-settings).
    pub listed: Arc<[Address]>,
    /// Whether packets take it.
    pub standing: Standing,
}

impl Route {
    /// An active route, with nothing listed.
    pub(super) fn new(prefix: Prefix, action: Action, origin: Origin) -> Self {
        Self {
            prefix,
            action,
            source: None,
            origin,
            listed: Arc::default(),
            standing: Standing::Active,
        }
    }

    /// Sets the source address of the node's own packets.
    pub(super) fn from(self, source: Address) -> Self {
        Self {
            source: Some(source),
            ..self
        }
    }

    /// Sets the next hops that az lists.
    pub(super) fn listing(self, listed: impl Into<Arc<[Address]>>) -> Self {
        let listed = listed.into();
        Self { listed, ..self }
    }

    /// The same route, inactive by a rule.
    pub(super) fn inactive_by(mut self, rule: Rule) -> Self {
        self.deactivate(rule);
        self
    }

    /// Makes the route inactive, because another one wins by a rule.
    pub(super) fn deactivate(&mut self, rule: Rule) {
        self.standing = Standing::Inactive(rule);
    }

    /// Whether packets take it.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.standing == Standing::Active
    }
}

/// Whether packets take a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Packets take the route.
    Active,
    /// Packets take another route of the same prefix, by this rule.
    Inactive(Rule),
}

/// What a route does to packets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Forwards them over all next hops (ECMP); a flow always uses the same one.
    Forward(Arc<[NextHop]>),
    /// Sends them to Azure's fabric, which drops them silently. The sender's own programs see no error; a route that
    /// drops would give them one.
    Fabric(NextHop),
    /// Drops them silently.
    Drop,
}

/// Where a route sends packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NextHop {
    /// The interface they leave by.
    pub interface: InterfaceId,
    /// The neighbor's address; `None` if the next hop is the destination itself or the far end of a tunnel.
    pub via: Option<Address>,
}

/// Where a route comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The address space of the node's own virtual network (a system route).
    VnetLocal,
    /// The address space of a peered network (a system route).
    VnetPeering {
        /// The network.
        remote: NodeName,
        /// Whether it is in another region.
        is_global: bool,
    },
    /// A private endpoint in the node's own virtual network or in a peered one (a system route).
    InterfaceEndpoint,
    /// A public prefix of a service that the subnet has a service endpoint for (a system route).
    ServiceEndpoint {
        /// The service.
        service: String,
    },
    /// Azure's route to the Internet (a system route), which a lab does not have.
    Internet,
    /// A prefix that Azure drops by default (a system route).
    Reserved,
    /// A user-defined route.
    User {
        /// Its table.
        table: NodeName,
        /// Its name there.
        name: NodeName,
        /// Its next hop, as configured.
        next_hop: UserNextHop,
    },
    /// Learned by a virtual network's gateway, which propagates it to every interface.
    VirtualNetworkGateway {
        /// The gateway.
        gateway: NodeName,
        /// Whether it was learned from a circuit.
        is_express_route: bool,
        /// The path that the gateway learned, nearest AS first; empty for a static route.
        as_path: Arc<[Asn]>,
        /// The weight of the connection that it was learned from.
        weight: u32,
    },
    /// Learned by BGP.
    Bgp(BgpOrigin),
    /// The prefix of an interface.
    Connected,
    /// A static route of the device.
    Static,
    /// A static prefix behind a connection: a local network gateway's address space, the other network's of a
    /// connection without BGP, or the BGP address of the peer.
    Network {
        /// The connection.
        connection: NodeName,
    },
    /// Learned inside a site.
    Igp,
    /// A default route that a customer edge originates in its site.
    IgpDefault,
    /// The default route that drops packets without any other route.
    Discard,
}

/// The attributes of a route learned by BGP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BgpOrigin {
    /// The neighbor.
    pub neighbour: NodeName,
    /// The AS path, nearest AS first.
    pub as_path: Arc<[Asn]>,
    /// The weight of the session, which is compared first.
    pub weight: u32,
    /// The local preference, which is compared next.
    pub local_preference: u32,
    /// Whether the neighbor has the node's own ASN (iBGP).
    pub is_internal: bool,
}

impl Origin {
    /// The weight, for routes that have one.
    #[must_use]
    pub const fn weight(&self) -> u32 {
        match self {
            Self::VirtualNetworkGateway { weight, .. } | Self::Bgp(BgpOrigin { weight, .. }) => {
                *weight
            }
            _ => 0,
        }
    }

    /// The AS path, for routes that have one.
    #[must_use]
    pub fn as_path(&self) -> &[Asn] {
        match self {
            Self::VirtualNetworkGateway { as_path, .. } | Self::Bgp(BgpOrigin { as_path, .. }) => {
                as_path
            }
            _ => &[],
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::VnetLocal => f.write_str("VnetLocal"),
            Self::VnetPeering {
                remote,
                is_global: false,
            } => write!(f, "VNetPeering {remote}"),
            Self::VnetPeering { remote, .. } => write!(f, "VNetGlobalPeering {remote}"),
            Self::InterfaceEndpoint => f.write_str("InterfaceEndpoint"),
            Self::ServiceEndpoint { service } => {
                write!(f, "VirtualNetworkServiceEndpoint {service}")
            }
            Self::Internet => f.write_str("Internet"),
            Self::Reserved => f.write_str("None"),
            Self::User {
                table,
                name,
                next_hop,
            } => write!(f, "User {table}/{name} {next_hop}"),
            Self::VirtualNetworkGateway {
                gateway,
                as_path,
                weight,
                ..
            } => {
                write!(f, "VirtualNetworkGateway {gateway}")?;
                shown_path(f, as_path)?;
                shown_weight(f, *weight)
            }
            Self::Bgp(bgp) => bgp.fmt(f),
            Self::Connected => f.write_str("connected"),
            Self::Static => f.write_str("static"),
            Self::Network { connection } => write!(f, "network {connection}"),
            Self::Igp => f.write_str("IGP"),
            Self::IgpDefault => f.write_str("IGP default"),
            Self::Discard => f.write_str("discard"),
        }
    }
}

impl fmt::Display for BgpOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = if self.is_internal { "iBGP" } else { "BGP" };
        write!(f, "{protocol} {}", self.neighbour)?;
        shown_path(f, &self.as_path)?;
        shown_weight(f, self.weight)?;
        write!(f, " preference {}", self.local_preference)
    }
}

fn shown_path(f: &mut fmt::Formatter<'_>, path: &[Asn]) -> fmt::Result {
    if path.is_empty() {
        Ok(())
    } else {
        write!(f, " path {}", as_path(path))
    }
}

fn shown_weight(f: &mut fmt::Formatter<'_>, weight: u32) -> fmt::Result {
    if weight == 0 {
        Ok(())
    } else {
        write!(f, " weight {weight}")
    }
}

/// A path as az prints it, `12076-65021`.
#[must_use]
pub fn as_path(path: &[Asn]) -> String {
    let numbers: Vec<_> = path.iter().map(Asn::to_string).collect();
    numbers.join("-")
}
