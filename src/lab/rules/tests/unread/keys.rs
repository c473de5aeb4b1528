//! Files with an unknown key.

use std::collections::BTreeSet;

use super::{NAMED, SHORT, all_findings};
use crate::findings::{Finding, Rule};
use crate::lab::keys::mappings;
use crate::lab::rules::tests::wide::WIDE;
use crate::lab::rules::tests::{GOOD, replaced, shown};
use crate::lab::{further_findings, read};
use crate::yaml::tree::{Kind, Node};
use crate::yaml::{reading, write};

/// Misspells the key of a number that a lab file may have, counted from the first on; names are not counted.
fn misspell(node: &mut Node, countdown: &mut usize, known: &BTreeSet<String>, to: &str) -> bool {
    match &mut node.kind {
        Kind::Sequence(items) => {
            let mut items = items.iter_mut();
            items.any(|item| misspell(item, countdown, known, to))
        }
        Kind::Mapping(entries) => entries.iter_mut().any(|(key, value)| {
            if known.contains(&key.text) {
                if *countdown == 0 {
                    key.text = to.replace("KEY", &key.text);
                    return true;
                }
                *countdown -= 1;
            }
            misspell(value, countdown, known, to)
        }),
        _ => false,
    }
}

/// A key that is near no other one.
const OTHER: &str = "Zzz-9";

/// What is found in a file with a misspelt key, unless that is the key alone.
fn consequences(changed: &Node, to: &str) -> Option<String> {
    let text = write::write(changed);
    let reading = read(&text);
    let spec = reading.spec.expect("every file is read in part");
    let further = further_findings(&spec, &reading.unread);
    // A key that no name is near is missing all the same.
    let is_missing = |one: &&Finding| one.rule.id == Rule::MISSING_KEY.id && to == OTHER;
    let own = reading.findings.iter().filter(|one| !is_missing(one));
    let own: Vec<_> = own.map(|one| one.rule.id).collect();
    if own == ["unknown-key"] && further.is_empty() {
        return None;
    }
    let all: Vec<_> = reading.findings.into_iter().chain(further).collect();
    Some(shown(&text, &all))
}

#[test]
fn one_unknown_key_is_one_finding() {
    let keys = mappings().into_iter().flat_map(|mapping| mapping.keys);
    let known: BTreeSet<String> = keys.map(|key| key.name).collect();
    let labs = [GOOD, WIDE, SHORT, NAMED];
    let misspelt = labs.into_iter().flat_map(|good| {
        let known = &known;
        ["KEYs", OTHER].into_iter().flat_map(move |to| {
            let changed = (0_usize..).map_while(move |number| {
                let mut changed = reading::read(good).unwrap();
                let is_one = misspell(&mut changed, &mut number.clone(), known, to);
                is_one.then_some((changed, to))
            });
            changed.collect::<Vec<_>>()
        })
    });
    let wrong = misspelt.filter_map(|(changed, to)| consequences(&changed, to));
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_unknown_key_hides_only_what_it_may_be_meant_for() {
    let no_hop = ("nextHopIpAddress: nva1 }", "nextHopIpAddress: 10.50.0.99 }");
    let in_expectation = (
        "from: vm1, to: nva1, hops: [nva1]",
        "from: vm1, to: nva1, way: [nva1]",
    );
    let in_gateway = (
        "gw: { virtualNetwork: hub }",
        "gw: { virtualNetwork: hub, colour: red }",
    );
    let in_lab = ("peerings:\n", "zone: one\npeerings:\n");
    let in_machine = ("nva1: { subnet: inside", "nva1: { place: inside");
    let found = [in_expectation, in_lab, in_gateway, in_machine]
        .map(|unknown| all_findings(&replaced(NAMED, &[no_hop, unknown])));
    insta::assert_snapshot!(found.join("\n"), @r"
    22:61 no-next-hop: no resource has the address 10.50.0.99: the route's packets are dropped
    32:5 missing-key: an expectation needs `hops` or `reachable` or `via` or `notVia` or `unreachable`
    32:28 unknown-key: `way` is not a key of an expectation

    15:1 unknown-key: `zone` is not a key of a lab file
    23:61 no-next-hop: no resource has the address 10.50.0.99: the route's packets are dropped

    30:30 unknown-key: `colour` is not a key of a VPN gateway with one instance

    6:15 unknown-key: `place` is not a key of a virtual machine
    ");
}
