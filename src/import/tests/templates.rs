//! Templates of Azure Resource Manager.

use super::*;

const TWO_GATEWAYS: &str = include_str!("templates/two-gateways.json");
const SANDBOX: &str = include_str!("templates/sandbox.json");

#[test]
fn copies_variables_and_functions_make_two_networks_with_gateways() {
    let options = Options {
        probe_machines: true,
        ..named("bgp")
    };
    insta::assert_snapshot!(shown(&[input("azuredeploy.json", TWO_GATEWAYS)], &options), @r#"
    # Imported by `lab import`. Values marked "chosen" are not in the imported files.
    # Resources without a comment are in /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/imported.
    name: bgp

    virtualNetworks:
      vNet1:
        location: westeurope
        addressPrefixes: [10.0.0.0/23]
        subnets: { subnet1: 10.0.0.0/24, GatewaySubnet: 10.0.1.224/27 }
        virtualMachines:
          vNet1-subnet1-vm: { subnet: subnet1 } # chosen
      vNet2:
        location: westeurope
        addressPrefixes: [10.0.2.0/23]
        subnets: { subnet1: 10.0.2.0/24, GatewaySubnet: 10.0.3.224/27 }
        virtualMachines:
          vNet2-subnet1-vm: { subnet: subnet1 } # chosen

    virtualNetworkGateways:
      gw1: { virtualNetwork: vNet1, gatewayType: Vpn, sku: VpnGw1AZ, asn: 65010 }
      gw2: { virtualNetwork: vNet2, gatewayType: Vpn, sku: VpnGw1AZ, asn: 65050 }

    connections:
      vNet1-to-vNet2: { connectionType: Vnet2Vnet, gateways: [gw1, gw2] }
    ---
    taken: 2 virtualNetworks, 2 virtualNetworkGateways, 2 connections
    chosen: machines of --probe-vms (vNet1-subnet1-vm, vNet2-subnet1-vm)
    chosen: public addresses of gateways that have none yet (gw1, gw2)
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "two lab files are shown whole")]
fn a_parameter_decides_which_halves_of_peerings_and_which_gateway_exist() {
    let with = |value: &str| {
        let mut options = named("sandbox");
        options.parameters = serde_json::from_str(value).unwrap();
        let text = shown(&[input("azuredeploy.json", SANDBOX)], &options);
        let from = text.find("virtualNetworks").unwrap();
        text[from..].to_owned()
    };
    insta::assert_snapshot!(with("{}"), @r#"
    virtualNetworks:
      hub:
        location: westeurope
        addressPrefixes: [192.168.0.0/20]
        subnets: { DMZ: 192.168.0.0/25, Management: 192.168.1.0/25, GatewaySubnet: 192.168.15.224/27 }
        virtualMachines:
          vm: { subnet: Management }
        peerings:
          - { remoteVirtualNetwork: dev, allowForwardedTraffic: true }
          - { remoteVirtualNetwork: prod, allowForwardedTraffic: true }
      dev:
        location: westeurope
        addressPrefixes: [10.10.0.0/16]
        subnets: { default: 10.10.0.0/24 }
        peerings:
          - { remoteVirtualNetwork: hub, allowForwardedTraffic: true }
      prod:
        location: westeurope
        addressPrefixes: [10.11.0.0/16]
        subnets: { default: 10.11.0.0/24 }
        peerings:
          - { remoteVirtualNetwork: hub, allowForwardedTraffic: true }
    ---
    taken: 3 virtualNetworks, 1 virtualMachines
    not taken: 3 resources (Microsoft.Network/virtualNetworks/virtualNetworkPeerings dev/to-hub, Microsoft.Network/virtualNetworks/virtualNetworkPeerings prod/to-hub, Microsoft.Resources/deployments gateway): a condition of the template is false
    not taken: 1 values (vm): only Azure knows `[listKeys('storage', '2023-01-01').keys[0]]`
    "#);
    insta::assert_snapshot!(with(r#"{"DeployVpnGateway": "true"}"#), @r#"
    virtualNetworks:
      hub:
        location: westeurope
        addressPrefixes: [192.168.0.0/20]
        subnets: { DMZ: 192.168.0.0/25, Management: 192.168.1.0/25, GatewaySubnet: 192.168.15.224/27 }
        virtualMachines:
          vm: { subnet: Management }
        peerings:
          - { remoteVirtualNetwork: dev, allowGatewayTransit: true, allowForwardedTraffic: true }
          - { remoteVirtualNetwork: prod, allowGatewayTransit: true, allowForwardedTraffic: true }
      dev:
        location: westeurope
        addressPrefixes: [10.10.0.0/16]
        subnets: { default: 10.10.0.0/24 }
        peerings:
          - { remoteVirtualNetwork: hub, useRemoteGateways: true, allowForwardedTraffic: true }
      prod:
        location: westeurope
        addressPrefixes: [10.11.0.0/16]
        subnets: { default: 10.11.0.0/24 }
        peerings:
          - { remoteVirtualNetwork: hub, useRemoteGateways: true, allowForwardedTraffic: true }

    virtualNetworkGateways:
      hub-gw: { virtualNetwork: hub, gatewayType: Vpn, sku: VpnGw1AZ }
    ---
    taken: 3 virtualNetworks, 1 virtualMachines, 1 virtualNetworkGateways
    not taken: 2 resources (Microsoft.Network/virtualNetworks/virtualNetworkPeerings dev/to-hub, Microsoft.Network/virtualNetworks/virtualNetworkPeerings prod/to-hub): a condition of the template is false
    not taken: 1 values (vm): only Azure knows `[listKeys('storage', '2023-01-01').keys[0]]`
    chosen: public addresses of gateways that have none yet (hub-gw)
    "#);
}

/// What `az group export` writes: names as parameters with defaults, ids of other groups as parameters, and children
/// both inside of their parents and beside them.
#[test]
fn an_exported_group_has_each_child_once() {
    let text = r#"{
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "parameters": {
            "virtualNetworks_spoke_name": { "defaultValue": "spoke", "type": "String" },
            "virtualNetworks_hub_externalid": { "defaultValue": "/subscriptions/s/resourceGroups/other/providers/Microsoft.Network/virtualNetworks/hub", "type": "String" },
            "routeTables_rt_name": { "defaultValue": "rt", "type": "String" }
        },
        "resources": [
            { "type": "Microsoft.Network/routeTables", "name": "[parameters('routeTables_rt_name')]", "location": "westeurope", "properties": {
                "routes": [{ "name": "all", "id": "[resourceId('Microsoft.Network/routeTables/routes', parameters('routeTables_rt_name'), 'all')]", "properties": { "addressPrefix": "10.0.0.0/8", "nextHopType": "None" } }] } },
            { "type": "Microsoft.Network/routeTables/routes", "name": "[concat(parameters('routeTables_rt_name'), '/all')]", "properties": { "addressPrefix": "10.0.0.0/8", "nextHopType": "None" } },
            { "type": "Microsoft.Network/virtualNetworks", "name": "[parameters('virtualNetworks_spoke_name')]", "location": "westeurope", "properties": {
                "addressSpace": { "addressPrefixes": ["10.2.0.0/16"] },
                "subnets": [{ "name": "a", "properties": { "addressPrefix": "10.2.0.0/24", "routeTable": { "id": "[resourceId('Microsoft.Network/routeTables', parameters('routeTables_rt_name'))]" } } }],
                "virtualNetworkPeerings": [{ "name": "to-hub", "properties": { "remoteVirtualNetwork": { "id": "[parameters('virtualNetworks_hub_externalid')]" } } }] } },
            { "type": "Microsoft.Network/virtualNetworks/subnets", "name": "[concat(parameters('virtualNetworks_spoke_name'), '/a')]", "properties": { "addressPrefix": "10.2.0.0/24" } },
            { "type": "Microsoft.Network/virtualNetworks/virtualNetworkPeerings", "name": "[concat(parameters('virtualNetworks_spoke_name'), '/to-hub')]", "properties": {} }
        ]
    }"#;
    insta::assert_snapshot!(shown(&[input("export.json", text)], &named("exported")), @r#"
    # Imported by `lab import`. Values marked "chosen" are not in the imported files.
    # Resources without a comment are in /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/imported.
    name: exported

    virtualNetworks:
      spoke:
        location: westeurope
        addressPrefixes: [10.2.0.0/16]
        subnets:
          a: { addressPrefix: 10.2.0.0/24, routeTable: rt }

    routeTables:
      rt:
        routes:
          all: { addressPrefix: 10.0.0.0/8, nextHopType: None }
    ---
    taken: 1 virtualNetworks, 1 routeTables
    not taken: 1 peerings (spoke/to-hub to hub): the other resource is not in the files
    chosen: no machine is in the files, so no path can be traced; `--probe-vms` adds one to each subnet
    "#);
}

#[test]
fn a_file_of_parameters_is_read_and_a_missing_one_is_named() {
    let file = input(
        "p.json",
        r#"{"$schema": "https://x/deploymentParameters.json#", "parameters": {"asns": {"value": [64500, 64501]}}}"#,
    );
    let mut options = named("bgp");
    options.parameters = parameters(&file).unwrap();
    let text = import(&[input("t.json", TWO_GATEWAYS)], &options)
        .unwrap()
        .text;
    assert!(text.contains("asn: 64501"), "{text}");
    let error = parameters(&input("t.json", "{}")).unwrap_err();
    insta::assert_snapshot!(error, @"t.json is of no known form: it has no `parameters` with values; import reads lists and resources of `az ... -o json`, Resource Graph results, REST answers, ARM templates, `az bicep snapshot` and Terraform states and plans");
}

#[test]
fn a_parameter_that_no_template_has_is_an_error() {
    let mut options = named("bgp");
    options.parameters = serde_json::from_str(r#"{"asn": 1}"#).unwrap();
    let error = import(&[input("t.json", TWO_GATEWAYS)], &options).unwrap_err();
    insta::assert_snapshot!(error, @"no template has a parameter `asn`, did you mean `asns`?; correct its name or leave it out");
    // A template given as a file of parameters has no values.
    assert!(parameters(&input("t.json", TWO_GATEWAYS)).is_err());
}
