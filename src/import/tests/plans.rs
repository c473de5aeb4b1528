//! States and plans of Terraform.

use super::*;

/// A plan that adds a second spoke to a hub.
const PLAN: &str = include_str!("terraform/plan.json");

#[test]
fn a_plan_is_imported_as_it_was_and_as_it_will_be() {
    let options = |before| Options {
        before,
        ..named("plan")
    };
    let imported = |before| import(&[input("plan.json", PLAN)], &options(before)).unwrap();
    let text = |imported: &Imported| {
        let from = imported.text.find("virtualNetworks").unwrap();
        format!("{}---\n{}", &imported.text[from..], imported.notes.text())
    };
    insta::assert_snapshot!(text(&imported(true)), @r#"
    virtualNetworks:
      hub:
        location: westeurope
        addressPrefixes: [10.0.0.0/16]
        subnets: { GatewaySubnet: 10.0.255.0/27 }
        peerings:
          - { remoteVirtualNetwork: s1, allowGatewayTransit: true }
      s1:
        location: westeurope
        addressPrefixes: [10.1.0.0/16]
        subnets: { app: 10.1.0.0/24 }
        peerings:
          - { remoteVirtualNetwork: hub }
    ---
    taken: 2 virtualNetworks
    chosen: no machine is in the files, so no path can be traced; `--probe-vms` adds one to each subnet
    "#);
    insta::assert_snapshot!(text(&imported(false)), @r#"
    virtualNetworks:
      hub:
        location: westeurope
        addressPrefixes: [10.0.0.0/16]
        subnets: { GatewaySubnet: 10.0.255.0/27 }
        peerings:
          - { remoteVirtualNetwork: s1, allowGatewayTransit: true }
          - { remoteVirtualNetwork: s2, allowGatewayTransit: true }
      s1:
        location: westeurope
        addressPrefixes: [10.1.0.0/16]
        subnets: { app: 10.1.0.0/24 }
        peerings:
          - { remoteVirtualNetwork: hub }
      s2:
        location: westeurope
        addressPrefixes: [10.2.0.0/16]
        subnets: { app: 10.2.0.0/24 }
        peerings:
          - { remoteVirtualNetwork: hub }
    ---
    taken: 3 virtualNetworks
    not taken: 1 azurerm_key_vault (azurerm_key_vault.kv): it is not a resource of networking
    chosen: no machine is in the files, so no path can be traced; `--probe-vms` adds one to each subnet
    "#);
}

#[test]
fn only_a_plan_has_a_state_before_it() {
    let network = resource("Microsoft.Network/virtualNetworks", "v", "{}");
    let options = Options {
        before: true,
        ..named("x")
    };
    let error = import(&[input("az.json", network)], &options).unwrap_err();
    insta::assert_snapshot!(error, @"az.json is no plan of Terraform, so it has no state before it; name a second lab or file to compare it with");
    let state = r#"{"version": 3, "terraform_version": "0.11.0", "modules": []}"#;
    let error = import(&[input("old.tfstate", state)], &named("x")).unwrap_err();
    insta::assert_snapshot!(error, @"old.tfstate cannot be imported");
}
