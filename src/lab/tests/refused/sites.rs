//! Mistakes in sites, their devices and the links between them.

use super::*;

#[test]
#[expect(clippy::too_many_lines, reason = "a snapshot of all that people see")]
fn a_device_says_where_its_routes_lead_and_how_often_it_prepends() {
    let text = "\
name: a
sites:
  s:
    ibgp: 1
    routers:
      r:
        transit: maybe
        routes:
          - { addressPrefix: 10.1.0.0/16 }
          - { addressPrefix: 10.2.0.0/16, nextHopIpAddress: 10.0.0.1, connection: c }
          - { addressPrefix: 10.3.0.0/16, conection: c }
          - { nextHopIpAddress: here }
        asPathPrepend: { er1: 0, er2: 11, \"\": 1 }
        import: { er1: 10.0.0.0/8, er2: [10.0.0.1/8] }
        export: [10.0.0.0/8]
        tunnel: {}
wan:
  far: { a: r, b: q, addresses: [10.0.0.1/31], asn: 65001 }
  a/b: { a: r }
";
    insta::assert_snapshot!(refused(text), @r#"
    error[wrong-type]: expected true or false, found a number
     --> lab.yaml:4:11
      |
    4 |     ibgp: 1
      |           ^

    error[wrong-type]: expected true or false, found text
     --> lab.yaml:7:18
      |
    7 |         transit: maybe
      |                  ^^^^^

    error[missing-key]: a device's route needs `nextHopIpAddress` or `connection`
     --> lab.yaml:9:13
      |
    9 |           - { addressPrefix: 10.1.0.0/16 }
      |             ^
      |
      = help: add `nextHopIpAddress: 10.0.0.4` or `connection: NAME`

    error[wrong-value]: a device's route has `nextHopIpAddress` or `connection`, not both
      --> lab.yaml:10:71
       |
    10 |           - { addressPrefix: 10.2.0.0/16, nextHopIpAddress: 10.0.0.1, connection: c }
       |                                                                       ^^^^^^^^^^

    error[unknown-key]: `conection` is not a key of a device's route
      --> lab.yaml:11:43
       |
    11 |           - { addressPrefix: 10.3.0.0/16, conection: c }
       |                                           ^^^^^^^^^
       |
       = help: did you mean `connection`?

    error[missing-key]: a device's route needs `addressPrefix`
      --> lab.yaml:12:13
       |
    12 |           - { nextHopIpAddress: here }
       |             ^
       |
       = help: add `addressPrefix: 10.0.0.0/24`

    error[wrong-value]: `here` is not an IPv4 address
      --> lab.yaml:12:33
       |
    12 |           - { nextHopIpAddress: here }
       |                                 ^^^^

    error[wrong-value]: expected how many times to prepend, from 1 to 10, found 0
      --> lab.yaml:13:31
       |
    13 |         asPathPrepend: { er1: 0, er2: 11, "": 1 }
       |                               ^

    error[wrong-value]: expected how many times to prepend, from 1 to 10, found 11
      --> lab.yaml:13:39
       |
    13 |         asPathPrepend: { er1: 0, er2: 11, "": 1 }
       |                                       ^^

    error[wrong-value]: expected a name, found ``
      --> lab.yaml:13:43
       |
    13 |         asPathPrepend: { er1: 0, er2: 11, "": 1 }
       |                                           ^^

    error[wrong-type]: expected a list of prefixes, found text
      --> lab.yaml:14:24
       |
    14 |         import: { er1: 10.0.0.0/8, er2: [10.0.0.1/8] }
       |                        ^^^^^^^^^^
       |
       = help: for example `import: { er1: [{ deny: 10.9.0.0/16, le: 32 }, 10.0.0.0/8] }`

    error[host-bits]: 10.0.0.1/8 has host bits set
      --> lab.yaml:14:42
       |
    14 |         import: { er1: 10.0.0.0/8, er2: [10.0.0.1/8] }
       |                                          ^^^^^^^^^^
       |
       = help: did you mean 10.0.0.0/8?

    error[wrong-type]: expected lists of prefixes by the names of neighbours, found a list
      --> lab.yaml:15:17
       |
    15 |         export: [10.0.0.0/8]
       |                 ^
       |
       = help: for example `export: { er1: [{ permit: 10.0.0.0/8, le: 24, set: { med: 50 } }] }`

    error[missing-key]: a device's tunnel needs `sourceAddress`
      --> lab.yaml:16:17
       |
    16 |         tunnel: {}
       |                 ^
       |
       = help: add `sourceAddress: 203.0.113.1`

    error[missing-key]: a device's tunnel needs `address`
      --> lab.yaml:16:17
       |
    16 |         tunnel: {}
       |                 ^
       |
       = help: add `address: 172.19.0.1`

    error[wrong-value]: expected a list of two addresses with their prefix lengths, found a list of 1
      --> lab.yaml:18:33
       |
    18 |   far: { a: r, b: q, addresses: [10.0.0.1/31], asn: 65001 }
       |                                 ^

    error[unknown-key]: `asn` is not a key of a link between sites
      --> lab.yaml:18:48
       |
    18 |   far: { a: r, b: q, addresses: [10.0.0.1/31], asn: 65001 }
       |                                                ^^^
       |
       = help: known keys: `a`, `b`, `addresses`, `rtt`

    error[wrong-name]: a name consists of letters, digits, `-` and `_`, not `/`
      --> lab.yaml:19:3
       |
    19 |   a/b: { a: r }
       |   ^^^

    error[missing-key]: a link between sites needs `b`
      --> lab.yaml:19:3
       |
    19 |   a/b: { a: r }
       |   ^^^
       |
       = help: add `b: NAME`

    19 findings in lab.yaml
    "#);
}
