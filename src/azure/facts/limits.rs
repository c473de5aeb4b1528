//! What Azure allows at most, and what it sells.

/// The most virtual networks of a circuit without the premium add-on (expressroute-faqs).
pub(crate) const MOST_NETWORKS: usize = 10;

/// The most prefixes that a circuit accepts from a site without the premium add-on, and from a network
/// (expressroute-faqs).
pub(crate) const MOST_FROM_A_SITE: usize = 4000;
pub(crate) const MOST_FROM_A_NETWORK: usize = 1000;

/// The most routes in a table (azure-subscription-service-limits).
pub(crate) const MOST_ROUTES: usize = 400;

/// Bandwidths of ExpressRoute circuits, in Mbit/s, as Azure sells them.
pub(crate) const CIRCUIT_BANDWIDTHS: [u32; 8] = [50, 100, 200, 500, 1000, 2000, 5000, 10000];
