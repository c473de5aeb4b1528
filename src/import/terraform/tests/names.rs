//! Attributes that azurerm renamed from version 3 to 4.

use serde_json::{Value, json};

use super::forms::{line, state};
use super::outline::read_well;

/// The properties of the one resource of a type with attributes.
fn properties(address: &'static str, attributes: Value) -> Value {
    let read = read_well(&state(&[line(address, "x/y", attributes)]));
    read.resources[0]["properties"].clone()
}

#[test]
fn old_and_new_names_mean_the_same() {
    let pairs = [
        (
            "azurerm_virtual_network_gateway.x",
            json!({ "enable_bgp": true }),
            json!({ "bgp_enabled": true }),
        ),
        (
            "azurerm_virtual_network_gateway_connection.x",
            json!({ "enable_bgp": true, "express_route_gateway_bypass": true }),
            json!({ "bgp_enabled": true, "express_route_gateway_bypass_enabled": true }),
        ),
        (
            "azurerm_route_table.x",
            json!({ "disable_bgp_route_propagation": true }),
            json!({ "bgp_route_propagation_enabled": false }),
        ),
        (
            "azurerm_network_interface.x",
            json!({ "enable_ip_forwarding": true }),
            json!({ "ip_forwarding_enabled": true }),
        ),
        (
            "azurerm_subnet.x",
            json!({ "private_endpoint_network_policies_enabled": false }),
            json!({ "private_endpoint_network_policies": "Disabled" }),
        ),
        (
            "azurerm_virtual_network.x",
            json!({ "subnet": [{ "name": "a", "address_prefix": "10.0.0.0/24" }] }),
            json!({ "subnet": [{ "name": "a", "address_prefixes": ["10.0.0.0/24"] }] }),
        ),
        (
            "azurerm_express_route_circuit.x",
            json!({ "enable_rate_limiting": true }),
            json!({ "rate_limiting_enabled": true }),
        ),
    ];
    for (address, old, new) in pairs {
        let old = properties(address, old);
        assert_ne!(old, json!({}), "{address}");
        assert_eq!(old, properties(address, new), "{address}");
    }
}
