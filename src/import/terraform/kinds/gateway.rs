//! Gateways of virtual networks, local network gateways and connections.

use serde_json::{Map, Value, json};

use super::super::shape::{
    Field, Shape, block, blocks, field, items, put, reference, references, value,
};
use super::{Kind, Parent};

pub(super) const KINDS: &[Kind] = &[
    Kind {
        terraform: "azurerm_virtual_network_gateway",
        arm: "Microsoft.Network/virtualNetworkGateways",
        parent: Parent::Group,
        fields: GATEWAY,
        links: &[],
    },
    Kind {
        terraform: "azurerm_virtual_network_gateway_nat_rule",
        arm: "Microsoft.Network/virtualNetworkGateways/natRules",
        parent: Parent::Id("virtual_network_gateway_id"),
        fields: NAT_RULE,
        links: &[],
    },
    Kind {
        terraform: "azurerm_local_network_gateway",
        arm: "Microsoft.Network/localNetworkGateways",
        parent: Parent::Group,
        fields: &[
            value("gateway_address", "properties.gatewayIpAddress"),
            value("gateway_fqdn", "properties.fqdn"),
            value(
                "address_space",
                "properties.localNetworkAddressSpace.addressPrefixes",
            ),
            block(
                "bgp_settings",
                "properties.bgpSettings",
                &[
                    value("asn", "asn"),
                    value("bgp_peering_address", "bgpPeeringAddress"),
                    value("peer_weight", "peerWeight"),
                ],
            ),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_virtual_network_gateway_connection",
        arm: "Microsoft.Network/connections",
        parent: Parent::Group,
        fields: CONNECTION,
        links: &[],
    },
];

const GATEWAY: &[Field] = &[
    value("type", "properties.gatewayType"),
    value("vpn_type", "properties.vpnType"),
    value("sku", "properties.sku.name"),
    value("sku", "properties.sku.tier"),
    value("generation", "properties.vpnGatewayGeneration"),
    value("active_active", "properties.activeActive"),
    value("bgp_enabled", "properties.enableBgp"),
    value("enable_bgp", "properties.enableBgp"),
    value(
        "private_ip_address_enabled",
        "properties.enablePrivateIpAddress",
    ),
    value(
        "remote_vnet_traffic_enabled",
        "properties.allowRemoteVnetTraffic",
    ),
    value(
        "virtual_wan_traffic_enabled",
        "properties.allowVirtualWanTraffic",
    ),
    value(
        "bgp_route_translation_for_nat_enabled",
        "properties.enableBgpRouteTranslationForNat",
    ),
    reference(
        "default_local_network_gateway_id",
        "properties.gatewayDefaultSite",
    ),
    value(
        "minimum_scale_unit",
        "properties.autoScaleConfiguration.bounds.min",
    ),
    value(
        "maximum_scale_unit",
        "properties.autoScaleConfiguration.bounds.max",
    ),
    items(
        "ip_configuration",
        "properties.ipConfigurations",
        IP_CONFIGURATION,
    ),
    block("bgp_settings", "properties.bgpSettings", BGP),
    block(
        "custom_route",
        "properties.customRoutes",
        &[value("address_prefixes", "addressPrefixes")],
    ),
    block(
        "vpn_client_configuration",
        "properties.vpnClientConfiguration",
        &[
            value("address_space", "vpnClientAddressPool.addressPrefixes"),
            value("vpn_client_protocols", "vpnClientProtocols"),
        ],
    ),
];

const IP_CONFIGURATION: &[Field] = &[
    value("private_ip_address", "properties.privateIPAddress"),
    value(
        "private_ip_address_allocation",
        "properties.privateIPAllocationMethod",
    ),
    reference("subnet_id", "properties.subnet"),
    reference("public_ip_address_id", "properties.publicIPAddress"),
];

const BGP: &[Field] = &[
    value("asn", "asn"),
    value("peering_address", "bgpPeeringAddress"),
    value("peer_weight", "peerWeight"),
    blocks(
        "peering_addresses",
        "bgpPeeringAddresses",
        &[
            field(
                "ip_configuration_name",
                "ipconfigurationId",
                Shape::Own("ipConfigurations"),
            ),
            value("default_addresses", "defaultBgpIpAddresses"),
            value("apipa_addresses", "customBgpIpAddresses"),
            value("tunnel_ip_addresses", "tunnelIpAddresses"),
        ],
    ),
];

const CONNECTION: &[Field] = &[
    value("type", "properties.connectionType"),
    reference(
        "virtual_network_gateway_id",
        "properties.virtualNetworkGateway1",
    ),
    reference(
        "peer_virtual_network_gateway_id",
        "properties.virtualNetworkGateway2",
    ),
    reference(
        "local_network_gateway_id",
        "properties.localNetworkGateway2",
    ),
    reference("express_route_circuit_id", "properties.peer"),
    value("routing_weight", "properties.routingWeight"),
    value("bgp_enabled", "properties.enableBgp"),
    value("enable_bgp", "properties.enableBgp"),
    value(
        "express_route_gateway_bypass_enabled",
        "properties.expressRouteGatewayBypass",
    ),
    value(
        "express_route_gateway_bypass",
        "properties.expressRouteGatewayBypass",
    ),
    value(
        "private_link_fast_path_enabled",
        "properties.enablePrivateLinkFastPath",
    ),
    value("connection_mode", "properties.connectionMode"),
    value("connection_protocol", "properties.connectionProtocol"),
    value("dpd_timeout_seconds", "properties.dpdTimeoutSeconds"),
    value(
        "local_azure_ip_address_enabled",
        "properties.useLocalAzureIpAddress",
    ),
    value(
        "use_policy_based_traffic_selectors",
        "properties.usePolicyBasedTrafficSelectors",
    ),
    blocks(
        "traffic_selector_policy",
        "properties.trafficSelectorPolicies",
        &[
            value("local_address_cidrs", "localAddressRanges"),
            value("remote_address_cidrs", "remoteAddressRanges"),
        ],
    ),
    references("ingress_nat_rule_ids", "properties.ingressNatRules"),
    references("egress_nat_rule_ids", "properties.egressNatRules"),
    // The gateway's configurations are named when all resources are there.
    block(
        "custom_bgp_addresses",
        CUSTOM_BGP,
        &[value("primary", "primary"), value("secondary", "secondary")],
    ),
];

/// Where the own BGP addresses of a connection stand until the gateway is known.
pub(in super::super) const CUSTOM_BGP: &str = "customBgpAddresses";

/// A rule of network address translation, of a gateway in a virtual network or in a hub.
pub(super) const NAT_RULE: &[Field] = &[
    value("type", "properties.type"),
    value("mode", "properties.mode"),
    value("ip_configuration_id", "properties.ipConfigurationId"),
    blocks("external_mapping", "properties.externalMappings", MAPPING),
    blocks("internal_mapping", "properties.internalMappings", MAPPING),
    field(
        "external_address_space_mappings",
        "properties.externalMappings",
        Shape::Convert(mappings),
    ),
    field(
        "internal_address_space_mappings",
        "properties.internalMappings",
        Shape::Convert(mappings),
    ),
];

const MAPPING: &[Field] = &[
    value("address_space", "addressSpace"),
    value("port_range", "portRange"),
];

fn mappings(value: &Value) -> Option<Value> {
    let spaces = value.as_array()?.iter();
    Some(
        spaces
            .map(|space| json!({ "addressSpace": space }))
            .collect(),
    )
}

/// Gives a connection BGP addresses of its own. Each belongs to the gateway's configuration that has it among its
/// addresses; if none has it, the primary address belongs to the first configuration.
pub(in super::super) fn complete_connection(
    connection: &mut Map<String, Value>,
    own: &Value,
    (gateway_id, gateway): (&str, &Value),
) {
    let mut entries = Vec::new();
    for (place, which) in ["primary", "secondary"].into_iter().enumerate() {
        if let Some(address) = own.get(which) {
            let configuration = configuration_of(address, gateway)
                .or_else(|| configuration_at(place, gateway))
                .unwrap_or_else(|| format!("{gateway_id}/ipConfigurations/{}", place + 1));
            entries
                .push(json!({ "ipConfigurationId": configuration, "customBgpIpAddress": address }));
        }
    }
    if !entries.is_empty() {
        put(
            connection,
            "properties.gatewayCustomBgpIpAddresses",
            Value::Array(entries),
        );
    }
}

fn configuration_of(address: &Value, gateway: &Value) -> Option<String> {
    let settings = gateway.get("properties")?.get("bgpSettings")?;
    let all = settings.get("bgpPeeringAddresses")?.as_array()?;
    let has_it = |one: &&Value| {
        let own = one.get("customBgpIpAddresses").and_then(Value::as_array);
        own.is_some_and(|own| own.contains(address))
    };
    let id = all.iter().find(has_it)?.get("ipconfigurationId")?;
    id.as_str().map(str::to_owned)
}

fn configuration_at(place: usize, gateway: &Value) -> Option<String> {
    let all = gateway.get("properties")?.get("ipConfigurations")?;
    let id = all.get(place)?.get("id")?;
    id.as_str().map(str::to_owned)
}
