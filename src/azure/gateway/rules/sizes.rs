//! Rules for the sizes of gateways and of their subnet.

use crate::azure::connection::lower::basic_size;
use crate::azure::facts::sizes::RETIRED;
use crate::azure::gateway::model::{ExpressRouteSku, GatewayKind, VirtualNetworkGateway};
use crate::azure::gateway::rules::{express_route_gateway_of, vpn_gateway_of};
use crate::azure::resources::Resources;
use crate::azure::virtual_network::model::VirtualNetwork;
use crate::findings::{Finding, Level, Rule};
use crate::topology::GATEWAY_SUBNET;

const RETIRED_SIZE: Rule = Rule::new("retired-size");
const GATEWAY_SUBNET_SIZE: Rule = Rule::of_whole_files("gateway-subnet-size").needing(&[
    "sku",
    "vpnGatewayGeneration",
    "autoScaleConfiguration",
    "bounds",
    "min",
    "max",
]);

/// A VPN gateway should have a size that Azure still sells. The others are accepted, since a lab may model an older
/// network.
pub(crate) fn are_sold_today(spec: &Resources) -> Vec<Finding> {
    let gateways = spec.virtual_network_gateways.iter();
    gateways.filter_map(retired).collect()
}

fn retired(gateway: &VirtualNetworkGateway) -> Option<Finding> {
    let GatewayKind::Vpn { sku, .. } = &gateway.kind else {
        return None;
    };
    let mut sizes = RETIRED.iter();
    let (size, when, instead) = sizes.find(|(size, ..)| *size == gateway.size.name)?;
    let name = &gateway.name.value;
    let message = format!("`{name}` is a VPN gateway of size {size}, which Azure {when}");
    let finding = Finding::new(RETIRED_SIZE, sku.place, message);
    Some(
        finding
            .with_help(format!("write `sku: {instead}` or a larger one"))
            .as_warning(),
    )
}

/// The required size of a `GatewaySubnet`.
struct Need {
    /// The longest allowed prefix length.
    longest: u8,
    /// The gateways that need it.
    gateways: String,
    /// Whether Azure refuses a smaller subnet.
    level: Level,
    /// The document with the requirement.
    source: &'static str,
}

/// A `GatewaySubnet` must be large enough for its gateways.
pub(crate) fn have_a_large_enough_subnet(spec: &Resources) -> Vec<Finding> {
    let networks = spec.virtual_networks.iter();
    networks.filter_map(|vnet| too_small(spec, vnet)).collect()
}

fn too_small(spec: &Resources, vnet: &VirtualNetwork) -> Option<Finding> {
    let mut subnets = vnet.subnets.iter();
    let subnet = subnets.find(|subnet| subnet.name.value == GATEWAY_SUBNET)?;
    let prefix = subnet.address_prefix;
    let name = vnet.name.value.as_str();
    let unmet = needs(
        vpn_gateway_of(spec, name),
        express_route_gateway_of(spec, name),
    )
    .into_iter()
    .filter(|need| prefix.value.prefix_len() > need.longest);
    let need = unmet.min_by_key(|need| need.level)?;
    let message = format!(
        "the {GATEWAY_SUBNET} {} of `{name}` is too small: Azure requires a /{} or larger for {}",
        prefix.value, need.longest, need.gateways
    );
    let help = format!("make it a /{} or larger ({})", need.longest, need.source);
    let finding = Finding::new(GATEWAY_SUBNET_SIZE, prefix.place, message).with_help(help);
    Some(match need.level {
        Level::Error => finding,
        Level::Warning => finding.as_warning(),
    })
}

/// The size of the `GatewaySubnet` that gateways need. For `ExpressRoute` gateways of the smaller sizes, Azure
/// recommends a /27 and accepts smaller subnets.
fn needs(
    vpn: Option<&VirtualNetworkGateway>,
    express_route: Option<&VirtualNetworkGateway>,
) -> Vec<Need> {
    let mut needs = Vec::new();
    let mut need = |longest, gateways: String, level, source| {
        needs.push(Need {
            longest,
            gateways,
            level,
            source,
        });
    };
    if vpn.and(express_route).is_some() {
        let gateways = "a VPN gateway beside an ExpressRoute gateway".to_owned();
        let source = "expressroute-howto-coexist-resource-manager";
        need(27, gateways, Level::Error, source);
    }
    if let Some(gateway) = express_route
        && let GatewayKind::ExpressRoute { sku, .. } = &gateway.kind
    {
        let gateways = format!("an ExpressRoute gateway of size {}", gateway.size.name);
        let source = "expressroute-about-virtual-network-gateways";
        match sku.value {
            ExpressRouteSku::ErGw1Az | ExpressRouteSku::ErGw2Az => {}
            ExpressRouteSku::ErGw3Az => need(27, gateways, Level::Error, source),
            ExpressRouteSku::ErGwScale(_) => {
                need(27, gateways.clone(), Level::Error, source);
                need(26, gateways, Level::Warning, source);
            }
        }
    }
    if let Some(vpn) = vpn {
        let longest = if basic_size(vpn).is_some() { 29 } else { 27 };
        let gateways = format!("a VPN gateway of size {}", vpn.size.name);
        let source = "vpn-gateway-about-vpn-gateway-settings";
        need(longest, gateways, Level::Error, source);
    }
    needs
}
