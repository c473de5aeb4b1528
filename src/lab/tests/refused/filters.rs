//! Mistakes in filters of devices.

use super::*;

/// The findings of a router with filters.
fn refused_filters(filters: &str) -> String {
    let lines = filters.lines().map(|line| format!("        {line}\n"));
    let lines: String = lines.collect();
    refused(&format!(
        "name: a\nsites:\n  s:\n    routers:\n      r:\n{lines}"
    ))
}

#[test]
fn the_lengths_of_an_entry_are_those_of_a_prefix_list() {
    insta::assert_snapshot!(refused_filters("\
import:
  c:
    - { permit: 10.0.0.0/16, ge: 8 }
    - { permit: 10.0.0.0/16, le: 15 }
    - { deny: 10.0.0.0/8, ge: 24, le: 16 }
    - { permit: 10.0.0.0/8, le: 33 }
    - { permit: 10.0.0.0/8, ge: x }
    - { permit: 10.0.0.1/8 }"), @r"
    error[wrong-value]: no prefix inside 10.0.0.0/16 matches `ge: 8`: expected a length from 16 to 32
     --> lab.yaml:8:38
      |
    8 |             - { permit: 10.0.0.0/16, ge: 8 }
      |                                      ^^

    error[wrong-value]: no prefix inside 10.0.0.0/16 matches `le: 15`: expected a length from 16 to 32
     --> lab.yaml:9:38
      |
    9 |             - { permit: 10.0.0.0/16, le: 15 }
      |                                      ^^

    error[wrong-value]: no prefix inside 10.0.0.0/8 matches `le: 16`: expected a length from 24 to 32
      --> lab.yaml:10:43
       |
    10 |             - { deny: 10.0.0.0/8, ge: 24, le: 16 }
       |                                           ^^

    error[wrong-value]: expected a prefix length, from 0 to 32, found 33
      --> lab.yaml:11:41
       |
    11 |             - { permit: 10.0.0.0/8, le: 33 }
       |                                         ^^

    error[wrong-type]: expected a prefix length, from 0 to 32, found text
      --> lab.yaml:12:41
       |
    12 |             - { permit: 10.0.0.0/8, ge: x }
       |                                         ^
       |
       = help: for example `ge: 16`

    error[host-bits]: 10.0.0.1/8 has host bits set
      --> lab.yaml:13:25
       |
    13 |             - { permit: 10.0.0.1/8 }
       |                         ^^^^^^^^^^
       |
       = help: did you mean 10.0.0.0/8?

    6 findings in lab.yaml
    ");
}

#[test]
fn an_entry_permits_or_denies_one_prefix() {
    insta::assert_snapshot!(refused_filters("\
export:
  c:
    - {}
    - { le: 24 }
    - { permit: 10.0.0.0/8, deny: 10.0.0.0/8 }
    - { deny: 10.0.0.0/8, set: { med: 1 } }
    - { prefix: 10.0.0.0/8 }
    - 7"), @r"
    error[missing-key]: an export entry needs `permit` or `deny`
     --> lab.yaml:8:15
      |
    8 |             - {}
      |               ^
      |
      = help: add `permit: 10.0.0.0/8` or `deny: 10.9.0.0/16`

    error[missing-key]: an export entry needs `permit` or `deny`
     --> lab.yaml:9:15
      |
    9 |             - { le: 24 }
      |               ^
      |
      = help: add `permit: 10.0.0.0/8` or `deny: 10.9.0.0/16`

    error[wrong-value]: an export entry has `permit` or `deny`, not both
      --> lab.yaml:10:37
       |
    10 |             - { permit: 10.0.0.0/8, deny: 10.0.0.0/8 }
       |                                     ^^^^

    error[wrong-value]: an entry that denies routes sets nothing on them
      --> lab.yaml:11:35
       |
    11 |             - { deny: 10.0.0.0/8, set: { med: 1 } }
       |                                   ^^^

    error[missing-key]: an export entry needs `permit` or `deny`
      --> lab.yaml:12:15
       |
    12 |             - { prefix: 10.0.0.0/8 }
       |               ^
       |
       = help: add `permit: 10.0.0.0/8` or `deny: 10.9.0.0/16`

    error[unknown-key]: `prefix` is not a key of an export entry
      --> lab.yaml:12:17
       |
    12 |             - { prefix: 10.0.0.0/8 }
       |                 ^^^^^^
       |
       = help: known keys: `permit`, `deny`, `ge`, `le`, `communities`, `set`

    error[wrong-type]: expected a prefix, such as 10.10.30.0/24, found a number
      --> lab.yaml:13:15
       |
    13 |             - 7
       |               ^

    7 findings in lab.yaml
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a snapshot of all that people see")]
fn settings_are_numbers_and_communities_and_each_has_its_direction() {
    insta::assert_snapshot!(refused_filters("\
import:
  c:
    - { permit: 10.0.0.0/8, communities: 65001:1, set: { med: 4294967296, localPreference: -1, asPathPrepend: 11 } }
    - { permit: 10.0.0.0/8, communities: [65536:1, blue, 7, \"\"], set: { addCommunities: [1:2:3] } }
export:
  c:
    - { permit: 10.0.0.0/8, set: { localPreference: 200, prepend: 2, metric: 5 } }
    - { permit: 10.0.0.0/8, set: 5 }"), @r#"
    error[wrong-type]: expected a list of communities, found text
     --> lab.yaml:8:50
      |
    8 |             - { permit: 10.0.0.0/8, communities: 65001:1, set: { med: 4294967296, localPreference: -1, asPathPrepend: 11 } }
      |                                                  ^^^^^^^
      |
      = help: for example `communities: [65001:100]`

    error[wrong-value]: expected a MED, from 0 to 4294967295, found 4294967296
     --> lab.yaml:8:71
      |
    8 |             - { permit: 10.0.0.0/8, communities: 65001:1, set: { med: 4294967296, localPreference: -1, asPathPrepend: 11 } }
      |                                                                       ^^^^^^^^^^

    error[wrong-value]: expected a local preference, from 0 to 4294967295, found -1
     --> lab.yaml:8:100
      |
    8 |             - { permit: 10.0.0.0/8, communities: 65001:1, set: { med: 4294967296, localPreference: -1, asPathPrepend: 11 } }
      |                                                                                                    ^^

    error[wrong-value]: expected how many times to prepend, from 1 to 10, found 11
     --> lab.yaml:8:119
      |
    8 |             - { permit: 10.0.0.0/8, communities: 65001:1, set: { med: 4294967296, localPreference: -1, asPathPrepend: 11 } }
      |                                                                                                                       ^^

    error[wrong-value]: `65536:1` is not a community
     --> lab.yaml:9:51
      |
    9 |             - { permit: 10.0.0.0/8, communities: [65536:1, blue, 7, ""], set: { addCommunities: [1:2:3] } }
      |                                                   ^^^^^^^
      |
      = help: write ASN:VALUE, each from 0 to 65535, or no-export, no-advertise or local-as (RFC 1997)

    error[wrong-value]: `blue` is not a community
     --> lab.yaml:9:60
      |
    9 |             - { permit: 10.0.0.0/8, communities: [65536:1, blue, 7, ""], set: { addCommunities: [1:2:3] } }
      |                                                            ^^^^
      |
      = help: write ASN:VALUE, each from 0 to 65535, or no-export, no-advertise or local-as (RFC 1997)

    error[wrong-type]: expected a community, such as 65001:100, no-export or no-advertise, found a number
     --> lab.yaml:9:66
      |
    9 |             - { permit: 10.0.0.0/8, communities: [65536:1, blue, 7, ""], set: { addCommunities: [1:2:3] } }
      |                                                                  ^

    error[wrong-value]: expected a community, such as 65001:100, no-export or no-advertise, found ``
     --> lab.yaml:9:69
      |
    9 |             - { permit: 10.0.0.0/8, communities: [65536:1, blue, 7, ""], set: { addCommunities: [1:2:3] } }
      |                                                                     ^^

    error[wrong-value]: `1:2:3` is not a community
     --> lab.yaml:9:98
      |
    9 |             - { permit: 10.0.0.0/8, communities: [65536:1, blue, 7, ""], set: { addCommunities: [1:2:3] } }
      |                                                                                                  ^^^^^
      |
      = help: write ASN:VALUE, each from 0 to 65535, or no-export, no-advertise or local-as (RFC 1997)

    error[unknown-key]: `localPreference` is not a key of an export entry's settings
      --> lab.yaml:12:44
       |
    12 |             - { permit: 10.0.0.0/8, set: { localPreference: 200, prepend: 2, metric: 5 } }
       |                                            ^^^^^^^^^^^^^^^
       |
       = help: other autonomous systems never receive a local preference (RFC 4271, section 5.1.5): set it where the route is imported, or set `med` here

    error[unknown-key]: `prepend` is not a key of an export entry's settings
      --> lab.yaml:12:66
       |
    12 |             - { permit: 10.0.0.0/8, set: { localPreference: 200, prepend: 2, metric: 5 } }
       |                                                                  ^^^^^^^
       |
       = help: did you mean `asPathPrepend`?

    error[unknown-key]: `metric` is not a key of an export entry's settings
      --> lab.yaml:12:78
       |
    12 |             - { permit: 10.0.0.0/8, set: { localPreference: 200, prepend: 2, metric: 5 } }
       |                                                                              ^^^^^^
       |
       = help: known keys: `asPathPrepend`, `med`, `communities`, `addCommunities`

    error[wrong-type]: expected the keys of an export entry's settings, found a number
      --> lab.yaml:13:42
       |
    13 |             - { permit: 10.0.0.0/8, set: 5 }
       |                                          ^

    13 findings in lab.yaml
    "#);
}
