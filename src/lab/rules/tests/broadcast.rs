//! Rules for network addresses and broadcast addresses.

use crate::lab::rules::tests::wide::{accepted, refused};

#[test]
fn no_node_has_the_first_or_last_address_of_a_prefix_at_its_site() {
    insta::assert_snapshot!(refused(&[("address: 10.4.0.125 }", "address: 10.4.0.255 }")]), @r"
    error[reserved-address]: 10.4.0.255 is the broadcast address of 10.4.0.0/24, which no node can have
      --> lab.yaml:86:57
       |
    86 |         tunnel: { sourceAddress: 198.51.100.1, address: 10.4.0.255 }
       |                                                         ^^^^^^^^^^
       |
       = help: write an address between the first and the last one of 10.4.0.0/24

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("pc: { address: 10.4.0.10/24", "pc: { address: 10.4.0.0/24")]), @r"
    error[reserved-address]: 10.4.0.0 is the network address of 10.4.0.0/24, which no node can have
      --> lab.yaml:92:29
       |
    92 |     hosts: { pc: { address: 10.4.0.0/24, gateway: 10.4.0.1 } }
       |                             ^^^^^^^^^^^
       |
       = help: write an address between the first and the last one of 10.4.0.0/24

    1 finding in lab.yaml
    ");
    let wan = |addresses| ("addresses: [172.16.2.0/31, 172.16.2.1/31]", addresses);
    insta::assert_snapshot!(refused(&[wan("addresses: [172.16.2.2/30, 172.16.2.3/30]")]), @r"
    error[reserved-address]: 172.16.2.3 is the broadcast address of 172.16.2.0/30, which no node can have
       --> lab.yaml:105:61
        |
    105 |   east-west: { a: edge, b: gate, addresses: [172.16.2.2/30, 172.16.2.3/30] }
        |                                                             ^^^^^^^^^^^^^
        |
        = help: write an address between the first and the last one of 172.16.2.0/30

    1 finding in lab.yaml
    ");
    accepted(&[wan("addresses: [172.16.2.1/30, 172.16.2.2/30]")]);
}

#[test]
fn no_tunnel_of_an_appliance_has_the_first_or_last_address_of_a_subnet() {
    insta::assert_snapshot!(refused(&[("address: 10.6.0.1 }", "address: 10.0.0.127 }")]), @r"
    error[reserved-address]: 10.0.0.127 is the broadcast address of 10.0.0.64/26, which no node can have
      --> lab.yaml:17:56
       |
    17 |         tunnel: { sourceAddress: 203.0.113.9, address: 10.0.0.127 }
       |                                                        ^^^^^^^^^^
       |
       = help: write an address between the first and the last one of 10.0.0.64/26

    1 finding in lab.yaml
    ");
}
