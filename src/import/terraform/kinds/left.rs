//! Types that are not read, and why.

/// Beginnings of types, and why those types are not read. The first that fits counts.
const REASONS: &[(&str, &str)] = &[
    ("azurerm_bastion_host", "Azure Bastion is not modelled"),
    (
        "azurerm_application_gateway",
        "an application gateway forwards no packets",
    ),
    (
        "azurerm_web_application_firewall",
        "an application gateway forwards no packets",
    ),
    ("azurerm_frontdoor", "it is reached from the internet"),
    ("azurerm_cdn_", "it is reached from the internet"),
    (
        "azurerm_traffic_manager",
        "it answers names and forwards no packets",
    ),
    (
        "azurerm_private_dns",
        "it answers names and forwards no packets",
    ),
    ("azurerm_dns_", "it answers names and forwards no packets"),
    (
        "azurerm_virtual_network_dns_servers",
        "it answers names and forwards no packets",
    ),
    (
        "azurerm_network_watcher",
        "it watches and forwards no packets",
    ),
    (
        "azurerm_network_connection_monitor",
        "it watches and forwards no packets",
    ),
    (
        "azurerm_network_packet_capture",
        "it watches and forwards no packets",
    ),
    (
        "azurerm_network_ddos",
        "protection against attacks is not modelled",
    ),
    (
        "azurerm_network_manager",
        "a network manager is not modelled: the peerings that it made are in the virtual networks",
    ),
    (
        "azurerm_express_route_circuit_authorization",
        "an authorization changes no path",
    ),
    (
        "azurerm_route_filter",
        "route filters of Microsoft peering are not modelled",
    ),
    (
        "azurerm_point_to_site",
        "point-to-site gateways of Virtual WAN are not modelled",
    ),
    (
        "azurerm_vpn_server_configuration",
        "point-to-site gateways of Virtual WAN are not modelled",
    ),
    (
        "azurerm_virtual_hub_security_partner",
        "security partners of Virtual WAN are not modelled",
    ),
    (
        "azurerm_private_link_service",
        "a private link service is not modelled",
    ),
    (
        "azurerm_firewall_",
        "only network rules of firewalls are read",
    ),
    (
        "azurerm_ip_group",
        "IP groups are not read: give addresses in the rules",
    ),
    (
        "azurerm_resource_group",
        "it is a group and forwards no packets",
    ),
    (
        "azurerm_linux_virtual_machine_scale_set",
        "the interfaces of scale sets are not in Terraform's files",
    ),
    (
        "azurerm_windows_virtual_machine_scale_set",
        "the interfaces of scale sets are not in Terraform's files",
    ),
    (
        "azurerm_orchestrated_virtual_machine_scale_set",
        "the interfaces of scale sets are not in Terraform's files",
    ),
    (
        "azurerm_kubernetes_cluster",
        "the interfaces of a cluster are not in Terraform's files",
    ),
];

/// Beginnings of types of networking. A type that begins so and is in no table is new to this program.
const NETWORKING: &[&str] = &[
    "azurerm_virtual_",
    "azurerm_network_",
    "azurerm_subnet",
    "azurerm_route",
    "azurerm_express_route",
    "azurerm_vpn_",
    "azurerm_lb",
    "azurerm_nat_gateway",
    "azurerm_public_ip",
    "azurerm_private_endpoint",
    "azurerm_local_network",
];

/// Why a type is not read.
pub(in super::super) fn reason(terraform: &str) -> &'static str {
    let stated = REASONS
        .iter()
        .find(|(start, _)| terraform.starts_with(start));
    if let Some((_, why)) = stated {
        return why;
    }
    if NETWORKING.iter().any(|start| terraform.starts_with(start)) {
        return "this type of networking is not read";
    }
    if terraform.starts_with("azurerm_") {
        return "it is not a resource of networking";
    }
    "it is not a resource of Azure's networking"
}
