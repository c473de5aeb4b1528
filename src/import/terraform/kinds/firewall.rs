//! Azure Firewall and its rules.

use super::super::shape::{Field, block, blocks, id, items, reference, value};
use super::{End, Kind, Parent, link};

pub(super) const KINDS: &[Kind] = &[
    Kind {
        terraform: "azurerm_firewall",
        arm: "Microsoft.Network/azureFirewalls",
        parent: Parent::Group,
        fields: &[
            value("sku_name", "properties.sku.name"),
            value("sku_tier", "properties.sku.tier"),
            reference("firewall_policy_id", "properties.firewallPolicy"),
            items(
                "ip_configuration",
                "properties.ipConfigurations",
                CONFIGURATION,
            ),
            items(
                "management_ip_configuration",
                "properties.managementIpConfigurations",
                CONFIGURATION,
            ),
            block(
                "virtual_hub",
                "properties.virtualHub",
                &[id("virtual_hub_id", "id")],
            ),
            block(
                "virtual_hub",
                "properties.hubIPAddresses",
                &[value("private_ip_address", "privateIPAddress")],
            ),
        ],
        links: &[link(
            End::InBlock("virtual_hub", "virtual_hub_id"),
            "properties.azureFirewall",
            End::Itself,
        )],
    },
    Kind {
        terraform: "azurerm_firewall_network_rule_collection",
        arm: "Microsoft.Network/azureFirewalls/networkRuleCollections",
        parent: Parent::Name("azure_firewall_name"),
        fields: &[
            value("priority", "properties.priority"),
            value("action", "properties.action.type"),
            blocks("rule", "properties.rules", RULE),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_firewall_policy",
        arm: "Microsoft.Network/firewallPolicies",
        parent: Parent::Group,
        fields: &[
            value("sku", "properties.sku.tier"),
            reference("base_policy_id", "properties.basePolicy"),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_firewall_policy_rule_collection_group",
        arm: "Microsoft.Network/firewallPolicies/ruleCollectionGroups",
        parent: Parent::Id("firewall_policy_id"),
        fields: &[
            value("priority", "properties.priority"),
            blocks(
                "network_rule_collection",
                "properties.ruleCollections",
                &[
                    value("name", "name"),
                    value("priority", "priority"),
                    value("action", "action.type"),
                    blocks("rule", "rules", RULE),
                ],
            ),
        ],
        links: &[],
    },
];

const CONFIGURATION: &[Field] = &[
    value("private_ip_address", "properties.privateIPAddress"),
    reference("subnet_id", "properties.subnet"),
    reference("public_ip_address_id", "properties.publicIPAddress"),
];

const RULE: &[Field] = &[
    value("name", "name"),
    value("protocols", "protocols"),
    value("source_addresses", "sourceAddresses"),
    value("destination_addresses", "destinationAddresses"),
    value("destination_fqdns", "destinationFqdns"),
    value("destination_ports", "destinationPorts"),
];
