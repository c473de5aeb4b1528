//! Network interfaces, public addresses and virtual machines.

use serde_json::{Value, json};

use super::super::shape::{Field, Shape, computed, field, items, reference, value};
use super::{Association, End, Kind, Link, Parent, item_link, link};

pub(super) const KINDS: &[Kind] = &[
    Kind {
        terraform: "azurerm_network_interface",
        arm: "Microsoft.Network/networkInterfaces",
        parent: Parent::Group,
        fields: &[
            value("ip_forwarding_enabled", "properties.enableIPForwarding"),
            value("enable_ip_forwarding", "properties.enableIPForwarding"),
            computed("virtual_machine_id", "properties.virtualMachine"),
            computed(
                "network_security_group_id",
                "properties.networkSecurityGroup",
            ),
            items(
                "ip_configuration",
                "properties.ipConfigurations",
                IP_CONFIGURATION,
            ),
        ],
        links: &[],
    },
    Kind {
        terraform: "azurerm_public_ip",
        arm: "Microsoft.Network/publicIPAddresses",
        parent: Parent::Group,
        fields: &[
            value("sku", "sku.name"),
            value("sku_tier", "sku.tier"),
            value("zones", "zones"),
            value("ip_address", "properties.ipAddress"),
            value("ip_version", "properties.publicIPAddressVersion"),
            value("allocation_method", "properties.publicIPAllocationMethod"),
            reference("public_ip_prefix_id", "properties.publicIPPrefix"),
        ],
        links: &[],
    },
    machine("azurerm_linux_virtual_machine"),
    machine("azurerm_windows_virtual_machine"),
    machine("azurerm_virtual_machine"),
];

const IP_CONFIGURATION: &[Field] = &[
    value("private_ip_address", "properties.privateIPAddress"),
    value(
        "private_ip_address_allocation",
        "properties.privateIPAllocationMethod",
    ),
    value(
        "private_ip_address_version",
        "properties.privateIPAddressVersion",
    ),
    value("primary", "properties.primary"),
    reference("subnet_id", "properties.subnet"),
    reference("public_ip_address_id", "properties.publicIPAddress"),
    field(
        "load_balancer_backend_address_pools_ids",
        "properties.loadBalancerBackendAddressPools",
        Shape::References,
    ),
];

const fn machine(terraform: &'static str) -> Kind {
    Kind {
        terraform,
        arm: "Microsoft.Compute/virtualMachines",
        parent: Parent::Group,
        fields: MACHINE,
        links: MACHINE_LINKS,
    }
}

const MACHINE: &[Field] = &[
    value("zones", "zones"),
    value("size", "properties.hardwareProfile.vmSize"),
    value("vm_size", "properties.hardwareProfile.vmSize"),
    field(
        "network_interface_ids",
        "properties.networkProfile.networkInterfaces",
        Shape::Ids(interfaces),
    ),
];

/// An interface says whose it is only after the machine exists.
const MACHINE_LINKS: &[Link] = &[link(
    End::Each("network_interface_ids"),
    "properties.virtualMachine",
    End::Itself,
)];

/// The first interface of a machine is its primary one.
fn interfaces(value: &Value) -> Option<Value> {
    let ids = value.as_array()?.iter().filter(|one| one.is_string());
    let entries = ids
        .enumerate()
        .map(|(place, id)| json!({ "id": id, "properties": { "primary": place == 0 } }));
    Some(entries.collect())
}

/// What an interface has by resources of their own.
pub(super) const ASSOCIATIONS: &[Association] = &[
    Association {
        terraform: "azurerm_network_interface_security_group_association",
        links: &[link(
            End::Of("network_interface_id"),
            "properties.networkSecurityGroup",
            End::Of("network_security_group_id"),
        )],
    },
    Association {
        terraform: "azurerm_network_interface_backend_address_pool_association",
        links: &[
            item_link(
                CONFIGURATION,
                "properties.loadBalancerBackendAddressPools",
                End::Of("backend_address_pool_id"),
            ),
            item_link(
                End::Of("backend_address_pool_id"),
                "properties.backendIPConfigurations",
                CONFIGURATION,
            ),
        ],
    },
    Association {
        terraform: "azurerm_network_interface_application_security_group_association",
        links: &[item_link(
            End::Of("network_interface_id"),
            "properties.ipConfigurations.*.properties.applicationSecurityGroups",
            End::Of("application_security_group_id"),
        )],
    },
];

const CONFIGURATION: End = End::Part(
    "network_interface_id",
    "ipConfigurations",
    "ip_configuration_name",
);
