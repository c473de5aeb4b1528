//! Mistakes in impairments.

use super::*;

#[test]
#[expect(clippy::too_many_lines, reason = "a snapshot of all that people see")]
fn an_impairments_values_have_units_and_ranges() {
    let text = "\
name: a
impairments:
  - { link: l, delay: 5 }
  - { link: l, delay: 61s }
  - { link: l, delay: -1ms }
  - { link: l, jitter: [1ms] }
  - { link: l, loss: 120% }
  - { link: l, loss: 1 }
  - { link: l, duplicate: 0.5 }
  - { link: l, reorder: some }
  - { link: l, loss: 0.00001% }
  - { link: l, rate: 100 }
  - { link: l, rate: 100mbps }
  - { link: l, rate: 1kbit }
  - { link: l, rate: 2000gbit }
  - { link: l, queue: 0 }
  - { link: l, queue: 1000001 }
  - { link: l, queue: 5ms }
  - { link: [l], loss: 1% }
  - { link: l, from: [a], loss: 1% }
  - { from: a, los: 1% }
  - { link: l }
  - { link: l, from: a, delay: }
  - l
";
    insta::assert_snapshot!(refused(text), @r"
    error[wrong-value]: `5` has no unit: write `5ms`, or us or s
     --> lab.yaml:3:23
      |
    3 |   - { link: l, delay: 5 }
      |                       ^

    error[wrong-value]: `61s` is longer than 60s, the longest that a lab takes
     --> lab.yaml:4:23
      |
    4 |   - { link: l, delay: 61s }
      |                       ^^^

    error[wrong-value]: `-1ms` is not a duration: write it like `2ms` or `1.5ms`
     --> lab.yaml:5:23
      |
    5 |   - { link: l, delay: -1ms }
      |                       ^^^^

    error[wrong-type]: expected a duration, such as 2ms, found a list
     --> lab.yaml:6:24
      |
    6 |   - { link: l, jitter: [1ms] }
      |                        ^

    error[wrong-value]: `120%` is more than all packets: write 0% to 100%
     --> lab.yaml:7:22
      |
    7 |   - { link: l, loss: 120% }
      |                      ^^^^

    error[wrong-value]: `1` is not a share of packets: write `1%` or `0.5%`
     --> lab.yaml:8:22
      |
    8 |   - { link: l, loss: 1 }
      |                      ^

    error[wrong-value]: `0.5` is not a share of packets: write `1%` or `0.5%`
     --> lab.yaml:9:27
      |
    9 |   - { link: l, duplicate: 0.5 }
      |                           ^^^

    error[wrong-value]: `some` is not a share of packets: write `1%` or `0.5%`
      --> lab.yaml:10:25
       |
    10 |   - { link: l, reorder: some }
       |                         ^^^^

    error[wrong-value]: `0.00001%` is less than 0.0001%, the smallest share of packets
      --> lab.yaml:11:22
       |
    11 |   - { link: l, loss: 0.00001% }
       |                      ^^^^^^^^

    error[wrong-value]: `100` has no unit: write `100mbit`, or kbit or gbit
      --> lab.yaml:12:22
       |
    12 |   - { link: l, rate: 100 }
       |                      ^^^

    error[wrong-value]: `mbps` is not a unit of rates: write kbit, mbit or gbit
      --> lab.yaml:13:22
       |
    13 |   - { link: l, rate: 100mbps }
       |                      ^^^^^^^

    error[wrong-value]: `1kbit` is out of range: a link carries 8kbit to 1000gbit
      --> lab.yaml:14:22
       |
    14 |   - { link: l, rate: 1kbit }
       |                      ^^^^^

    error[wrong-value]: `2000gbit` is out of range: a link carries 8kbit to 1000gbit
      --> lab.yaml:15:22
       |
    15 |   - { link: l, rate: 2000gbit }
       |                      ^^^^^^^^

    error[wrong-value]: expected a number of packets, from 1 to 1000000, found 0
      --> lab.yaml:16:23
       |
    16 |   - { link: l, queue: 0 }
       |                       ^

    error[wrong-value]: expected a number of packets, from 1 to 1000000, found 1000001
      --> lab.yaml:17:23
       |
    17 |   - { link: l, queue: 1000001 }
       |                       ^^^^^^^

    error[wrong-type]: expected a number of packets, from 1 to 1000000, found text
      --> lab.yaml:18:23
       |
    18 |   - { link: l, queue: 5ms }
       |                       ^^^

    error[wrong-type]: expected a name, found a list
      --> lab.yaml:19:13
       |
    19 |   - { link: [l], loss: 1% }
       |             ^
       |
       = help: for example `- { link: er1-primary, delay: 20ms, jitter: 2ms, loss: 0.5% }`

    error[wrong-type]: expected a name, found a list
      --> lab.yaml:20:22
       |
    20 |   - { link: l, from: [a], loss: 1% }
       |                      ^

    error[missing-key]: an impairment needs `link`
      --> lab.yaml:21:5
       |
    21 |   - { from: a, los: 1% }
       |     ^
       |
       = help: add `link: NAME`

    error[unknown-key]: `los` is not a key of an impairment
      --> lab.yaml:21:16
       |
    21 |   - { from: a, los: 1% }
       |                ^^^
       |
       = help: did you mean `loss`?

    error[no-impairment]: this impairment sets nothing
      --> lab.yaml:22:5
       |
    22 |   - { link: l }
       |     ^
       |
       = help: give it one or more of `delay`, `jitter`, `loss`, `duplicate`, `reorder`, `rate`, `queue`

    error[no-impairment]: this impairment sets nothing
      --> lab.yaml:23:5
       |
    23 |   - { link: l, from: a, delay: }
       |     ^
       |
       = help: give it one or more of `delay`, `jitter`, `loss`, `duplicate`, `reorder`, `rate`, `queue`

    error[wrong-type]: expected the keys of an impairment, found text
      --> lab.yaml:24:5
       |
    24 |   - l
       |     ^

    23 findings in lab.yaml
    ");
}

#[test]
fn impairments_are_a_list() {
    let text = "\
name: a
impairments: { l: { loss: 1% } }
";
    insta::assert_snapshot!(refused(text), @r"
    error[wrong-type]: expected a list of impairments, found a mapping
     --> lab.yaml:2:14
      |
    2 | impairments: { l: { loss: 1% } }
      |              ^

    1 finding in lab.yaml
    ");
}

#[test]
fn a_gateways_size_is_of_its_generation() {
    let text = "\
name: a
virtualNetworkGateways:
  one: { virtualNetwork: v, gatewayType: Vpn, publicIPAddress: 52.0.0.1, sku: VpnGw1, vpnGatewayGeneration: Generation2 }
  four: { virtualNetwork: v, gatewayType: Vpn, publicIPAddress: 52.0.0.2, sku: VpnGw4AZ, vpnGatewayGeneration: Generation1 }
  none: { virtualNetwork: v, gatewayType: Vpn, publicIPAddress: 52.0.0.3, vpnGatewayGeneration: Generation2 }
  three: { virtualNetwork: v, gatewayType: Vpn, publicIPAddress: 52.0.0.4, sku: VpnGw3, vpnGatewayGeneration: 2 }
  er: { virtualNetwork: v, gatewayType: ExpressRoute, vpnGatewayGeneration: Generation1 }
  basic: { virtualNetwork: v, gatewayType: Vpn, publicIPAddress: 52.0.0.5, sku: Basic, vpnGatewayGeneration: Generation2 }
";
    insta::assert_snapshot!(refused(text), @r"
    error[wrong-generation]: VpnGw1 is a size of Generation1 only
     --> lab.yaml:3:109
      |
    3 |   one: { virtualNetwork: v, gatewayType: Vpn, publicIPAddress: 52.0.0.1, sku: VpnGw1, vpnGatewayGeneration: Generation2 }
      |                                                                                                             ^^^^^^^^^^^
      |
      = help: leave the generation out, or write `vpnGatewayGeneration: Generation1` (vpn-gateway-about-vpn-gateway-settings)

    error[wrong-generation]: VpnGw4AZ is a size of Generation2 only
     --> lab.yaml:4:112
      |
    4 |   four: { virtualNetwork: v, gatewayType: Vpn, publicIPAddress: 52.0.0.2, sku: VpnGw4AZ, vpnGatewayGeneration: Generation1 }
      |                                                                                                                ^^^^^^^^^^^
      |
      = help: leave the generation out, or write `vpnGatewayGeneration: Generation2` (vpn-gateway-about-vpn-gateway-settings)

    error[wrong-generation]: VpnGw1AZ is a size of Generation1 only
     --> lab.yaml:5:97
      |
    5 |   none: { virtualNetwork: v, gatewayType: Vpn, publicIPAddress: 52.0.0.3, vpnGatewayGeneration: Generation2 }
      |                                                                                                 ^^^^^^^^^^^
      |
      = help: leave the generation out, or write `vpnGatewayGeneration: Generation1` (vpn-gateway-about-vpn-gateway-settings)

    error[wrong-type]: expected `Generation1` or `Generation2`, found a number
     --> lab.yaml:6:111
      |
    6 |   three: { virtualNetwork: v, gatewayType: Vpn, publicIPAddress: 52.0.0.4, sku: VpnGw3, vpnGatewayGeneration: 2 }
      |                                                                                                               ^

    error[unknown-key]: `vpnGatewayGeneration` is not a key of an ExpressRoute gateway
     --> lab.yaml:7:55
      |
    7 |   er: { virtualNetwork: v, gatewayType: ExpressRoute, vpnGatewayGeneration: Generation1 }
      |                                                       ^^^^^^^^^^^^^^^^^^^^
      |
      = help: known keys: `virtualNetwork`, `gatewayType`, `sku`, `autoScaleConfiguration`, `privateIPAddress`, `allowRemoteVnetTraffic`

    error[wrong-generation]: Basic is a size of Generation1 only
     --> lab.yaml:8:110
      |
    8 |   basic: { virtualNetwork: v, gatewayType: Vpn, publicIPAddress: 52.0.0.5, sku: Basic, vpnGatewayGeneration: Generation2 }
      |                                                                                                              ^^^^^^^^^^^
      |
      = help: leave the generation out, or write `vpnGatewayGeneration: Generation1` (vpn-gateway-about-vpn-gateway-settings)

    6 findings in lab.yaml
    ");
}
