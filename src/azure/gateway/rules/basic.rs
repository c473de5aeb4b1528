//! What a VPN gateway of size `Basic` does not support, unlike all other sizes: BGP, a second instance and an
//! `ExpressRoute` gateway in the same network (about-gateway-skus).

use crate::azure::connection::lower::{basic_size, has_bgp};
use crate::azure::gateway::rules::{express_route_gateway_of, instances};
use crate::azure::resources::Resources;
use crate::findings::{Finding, Rule};

const BASIC_GATEWAY: Rule = Rule::new("basic-gateway");

/// The end of each help text: the next size supports all three.
const LARGER: &str = "`sku: VpnGw1AZ` or a larger one (about-gateway-skus)";

/// No connection may use BGP with a gateway that does not support it.
pub(crate) fn gateways_have_no_bgp(spec: &Resources) -> Vec<Finding> {
    let asking = spec.connections.iter().filter_map(|connection| {
        let said = connection.kind.enable_bgp().filter(|said| said.value)?;
        Some((said.place, connection.kind.vpn_gateways()))
    });
    let asked =
        asking.flat_map(|(place, gateways)| gateways.iter().map(move |name| (place, &name.value)));
    asked
        .filter(|(_, name)| !has_bgp(spec, name))
        .map(|(place, name)| {
            let message = format!("`{name}` is a gateway of size Basic, which has no BGP");
            let help = format!("leave `enableBgp` out, or give `{name}` {LARGER}");
            Finding::new(BASIC_GATEWAY, place, message).with_help(help)
        })
        .collect()
}

/// A gateway of size `Basic` must have one instance.
pub(crate) fn gateways_have_one_instance(spec: &Resources) -> Vec<Finding> {
    let gateways = spec.virtual_network_gateways.iter();
    let doubled = gateways.filter(|gateway| instances(gateway).len() > 1);
    doubled
        .filter_map(|gateway| {
            let name = &gateway.name.value;
            let message =
                format!("`{name}` is a gateway of size Basic, which has a single instance");
            let help = format!("leave `activeActive` out, or give `{name}` {LARGER}");
            let place = basic_size(gateway)?;
            Some(Finding::new(BASIC_GATEWAY, place, message).with_help(help))
        })
        .collect()
}

/// A gateway of size `Basic` must be the only gateway of its network.
pub(crate) fn gateways_stand_alone(spec: &Resources) -> Vec<Finding> {
    let gateways = spec.virtual_network_gateways.iter();
    gateways
        .filter_map(|gateway| {
            let place = basic_size(gateway)?;
            let other = express_route_gateway_of(spec, &gateway.virtual_network.value)?;
            let name = &gateway.name.value;
            let message = format!(
                "`{name}` is a gateway of size Basic, which cannot share a network with the ExpressRoute gateway `{}`",
                other.name.value
            );
            let help = format!("give `{name}` {LARGER}");
            Some(Finding::new(BASIC_GATEWAY, place, message).with_help(help))
        })
        .collect()
}
