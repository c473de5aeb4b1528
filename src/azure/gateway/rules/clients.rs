//! Rules for the default site of a VPN gateway and for its point-to-site clients.

use crate::azure::gateway::model::GatewayKind;
use crate::azure::references::find_vnet;
use crate::azure::resources::Resources;
use crate::findings::{Finding, Rule, no_such};

const CLIENT_POOL: Rule = Rule::new("client-pool");

/// A default site is the device of one of the gateway's connections (about-site-to-site-tunneling).
pub(crate) fn default_sites_are_connected(spec: &Resources) -> Vec<Finding> {
    let gateways = spec.virtual_network_gateways.iter();
    let missing = gateways.filter_map(|gateway| {
        let GatewayKind::Vpn {
            default_site: Some(site),
            ..
        } = &gateway.kind
        else {
            return None;
        };
        let connections = spec.connections.iter().filter(|connection| {
            let joined = connection.kind.gateway_and_device();
            joined.is_some_and(|[own, _]| own.value == gateway.name.value.as_str())
        });
        let names: Vec<&str> = connections
            .map(|connection| connection.name.value.as_str())
            .collect();
        let kind = format!("connection of `{}` to a device", gateway.name.value);
        (!names.contains(&site.value.as_str())).then(|| no_such(&kind, site, names))
    });
    missing.collect()
}

/// The clients' range is outside of the gateway's network (point-to-site-about).
pub(crate) fn client_pools_lie_outside(spec: &Resources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for gateway in &spec.virtual_network_gateways {
        let GatewayKind::Vpn { client_pools, .. } = &gateway.kind else {
            continue;
        };
        let Ok(vnet) = find_vnet(spec, &gateway.virtual_network) else {
            continue;
        };
        for pool in client_pools {
            let mut ranges = vnet.address_prefixes.iter();
            let overlapping = ranges.find(|range| {
                range.value.contains(&pool.value) || pool.value.contains(&range.value)
            });
            if let Some(range) = overlapping {
                let message = format!(
                    "{} overlaps {} of virtual network {}, the gateway's own network",
                    pool.value, range.value, vnet.name.value
                );
                let help = "use a range that neither the networks nor the sites have (point-to-site-about)";
                findings.push(Finding::new(CLIENT_POOL, pool.place, message).with_help(help));
            }
        }
    }
    findings
}
