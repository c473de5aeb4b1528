//! Virtual WAN and Route Server.

use serde_json::json;

use super::forms::{Line, after, line, network, plan, state};
use super::outline::{outline, read_well};

const HUB: &str = "virtualHubs/hub";

fn hub() -> Vec<Line> {
    let hub = || after("azurerm_virtual_hub.hub.id", HUB);
    let table = format!("{HUB}/hubRouteTables/isolated");
    vec![
        line(
            "azurerm_virtual_wan.wan",
            "virtualWans/wan",
            json!({ "name": "wan", "type": "Standard", "allow_branch_to_branch_traffic": true }),
        ),
        line(
            "azurerm_virtual_hub.hub",
            HUB,
            json!({
                "name": "hub",
                "address_prefix": "10.100.0.0/23",
                "virtual_wan_id": after("azurerm_virtual_wan.wan.id", "virtualWans/wan"),
                "hub_routing_preference": "ExpressRoute",
            }),
        ),
        line(
            "azurerm_virtual_hub_route_table.isolated",
            &table,
            json!({
                "name": "isolated",
                "virtual_hub_id": hub(),
                "labels": ["spokes"],
                "route": [{
                    "name": "out",
                    "destinations_type": "CIDR",
                    "destinations": ["0.0.0.0/0"],
                    "next_hop_type": "ResourceId",
                    "next_hop": after("azurerm_firewall.hub.id", "azureFirewalls/fw"),
                }],
            }),
        ),
        line(
            "azurerm_firewall.hub",
            "azureFirewalls/fw",
            json!({
                "name": "fw",
                "sku_name": "AZFW_Hub",
                "virtual_hub": [{ "virtual_hub_id": hub(), "private_ip_address": "10.100.0.132" }],
            }),
        ),
    ]
}

fn connections() -> Vec<Line> {
    let hub = || after("azurerm_virtual_hub.hub.id", HUB);
    let spoke = network("virtualNetworks/spoke");
    let table = format!("{HUB}/hubRouteTables/isolated");
    let default = format!("{HUB}/hubRouteTables/defaultRouteTable");
    vec![line(
        "azurerm_virtual_hub_connection.spoke",
        &format!("{HUB}/hubVirtualNetworkConnections/spoke"),
        json!({
            "name": "spoke",
            "virtual_hub_id": hub(),
            "remote_virtual_network_id": spoke,
            "internet_security_enabled": true,
            "routing": [{
                "associated_route_table_id":
                    after("azurerm_virtual_hub_route_table.isolated.id", &table),
                "propagated_route_table": [{
                    "labels": ["default"],
                    "route_table_ids": {
                        "$": ["azurerm_virtual_hub.hub.default_route_table_id", "azurerm_virtual_hub.hub"],
                        "is": [network(&default)],
                    },
                }],
                "static_vnet_route": [{
                    "name": "nva",
                    "address_prefixes": ["10.9.0.0/16"],
                    "next_hop_ip_address": "10.1.0.4",
                }],
            }],
        }),
    )]
}

fn branches() -> Vec<Line> {
    let site = "vpnSites/branch";
    let gateway = "vpnGateways/gw";
    vec![
        line(
            "azurerm_vpn_site.branch",
            site,
            json!({
                "name": "branch",
                "address_cidrs": ["192.168.0.0/24"],
                "link": [{
                    "name": "fiber",
                    "ip_address": "198.51.100.1",
                    "speed_in_mbps": 50,
                    "bgp": [{ "asn": 65001, "peering_address": "192.168.0.1" }],
                }],
            }),
        ),
        line(
            "azurerm_vpn_gateway.gw",
            gateway,
            json!({
                "name": "gw",
                "virtual_hub_id": after("azurerm_virtual_hub.hub.id", HUB),
                "scale_unit": 1,
                "bgp_settings": [{
                    "asn": 65515,
                    "peer_weight": 0,
                    "instance_0_bgp_peering_address": [{ "custom_ips": ["169.254.21.5"] }],
                    "instance_1_bgp_peering_address": [{ "custom_ips": ["169.254.21.9"] }],
                }],
            }),
        ),
        line(
            "azurerm_vpn_gateway_connection.branch",
            &format!("{gateway}/vpnConnections/branch"),
            json!({
                "name": "branch",
                "vpn_gateway_id": after("azurerm_vpn_gateway.gw.id", gateway),
                "remote_vpn_site_id": after("azurerm_vpn_site.branch.id", site),
                "vpn_link": [{
                    "name": "fiber",
                    "bgp_enabled": true,
                    "vpn_site_link_id":
                        { "$": ["azurerm_vpn_site.branch.link[0].id", "azurerm_vpn_site.branch.link[0]",
                                "azurerm_vpn_site.branch.link", "azurerm_vpn_site.branch"],
                          "is": network(&format!("{site}/vpnSiteLinks/fiber")) },
                }],
            }),
        ),
    ]
}

#[test]
fn a_hub_has_its_gateways_and_connections() {
    let lines: Vec<Line> = [hub(), connections(), branches()]
        .into_iter()
        .flatten()
        .collect();
    let read = read_well(&state(&lines));
    assert_eq!(read_well(&plan(&lines)), read);
    insta::assert_snapshot!(outline(&read), @r#"
    Microsoft.Network/virtualWans wan = azurerm_virtual_wan.wan
      type: Standard
      allowBranchToBranchTraffic: true
    Microsoft.Network/virtualHubs hub = azurerm_virtual_hub.hub
      addressPrefix: 10.100.0.0/23
      virtualWan -> virtualWans/wan
      hubRoutingPreference: ExpressRoute
      hubRouteTables[isolated].labels: spokes
      hubRouteTables[isolated].routes[out].destinationType: CIDR
      hubRouteTables[isolated].routes[out].destinations: 0.0.0.0/0
      hubRouteTables[isolated].routes[out].nextHopType: ResourceId
      hubRouteTables[isolated].routes[out].nextHop: azureFirewalls/fw
      hubVirtualNetworkConnections[spoke].remoteVirtualNetwork -> virtualNetworks/spoke
      hubVirtualNetworkConnections[spoke].enableInternetSecurity: true
      hubVirtualNetworkConnections[spoke].routingConfiguration.associatedRouteTable -> virtualHubs/hub/hubRouteTables/isolated
      hubVirtualNetworkConnections[spoke].routingConfiguration.propagatedRouteTables.ids[0] -> virtualHubs/hub/hubRouteTables/defaultRouteTable
      hubVirtualNetworkConnections[spoke].routingConfiguration.propagatedRouteTables.labels: default
      hubVirtualNetworkConnections[spoke].routingConfiguration.vnetRoutes.staticRoutes[nva].addressPrefixes: 10.9.0.0/16
      hubVirtualNetworkConnections[spoke].routingConfiguration.vnetRoutes.staticRoutes[nva].nextHopIpAddress: 10.1.0.4
      azureFirewall -> azureFirewalls/fw
      vpnGateway -> vpnGateways/gw
    Microsoft.Network/azureFirewalls fw = azurerm_firewall.hub
      sku.name: AZFW_Hub
      virtualHub -> virtualHubs/hub
      hubIPAddresses.privateIPAddress: 10.100.0.132
    Microsoft.Network/vpnSites branch = azurerm_vpn_site.branch
      addressSpace.addressPrefixes: 192.168.0.0/24
      vpnSiteLinks[fiber].ipAddress: 198.51.100.1
      vpnSiteLinks[fiber].linkProperties.linkSpeedInMbps: 50
      vpnSiteLinks[fiber].bgpProperties.asn: 65001
      vpnSiteLinks[fiber].bgpProperties.bgpPeeringAddress: 192.168.0.1
    Microsoft.Network/vpnGateways gw = azurerm_vpn_gateway.gw
      virtualHub -> virtualHubs/hub
      vpnGatewayScaleUnit: 1
      bgpSettings.asn: 65515
      bgpSettings.peerWeight: 0
      bgpSettings.bgpPeeringAddresses[0].customBgpIpAddresses: 169.254.21.5
      bgpSettings.bgpPeeringAddresses[1].customBgpIpAddresses: 169.254.21.9
      connections[branch].remoteVpnSite -> vpnSites/branch
      connections[branch].vpnLinkConnections[fiber].vpnSiteLink -> vpnSites/branch/vpnSiteLinks/fiber
      connections[branch].vpnLinkConnections[fiber].enableBgp: true
    not taken: azurerm_resource_group.rg (azurerm_resource_group): it is a group and forwards no packets
    "#);
}

#[test]
fn a_route_server_is_a_hub_with_a_kind() {
    let server = "virtualHubs/ars";
    let lines = [
        line(
            "azurerm_route_server.ars",
            server,
            json!({
                "name": "ars",
                "sku": "Standard",
                "subnet_id": network("virtualNetworks/hub/subnets/RouteServerSubnet"),
                "public_ip_address_id": network("publicIPAddresses/ars"),
                "branch_to_branch_traffic_enabled": true,
                "virtual_router_asn": 65515,
            }),
        ),
        line(
            "azurerm_route_server_bgp_connection.nva",
            &format!("{server}/bgpConnections/nva"),
            json!({
                "name": "nva",
                "route_server_id": after("azurerm_route_server.ars.id", server),
                "peer_asn": 65001,
                "peer_ip": "10.0.1.4",
            }),
        ),
    ];
    let read = read_well(&state(&lines));
    assert_eq!(read_well(&plan(&lines)), read);
    insta::assert_snapshot!(outline(&read), @r#"
    Microsoft.Network/virtualHubs ars = azurerm_route_server.ars
      kind: RouteServer
      sku: Standard
      allowBranchToBranchTraffic: true
      virtualRouterAsn: 65515
      ipConfigurations[ipConfig1].subnet -> virtualNetworks/hub/subnets/RouteServerSubnet
      ipConfigurations[ipConfig1].publicIPAddress -> publicIPAddresses/ars
      bgpConnections[nva].peerIp: 10.0.1.4
      bgpConnections[nva].peerAsn: 65001
    not taken: azurerm_resource_group.rg (azurerm_resource_group): it is a group and forwards no packets
    "#);
}
