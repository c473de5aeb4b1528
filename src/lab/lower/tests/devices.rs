//! Routers and appliances: ASNs, policies, static routes, and sessions between sites.

use crate::lab::lower::tests::{built, links, nodes, sessions};

#[test]
fn an_appliance_has_tunnels_and_speaks_bgp() {
    let topology = built(
        "name: lab
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.0.0.0/24]
    subnets:
      default: { addressPrefix: 10.0.0.0/26 }
    virtualMachines:
      nva:
        subnet: default
        privateIPAddress: 10.0.0.4
        ipForwarding: true
        asn: 65003
        tunnel: { sourceAddress: 203.0.113.3, address: 10.255.0.1 }
        advertise: [10.0.0.0/24]
        transit: true
        routes:
          - { addressPrefix: 192.168.0.0/16, connection: nva-edge }
        asPathPrepend: { nva-edge: 2 }
        import: { nva-edge: [192.168.0.0/16] }
        export: { nva-edge: [10.0.0.0/8, 172.16.0.0/12] }
connections:
  nva-edge: { connectionType: IPsec, appliance: nva, device: edge }
sites:
  site:
    asn: 65001
    routers:
      edge:
        tunnel: { sourceAddress: 198.51.100.1, address: 192.168.9.1, innerTtl: 64 }
        localPreference: { nva-edge: 150 }
",
    );
    insta::assert_snapshot!(nodes(&topology), @r"
    azure: Azure fabric - AS -
    nva: virtual appliance 10.0.0.4 AS 65003 advertises 10.0.0.0/24 transit
    internet: internet - AS -
    edge: router 192.168.9.1 AS 65001
    ");
    insta::assert_snapshot!(links(&topology), @"
    nva: eth0@nva 10.0.0.4/26 -- nva@azure
    internet-nva: pub0@nva 203.0.113.3/32 -- nva@internet 169.254.209.189/32
    internet-edge: pub0@edge 198.51.100.1/32 -- edge@internet 169.254.214.90/32
    nva-edge: nva-edge@nva 10.255.0.1/32 -- nva-edge@edge 192.168.9.1/32 over 203.0.113.3 198.51.100.1 port 58366 inner ttl - 64
    ");
    insta::assert_snapshot!(sessions(&topology), @r"
    nva-edge Tunnel on nva-edge over internet-nva internet-edge lost in 180s
      nva-edge@nva source 10.255.0.1 peer 192.168.9.1 networks 192.168.0.0/16 prepends 2 takes only 192.168.0.0/16 tells only 10.0.0.0/8 172.16.0.0/12
      nva-edge@edge source 192.168.9.1 peer 10.255.0.1 preference 150
    ");
}

#[test]
fn sites_are_joined_by_wan_links_over_which_numbered_routers_speak() {
    let topology = built(
        "name: lab
sites:
  one:
    asn: 65001
    routers:
      a: { advertise: [10.0.9.0/24], localPreference: { short: 200 } }
      b: { asn: 65009 }
    links:
      - { a: a, b: b, addresses: [10.0.0.0/31, 10.0.0.1/31] }
    advertise: [10.0.0.0/16]
  two:
    asn: 65002
    routers: { c: {} }
  three:
    routers:
      d: { routes: [{ addressPrefix: 0.0.0.0/0, nextHopIpAddress: 172.16.0.4 }] }
wan:
  short: { a: a, b: c, addresses: [172.16.0.0/31, 172.16.0.1/31], rtt: 2ms }
  long: { a: a, b: c, addresses: [172.16.0.2/31, 172.16.0.3/31] }
  stub: { a: c, b: d, addresses: [172.16.0.4/31, 172.16.0.5/31] }
",
    );
    insta::assert_snapshot!(nodes(&topology), @r"
    a: router 10.0.0.0 AS 65001 advertises 10.0.0.0/16 10.0.9.0/24
    b: router 10.0.0.1 AS 65009 advertises 10.0.0.0/16
    c: router 172.16.0.1 AS 65002
    d: router 172.16.0.5 AS - routes 0.0.0.0/0 via 172.16.0.4
    ");
    insta::assert_snapshot!(links(&topology), @r"
    a-b: b@a 10.0.0.0/31 -- a@b 10.0.0.1/31
    short: c@a 172.16.0.0/31 -- a@c 172.16.0.1/31
    long: c-2@a 172.16.0.2/31 -- a-2@c 172.16.0.3/31
    stub: d@c 172.16.0.4/31 -- c@d 172.16.0.5/31
    ");
    insta::assert_snapshot!(sessions(&topology), @r"
    short Wan on short lost in 180s
      c@a source 172.16.0.0 next hop 172.16.0.0 preference 200
      a@c source 172.16.0.1 next hop 172.16.0.1
    long Wan on long lost in 180s
      c-2@a source 172.16.0.2 next hop 172.16.0.2
      a-2@c source 172.16.0.3 next hop 172.16.0.3
    ");
    let delays = topology.links[1].directions.map(|way| way.delay);
    assert_eq!(delays.map(|delay| delay.as_millis()), [1, 1]);
}

/// `odd` has its own ASN, and `deaf` has no interface.
#[test]
fn routers_of_a_site_and_a_number_speak_with_each_other_where_the_site_says_so() {
    let site = |ibgp: &str| {
        built(&format!(
            "name: lab
sites:
  site:
    asn: 65001
    {ibgp}
    routers:
      a: {{ address: 10.0.0.1/24 }}
      b: {{ address: 10.0.0.2/24 }}
      c: {{}}
      odd: {{ asn: 65002, address: 10.0.0.3/24 }}
      deaf: {{}}
    links:
      - {{ a: c, b: a, addresses: [10.0.1.0/31, 10.0.1.1/31] }}
"
        ))
    };
    insta::assert_snapshot!(sessions(&site("ibgp: true")), @r"
    site Site lost in 180s
      c@a source 10.0.0.1
      lan0@b source 10.0.0.2
    site Site lost in 180s
      c@a source 10.0.0.1
      a@c source 10.0.1.0
    site Site lost in 180s
      lan0@b source 10.0.0.2
      a@c source 10.0.1.0
    ");
    insta::assert_snapshot!(sessions(&site("ibgp: false")), @"");
}
