//! Azure's limits, and the bandwidths that it sells.

/// The maximum number of virtual networks of a circuit without the premium add-on (expressroute-faqs).
pub(crate) const MOST_NETWORKS: usize = 10;

/// The maximum number of prefixes that a circuit without the premium add-on accepts from a site, and from a network
/// (expressroute-faqs).
pub(crate) const MOST_FROM_A_SITE: usize = 4000;
pub(crate) const MOST_FROM_A_NETWORK: usize = 1000;

/// The maximum number of routes in a route table (azure-subscription-service-limits).
pub(crate) const MOST_ROUTES: usize = 400;

/// Bandwidths of ExpressRoute circuits, in Mbit/s, as Azure sells them.
pub(crate) const CIRCUIT_BANDWIDTHS: [u32; 8] = [50, 100, 200, 500, 1000, 2000, 5000, 10000];
