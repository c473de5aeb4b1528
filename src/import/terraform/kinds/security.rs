//! Network security groups, application security groups and private endpoints.

use super::super::shape::{Field, blocks, items, reference, references, value};
use super::{Kind, Parent};

pub(super) const KINDS: &[Kind] = &[
    Kind {
        terraform: "azurerm_network_security_group",
        arm: "Microsoft.Network/networkSecurityGroups",
        parent: Parent::Group,
        fields: &[items("security_rule", "properties.securityRules", RULE)],
        links: &[],
    },
    Kind {
        terraform: "azurerm_network_security_rule",
        arm: "Microsoft.Network/networkSecurityGroups/securityRules",
        parent: Parent::Name("network_security_group_name"),
        fields: RULE,
        links: &[],
    },
    Kind {
        terraform: "azurerm_application_security_group",
        arm: "Microsoft.Network/applicationSecurityGroups",
        parent: Parent::Group,
        fields: &[],
        links: &[],
    },
    Kind {
        terraform: "azurerm_private_endpoint",
        arm: "Microsoft.Network/privateEndpoints",
        parent: Parent::Group,
        fields: &[
            reference("subnet_id", "properties.subnet"),
            blocks(
                "network_interface",
                "properties.networkInterfaces",
                &[value("id", "id")],
            ),
            blocks(
                "custom_dns_configs",
                "properties.customDnsConfigs",
                &[value("fqdn", "fqdn"), value("ip_addresses", "ipAddresses")],
            ),
            items(
                "private_service_connection",
                "properties.privateLinkServiceConnections",
                &[
                    value(
                        "private_connection_resource_id",
                        "properties.privateLinkServiceId",
                    ),
                    value("subresource_names", "properties.groupIds"),
                ],
            ),
            items(
                "ip_configuration",
                "properties.ipConfigurations",
                &[
                    value("private_ip_address", "properties.privateIPAddress"),
                    value("subresource_name", "properties.groupId"),
                    value("member_name", "properties.memberName"),
                ],
            ),
        ],
        links: &[],
    },
];

const RULE: &[Field] = &[
    value("priority", "properties.priority"),
    value("direction", "properties.direction"),
    value("access", "properties.access"),
    value("protocol", "properties.protocol"),
    value("source_address_prefix", "properties.sourceAddressPrefix"),
    value(
        "source_address_prefixes",
        "properties.sourceAddressPrefixes",
    ),
    value(
        "destination_address_prefix",
        "properties.destinationAddressPrefix",
    ),
    value(
        "destination_address_prefixes",
        "properties.destinationAddressPrefixes",
    ),
    value("source_port_range", "properties.sourcePortRange"),
    value("source_port_ranges", "properties.sourcePortRanges"),
    value("destination_port_range", "properties.destinationPortRange"),
    value(
        "destination_port_ranges",
        "properties.destinationPortRanges",
    ),
    references(
        "source_application_security_group_ids",
        "properties.sourceApplicationSecurityGroups",
    ),
    references(
        "destination_application_security_group_ids",
        "properties.destinationApplicationSecurityGroups",
    ),
];
