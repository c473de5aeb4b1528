//! Switches for points where Azure's documents disagree or are silent, each with the recommended default.

use crate::addresses::Prefix;

/// The switches of a lab.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Semantics {
    /// `vpnGatewayHops`: whether VPN gateways appear in traces.
    pub vpn_gateway_hops: GatewayHops,
    /// `strictPeeringFlags`: a peering without `allowForwardedTraffic` drops what the remote network forwards for
    /// others, and one without `allowVirtualNetworkAccess` drops everything. Default false: today's document says that
    /// the flags only define a service tag (virtual-network-manage-peering), and forwarded packets were observed to
    /// arrive without them.
    pub strict_peering_flags: bool,
    /// `expressRouteRoutesInVpnGateway`: in a network with both gateways, the VPN gateway's table lists what the other
    /// learned from circuits. Default false, as in all tables since 2024; one document
    /// (use-s2s-vpn-as-backup-for-expressroute-privatepeering) prints them. They are never advertised.
    pub express_route_routes_in_vpn_gateway: bool,
    /// `bgpPeerHostRoutes`: in which networks interfaces have a VPN peer's BGP address as a /32 route.
    pub bgp_peer_host_routes: BgpPeerHostRoutes,
    /// `reservedPrefixes`: the prefixes that Azure drops by a system route.
    pub reserved_prefixes: ReservedPrefixes,
    /// `listIdleInstances`: both instances of an active-active gateway are next hops of a route that only one of them
    /// has through its own tunnel. Default false: only instances with the route are next hops.
    pub list_idle_instances: bool,
    /// `customerEdgeHops`: whether a customer edge answers a trace from a virtual network from the address of an
    /// unadvertised circuit link.
    pub customer_edge_hops: CustomerEdgeHops,
}

/// Whether VPN gateways appear in traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GatewayHops {
    /// `transparent`: they neither answer nor decrement the TTL, as observed since 2021.
    #[default]
    Transparent,
    /// `legacy`: they answer and decrement the TTL, as in the captures of 2018.
    Legacy,
}

/// Whether customer edges appear in traces through a circuit with unadvertised links. Two recordings disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CustomerEdgeHops {
    /// `silent`: they do not, as in 2018 (connectivity-interoperability-data-plane): Azure drops packets from sources
    /// without a route.
    #[default]
    Silent,
    /// `answering`: they do, as recorded in 2024.
    Answering,
}

/// The networks whose interfaces list BGP addresses of VPN peers. No document specifies it; tables show them only in
/// networks with only a VPN gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BgpPeerHostRoutes {
    /// `vpnOnly`: in networks without an `ExpressRoute` gateway.
    #[default]
    VpnOnly,
    /// `always`.
    Always,
    /// `never`.
    Never,
}

/// The prefixes that Azure drops by a system route (virtual-networks-udr-overview); they have changed over time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ReservedPrefixes {
    /// `recommended`: the documented four, 127.0.0.0/8 and 198.18.0.0/15.
    #[default]
    Recommended,
    /// `documented`: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and 100.64.0.0/10.
    Documented,
    /// `2020`: as observed in December 2020.
    Seen2020,
    /// `2021`: as observed in November 2021.
    Seen2021,
    /// `2023`: as observed in 2023.
    Seen2023,
    /// A list of prefixes of the lab file, sorted.
    Listed(Vec<Prefix>),
}

impl ReservedPrefixes {
    /// The prefixes, sorted.
    #[must_use]
    pub fn prefixes(&self) -> Vec<Prefix> {
        const DOCUMENTED: &[&str] = &[
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
        ];
        const SEEN_2020: &[&str] = &[
            "10.0.0.0/8",
            "100.64.0.0/10",
            "192.168.0.0/16",
            "25.33.80.0/20",
            "25.41.3.0/25",
        ];
        const SEEN_2021: &[&str] = &[
            "10.0.0.0/8",
            "100.64.0.0/10",
            "192.168.0.0/16",
            "25.48.0.0/12",
            "25.4.0.0/14",
            "198.18.0.0/15",
            "157.59.0.0/16",
            "25.33.0.0/16",
            "40.109.0.0/16",
            "104.147.0.0/16",
            "40.108.0.0/17",
            "104.146.0.0/17",
            "23.103.0.0/18",
            "25.41.0.0/20",
            "20.35.252.0/22",
        ];
        let (first, second): (&[&str], &[&str]) = match self {
            Self::Recommended => (DOCUMENTED, &["127.0.0.0/8", "198.18.0.0/15"]),
            Self::Documented => (DOCUMENTED, &[]),
            Self::Seen2020 => (SEEN_2020, &[]),
            Self::Seen2021 => (SEEN_2021, &[]),
            Self::Seen2023 => (SEEN_2021, &["127.0.0.0/8", "172.16.0.0/12"]),
            Self::Listed(prefixes) => return prefixes.clone(),
        };
        let texts = first.iter().chain(second);
        let mut prefixes: Vec<Prefix> = texts.filter_map(|text| text.parse().ok()).collect();
        prefixes.sort_unstable();
        prefixes
    }
}
