//! The types that an attribute can name.

/// Ends of attributes' names, without underscores and without `id` or `name`, and the last parts of the types that they
/// name. The first that fits counts.
const TYPES: &[(&str, &[&str])] = &[
    ("resourcegroup", &["resourceGroups"]),
    ("applicationsecuritygroup", &["applicationSecurityGroups"]),
    ("securitygroup", &["networkSecurityGroups"]),
    ("peersubnet", &["subnets"]),
    ("subnet", &["subnets"]),
    (
        "virtualnetworkconnection",
        &["hubVirtualNetworkConnections"],
    ),
    ("virtualnetwork", &["virtualNetworks"]),
    ("routetable", &["routeTables", "hubRouteTables"]),
    ("natgateway", &["natGateways"]),
    ("publicipaddress", &["publicIPAddresses"]),
    ("publicipprefix", &["publicIPPrefixes"]),
    ("localnetworkgateway", &["localNetworkGateways"]),
    ("virtualnetworkgateway", &["virtualNetworkGateways"]),
    ("vpngateway", &["vpnGateways"]),
    ("expressroutegateway", &["expressRouteGateways"]),
    ("expressroutecircuit", &["expressRouteCircuits"]),
    ("expressrouteport", &["expressRoutePorts"]),
    ("peering", &["peerings"]),
    ("networkinterface", &["networkInterfaces"]),
    ("loadbalancer", &["loadBalancers"]),
    ("backendaddresspool", &["backendAddressPools"]),
    ("probe", &["probes"]),
    ("virtualhub", &["virtualHubs"]),
    ("routeserver", &["virtualHubs"]),
    ("virtualwan", &["virtualWans"]),
    ("vpnsitelink", &["vpnSiteLinks"]),
    ("vpnsite", &["vpnSites"]),
    ("routemap", &["routeMaps"]),
    ("natrule", &["natRules"]),
    ("azurefirewall", &["azureFirewalls"]),
    ("firewallpolicy", &["firewallPolicies"]),
    ("basepolicy", &["firewallPolicies"]),
    ("virtualmachine", &["virtualMachines"]),
];

/// The last parts of the types that an attribute can name. Empty if that is open.
pub(super) fn types(attribute: &str) -> &'static [&'static str] {
    let plain = attribute.to_ascii_lowercase().replace('_', "");
    let plain = ["ids", "id", "name"]
        .iter()
        .find_map(|end| plain.strip_suffix(end))
        .unwrap_or(&plain);
    let plain = plain
        .strip_suffix('s')
        .filter(|_| !plain.ends_with("ss"))
        .unwrap_or(plain);
    let found = TYPES.iter().find(|(end, _)| plain.ends_with(end));
    found.map_or(&[], |(_, types)| types)
}

/// Whether an id is of one of several types. An empty list allows all.
pub(super) fn is_of(id: &str, types: &[&str]) -> bool {
    let kind = id.rsplit('/').nth(1).unwrap_or_default();
    types.is_empty() || types.iter().any(|one| one.eq_ignore_ascii_case(kind))
}
