//! Changes of small documents.

use insta::assert_snapshot;

use super::*;
use crate::yaml::reading::read;

fn shown(old: &str, new: &str) -> String {
    in_words(old, new).unwrap()
}

/// The changes of a document in words; `None` if they change a value that aliases repeat.
fn in_words(text: &str, new: &str) -> Option<String> {
    let [old, new] = [text, new].map(|text| read(text).unwrap());
    let changes = changes(text, &old, &new)?;
    let shown = changes.iter().map(|change| {
        let (there, added) = change.path.split_at(change.there);
        let [there, added] = [there, added].map(super::in_words);
        format!("{:?} {there} {added}\n", change.action)
    });
    Some(shown.collect())
}

#[test]
fn what_is_added_names_the_value_that_is_there_already() {
    let old = "name: x\nvirtualNetworks: { hub: ~, spoke: { virtualMachines: [a] } }\npeerings: [{ a: 1 }]\n";
    let new = "name: x\nvirtualNetworks: { hub: { location: y }, spoke: { virtualMachines: [a], subnets: { default: ~ } } }\npeerings: [{ a: 1 }, { b: 2 }]\n";
    assert_snapshot!(shown(old, new), @r"
    Add virtualNetworks.hub location
    Add virtualNetworks.spoke subnets
    Add peerings
    ");
    assert_snapshot!(shown("name: x\n", "name: x\npeerings: [{ b: 2 }]\n"), @r"Add  peerings");
}

#[test]
fn what_is_replaced_or_removed_is_named() {
    let old = "a: { b: true, c: { d: 1, e: 2 } }\nlist: [{ x: 1 }, { y: 2 }]\nnames: [one, two]\n";
    let new = "a: { b: false, c: { d: 1 } }\nlist: [{ x: 1 }, { y: 2, z: 3 }]\nnames: { one: ~, two: { f: 1 } }\n";
    assert_snapshot!(shown(old, new), @r"
    Replace a.b 
    Remove a.c.e 
    Replace list[1] 
    Replace names
    ");
    assert_snapshot!(shown("list: [{ x: 1 }, { y: 2 }]\n", "list: [{ y: 2 }]\n"), @r"Remove list[0]");
}

#[test]
fn what_an_alias_brings_is_changed_by_a_key_of_its_own() {
    let old = "a: &a\n  list: [x]\nb:\n  <<: *a\n  c: 1\nd: *a\ne: *a\n";
    let merged =
        "a: { list: [x] }\nb: { list: [x, y], c: 1 }\nd: { list: [x] }\ne: { list: [x] }\n";
    assert_snapshot!(in_words(old, merged).unwrap(), @r"Add b list");
    let alias = "a: { list: [x] }\nb: { list: [x], c: 1 }\nd: { list: [x, y] }\ne: { list: [x] }\n";
    assert_snapshot!(in_words(old, alias).unwrap(), @r"Replace d");
    let item = "a: &a { x: 1 }\nlist:\n  - z: 1\n  - *a\n";
    let changed = "a: { x: 1 }\nlist: [{ z: 1 }, { x: 2 }]\n";
    assert_snapshot!(in_words(item, changed).unwrap(), @r"Replace list");
}

#[test]
fn what_aliases_repeat_has_no_changes() {
    let old = "a: &a\n  list: [x]\nb:\n  <<: *a\n  c: 1\n";
    let longer = "a: { list: [x, y] }\nb: { list: [x], c: 1 }\n";
    assert_eq!(in_words(old, longer), None);
    let added = "a: { list: [x], d: 2 }\nb: { list: [x], c: 1 }\n";
    assert_eq!(in_words(old, added), None);
    let removed = "a: { list: [x] }\nb: { c: 1 }\n";
    assert_eq!(in_words(old, removed), None);
    let own = "a: { list: [x] }\nb: { list: [x], c: 2 }\n";
    assert!(in_words(old, own).is_some());
}
