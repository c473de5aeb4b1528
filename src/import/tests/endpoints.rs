//! Private endpoints, and subnets whose id has another name than they have.

use super::*;

#[test]
fn a_private_endpoint_has_the_address_of_its_interface() {
    let subnet = id("virtualNetworks/vnet/subnets/links");
    let network = r#"{"addressSpace":{"addressPrefixes":["10.0.0.0/16"]},"subnets":[{"name":"links","properties":{"addressPrefix":"10.0.0.0/24","privateEndpointNetworkPolicies":"RouteTableEnabled","serviceEndpoints":[{"service":"Microsoft.Storage"}]}},{"name":"plain","properties":{"addressPrefix":"10.0.1.0/24","privateEndpointNetworkPolicies":"Enabled"}}]}"#;
    let endpoint = format!(
        r#"{{"subnet":{subnet},"networkInterfaces":[{}]}}"#,
        id("networkInterfaces/sql-nic")
    );
    let interface = format!(
        r#"{{"ipConfigurations":[{{"properties":{{"privateIPAddress":"10.0.0.9","subnet":{subnet}}}}}]}}"#
    );
    let away = format!(r#"{{"subnet":{}}}"#, id("virtualNetworks/gone/subnets/x"));
    let all = [
        resource("Microsoft.Network/virtualNetworks", "vnet", network),
        resource("Microsoft.Network/privateEndpoints", "sql", &endpoint),
        resource("Microsoft.Network/privateEndpoints", "away", &away),
        resource("Microsoft.Network/networkInterfaces", "sql-nic", &interface),
    ];
    let text = shown(&[input("f", format!("[{}]", all.join(",")))], &named("x"));
    insta::assert_snapshot!(text, @r#"
    # Imported by `lab import`. Values marked "chosen" are not in the imported files.
    # Resources without a comment are in /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/net.
    name: x

    virtualNetworks:
      vnet:
        location: westeurope
        addressPrefixes: [10.0.0.0/16]
        subnets:
          links: { addressPrefix: 10.0.0.0/24, privateEndpointNetworkPolicies: RouteTableEnabled }
          plain: 10.0.1.0/24
        privateEndpoints:
          sql: { subnet: links, privateIPAddress: 10.0.0.9 }
    ---
    taken: 1 virtualNetworks, 1 privateEndpoints
    not taken: 1 serviceEndpoints (vnet/links): the prefixes of the services are not in the files
    not taken: 1 privateEndpoints (away): its virtual network is not in the files
    chosen: no machine is in the files, so no path can be traced; `--probe-vms` adds one to each subnet
    chosen: ports of private endpoints are 443; `port` of an endpoint sets another one (sql)
    "#);
}

#[test]
fn a_subnet_is_found_by_its_id() {
    let own = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/default";
    let network = format!(
        r#"{{"addressSpace":{{"addressPrefixes":["10.0.0.0/16"]}},"subnets":[{{"name":"test","id":"{own}","properties":{{"addressPrefix":"10.0.0.0/24"}}}}]}}"#
    );
    let interface = format!(
        r#"{{"virtualMachine":{{"id":"/x/providers/Microsoft.Compute/virtualMachines/vm"}},"ipConfigurations":[{{"properties":{{"privateIPAddress":"10.0.0.5","subnet":{{"id":"{own}"}}}}}}]}}"#
    );
    let all = [
        resource("Microsoft.Network/virtualNetworks", "vnet", &network),
        resource("Microsoft.Network/networkInterfaces", "nic", &interface),
    ];
    let text = shown(&[input("f", format!("[{}]", all.join(",")))], &named("x"));
    assert!(
        text.contains("vm: { subnet: test, privateIPAddress: 10.0.0.5 }"),
        "{text}"
    );
}
