//! Virtual networks, their subnets and peerings, route tables and NAT gateways.

use serde_json::{Value, json};

use super::super::shape::{Field, Shape, blocks, field, items, not, reference, value};
use super::{Association, End, Kind, Parent, item_link, link};

pub(super) const KINDS: &[Kind] = &[
    Kind {
        terraform: "azurerm_virtual_network",
        arm: "Microsoft.Network/virtualNetworks",
        parent: Parent::Group,
        fields: &[
            value("address_space", "properties.addressSpace.addressPrefixes"),
            value(
                "bgp_community",
                "properties.bgpCommunities.virtualNetworkCommunity",
            ),
            blocks(
                "ip_address_pool",
                "properties.ipamPoolPrefixAllocations",
                POOL,
            ),
            items("subnet", "properties.subnets", SUBNET_BLOCK),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_subnet",
        arm: "Microsoft.Network/virtualNetworks/subnets",
        parent: Parent::Name("virtual_network_name"),
        fields: SUBNET,
        links: &[],
    },
    Kind {
        terraform: "azurerm_virtual_network_peering",
        arm: "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
        parent: Parent::Name("virtual_network_name"),
        fields: &[
            reference(
                "remote_virtual_network_id",
                "properties.remoteVirtualNetwork",
            ),
            value(
                "allow_virtual_network_access",
                "properties.allowVirtualNetworkAccess",
            ),
            value(
                "allow_forwarded_traffic",
                "properties.allowForwardedTraffic",
            ),
            value("allow_gateway_transit", "properties.allowGatewayTransit"),
            value("use_remote_gateways", "properties.useRemoteGateways"),
            value(
                "peer_complete_virtual_networks_enabled",
                "properties.peerCompleteVnets",
            ),
            value("local_subnet_names", "properties.localSubnetNames"),
            value("remote_subnet_names", "properties.remoteSubnetNames"),
            value(
                "only_ipv6_peering_enabled",
                "properties.enableOnlyIPv6Peering",
            ),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_route_table",
        arm: "Microsoft.Network/routeTables",
        parent: Parent::Group,
        fields: &[
            not(
                "bgp_route_propagation_enabled",
                "properties.disableBgpRoutePropagation",
            ),
            value(
                "disable_bgp_route_propagation",
                "properties.disableBgpRoutePropagation",
            ),
            items("route", "properties.routes", ROUTE),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_route",
        arm: "Microsoft.Network/routeTables/routes",
        parent: Parent::Name("route_table_name"),
        fields: ROUTE,
        links: &[],
    },
    Kind {
        terraform: "azurerm_nat_gateway",
        arm: "Microsoft.Network/natGateways",
        parent: Parent::Group,
        fields: &[
            value("sku_name", "sku.name"),
            value("idle_timeout_in_minutes", "properties.idleTimeoutInMinutes"),
            field(
                "public_ip_address_ids",
                "properties.publicIpAddresses",
                Shape::References,
            ),
            field(
                "public_ip_prefix_ids",
                "properties.publicIpPrefixes",
                Shape::References,
            ),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_public_ip_prefix",
        arm: "Microsoft.Network/publicIPPrefixes",
        parent: Parent::Group,
        fields: &[
            value("sku", "sku.name"),
            value("ip_prefix", "properties.ipPrefix"),
            value("prefix_length", "properties.prefixLength"),
            value("ip_version", "properties.publicIPAddressVersion"),
        ],
        links: &[],
    },
];

const POOL: &[Field] = &[
    reference("id", "pool"),
    value("number_of_ip_addresses", "numberOfIpAddresses"),
    value("allocated_ip_address_prefixes", "allocatedAddressPrefixes"),
];

const SUBNET: &[Field] = &[
    value("address_prefixes", "properties.addressPrefixes"),
    value("address_prefix", "properties.addressPrefix"),
    items("delegation", "properties.delegations", DELEGATION),
    SERVICE_ENDPOINTS,
    value(
        "default_outbound_access_enabled",
        "properties.defaultOutboundAccess",
    ),
    value(
        "private_endpoint_network_policies",
        "properties.privateEndpointNetworkPolicies",
    ),
    field(
        "private_endpoint_network_policies_enabled",
        "properties.privateEndpointNetworkPolicies",
        Shape::Convert(enabled),
    ),
    field(
        "enforce_private_link_endpoint_network_policies",
        "properties.privateEndpointNetworkPolicies",
        Shape::Convert(disabled),
    ),
];

/// A subnet inside of a virtual network. It states in itself what associations state of a subnet of its own.
const SUBNET_BLOCK: &[Field] = &[
    value("address_prefixes", "properties.addressPrefixes"),
    field(
        "address_prefix",
        "properties.addressPrefixes",
        Shape::Convert(listed),
    ),
    reference("route_table_id", "properties.routeTable"),
    reference("security_group", "properties.networkSecurityGroup"),
    items("delegation", "properties.delegations", DELEGATION),
    SERVICE_ENDPOINTS,
    value(
        "default_outbound_access_enabled",
        "properties.defaultOutboundAccess",
    ),
    value(
        "private_endpoint_network_policies",
        "properties.privateEndpointNetworkPolicies",
    ),
];

const SERVICE_ENDPOINTS: Field = field(
    "service_endpoints",
    "properties.serviceEndpoints",
    Shape::Convert(service_endpoints),
);

const DELEGATION: &[Field] = &[field(
    "service_delegation",
    "properties.serviceName",
    Shape::Convert(service_name),
)];

const ROUTE: &[Field] = &[
    value("address_prefix", "properties.addressPrefix"),
    value("next_hop_type", "properties.nextHopType"),
    value("next_hop_in_ip_address", "properties.nextHopIpAddress"),
];

/// What a subnet has by resources of their own.
pub(super) const ASSOCIATIONS: &[Association] = &[
    Association {
        terraform: "azurerm_subnet_route_table_association",
        links: &[link(
            End::Of("subnet_id"),
            "properties.routeTable",
            End::Of("route_table_id"),
        )],
    },
    Association {
        terraform: "azurerm_subnet_network_security_group_association",
        links: &[link(
            End::Of("subnet_id"),
            "properties.networkSecurityGroup",
            End::Of("network_security_group_id"),
        )],
    },
    Association {
        terraform: "azurerm_subnet_nat_gateway_association",
        links: &[
            link(
                End::Of("subnet_id"),
                "properties.natGateway",
                End::Of("nat_gateway_id"),
            ),
            item_link(
                End::Of("nat_gateway_id"),
                "properties.subnets",
                End::Of("subnet_id"),
            ),
        ],
    },
    Association {
        terraform: "azurerm_nat_gateway_public_ip_association",
        links: &[item_link(
            End::Of("nat_gateway_id"),
            "properties.publicIpAddresses",
            End::Of("public_ip_address_id"),
        )],
    },
    Association {
        terraform: "azurerm_nat_gateway_public_ip_prefix_association",
        links: &[item_link(
            End::Of("nat_gateway_id"),
            "properties.publicIpPrefixes",
            End::Of("public_ip_prefix_id"),
        )],
    },
];

fn enabled(value: &Value) -> Option<Value> {
    let word = if value.as_bool()? {
        "Enabled"
    } else {
        "Disabled"
    };
    Some(json!(word))
}

fn disabled(value: &Value) -> Option<Value> {
    enabled(&Value::Bool(!value.as_bool()?))
}

fn listed(value: &Value) -> Option<Value> {
    value.is_string().then(|| json!([value]))
}

fn service_endpoints(value: &Value) -> Option<Value> {
    let services = value.as_array()?.iter().filter(|one| one.is_string());
    Some(services.map(|one| json!({ "service": one })).collect())
}

fn service_name(value: &Value) -> Option<Value> {
    let first = super::super::shape::objects(value).next()?;
    first.get("name").cloned()
}
