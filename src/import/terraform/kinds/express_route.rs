//! `ExpressRoute` circuits, their peerings, and Global Reach.

use super::super::shape::{Field, block, reference, value};
use super::{End, Kind, Parent, link};

pub(super) const KINDS: &[Kind] = &[
    Kind {
        terraform: "azurerm_express_route_circuit",
        arm: "Microsoft.Network/expressRouteCircuits",
        parent: Parent::Group,
        fields: &[
            block(
                "sku",
                "sku",
                &[value("tier", "tier"), value("family", "family")],
            ),
            value(
                "service_provider_name",
                "properties.serviceProviderProperties.serviceProviderName",
            ),
            value(
                "peering_location",
                "properties.serviceProviderProperties.peeringLocation",
            ),
            value(
                "bandwidth_in_mbps",
                "properties.serviceProviderProperties.bandwidthInMbps",
            ),
            reference("express_route_port_id", "properties.expressRoutePort"),
            value("bandwidth_in_gbps", "properties.bandwidthInGbps"),
            value(
                "service_provider_provisioning_state",
                "properties.serviceProviderProvisioningState",
            ),
            value(
                "rate_limiting_enabled",
                "properties.enableDirectPortRateLimit",
            ),
            value(
                "enable_rate_limiting",
                "properties.enableDirectPortRateLimit",
            ),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_express_route_circuit_peering",
        arm: "Microsoft.Network/expressRouteCircuits/peerings",
        parent: Parent::Name("express_route_circuit_name"),
        fields: PEERING,
        links: &[],
    },
    Kind {
        terraform: "azurerm_express_route_circuit_connection",
        arm: "Microsoft.Network/expressRouteCircuits/peerings/connections",
        parent: Parent::Id("peering_id"),
        fields: &[
            value("address_prefix_ipv4", "properties.addressPrefix"),
            value(
                "address_prefix_ipv6",
                "properties.ipv6CircuitConnectionConfig.addressPrefix",
            ),
            reference("peering_id", "properties.expressRouteCircuitPeering"),
            reference(
                "peer_peering_id",
                "properties.peerExpressRouteCircuitPeering",
            ),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_express_route_port",
        arm: "Microsoft.Network/expressRoutePorts",
        parent: Parent::Group,
        fields: &[
            value("peering_location", "properties.peeringLocation"),
            value("bandwidth_in_gbps", "properties.bandwidthInGbps"),
            value("encapsulation", "properties.encapsulation"),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_express_route_gateway",
        arm: "Microsoft.Network/expressRouteGateways",
        parent: Parent::Group,
        fields: &[
            reference("virtual_hub_id", "properties.virtualHub"),
            value(
                "scale_units",
                "properties.autoScaleConfiguration.bounds.min",
            ),
            value(
                "allow_non_virtual_wan_traffic",
                "properties.allowNonVirtualWanTraffic",
            ),
        ],
        links: &[link(
            End::Of("virtual_hub_id"),
            "properties.expressRouteGateway",
            End::Itself,
        )],
    },
    Kind {
        terraform: "azurerm_express_route_connection",
        arm: "Microsoft.Network/expressRouteGateways/expressRouteConnections",
        parent: Parent::Id("express_route_gateway_id"),
        fields: &[
            reference(
                "express_route_circuit_peering_id",
                "properties.expressRouteCircuitPeering",
            ),
            value("routing_weight", "properties.routingWeight"),
            value(
                "internet_security_enabled",
                "properties.enableInternetSecurity",
            ),
            value(
                "enable_internet_security",
                "properties.enableInternetSecurity",
            ),
            value(
                "express_route_gateway_bypass_enabled",
                "properties.expressRouteGatewayBypass",
            ),
            value(
                "private_link_fast_path_enabled",
                "properties.enablePrivateLinkFastPath",
            ),
            block(
                "routing",
                "properties.routingConfiguration",
                super::wan::ROUTING,
            ),
        ],
        links: &[],
    },
];

const PEERING: &[Field] = &[
    value("peering_type", "properties.peeringType"),
    value("peer_asn", "properties.peerASN"),
    value("azure_asn", "properties.azureASN"),
    value(
        "primary_peer_address_prefix",
        "properties.primaryPeerAddressPrefix",
    ),
    value(
        "secondary_peer_address_prefix",
        "properties.secondaryPeerAddressPrefix",
    ),
    value("vlan_id", "properties.vlanId"),
    reference("route_filter_id", "properties.routeFilter"),
    block(
        "microsoft_peering_config",
        "properties.microsoftPeeringConfig",
        MICROSOFT,
    ),
    block(
        "ipv6",
        "properties.ipv6PeeringConfig",
        &[
            value("primary_peer_address_prefix", "primaryPeerAddressPrefix"),
            value(
                "secondary_peer_address_prefix",
                "secondaryPeerAddressPrefix",
            ),
            reference("route_filter_id", "routeFilter"),
            block("microsoft_peering", "microsoftPeeringConfig", MICROSOFT),
        ],
    ),
];

const MICROSOFT: &[Field] = &[
    value("advertised_public_prefixes", "advertisedPublicPrefixes"),
    value("advertised_communities", "advertisedCommunities"),
    value("customer_asn", "customerASN"),
    value("routing_registry_name", "routingRegistryName"),
];
