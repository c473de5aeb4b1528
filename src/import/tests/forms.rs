//! The forms of the same resources: flat, nested, wrapped, in parts.

use super::*;

fn network() -> String {
    let properties = r#"{"addressSpace":{"addressPrefixes":["10.0.0.0/16"]},"subnets":[{"name":"a","properties":{"addressPrefix":"10.0.0.0/24"}}]}"#;
    resource("Microsoft.Network/virtualNetworks", "vnet", properties)
}

fn subnet() -> String {
    let kind = "Microsoft.Network/virtualNetworks/vnet/subnets";
    resource(kind, "b", r#"{"addressPrefix":"10.0.1.0/24"}"#).replace(
        &format!(r#""type":"{kind}""#),
        r#""type":"Microsoft.Network/virtualNetworks/subnets""#,
    )
}

const EXPECTED: &str = "\
name: x

virtualNetworks:
  vnet:
    location: westeurope
    addressPrefixes: [10.0.0.0/16]
    subnets: { a: 10.0.0.0/24 }
";

fn text(of: &str) -> String {
    let text = import(&[input("file.json", of)], &named("x")).unwrap().text;
    let from = text.find("name:").unwrap();
    text[from..].to_owned()
}

#[test]
fn one_resource_a_list_and_every_wrapping_say_the_same() {
    let network = network();
    let forms = [
        network.clone(),
        format!("[{network}]"),
        format!(r#"{{"data":[{network}],"count":1,"total_records":1}}"#),
        format!(r#"{{"value":[{network}],"nextLink":null}}"#),
        format!(r#"{{"predictedResources":[{network}],"diagnostics":[]}}"#),
        format!("\u{feff}// exported\n[ {network}, /* nothing more */ ]"),
        // Flat, as az prints it.
        network
            .replace(r#""properties":{"addressSpace""#, r#""addressSpace""#)
            .replace(
                r#""properties":{"addressPrefix":"10.0.0.0/24"}}]}}"#,
                r#""addressPrefix":"10.0.0.0/24"}]}"#,
            ),
        // Another case in ids and keys.
        network
            .replace("addressSpace", "AddressSpace")
            .replace("virtualNetworks", "VirtualNetworks"),
    ];
    for form in forms {
        assert_eq!(text(&form), EXPECTED, "{form}");
    }
}

#[test]
fn a_child_that_is_a_resource_of_its_own_is_put_into_its_parent() {
    let both = EXPECTED.replace("{ a: 10.0.0.0/24 }", "{ a: 10.0.0.0/24, b: 10.0.1.0/24 }");
    assert_eq!(text(&format!("[{},{}]", subnet(), network())), both);
    // The same child twice, as exports of resource groups have it.
    assert_eq!(
        text(&format!("[{},{},{}]", network(), subnet(), subnet())),
        both
    );
    let missing = import(
        &[input(
            "f",
            format!("[{},{}]", network(), subnet().replace("/vnet/", "/other/")),
        )],
        &named("x"),
    )
    .unwrap();
    insta::assert_snapshot!(missing.notes.text(), @r#"
    taken: 1 virtualNetworks
    not taken: 1 subnets (b): the resource that it belongs to is not in the files
    chosen: no machine is in the files, so no path can be traced; `--probe-vms` adds one to each subnet
    "#);
}

#[test]
fn booleans_and_numbers_may_be_texts() {
    let gateway = resource(
        "Microsoft.Network/virtualNetworkGateways",
        "gw",
        &format!(
            r#"{{"gatewayType":"vpn","activeActive":"false","enableBGP":"true","sku":{{"name":"vpngw1az"}},"bgpSettings":{{"asn":"65010"}},"ipConfigurations":[{{"properties":{{"subnet":{}}}}}]}}"#,
            id("virtualNetworks/VNET/subnets/GatewaySubnet")
        ),
    );
    let text = import(
        &[input("f", format!("[{},{gateway}]", network()))],
        &named("x"),
    )
    .unwrap()
    .text;
    let from = text.find("virtualNetworkGateways").unwrap();
    insta::assert_snapshot!(&text[from..], @r#"
    virtualNetworkGateways:
      gw: { virtualNetwork: vnet, gatewayType: Vpn, sku: VpnGw1AZ, asn: 65010 }
    "#);
}

#[test]
fn two_resources_of_one_name_are_told_apart() {
    let other = network()
        .replace("resourceGroups/net", "resourceGroups/Dev")
        .replace("10.0.", "10.9.");
    let text = import(
        &[input("f", format!("[{},{other}]", network()))],
        &named("x"),
    )
    .unwrap()
    .text;
    insta::assert_snapshot!(text, @r#"
    # Imported by `lab import`. Values marked "chosen" are not in the imported files.
    # Resources without a comment are in /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/net.
    name: x

    virtualNetworks:
      vnet:
        location: westeurope
        addressPrefixes: [10.0.0.0/16]
        subnets: { a: 10.0.0.0/24 }
      # /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/Dev/providers/Microsoft.Network/virtualNetworks/vnet
      vnet-Dev:
        location: westeurope
        addressPrefixes: [10.9.0.0/16]
        subnets: { a: 10.9.0.0/24 }
    "#);
}

#[test]
fn directions_of_a_connection_are_folded() {
    let gateway = |name: &str, network: &str, asn: u32| {
        let subnet = id(&format!("virtualNetworks/{network}/subnets/GatewaySubnet"));
        resource(
            "Microsoft.Network/virtualNetworkGateways",
            name,
            &format!(
                r#"{{"gatewayType":"Vpn","sku":{{"name":"VpnGw1AZ"}},"bgpSettings":{{"asn":{asn}}},"ipConfigurations":[{{"properties":{{"subnet":{subnet}}}}}]}}"#
            ),
        )
    };
    let connection = |name: &str, [a, b]: [&str; 2]| {
        let [a, b] = [a, b].map(|one| id(&format!("virtualNetworkGateways/{one}")));
        resource(
            "Microsoft.Network/connections",
            name,
            &format!(
                r#"{{"connectionType":"Vnet2Vnet","enableBgp":true,"virtualNetworkGateway1":{a},"virtualNetworkGateway2":{b}}}"#
            ),
        )
    };
    let other = network()
        .replace("\"vnet\"", "\"far\"")
        .replace("/vnet\"", "/far\"")
        .replace("10.0.", "10.9.");
    let all = [
        network(),
        other,
        gateway("gw1", "vnet", 65010),
        gateway("gw2", "far", 65050),
        connection("there", ["gw1", "gw2"]),
        connection("back", ["gw2", "gw1"]),
    ];
    let imported = import(&[input("f", format!("[{}]", all.join(",")))], &named("x")).unwrap();
    let from = imported.text.find("virtualNetworkGateways").unwrap();
    insta::assert_snapshot!(format!("{}---\n{}", &imported.text[from..], imported.notes.text()), @r#"
    virtualNetworkGateways:
      gw1: { virtualNetwork: vnet, gatewayType: Vpn, sku: VpnGw1AZ, asn: 65010 }
      gw2: { virtualNetwork: far, gatewayType: Vpn, sku: VpnGw1AZ, asn: 65050 }

    connections:
      there: { connectionType: Vnet2Vnet, gateways: [gw1, gw2] }
    ---
    taken: 2 virtualNetworks, 2 virtualNetworkGateways, 2 connections
    chosen: no machine is in the files, so no path can be traced; `--probe-vms` adds one to each subnet
    chosen: public addresses of gateways that have none yet (gw1, gw2)
    "#);
}
