//! A load balancer for all ports, with machines behind it.

use serde_json::json;

use super::forms::{Line, after, line, network, plan, state};
use super::outline::{outline, read_well};

const POOL: &str = "loadBalancers/lb/backendAddressPools/nva";

fn balancer() -> Vec<Line> {
    let balancer = || after("azurerm_lb.nva.id", "loadBalancers/lb");
    vec![
        line(
            "azurerm_lb.nva",
            "loadBalancers/lb",
            json!({
                "name": "lb",
                "location": "westeurope",
                "sku": "Standard",
                "frontend_ip_configuration": [{
                    "name": "inside",
                    "private_ip_address": "10.0.1.4",
                    "private_ip_address_allocation": "Static",
                    "subnet_id": network("virtualNetworks/hub/subnets/nva"),
                }],
            }),
        ),
        line(
            "azurerm_lb_backend_address_pool.nva",
            POOL,
            json!({ "name": "nva", "loadbalancer_id": balancer() }),
        ),
        line(
            "azurerm_lb_backend_address_pool_address.far",
            &format!("{POOL}/addresses/far"),
            json!({
                "name": "far",
                "backend_address_pool_id": after("azurerm_lb_backend_address_pool.nva.id", POOL),
                "ip_address": "10.0.1.9",
            }),
        ),
        line(
            "azurerm_lb_probe.ssh",
            "loadBalancers/lb/probes/ssh",
            json!({ "name": "ssh", "loadbalancer_id": balancer(), "protocol": "Tcp", "port": 22 }),
        ),
        line(
            "azurerm_lb_rule.all",
            "loadBalancers/lb/loadBalancingRules/all",
            json!({
                "name": "all",
                "loadbalancer_id": balancer(),
                "protocol": "All",
                "frontend_port": 0,
                "backend_port": 0,
                "floating_ip_enabled": true,
                "frontend_ip_configuration_name": "inside",
                "backend_address_pool_ids": { "$": ["azurerm_lb_backend_address_pool.nva.id"],
                                              "is": [network(POOL)] },
                "probe_id": after("azurerm_lb_probe.ssh.id", "loadBalancers/lb/probes/ssh"),
            }),
        ),
    ]
}

fn interface() -> Vec<Line> {
    vec![
        line(
            "azurerm_network_interface.nva",
            "networkInterfaces/nva",
            json!({
                "name": "nva",
                "enable_ip_forwarding": true,
                "ip_configuration": [{ "name": "first", "private_ip_address": "10.0.1.5" }],
            }),
        ),
        line(
            "azurerm_network_interface_backend_address_pool_association.nva",
            &network(&format!(
                "networkInterfaces/nva/ipConfigurations/first|{POOL}"
            )),
            json!({
                "network_interface_id":
                    after("azurerm_network_interface.nva.id", "networkInterfaces/nva"),
                "ip_configuration_name": "first",
                "backend_address_pool_id": after("azurerm_lb_backend_address_pool.nva.id", POOL),
            }),
        ),
    ]
}

fn lines() -> Vec<Line> {
    balancer().into_iter().chain(interface()).collect()
}

#[test]
fn rules_pools_and_interfaces_name_each_other() {
    let read = read_well(&state(&lines()));
    assert_eq!(read_well(&plan(&lines())), read);
    insta::assert_snapshot!(outline(&read), @r#"
    Microsoft.Network/loadBalancers lb = azurerm_lb.nva
      location: westeurope
      sku.name: Standard
      frontendIPConfigurations[inside].privateIPAddress: 10.0.1.4
      frontendIPConfigurations[inside].privateIPAllocationMethod: Static
      frontendIPConfigurations[inside].subnet -> virtualNetworks/hub/subnets/nva
      backendAddressPools[nva].loadBalancerBackendAddresses[far].ipAddress: 10.0.1.9
      backendAddressPools[nva].backendIPConfigurations[0] -> networkInterfaces/nva/ipConfigurations/first
      probes[ssh].protocol: Tcp
      probes[ssh].port: 22
      loadBalancingRules[all].protocol: All
      loadBalancingRules[all].frontendPort: 0
      loadBalancingRules[all].backendPort: 0
      loadBalancingRules[all].frontendIPConfiguration -> loadBalancers/lb/frontendIPConfigurations/inside
      loadBalancingRules[all].backendAddressPool -> loadBalancers/lb/backendAddressPools/nva
      loadBalancingRules[all].backendAddressPools[0] -> loadBalancers/lb/backendAddressPools/nva
      loadBalancingRules[all].probe -> loadBalancers/lb/probes/ssh
      loadBalancingRules[all].enableFloatingIP: true
    Microsoft.Network/networkInterfaces nva = azurerm_network_interface.nva
      enableIPForwarding: true
      ipConfigurations[first].privateIPAddress: 10.0.1.5
      ipConfigurations[first].loadBalancerBackendAddressPools[0] -> loadBalancers/lb/backendAddressPools/nva
    not taken: azurerm_resource_group.rg (azurerm_resource_group): it is a group and forwards no packets
    "#);
}

#[test]
fn the_pool_of_a_rule_of_version_2_is_read() {
    let lines = [line(
        "azurerm_lb_rule.all",
        "loadBalancers/lb/loadBalancingRules/all",
        json!({ "name": "all", "backend_address_pool_id": network(POOL), "enable_floating_ip": true }),
    )];
    let read = read_well(&state(&lines));
    let properties = &read.resources[0]["properties"];
    assert_eq!(properties["backendAddressPool"]["id"], network(POOL));
    assert_eq!(properties["enableFloatingIP"], true);
}
