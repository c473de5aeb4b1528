//! Merge keys: which keys win, where findings about merged values point, and that edits keep the file valid.

use crate::lab::tests::findings;
use crate::lab::{filled, parse, with_expectations};

/// The value of `sites`, written out.
fn sites(text: &str) -> String {
    let text = filled(text).expect("it is YAML");
    let (_, sites) = text.split_once("sites:\n").expect("a section");
    sites.to_owned()
}

#[test]
fn own_keys_win_over_merged_ones_and_earlier_mappings_over_later_ones() {
    insta::assert_snapshot!(sites("\
name: a
sites:
  one: &one { asn: 65001, igp: false }
  two: &two { asn: 65002, ibgp: true }
  own: { asn: 65003, <<: *one }
  after: { <<: *one, asn: 65004 }
  several: { <<: [*two, *one] }
  chained: &chained { <<: *two, asn: 65005 }
  again: { <<: [*chained, *one] }
  literal: { <<: { asn: 65006 } }
"), @r"
one: { asn: 65001, igp: false }
two: { asn: 65002, ibgp: true }
own: { asn: 65003, igp: false }
after: { igp: false, asn: 65004 }
several: { asn: 65002, ibgp: true, igp: false }
chained: { ibgp: true, asn: 65005 }
again: { ibgp: true, asn: 65005, igp: false }
literal: { asn: 65006 }
");
}

#[test]
fn values_of_one_key_are_not_merged_with_each_other() {
    insta::assert_snapshot!(sites("\
name: a
sites:
  base: &base { asn: 65001, routers: { r1: {}, r2: {} } }
  other: { <<: *base, routers: { r3: {} } }
"), @r"
base:
  asn: 65001
  routers: { r1: {}, r2: {} }
other:
  asn: 65001
  routers: { r3: {} }
");
}

#[test]
fn names_are_merged_like_other_keys() {
    let text = "\
name: a
virtualNetworks:
  hub: { virtualMachines: &common { vm1: ~ } }
sites:
  office: { routers: &routers { r1: ~, r2: ~ } }
  home: { routers: { <<: *routers, r1: { transit: true }, r3: ~ } }
";
    insta::assert_snapshot!(filled(text).unwrap(), @r"
    name: a

    virtualNetworks:
      hub:
        location: westeurope
        addressPrefixes: [10.0.0.0/16]
        subnets:
          default: { addressPrefix: 10.0.0.0/24 }
        virtualMachines:
          vm1: { subnet: default, privateIPAddress: 10.0.0.4 }

    sites:
      office:
        routers: { r1: {}, r2: {} }
      home:
        routers:
          r2: {}
          r1: { transit: true }
          r3: {}
    ");
}

#[test]
fn a_value_that_was_merged_is_found_wrong_where_it_is_written() {
    let text = "\
name: a
sites:
  one: &one { asn: many, igp: false, colour: red }
  two: { <<: *one, asn: 65001 }
";
    insta::assert_snapshot!(findings(text).join("\n"), @r"
    3:20 wrong-type: expected an AS number, from 1 to 4294967295, found text
    3:38 unknown-key: `colour` is not a key of a site
    ");
}

#[test]
fn a_merge_key_has_a_mapping_or_a_list_of_mappings() {
    let text = "\
name: a
sites:
  one: &one { asn: 65001 }
  two: { <<: text }
  three: { <<: [*one, 5], colour: red }
  four: { <<: ~ }
  five: { <<: *one, <<: *one }
  <<: 7
";
    insta::assert_snapshot!(findings(text).join("\n"), @r"
    4:14 merge-key: expected a mapping or a list of mappings, found text
    5:16 merge-key: expected a mapping or a list of mappings, found a list
    5:27 unknown-key: `colour` is not a key of a site
    6:15 merge-key: expected a mapping or a list of mappings, found nothing
    7:21 duplicate-key: `<<` is here for the second time
    8:7 merge-key: expected a mapping or a list of mappings, found a number
    ");
}

#[test]
fn expectations_are_written_into_a_file_with_merge_keys() {
    let section = "expect:\n  - { from: a, to: b, reachable: true }\n";
    let file = "name: a\nsites:\n  one: &one { asn: 65001 }\n  two: { <<: *one }\n";
    for expectations in [
        "",
        "expect:\n  - &there { from: a, to: b, hops: [b] }\n  - { <<: *there, to: c }\n",
    ] {
        let text = format!("{file}{expectations}");
        let edited = with_expectations(&text, section).expect("it is edited line by line");
        assert!(
            edited.starts_with(file) && edited.ends_with(section),
            "{edited}"
        );
        assert!(parse(&edited).is_ok(), "{edited}");
    }
    // The anchor would be gone.
    let text = "name: a\nexpect:\n  - &there { from: a, to: b }\nstoryboards:\n  s: [{ step: x, expect: [{ <<: *there }] }]\n";
    assert_eq!(with_expectations(text, section), None);
    // The section is not in the file's own lines.
    let text = "<<: { name: a, expect: [] }\n";
    assert_eq!(with_expectations(text, section), None);
}
