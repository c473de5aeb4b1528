//! Load balancers, their rules, pools and probes.

use super::super::shape::{Shape, computed, field, items, reference, references, value};
use super::{Kind, Parent};

pub(super) const KINDS: &[Kind] = &[
    Kind {
        terraform: "azurerm_lb",
        arm: "Microsoft.Network/loadBalancers",
        parent: Parent::Group,
        fields: &[
            value("sku", "sku.name"),
            value("sku_tier", "sku.tier"),
            items(
                "frontend_ip_configuration",
                "properties.frontendIPConfigurations",
                &[
                    value("zones", "zones"),
                    value("private_ip_address", "properties.privateIPAddress"),
                    value(
                        "private_ip_address_allocation",
                        "properties.privateIPAllocationMethod",
                    ),
                    value(
                        "private_ip_address_version",
                        "properties.privateIPAddressVersion",
                    ),
                    reference("subnet_id", "properties.subnet"),
                    reference("public_ip_address_id", "properties.publicIPAddress"),
                ],
            ),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_lb_rule",
        arm: "Microsoft.Network/loadBalancers/loadBalancingRules",
        parent: Parent::Id("loadbalancer_id"),
        fields: &[
            value("protocol", "properties.protocol"),
            value("frontend_port", "properties.frontendPort"),
            value("backend_port", "properties.backendPort"),
            computed(
                "frontend_ip_configuration_id",
                "properties.frontendIPConfiguration",
            ),
            field(
                "frontend_ip_configuration_name",
                "properties.frontendIPConfiguration",
                Shape::OfParent("frontendIPConfigurations"),
            ),
            field(
                "backend_address_pool_ids",
                "properties.backendAddressPool",
                Shape::Convert(first),
            ),
            references("backend_address_pool_ids", "properties.backendAddressPools"),
            computed("backend_address_pool_id", "properties.backendAddressPool"),
            reference("probe_id", "properties.probe"),
            value("load_distribution", "properties.loadDistribution"),
            value("floating_ip_enabled", "properties.enableFloatingIP"),
            value("enable_floating_ip", "properties.enableFloatingIP"),
            value("idle_timeout_in_minutes", "properties.idleTimeoutInMinutes"),
            value("tcp_reset_enabled", "properties.enableTcpReset"),
            value("enable_tcp_reset", "properties.enableTcpReset"),
            value("disable_outbound_snat", "properties.disableOutboundSnat"),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_lb_probe",
        arm: "Microsoft.Network/loadBalancers/probes",
        parent: Parent::Id("loadbalancer_id"),
        fields: &[
            value("protocol", "properties.protocol"),
            value("port", "properties.port"),
            value("request_path", "properties.requestPath"),
            value("interval_in_seconds", "properties.intervalInSeconds"),
            value("number_of_probes", "properties.numberOfProbes"),
            value("probe_threshold", "properties.probeThreshold"),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_lb_backend_address_pool",
        arm: "Microsoft.Network/loadBalancers/backendAddressPools",
        parent: Parent::Id("loadbalancer_id"),
        fields: &[
            references(
                "backend_ip_configurations",
                "properties.backendIPConfigurations",
            ),
            reference("virtual_network_id", "properties.virtualNetwork"),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_lb_backend_address_pool_address",
        arm: "Microsoft.Network/loadBalancers/backendAddressPools/addresses",
        parent: Parent::Id("backend_address_pool_id"),
        fields: &[
            value("ip_address", "properties.ipAddress"),
            reference("virtual_network_id", "properties.virtualNetwork"),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_lb_outbound_rule",
        arm: "Microsoft.Network/loadBalancers/outboundRules",
        parent: Parent::Id("loadbalancer_id"),
        fields: &[
            value("protocol", "properties.protocol"),
            reference("backend_address_pool_id", "properties.backendAddressPool"),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_lb_nat_rule",
        arm: "Microsoft.Network/loadBalancers/inboundNatRules",
        parent: Parent::Id("loadbalancer_id"),
        fields: &[
            value("protocol", "properties.protocol"),
            value("frontend_port", "properties.frontendPort"),
            value("backend_port", "properties.backendPort"),
            field(
                "frontend_ip_configuration_name",
                "properties.frontendIPConfiguration",
                Shape::OfParent("frontendIPConfigurations"),
            ),
        ],
        links: &[],
    },
];

/// The first pool of a rule. Rules with several have them in a list beside it.
fn first(value: &serde_json::Value) -> Option<serde_json::Value> {
    let id = value.as_array()?.first()?.as_str()?;
    Some(serde_json::json!({ "id": id }))
}
