//! Changes of small documents, and what a person makes of them.

use insta::assert_snapshot;

use super::*;
use crate::yaml::position;
use crate::yaml::reading::read;

/// A document after a change whose lines a person writes at their place.
pub(crate) fn applied(document: &Node, change: &Change) -> Node {
    let lines = read(&change.lines().join("\n")).unwrap();
    let mut document = document.clone();
    at(&mut document, &lines, &change.path, change.action);
    document
}

/// Writes or removes lines at a path in words.
pub(crate) fn write_at(document: &mut Node, path: &str, action: Action, lines: &[String]) {
    let lines = read(&lines.join("\n")).unwrap();
    let keys = path.split('.').flat_map(|part| {
        let mut parts = part.split('[');
        let key = parts.next().map(|key| Step::Key(key.to_owned()));
        let items = parts.map(|item| Step::Item(item.trim_end_matches(']').parse().unwrap()));
        key.into_iter().chain(items).collect::<Vec<_>>()
    });
    at(document, &lines, &keys.collect::<Vec<_>>(), action);
}

fn at(document: &mut Node, lines: &Node, path: &[Step], action: Action) {
    let Some((step, rest)) = path.split_first() else {
        match (&mut document.kind, &lines.kind) {
            (Kind::Sequence(items), Kind::Sequence(added)) if action == Action::Add => {
                items.extend(added.iter().cloned());
            }
            _ => document.kind = lines.kind.clone(),
        }
        return;
    };
    match step {
        Step::Key(key) => {
            let lines = lines.get(key).cloned();
            if matches!(document.kind, Kind::Null) {
                document.kind = Kind::Mapping(Vec::new());
            }
            if rest.is_empty() && action == Action::Remove {
                let Kind::Mapping(entries) = &mut document.kind else {
                    panic!("{key} is no key");
                };
                entries.retain(|(known, _)| known.text != *key);
                return;
            }
            let lines = lines.unwrap_or(Node::added(document.place, Kind::Null));
            let known = document
                .entries()
                .iter()
                .any(|(known, _)| known.text == *key);
            if !known {
                let end = document.entries().len();
                document.put(end, key, Kind::Null);
            }
            let mut entries = document.entries_mut().iter_mut();
            let (_, inner) = entries.find(|(known, _)| known.text == *key).unwrap();
            at(inner, &lines, rest, action);
        }
        Step::Item(index) => {
            let Kind::Sequence(items) = &mut document.kind else {
                panic!("no list");
            };
            if rest.is_empty() && action == Action::Remove {
                items.remove(*index);
            } else {
                at(&mut items[*index], &lines.items()[0], rest, action);
            }
        }
    }
}

fn shown(old: &str, new: &str) -> String {
    let text = old;
    let [old, new] = [old, new].map(|text| read(text).unwrap());
    let changes = changes(text, &old, &new).unwrap();
    let mut made = old.clone();
    for change in changes.iter().rev() {
        made = applied(&made, change);
    }
    assert!(made.is_same(&new), "{}", write::write(&made));
    let shown = changes.iter().map(|change| {
        let lines = change.lines().join("\n");
        format!("{:?} {}\n{lines}\n", change.action, change.path_in_words())
    });
    shown.collect()
}

#[test]
fn what_is_added_is_shown_with_the_keys_around_it() {
    let old = "name: x\nvirtualNetworks: { hub: ~, spoke: { virtualMachines: [a] } }\npeerings: [{ a: 1 }]\n";
    let new = "name: x\nvirtualNetworks: { hub: { location: y }, spoke: { virtualMachines: [a], subnets: { default: ~ } } }\npeerings: [{ a: 1 }, { b: 2 }]\n";
    assert_snapshot!(shown(old, new), @r"
    Add virtualNetworks.hub.location
    virtualNetworks:
      hub: { location: y }
    Add virtualNetworks.spoke.subnets
    virtualNetworks:
      spoke:
        subnets: { default: ~ }
    Add peerings
    peerings:
      - { b: 2 }
    ");
    assert_snapshot!(shown("name: x\n", "name: x\npeerings: [{ b: 2 }]\n"), @r"
    Add peerings
    peerings:
      - { b: 2 }
    ");
}

#[test]
fn what_is_replaced_or_removed_is_shown_alone() {
    let old = "a: { b: true, c: { d: 1, e: 2 } }\nlist: [{ x: 1 }, { y: 2 }]\nnames: [one, two]\n";
    let new = "a: { b: false, c: { d: 1 } }\nlist: [{ x: 1 }, { y: 2, z: 3 }]\nnames: { one: ~, two: { f: 1 } }\n";
    assert_snapshot!(shown(old, new), @r"
    Replace a.b
    a:
      b: false
    Remove a.c.e
    a:
      c: { e: 2 }
    Replace list[1]
    list:
      - { y: 2, z: 3 }
    Replace names
    names:
      one: ~
      two: { f: 1 }
    ");
    assert_snapshot!(shown("list: [{ x: 1 }, { y: 2 }]\n", "list: [{ y: 2 }]\n"), @r"
    Remove list[0]
    list:
      - { x: 1 }
    ");
}

/// The changes of a document with aliases in words; `None` if they change a value that aliases repeat.
fn with_aliases(text: &str, new: &str) -> Option<String> {
    let [old, new] = [text, new].map(|text| read(text).unwrap());
    let changes = changes(text, &old, &new)?;
    let shown = changes.iter().map(|change| {
        let (line, _) = position(text, change.place);
        let (at, lines) = (change.extended_in_words(), change.lines().join("\n"));
        format!("{:?} at {at}, line {line}\n{lines}\n", change.action)
    });
    Some(shown.collect())
}

#[test]
fn what_an_alias_brings_is_changed_by_a_key_of_its_own() {
    let old = "a: &a\n  list: [x]\nb:\n  <<: *a\n  c: 1\nd: *a\ne: *a\n";
    let merged =
        "a: { list: [x] }\nb: { list: [x, y], c: 1 }\nd: { list: [x] }\ne: { list: [x] }\n";
    assert_snapshot!(with_aliases(old, merged).unwrap(), @r"
    Add at b, line 3
    b:
      list: [x, y]
    ");
    let alias = "a: { list: [x] }\nb: { list: [x], c: 1 }\nd: { list: [x, y] }\ne: { list: [x] }\n";
    assert_snapshot!(with_aliases(old, alias).unwrap(), @r"
    Replace at d, line 6
    d:
      list: [x, y]
    ");
    let item = "a: &a { x: 1 }\nlist:\n  - z: 1\n  - *a\n";
    let changed = "a: { x: 1 }\nlist: [{ z: 1 }, { x: 2 }]\n";
    assert_snapshot!(with_aliases(item, changed).unwrap(), @r"
    Replace at list, line 2
    list:
      - { z: 1 }
      - { x: 2 }
    ");
}

#[test]
fn what_aliases_repeat_has_no_changes() {
    let old = "a: &a\n  list: [x]\nb:\n  <<: *a\n  c: 1\n";
    let longer = "a: { list: [x, y] }\nb: { list: [x], c: 1 }\n";
    assert_eq!(with_aliases(old, longer), None);
    let added = "a: { list: [x], d: 2 }\nb: { list: [x], c: 1 }\n";
    assert_eq!(with_aliases(old, added), None);
    let removed = "a: { list: [x] }\nb: { c: 1 }\n";
    assert_eq!(with_aliases(old, removed), None);
    let own = "a: { list: [x] }\nb: { list: [x], c: 2 }\n";
    assert!(with_aliases(old, own).is_some());
}
