//! Rules for links between sites, and for routers that use iBGP.

use crate::lab::rules::tests::wide::{accepted, refused};

#[test]
fn a_wan_link_joins_routers_that_exist() {
    insta::assert_snapshot!(refused(&[("a: edge, b: gate", "a: edge, b: gat")]), @r"
    error[no-such-name]: there is no router `gat`
       --> lab.yaml:105:28
        |
    105 |   east-west: { a: edge, b: gat, addresses: [172.16.2.0/31, 172.16.2.1/31] }
        |                            ^^^ did you mean `gate`?

    1 finding in lab.yaml
    ");
}

#[test]
fn a_wan_link_joins_two_sites() {
    insta::assert_snapshot!(refused(&[("a: edge, b: gate", "a: edge, b: core"), ("        export: { east-west: [10.4.0.0/24] }\n", "")]), @r"
    error[same-site]: `edge` and `core` are routers of one site, `east`
       --> lab.yaml:104:28
        |
    104 |   east-west: { a: edge, b: core, addresses: [172.16.2.0/31, 172.16.2.1/31] }
        |                            ^^^^
        |
        = help: write a link within a site under the site's `links`

    1 finding in lab.yaml
    ");
    insta::assert_snapshot!(refused(&[("a: edge, b: gate", "a: edge, b: edge"), ("        export: { east-west: [10.4.0.0/24] }\n", "")]), @r"
    error[same-end]: this link joins `edge` to itself
       --> lab.yaml:104:28
        |
    104 |   east-west: { a: edge, b: edge, addresses: [172.16.2.0/31, 172.16.2.1/31] }
        |                            ^^^^

    1 finding in lab.yaml
    ");
}

#[test]
fn the_ends_of_a_wan_link_share_a_prefix() {
    insta::assert_snapshot!(refused(&[("172.16.2.1/31]", "172.16.2.2/31]")]), @r"
    error[outside]: 172.16.2.0/31 and 172.16.2.2/31 are not in one prefix
       --> lab.yaml:105:61
        |
    105 |   east-west: { a: edge, b: gate, addresses: [172.16.2.0/31, 172.16.2.2/31] }
        |                                                             ^^^^^^^^^^^^^
        |
        = help: both ends of a link share a prefix, such as a /30 or /31

    1 finding in lab.yaml
    ");
}

#[test]
fn the_addresses_of_a_wan_link_are_given_once() {
    insta::assert_snapshot!(refused(&[("addresses: [172.16.2.0/31, 172.16.2.1/31]", "addresses: [172.16.1.1/31, 172.16.1.0/31]")]), @r"
    error[address-taken]: 172.16.1.1 already belongs to core
       --> lab.yaml:105:46
        |
    105 |   east-west: { a: edge, b: gate, addresses: [172.16.1.1/31, 172.16.1.0/31] }
        |                                              ^^^^^^^^^^^^^
        |
       ::: lab.yaml:93:60
        |
     93 |     links: [{ a: edge, b: core, addresses: [172.16.1.0/31, 172.16.1.1/31] }]
        |                                                            ------------- the other one

    error[address-taken]: 172.16.1.0 already belongs to edge
       --> lab.yaml:105:61
        |
    105 |   east-west: { a: edge, b: gate, addresses: [172.16.1.1/31, 172.16.1.0/31] }
        |                                                             ^^^^^^^^^^^^^
        |
       ::: lab.yaml:93:45
        |
     93 |     links: [{ a: edge, b: core, addresses: [172.16.1.0/31, 172.16.1.1/31] }]
        |                                             ------------- the other one

    2 findings in lab.yaml
    ");
}

#[test]
fn routers_of_a_site_speak_bgp_with_each_other_under_one_number() {
    insta::assert_snapshot!(refused(&[("      core:\n", "      core:\n        asn: 65003\n")]), @r"
    error[no-internal-peers]: no two routers of site `east` have the same AS number, so `ibgp` has no effect
      --> lab.yaml:81:3
       |
    81 |   east:
       |   ^^^^
       |
       = help: give site `east` an `asn` and two routers, or leave `ibgp` out

    1 finding in lab.yaml
    ");
    accepted(&[("      core:\n", "      core:\n        asn: 65001\n")]);
}
