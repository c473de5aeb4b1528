//! Findings about private endpoints.

use super::{findings_in, shown, warnings_in};
use crate::lab::parse;

fn with(endpoint: &str, next_hop: &str) -> String {
    format!(
        "\
name: endpoints
virtualNetworks:
  hub:
    addressPrefixes: [10.41.0.0/24]
    subnets:
      links: {{ addressPrefix: 10.41.0.0/27 }}
      clients: {{ addressPrefix: 10.41.0.128/26, routeTable: rt }}
    virtualMachines:
      nva: {{ subnet: clients, privateIPAddress: 10.41.0.132, ipForwarding: true }}
    privateEndpoints:
      sql: {{ {endpoint} }}
routeTables:
  rt:
    routes:
      r: {{ addressPrefix: 10.9.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: {next_hop} }}
"
    )
}

#[test]
fn the_subnet_of_an_endpoint_must_exist() {
    let text = with("subnet: lonks, privateIPAddress: 10.41.0.4", "10.41.0.132");
    insta::assert_snapshot!(findings_in(&text), @r#"
    error[no-such-name]: there is no subnet `lonks`
      --> lab.yaml:11:22
       |
    11 |       sql: { subnet: lonks, privateIPAddress: 10.41.0.4 }
       |                      ^^^^^ did you mean `links`?

    warning[route-loop]: `nva` forwards from subnet `clients`, but the route table of this subnet leads back to it: in Azure, packets loop until their TTL expires; the lab drops them at `nva`
     --> lab.yaml:7:61
      |
    7 |       clients: { addressPrefix: 10.41.0.128/26, routeTable: rt }
      |                                                             ^^
      |
      = help: an appliance needs a subnet without routes to that appliance (virtual-networks-udr-overview)

    2 findings in lab.yaml, 1 of them a warning
    "#);
}

#[test]
fn the_address_of_an_endpoint_must_be_in_its_subnet() {
    let text = with("subnet: links, privateIPAddress: 10.41.0.99", "10.41.0.132");
    insta::assert_snapshot!(findings_in(&text), @r#"
    error[outside]: 10.41.0.99 is not a usable address of 10.41.0.0/27
      --> lab.yaml:11:47
       |
    11 |       sql: { subnet: links, privateIPAddress: 10.41.0.99 }
       |                                               ^^^^^^^^^^ outside 10.41.0.0/27

    warning[route-loop]: `nva` forwards from subnet `clients`, but the route table of this subnet leads back to it: in Azure, packets loop until their TTL expires; the lab drops them at `nva`
     --> lab.yaml:7:61
      |
    7 |       clients: { addressPrefix: 10.41.0.128/26, routeTable: rt }
      |                                                             ^^
      |
      = help: an appliance needs a subnet without routes to that appliance (virtual-networks-udr-overview)

    2 findings in lab.yaml, 1 of them a warning
    "#);
}

#[test]
fn an_endpoint_is_no_next_hop() {
    let text = with("subnet: links", "10.41.0.4");
    insta::assert_snapshot!(warnings_in(&text), @r#"
    warning[no-next-hop]: 10.41.0.4 is the private endpoint `sql`, which forwards nothing: the route's packets are dropped
      --> lab.yaml:15:89
       |
    15 |       r: { addressPrefix: 10.9.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.41.0.4 }
       |                                                                                         ^^^^^^^^^
       |
       = help: name the address of a machine with `ipForwarding: true`; a route to the endpoint itself is not needed (private-endpoint-overview)
    "#);
}

#[test]
fn the_port_of_an_endpoint_is_one_of_tcp() {
    for port in ["0", "65536", "https"] {
        let text = with(&format!("subnet: links, port: {port}"), "10.41.0.132");
        let findings = parse(&text).expect_err("the port is invalid");
        let found = shown(&text, &findings);
        assert!(found.contains("TCP port"), "{found}");
    }
}
