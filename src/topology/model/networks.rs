//! Virtual networks, their gateways and route tables, and sites.

use std::fmt;

use crate::addresses::{Address, Prefix};
use crate::names::NodeName;

use crate::topology::model::{
    GatewayId, InterfaceId, LinkId, NodeId, RouteTableId, SegmentId, VnetId,
};
use crate::units::Bandwidth;

/// A virtual network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualNetwork {
    /// Its name.
    pub name: NodeName,
    /// Its region.
    pub location: String,
    /// Its address space.
    pub prefixes: Vec<Prefix>,
    /// Its subnets.
    pub subnets: Vec<Subnet>,
    /// Its bridge.
    pub segment: SegmentId,
    /// Its private endpoints.
    pub private_endpoints: Vec<PrivateEndpoint>,
    /// The networks that it is peered with.
    pub peerings: Vec<Peering>,
    /// The networks to which it has only its own half of a peering: the peering's state in Azure is "Initiated", and it
    /// has no effect.
    pub initiated: Vec<HalfPeering>,
    /// Its VPN gateway.
    pub vpn_gateway: Option<GatewayId>,
    /// Its `ExpressRoute` gateway.
    pub express_route_gateway: Option<GatewayId>,
    /// The ranges of its point-to-site clients' addresses.
    pub client_pools: Vec<ClientPool>,
}

/// The addresses that an instance of a VPN gateway gives to point-to-site clients. A lab has no such clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientPool {
    /// The range.
    pub prefix: Prefix,
    /// The instance.
    pub instance: NodeId,
}

/// Half of a peering, without the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HalfPeering {
    /// The network without a half.
    pub remote: VnetId,
    /// The half allows gateway transit or uses remote gateways.
    pub transit: bool,
}

/// The name of the subnet of a network's gateways.
pub const GATEWAY_SUBNET: &str = "GatewaySubnet";

/// A subnet of a virtual network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// Its name.
    pub name: String,
    /// Its prefix.
    pub prefix: Prefix,
    /// The route table of its interfaces.
    pub route_table: Option<RouteTableId>,
    /// The public prefixes of services that it has service endpoints for, with the service's name.
    pub service_endpoints: Vec<(String, Prefix)>,
}

/// A private endpoint, as interfaces know it. Its node is a machine with a packet filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateEndpoint {
    /// The name of its node.
    pub name: NodeName,
    /// Its address.
    pub address: Address,
    /// User-defined routes can replace its route, and apply to its own packets: its subnet has the policy for route
    /// tables.
    pub obeys_route_tables: bool,
}

/// A table of user-defined routes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteTable {
    /// Its name.
    pub name: NodeName,
    /// Its subnets get the routes that gateways learned.
    pub propagates: bool,
    /// The routes.
    pub routes: Vec<UserRoute>,
}

/// A user-defined route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRoute {
    /// Its name.
    pub name: NodeName,
    /// The destination prefix.
    pub prefix: Prefix,
    /// The next hop.
    pub next_hop: UserNextHop,
}

/// The next-hop types of a user-defined route (virtual-networks-udr-overview).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserNextHop {
    /// `VirtualAppliance` and its `nextHopIpAddress`.
    VirtualAppliance(Address),
    /// `VirtualNetworkGateway`: the network's VPN gateway.
    VirtualNetworkGateway,
    /// `VnetLocal`.
    VnetLocal,
    /// `Internet`.
    Internet,
    /// `None`: dropped.
    None,
}

impl fmt::Display for UserNextHop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::VirtualAppliance(address) => write!(f, "VirtualAppliance {address}"),
            Self::VirtualNetworkGateway => f.write_str("VirtualNetworkGateway"),
            Self::VnetLocal => f.write_str("VnetLocal"),
            Self::Internet => f.write_str("Internet"),
            Self::None => f.write_str("None"),
        }
    }
}

/// An internal load balancer: a next hop for several appliances. It forwards each flow unchanged to one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadBalancer {
    /// Its name.
    pub name: NodeName,
    /// Its network.
    pub vnet: VnetId,
    /// The address that routes use.
    pub frontend: Address,
    /// The network interfaces of the machines behind it.
    pub backends: Vec<InterfaceId>,
}

/// A virtual network gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    /// Its name, which is also the name of its only instance; two are called `NAME-in0` and `NAME-in1`.
    pub name: NodeName,
    /// Its network.
    pub vnet: VnetId,
    /// Its instances: two where it is active-active.
    pub instances: Vec<NodeId>,
    /// Its kind.
    pub kind: GatewayKind,
    /// Its size.
    pub size: GatewaySize,
}

/// A gateway's size, and its throughput.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GatewaySize {
    /// `sku`, as the file writes it: `VpnGw1AZ`.
    pub name: &'static str,
    /// Azure's documented throughput of this size, in each direction. It counts the packets inside tunnels, without the
    /// overhead of encryption.
    pub throughput: Bandwidth,
}

/// The kinds of gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GatewayKind {
    /// A VPN gateway.
    Vpn {
        /// The public address of its first instance, which az shows as a next hop.
        public: Address,
    },
    /// An `ExpressRoute` gateway.
    ExpressRoute {
        /// Other networks on its circuits reach its network, if their gateways allow it too.
        allows_remote_vnets: bool,
    },
}

/// An `ExpressRoute` circuit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circuit {
    /// Its name.
    pub name: NodeName,
    /// Its MSEEs, the primary one first.
    pub msees: Vec<NodeId>,
    /// Its links to customer edges, the primary one first; one less for each at which nobody is connected.
    pub links: Vec<LinkId>,
    /// The rate of each of them in each direction, without impairments in the file.
    pub bandwidth: Bandwidth,
}

/// The shared capacity of several interfaces of a node: one for arriving packets, and one for leaving packets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capacity {
    /// Its owner: a VPN gateway.
    pub name: NodeName,
    /// The node.
    pub node: NodeId,
    /// Its interfaces: those of the internet toward the gateway's instances.
    pub interfaces: Vec<InterfaceId>,
    /// The rate in bit/s of whole frames; for a VPN gateway, of encrypted frames.
    pub rate: Bandwidth,
}

/// A peering that is connected, seen from one of its networks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the flags that Azure gives a peering"
)]
pub struct Peering {
    /// The other network.
    pub remote: VnetId,
    /// The part of the other's address space that this network sees: all of it, or some subnets'.
    pub prefixes: Vec<Prefix>,
    /// The networks are in different regions.
    pub is_global: bool,
    /// Packets that the other network forwards for others may enter: `allowForwardedTraffic`.
    pub takes_forwarded: bool,
    /// The other network may reach this one: `allowVirtualNetworkAccess`.
    pub gives_access: bool,
    /// The other network may use this one's gateways: `allowGatewayTransit`.
    pub offers_transit: bool,
    /// The other network uses this one's gateways.
    pub gives_transit: bool,
    /// This network uses the other's gateways.
    pub uses_remote_gateways: bool,
}

impl Peering {
    /// Whether this network sees an address of the other's.
    #[must_use]
    pub fn shows(&self, address: Address) -> bool {
        let mut prefixes = self.prefixes.iter();
        prefixes.any(|prefix| prefix.contains(&address))
    }
}

impl VirtualNetwork {
    /// Whether an address is of the network's own address space.
    #[must_use]
    pub fn holds(&self, address: Address) -> bool {
        let mut prefixes = self.prefixes.iter();
        prefixes.any(|prefix| prefix.contains(&address))
    }
}

/// An on-premises site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its name.
    pub name: NodeName,
    /// Its routers.
    pub routers: Vec<NodeId>,
    /// Its routers exchange their prefixes and default routes.
    pub has_igp: bool,
}
