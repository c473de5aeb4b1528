//! Virtual WAN: hubs, their connections and route tables, VPN sites and gateways. Route Server, which is a hub too.

use serde_json::{Map, Value, json};

use super::super::shape::{
    Field, Shape, block, blocks, field, fill, id, items, objects, put, reference, references, value,
};
use super::gateway::NAT_RULE;
use super::{End, Kind, Parent, link};

pub(super) const KINDS: &[Kind] = &[
    Kind {
        terraform: "azurerm_route_server",
        arm: "Microsoft.Network/virtualHubs",
        parent: Parent::Group,
        fields: &[
            value("sku", "properties.sku"),
            value(
                "branch_to_branch_traffic_enabled",
                "properties.allowBranchToBranchTraffic",
            ),
            value("hub_routing_preference", "properties.hubRoutingPreference"),
            value("virtual_router_asn", "properties.virtualRouterAsn"),
            value("virtual_router_ips", "properties.virtualRouterIps"),
            // The one configuration of a Route Server stands in the resource itself.
            reference("subnet_id", "ipConfiguration.properties.subnet"),
            reference(
                "public_ip_address_id",
                "ipConfiguration.properties.publicIPAddress",
            ),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_route_server_bgp_connection",
        arm: "Microsoft.Network/virtualHubs/bgpConnections",
        parent: Parent::Id("route_server_id"),
        fields: BGP_CONNECTION,
        links: &[],
    },
    Kind {
        terraform: "azurerm_virtual_wan",
        arm: "Microsoft.Network/virtualWans",
        parent: Parent::Group,
        fields: &[
            value("type", "properties.type"),
            value(
                "allow_branch_to_branch_traffic",
                "properties.allowBranchToBranchTraffic",
            ),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_virtual_hub",
        arm: "Microsoft.Network/virtualHubs",
        parent: Parent::Group,
        fields: HUB,
        links: &[],
    },
    Kind {
        terraform: "azurerm_virtual_hub_ip",
        arm: "Microsoft.Network/virtualHubs/ipConfigurations",
        parent: Parent::Id("virtual_hub_id"),
        fields: &[
            value("private_ip_address", "properties.privateIPAddress"),
            reference("subnet_id", "properties.subnet"),
            reference("public_ip_address_id", "properties.publicIPAddress"),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_virtual_hub_bgp_connection",
        arm: "Microsoft.Network/virtualHubs/bgpConnections",
        parent: Parent::Id("virtual_hub_id"),
        fields: BGP_CONNECTION,
        links: &[],
    },
    Kind {
        terraform: "azurerm_virtual_hub_connection",
        arm: "Microsoft.Network/virtualHubs/hubVirtualNetworkConnections",
        parent: Parent::Id("virtual_hub_id"),
        fields: &[
            reference(
                "remote_virtual_network_id",
                "properties.remoteVirtualNetwork",
            ),
            value(
                "internet_security_enabled",
                "properties.enableInternetSecurity",
            ),
            block("routing", "properties.routingConfiguration", ROUTING),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_virtual_hub_route_table",
        arm: "Microsoft.Network/virtualHubs/hubRouteTables",
        parent: Parent::Id("virtual_hub_id"),
        fields: &[
            value("labels", "properties.labels"),
            items("route", "properties.routes", HUB_ROUTE),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_virtual_hub_route_table_route",
        arm: "Microsoft.Network/virtualHubs/hubRouteTables/routes",
        parent: Parent::Id("route_table_id"),
        fields: HUB_ROUTE,
        links: &[],
    },
    Kind {
        terraform: "azurerm_virtual_hub_routing_intent",
        arm: "Microsoft.Network/virtualHubs/routingIntent",
        parent: Parent::Id("virtual_hub_id"),
        fields: &[items(
            "routing_policy",
            "properties.routingPolicies",
            &[
                value("destinations", "destinations"),
                id("next_hop", "nextHop"),
            ],
        )],
        links: &[],
    },
    Kind {
        terraform: "azurerm_route_map",
        arm: "Microsoft.Network/virtualHubs/routeMaps",
        parent: Parent::Id("virtual_hub_id"),
        fields: &[blocks("rule", "properties.rules", MAP_RULE)],
        links: &[],
    },
    Kind {
        terraform: "azurerm_vpn_site",
        arm: "Microsoft.Network/vpnSites",
        parent: Parent::Group,
        fields: &[
            reference("virtual_wan_id", "properties.virtualWan"),
            value("address_cidrs", "properties.addressSpace.addressPrefixes"),
            value("device_vendor", "properties.deviceProperties.deviceVendor"),
            items("link", "properties.vpnSiteLinks", SITE_LINK),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_vpn_gateway",
        arm: "Microsoft.Network/vpnGateways",
        parent: Parent::Group,
        fields: &[
            reference("virtual_hub_id", "properties.virtualHub"),
            value("scale_unit", "properties.vpnGatewayScaleUnit"),
            value(
                "bgp_route_translation_for_nat_enabled",
                "properties.enableBgpRouteTranslationForNat",
            ),
            block("bgp_settings", "properties.bgpSettings", GATEWAY_BGP),
            field(
                "bgp_settings",
                "properties.bgpSettings.bgpPeeringAddresses",
                Shape::Convert(instances),
            ),
        ],
        links: &[link(
            End::Of("virtual_hub_id"),
            "properties.vpnGateway",
            End::Itself,
        )],
    },
    Kind {
        terraform: "azurerm_vpn_gateway_connection",
        arm: "Microsoft.Network/vpnGateways/vpnConnections",
        parent: Parent::Id("vpn_gateway_id"),
        fields: &[
            reference("remote_vpn_site_id", "properties.remoteVpnSite"),
            value(
                "internet_security_enabled",
                "properties.enableInternetSecurity",
            ),
            items("vpn_link", "properties.vpnLinkConnections", VPN_LINK),
            block("routing", "properties.routingConfiguration", ROUTING),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_vpn_gateway_nat_rule",
        arm: "Microsoft.Network/vpnGateways/natRules",
        parent: Parent::Id("vpn_gateway_id"),
        fields: NAT_RULE,
        links: &[],
    },
];

const HUB: &[Field] = &[
    value("sku", "properties.sku"),
    value("address_prefix", "properties.addressPrefix"),
    reference("virtual_wan_id", "properties.virtualWan"),
    value("hub_routing_preference", "properties.hubRoutingPreference"),
    value("virtual_router_asn", "properties.virtualRouterAsn"),
    value("virtual_router_ips", "properties.virtualRouterIps"),
    blocks(
        "route",
        "properties.routeTable.routes",
        &[
            value("address_prefixes", "addressPrefixes"),
            value("next_hop_ip_address", "nextHopIpAddress"),
        ],
    ),
];

const BGP_CONNECTION: &[Field] = &[
    value("peer_ip", "properties.peerIp"),
    value("peer_asn", "properties.peerAsn"),
    reference(
        "virtual_network_connection_id",
        "properties.hubVirtualNetworkConnection",
    ),
];

/// What a connection to a hub has to do with route tables.
pub(super) const ROUTING: &[Field] = &[
    reference("associated_route_table_id", "associatedRouteTable"),
    reference("associated_route_table", "associatedRouteTable"),
    reference("inbound_route_map_id", "inboundRouteMap"),
    reference("outbound_route_map_id", "outboundRouteMap"),
    block(
        "propagated_route_table",
        "propagatedRouteTables",
        &[
            references("route_table_ids", "ids"),
            value("labels", "labels"),
        ],
    ),
    references("propagated_route_tables", "propagatedRouteTables.ids"),
    blocks(
        "static_vnet_route",
        "vnetRoutes.staticRoutes",
        &[
            value("name", "name"),
            value("address_prefixes", "addressPrefixes"),
            value("next_hop_ip_address", "nextHopIpAddress"),
        ],
    ),
    value(
        "static_vnet_local_route_override_criteria",
        "vnetRoutes.staticRoutesConfig.vnetLocalRouteOverrideCriteria",
    ),
    value(
        "static_vnet_propagate_static_routes_enabled",
        "vnetRoutes.staticRoutesConfig.propagateStaticRoutes",
    ),
];

const HUB_ROUTE: &[Field] = &[
    value("destinations_type", "destinationType"),
    value("destinations", "destinations"),
    value("next_hop_type", "nextHopType"),
    id("next_hop", "nextHop"),
];

const MAP_RULE: &[Field] = &[
    value("name", "name"),
    blocks(
        "match_criterion",
        "matchCriteria",
        &[
            value("match_condition", "matchCondition"),
            value("route_prefix", "routePrefix"),
            value("as_path", "asPath"),
            value("community", "community"),
        ],
    ),
    blocks(
        "action",
        "actions",
        &[
            value("type", "type"),
            blocks(
                "parameter",
                "parameters",
                &[
                    value("route_prefix", "routePrefix"),
                    value("as_path", "asPath"),
                    value("community", "community"),
                ],
            ),
        ],
    ),
    value("next_step_if_matched", "nextStepIfMatched"),
];

const SITE_LINK: &[Field] = &[
    value("ip_address", "properties.ipAddress"),
    value("fqdn", "properties.fqdn"),
    value(
        "provider_name",
        "properties.linkProperties.linkProviderName",
    ),
    value("speed_in_mbps", "properties.linkProperties.linkSpeedInMbps"),
    block(
        "bgp",
        "properties.bgpProperties",
        &[
            value("asn", "asn"),
            value("peering_address", "bgpPeeringAddress"),
        ],
    ),
];

const VPN_LINK: &[Field] = &[
    reference("vpn_site_link_id", "properties.vpnSiteLink"),
    value("bandwidth_mbps", "properties.connectionBandwidth"),
    value("bgp_enabled", "properties.enableBgp"),
    value("route_weight", "properties.routingWeight"),
    value("protocol", "properties.vpnConnectionProtocolType"),
    value("connection_mode", "properties.vpnLinkConnectionMode"),
    references("ingress_nat_rule_ids", "properties.ingressNatRules"),
    references("egress_nat_rule_ids", "properties.egressNatRules"),
];

const GATEWAY_BGP: &[Field] = &[
    value("asn", "asn"),
    value("peer_weight", "peerWeight"),
    value("bgp_peering_address", "bgpPeeringAddress"),
];

const INSTANCE: &[Field] = &[
    value("ip_configuration_id", "ipconfigurationId"),
    value("default_ips", "defaultBgpIpAddresses"),
    value("custom_ips", "customBgpIpAddresses"),
    value("tunnel_ips", "tunnelIpAddresses"),
];

/// The addresses of a gateway's two instances: each is a block of its own in Terraform.
fn instances(settings: &Value) -> Option<Value> {
    let settings = objects(settings).next()?;
    let names = [
        "instance_0_bgp_peering_address",
        "instance_1_bgp_peering_address",
    ];
    let found = names.iter().filter_map(|name| settings.get(*name));
    let made: Vec<Value> = found
        .flat_map(objects)
        .map(|one| {
            let mut made = Map::new();
            fill(one, INSTANCE, "", &mut made);
            Value::Object(made)
        })
        .collect();
    (!made.is_empty()).then(|| Value::Array(made))
}

/// The configuration of a Route Server becomes an item of a list, as hubs have it.
pub(super) fn complete_route_server(id: &str, body: &mut Map<String, Value>) {
    const NAME: &str = "ipConfig1";
    body.insert("kind".to_owned(), json!("RouteServer"));
    let Some(Value::Object(configuration)) = body.remove("ipConfiguration") else {
        return;
    };
    let mut item = Map::new();
    item.insert("name".to_owned(), json!(NAME));
    item.insert(
        "id".to_owned(),
        json!(format!("{id}/ipConfigurations/{NAME}")),
    );
    item.extend(configuration);
    put(body, "properties.ipConfigurations", json!([item]));
}
