//! Mistakes in the lab's switches and storyboards.

use super::*;

#[test]
fn a_switch_knows_its_words() {
    let text = "\
name: a
semantics:
  vpnGatewayHops: visible
  strictPeeringFlags: yes
  bgpPeerHostRoutes: vpn-only
  reservedPrefixes: 1999
  listIdleInstance: true
convergence: slow
";
    insta::assert_snapshot!(refused(text), @r"
    error[unknown-value]: `visible` is not known here
     --> lab.yaml:3:19
      |
    3 |   vpnGatewayHops: visible
      |                   ^^^^^^^
      |
      = help: known here: `transparent`, `legacy`

    error[wrong-type]: expected true or false, found `yes`
     --> lab.yaml:4:23
      |
    4 |   strictPeeringFlags: yes
      |                       ^^^ write `true`

    error[unknown-value]: `vpn-only` is not known here
     --> lab.yaml:5:22
      |
    5 |   bgpPeerHostRoutes: vpn-only
      |                      ^^^^^^^^
      |
      = help: did you mean `vpnOnly`?

    error[unknown-value]: `1999` is not known here
     --> lab.yaml:6:21
      |
    6 |   reservedPrefixes: 1999
      |                     ^^^^
      |
      = help: known here: `recommended`, `documented`, `2020`, `2021`, `2023`

    error[unknown-key]: `listIdleInstance` is not a key of a lab's semantics
     --> lab.yaml:7:3
      |
    7 |   listIdleInstance: true
      |   ^^^^^^^^^^^^^^^^
      |
      = help: did you mean `listIdleInstances`?

    error[unknown-value]: `slow` is not known here
     --> lab.yaml:8:14
      |
    8 | convergence: slow
      |              ^^^^
      |
      = help: known here: `immediate`

    6 findings in lab.yaml
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a snapshot of all that people see")]
fn a_storyboard_has_steps_and_each_has_a_name() {
    let text = "\
name: a
storyboards:
  empty: []
  mapping: { step: one }
  told:
    - { fault: er1, heal: {}, blackhole: [] }
    - { step: two words, fault: [er1, 2], wait: 3, expect: stedy }
    - { step: three, fualt: er1, wait: 61s, expect: { from: a } }
    - { step: four, expect: [{ from: a, to: b }] }
";
    insta::assert_snapshot!(refused(text), @r"
    error[wrong-value]: expected a list of steps, found an empty one
     --> lab.yaml:3:10
      |
    3 |   empty: []
      |          ^

    error[wrong-type]: expected a list of steps, found a mapping
     --> lab.yaml:4:12
      |
    4 |   mapping: { step: one }
      |            ^

    error[missing-key]: a step needs `step`
     --> lab.yaml:6:7
      |
    6 |     - { fault: er1, heal: {}, blackhole: [] }
      |       ^
      |
      = help: add `step: NAME`

    error[wrong-type]: expected a name or a list of names, found a mapping
     --> lab.yaml:6:27
      |
    6 |     - { fault: er1, heal: {}, blackhole: [] }
      |                           ^

    error[wrong-value]: expected a name or a list of names, found an empty one
     --> lab.yaml:6:42
      |
    6 |     - { fault: er1, heal: {}, blackhole: [] }
      |                                          ^

    error[wrong-name]: a name consists of letters, digits, `-` and `_`, not ` `
     --> lab.yaml:7:15
      |
    7 |     - { step: two words, fault: [er1, 2], wait: 3, expect: stedy }
      |               ^^^^^^^^^

    error[wrong-type]: expected a name, found a number
     --> lab.yaml:7:39
      |
    7 |     - { step: two words, fault: [er1, 2], wait: 3, expect: stedy }
      |                                       ^
      |
      = help: write such a name in quotes

    error[wrong-value]: `3` has no unit: write `3ms`, or us or s
     --> lab.yaml:7:49
      |
    7 |     - { step: two words, fault: [er1, 2], wait: 3, expect: stedy }
      |                                                 ^

    error[unknown-value]: `stedy` is not known here
     --> lab.yaml:7:60
      |
    7 |     - { step: two words, fault: [er1, 2], wait: 3, expect: stedy }
      |                                                            ^^^^^
      |
      = help: did you mean `steady`?

    error[unknown-key]: `fualt` is not a key of a step
     --> lab.yaml:8:22
      |
    8 |     - { step: three, fualt: er1, wait: 61s, expect: { from: a } }
      |                      ^^^^^
      |
      = help: did you mean `fault`?

    error[wrong-value]: `61s` is longer than 60s, the longest that a lab takes
     --> lab.yaml:8:40
      |
    8 |     - { step: three, fualt: er1, wait: 61s, expect: { from: a } }
      |                                        ^^^

    error[wrong-type]: expected a list of expectations or the word `steady`, found a mapping
     --> lab.yaml:8:53
      |
    8 |     - { step: three, fualt: er1, wait: 61s, expect: { from: a } }
      |                                                     ^

    error[missing-key]: an expectation needs `hops` or `reachable` or `via` or `notVia` or `unreachable`
     --> lab.yaml:9:30
      |
    9 |     - { step: four, expect: [{ from: a, to: b }] }
      |                              ^
      |
      = help: add `hops: [NAME]` or `reachable: true` or `via: NAME` or `notVia: NAME` or `unreachable: true`

    13 findings in lab.yaml
    ");
}
