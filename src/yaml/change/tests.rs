//! Changes of small documents, and what a person makes of them.

use insta::assert_snapshot;

use super::*;
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
    let [old, new] = [old, new].map(|text| read(text).unwrap());
    let changes = changes(&old, &new);
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
