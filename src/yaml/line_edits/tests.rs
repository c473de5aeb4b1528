//! Edits of the lines of small texts.

use insta::assert_snapshot;

use super::*;
use crate::yaml::reading::read;

/// The edits of a text in words, after they were made.
fn shown(text: &str, new: &str) -> Option<String> {
    let [old, new] = [text, new].map(|text| read(text).unwrap());
    let edits = line_edits(text, &old, &new)?;
    assert!(has_same_values(&read(&edited(text, &edits)).unwrap(), &new));
    let shown = edits.iter().map(|edit| {
        let LineEdit {
            action,
            path,
            line,
            last,
            lines,
        } = edit;
        let lines = lines.join("\n");
        format!("{action:?} {path}, {line} {last:?}\n{lines}\n")
    });
    Some(shown.collect())
}

#[test]
fn lines_are_added_at_the_end_of_blocks() {
    let old = "\
name: x
nets:
  hub:
    a: 1 # one

    # nothing else
  spoke:
      b: 2
peerings:
- x: 1
  y: 2
last:
  - - z
";
    let new = "\
name: x
nets: { hub: { a: 1, c: [d] }, spoke: { b: 2, c: 3 }, third: { e: { f: 1 } } }
peerings: [{ x: 1, y: 2 }, { x: 3 }]
last: [[z]]
new: { g: { h: 1 } }
";
    assert_snapshot!(shown(old, new).unwrap(), @r"
    Add , 13 None
    new:
      g: { h: 1 }
    Add peerings, 11 None
    - x: 3
    Add nets, 8 None
      third:
        e: { f: 1 }
    Add nets.spoke, 8 None
          c: 3
    Add nets.hub, 4 None
        c: [d]
    ");
}

#[test]
fn what_is_in_flow_style_is_replaced_with_the_entry_around_it() {
    let old = "\
a: { b: true, c: { d: 1 } }
list: [
  { x: 1 }, { y: 2 },
]
blocks:
  - { x: 1 }
  - y: 2
    z: 3
nothing:
  here: ~
  there: {}
end: [one]
";
    let new = "\
a: { b: false, c: { d: 1, e: 2 } }
list: [{ x: 1 }, { y: 3 }]
blocks: [{ x: 2 }, { y: 2, z: 4 }]
nothing: { here: { a: 1 }, there: { b: 2 } }
end: [one, two]
";
    assert_snapshot!(shown(old, new).unwrap(), @r"
    Replace end, 12 Some(12)
    end: [one, two]
    Replace nothing.there, 11 Some(11)
      there: { b: 2 }
    Replace nothing.here, 10 Some(10)
      here: { a: 1 }
    Replace blocks[1], 7 Some(8)
      - { y: 2, z: 4 }
    Replace blocks[0], 6 Some(6)
      - { x: 2 }
    Replace list, 2 Some(4)
    list:
      - { x: 1 }
      - { y: 3 }
    Replace a, 1 Some(1)
    a:
      b: false
      c: { d: 1, e: 2 }
    ");
}

#[test]
fn the_lines_of_entries_and_items_are_removed() {
    let old = "\
a:
  b: 1
  c:
    d: 2

    e: 3
list:
- one
- two: 2
  three: 3
alone:
  only: { x: 1 }
";
    let new = "a: { b: 1 }\nlist: [one]\nalone: {}\n";
    assert_snapshot!(shown(old, new).unwrap(), @r"
    Replace alone, 11 Some(12)
    alone: {}
    Remove list[1], 9 Some(10)
    - two: 2
      three: 3
    Remove a.c, 3 Some(6)
      c:
        d: 2

        e: 3
    ");
}

#[test]
fn anchors_and_merge_keys_are_kept() {
    let old = "a: &a\n  list: [x]\nb:\n  <<: *a\n  c: 1\nd: *a\ne: &e # five\n  f: 1\n";
    let new = "a: { list: [x] }\nb: { list: [x, y], c: 1 }\nd: { list: [z] }\ne: { f: 1, g: 2 }\n";
    assert_snapshot!(shown(old, new).unwrap(), @r"
    Add e, 8 None
      g: 2
    Replace d, 6 Some(6)
    d:
      list: [z]
    Add b, 5 None
      list: [x, y]
    ");
    // The line would lose its anchor.
    let old = "a: { b: &b 1 }\nc: *b\n";
    assert_eq!(shown(old, "a: { b: 1, d: 2 }\nc: 1\n"), None);
}
