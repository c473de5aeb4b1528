//! Large networks.

use super::*;

/// A hub and many spokes, each with machines, as one list.
fn hub_and_spokes(spokes: u32) -> String {
    let mut all = Vec::new();
    let mut hub_peerings = Vec::new();
    for number in 0..spokes {
        let (high, low) = (number / 250 + 1, number % 250);
        let name = format!("spoke{number}");
        hub_peerings.push(format!(
            r#"{{"name":"to-{name}","properties":{{"remoteVirtualNetwork":{},"allowGatewayTransit":true}}}}"#,
            id(&format!("virtualNetworks/{name}"))
        ));
        all.push(resource(
            "Microsoft.Network/virtualNetworks",
            &name,
            &format!(
                r#"{{"addressSpace":{{"addressPrefixes":["10.{high}.{low}.0/24"]}},"subnets":[{{"name":"default","properties":{{"addressPrefix":"10.{high}.{low}.0/25"}}}}],"virtualNetworkPeerings":[{{"name":"hub","properties":{{"remoteVirtualNetwork":{},"useRemoteGateways":true}}}}]}}"#,
                id("virtualNetworks/hub")
            ),
        ));
        all.push(resource(
            "Microsoft.Network/networkInterfaces",
            &format!("{name}-nic"),
            &format!(
                r#"{{"virtualMachine":{{"id":"/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/net/providers/Microsoft.Compute/virtualMachines/{name}-vm"}},"ipConfigurations":[{{"properties":{{"privateIPAddress":"10.{high}.{low}.4","subnet":{}}}}}]}}"#,
                id(&format!("virtualNetworks/{name}/subnets/default"))
            ),
        ));
    }
    all.push(resource(
        "Microsoft.Network/virtualNetworks",
        "hub",
        &format!(
            r#"{{"addressSpace":{{"addressPrefixes":["10.0.0.0/16"]}},"subnets":[{{"name":"GatewaySubnet","properties":{{"addressPrefix":"10.0.0.0/24"}}}}],"virtualNetworkPeerings":[{}]}}"#,
            hub_peerings.join(",")
        ),
    ));
    let subnet = id("virtualNetworks/hub/subnets/GatewaySubnet");
    let gateway = format!(
        r#"{{"gatewayType":"Vpn","sku":{{"name":"VpnGw1AZ"}},"ipConfigurations":[{{"properties":{{"subnet":{subnet}}}}}]}}"#
    );
    all.push(resource(
        "Microsoft.Network/virtualNetworkGateways",
        "gw",
        &gateway,
    ));
    format!("[{}]", all.join(","))
}

#[test]
fn a_hub_with_sixty_spokes_is_a_valid_lab() {
    let imported = import(&[input("f", hub_and_spokes(60))], &named("x")).unwrap();
    assert_eq!(findings(&imported.text), "");
    insta::assert_snapshot!(imported.notes.text(), @r#"
    taken: 61 virtualNetworks, 60 virtualMachines, 1 virtualNetworkGateways
    chosen: public addresses of gateways that have none yet (gw)
    "#);
}

#[test]
fn a_thousand_networks_are_imported() {
    let imported = import(&[input("f", hub_and_spokes(1000))], &named("x")).unwrap();
    let networks = imported.notes.taken()["virtualNetworks"];
    assert_eq!(networks, 1001);
}
