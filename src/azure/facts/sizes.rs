//! The sizes of gateways: their throughput, their limits, and whether Azure still sells them.

use crate::azure::gateway::model::{ExpressRouteSku, ScaleUnits, VpnSku};

/// The default size of a VPN gateway.
pub(crate) const VPN_DEFAULT: (&str, (VpnSku, u32)) = ("VpnGw1AZ", (VpnSku::VpnGw1, 650));

/// The sizes of a VPN gateway, with the throughput of the first generation in Mbit/s. The current sizes have
/// availability zones; `VpnGw4` and `VpnGw5` exist only in the second generation (vpn-gateway-about-vpngateways). The
/// last two are legacy sizes (vpn-gateway-about-skus-legacy).
pub(crate) const VPN_SKUS: [(&str, (VpnSku, u32)); 13] = [
    ("Basic", (VpnSku::Basic, 100)),
    ("VpnGw1", (VpnSku::VpnGw1, 650)),
    ("VpnGw2", (VpnSku::VpnGw2, 1_000)),
    ("VpnGw3", (VpnSku::VpnGw3, 1_250)),
    ("VpnGw4", (VpnSku::VpnGw4, 5_000)),
    ("VpnGw5", (VpnSku::VpnGw5, 10_000)),
    VPN_DEFAULT,
    ("VpnGw2AZ", (VpnSku::VpnGw2, 1_000)),
    ("VpnGw3AZ", (VpnSku::VpnGw3, 1_250)),
    ("VpnGw4AZ", (VpnSku::VpnGw4, 5_000)),
    ("VpnGw5AZ", (VpnSku::VpnGw5, 10_000)),
    ("Standard", (VpnSku::Standard, 100)),
    ("HighPerformance", (VpnSku::HighPerformance, 200)),
];

/// The default size of an `ExpressRoute` gateway.
pub(crate) const EXPRESS_ROUTE_DEFAULT: (&str, (ExpressRouteSku, u32)) =
    ("ErGw1Az", (ExpressRouteSku::ErGw1Az, 1_000));

/// The throughput of a scale unit of an `ExpressRoute` gateway, in Mbit/s.
pub(crate) const SCALE_UNIT: u32 = 1_000;

/// The sizes of an `ExpressRoute` gateway, with the throughput in Mbit/s; that of a scalable size is for one scale unit
/// (expressroute-about-virtual-network-gateways). Documents write `Az`, Azure Resource Manager writes `AZ`.
pub(crate) const EXPRESS_ROUTE_SKUS: [(&str, (ExpressRouteSku, u32)); 10] = [
    ("Standard", (ExpressRouteSku::ErGw1Az, 1_000)),
    EXPRESS_ROUTE_DEFAULT,
    ("HighPerformance", (ExpressRouteSku::ErGw2Az, 2_000)),
    ("ErGw2Az", (ExpressRouteSku::ErGw2Az, 2_000)),
    ("UltraPerformance", (ExpressRouteSku::ErGw3Az, 10_000)),
    ("ErGw3Az", (ExpressRouteSku::ErGw3Az, 10_000)),
    ("ErGw1AZ", (ExpressRouteSku::ErGw1Az, 1_000)),
    ("ErGw2AZ", (ExpressRouteSku::ErGw2Az, 2_000)),
    ("ErGw3AZ", (ExpressRouteSku::ErGw3Az, 10_000)),
    (
        "ErGwScale",
        (ExpressRouteSku::ErGwScale(ScaleUnits::ONE), SCALE_UNIT),
    ),
];

const NON_ZONAL: &str = "retired on 2026-09-30 (gateway-sku-consolidation)";
const LEGACY: &str = "retired on 2026-03-31 (vpn-gateway-about-skus-legacy)";

/// Sizes of VPN gateways that Azure retired, with the date and the replacement.
pub(crate) const RETIRED: [(&str, &str, &str); 7] = [
    ("VpnGw1", NON_ZONAL, "VpnGw1AZ"),
    ("VpnGw2", NON_ZONAL, "VpnGw2AZ"),
    ("VpnGw3", NON_ZONAL, "VpnGw3AZ"),
    ("VpnGw4", NON_ZONAL, "VpnGw4AZ"),
    ("VpnGw5", NON_ZONAL, "VpnGw5AZ"),
    ("Standard", LEGACY, "VpnGw1AZ"),
    ("HighPerformance", LEGACY, "VpnGw1AZ"),
];

/// The number of scale units from which on a gateway has the features of the largest fixed size
/// (expressroute-about-virtual-network-gateways).
const LARGE_SCALE: u8 = 10;

/// Whether `FastPath` is available for a gateway of that size (about-fastpath).
pub(crate) const fn has_fast_path(sku: ExpressRouteSku) -> bool {
    match sku {
        ExpressRouteSku::ErGw1Az | ExpressRouteSku::ErGw2Az => false,
        ExpressRouteSku::ErGw3Az => true,
        ExpressRouteSku::ErGwScale(units) => units.fewest >= LARGE_SCALE,
    }
}

/// The maximum number of circuits of a gateway of that size (expressroute-about-virtual-network-gateways), and the
/// size's name.
pub(crate) const fn most_circuits(sku: ExpressRouteSku) -> (usize, &'static str) {
    match sku {
        ExpressRouteSku::ErGw1Az => (4, "ErGw1Az"),
        ExpressRouteSku::ErGw2Az => (8, "ErGw2Az"),
        ExpressRouteSku::ErGw3Az => (16, "ErGw3Az"),
        ExpressRouteSku::ErGwScale(units) => match units.fewest {
            0 | 1 => (4, "ErGwScale with 1 scale unit"),
            2..LARGE_SCALE => (8, "ErGwScale with fewer than 10 scale units"),
            _ => (16, "ErGwScale"),
        },
    }
}

/// The maximum number of tunnels of a gateway of that size (vpn-gateway-about-vpngateways), and the size's name.
pub(crate) const fn most_tunnels(sku: VpnSku) -> (usize, &'static str) {
    match sku {
        VpnSku::Basic => (10, "Basic"),
        VpnSku::VpnGw1 => (30, "VpnGw1"),
        VpnSku::VpnGw2 => (30, "VpnGw2"),
        VpnSku::VpnGw3 => (30, "VpnGw3"),
        VpnSku::VpnGw4 => (100, "VpnGw4"),
        VpnSku::VpnGw5 => (100, "VpnGw5"),
        VpnSku::Standard => (10, "Standard"),
        VpnSku::HighPerformance => (30, "HighPerformance"),
    }
}
