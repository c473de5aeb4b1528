//! The rule by which one route wins over another of the same prefix.

use std::fmt;

/// A rule that selects among routes of one prefix. Between prefixes, the longest always wins (RFC 1812, section
/// 5.2.4.3); that is not one of these rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// A user-defined route wins over all others.
    UserRoute,
    /// A route that a gateway learned wins over a system route.
    GatewayOverSystem,
    /// The routes of a network's own address space, and of the networks that use its gateway, win over static
    /// prefixes behind the gateway's tunnels, even where these are longer.
    SystemRoute,
    /// A circuit wins over a tunnel, even with a longer AS path.
    ExpressRouteOverVpn,
    /// The connection with the higher `routingWeight` wins, or the neighbour with the higher weight.
    Weight,
    /// The higher local preference wins.
    LocalPreference,
    /// The shorter AS path wins.
    AsPathLength,
    /// The lower `MULTI_EXIT_DISC` wins among paths from one neighboring AS.
    MultiExitDiscriminator,
    /// A route from another AS wins over one from a neighbor of the same AS.
    ExternalOverInternal,
    /// A device prefers its interfaces, then static routes, then BGP, then the IGP.
    AdministrativeDistance,
}

impl Rule {
    /// The document of the rule: Azure's, or an RFC.
    #[must_use]
    pub const fn source(self) -> &'static str {
        match self {
            Self::UserRoute | Self::GatewayOverSystem | Self::SystemRoute => {
                "virtual-networks-udr-overview"
            }
            Self::ExpressRouteOverVpn => "expressroute-faqs",
            Self::Weight => "expressroute-optimize-routing",
            Self::LocalPreference => "RFC 4271, section 9.1.1",
            Self::AsPathLength | Self::MultiExitDiscriminator | Self::ExternalOverInternal => {
                "RFC 4271, section 9.1.2.2"
            }
            Self::AdministrativeDistance => "RFC 1812, section 5.2.4",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UserRoute => "user-defined routes win",
            Self::GatewayOverSystem => "gateway routes win over system routes",
            Self::SystemRoute => "routes of the network and its peers win",
            Self::ExpressRouteOverVpn => "ExpressRoute wins over VPN",
            Self::Weight => "higher weight wins",
            Self::LocalPreference => "higher local preference wins",
            Self::AsPathLength => "shorter AS path wins",
            Self::MultiExitDiscriminator => "lower MED wins among paths from one AS",
            Self::ExternalOverInternal => "eBGP wins over iBGP",
            Self::AdministrativeDistance => "lower administrative distance wins",
        })
    }
}
