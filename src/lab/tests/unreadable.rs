//! Files that are not YAML or do not contain a lab.

use super::*;

#[test]
#[expect(clippy::too_many_lines, reason = "a snapshot of all that people see")]
fn a_text_that_is_not_yaml_says_where_and_why() {
    let texts = [
        "name: a\nexpect:\n  - { from: a, to: b, hops: [10.0.0.1, *, 10.0.0.2] }\n",
        "name: a\nhops: *silent\n",
        "name: a\n\tsites: {}\n",
        "name: a: b\n",
        "name: [a\n",
        "name: a\n---\nname: b\n",
        "name: !secret a\n",
        "name: a\n[x]: y\n",
        "name: \"a\u{1b}[31m\"\n",
    ];
    let shown: Vec<_> = texts.into_iter().map(refused).collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    error[syntax]: this is not YAML: did not find expected alphabetic or numeric character, while scanning an alias at line 3 column 40
     --> lab.yaml:3:41
      |
    3 |   - { from: a, to: b, hops: [10.0.0.1, *, 10.0.0.2] }
      |                                         ^

    1 finding in lab.yaml

    error[syntax]: this is not YAML: unknown anchor
     --> lab.yaml:2:7
      |
    2 | hops: *silent
      |       ^^^^^^^
      |
      = help: write `&silent` before the value that it stands for, farther up

    1 finding in lab.yaml

    error[syntax]: this is not YAML: found a tab character that violates indentation, while scanning a plain scalar at line 1 column 7
     --> lab.yaml:2:1
      |
    2 |     sites: {}
      | ^^^^^^^^^
      |
      = help: YAML is indented with spaces, never with tabs

    1 finding in lab.yaml

    error[syntax]: this is not YAML: mapping values are not allowed in this context
     --> lab.yaml:1:8
      |
    1 | name: a: b
      |        ^

    1 finding in lab.yaml

    error[syntax]: this is not YAML: did not find expected ',' or ']', while parsing a flow sequence at line 1 column 7
     --> lab.yaml:2:1
      |
    2 |
      | ^

    1 finding in lab.yaml

    error[several-documents]: a second YAML document begins here
     --> lab.yaml:3:1
      |
    3 | name: b
      | ^^^^
      |
      = help: write each lab in a file of its own

    1 finding in lab.yaml

    error[tag]: tags have no meaning in a lab file
     --> lab.yaml:1:7
      |
    1 | name: !secret a
      |       ^^^^^^^^^
      |
      = help: write a text that starts with `!` in quotes

    1 finding in lab.yaml

    error[key-type]: a key is a name, not a list or a mapping
     --> lab.yaml:2:1
      |
    2 | [x]: y
      | ^

    1 finding in lab.yaml

    error[not-text]: the character U+001B is not allowed in YAML
     --> lab.yaml:1:9
      |
    1 | name: "a␛[31m"
      |         ^
      |
      = help: a lab file is plain text in UTF-8

    1 finding in lab.yaml
    "#);
}

#[test]
fn a_text_without_a_lab_is_refused() {
    let empty = "1:1 empty: the file contains no lab";
    assert_eq!(findings(""), [empty]);
    assert_eq!(
        findings("# nothing\n"),
        ["2:1 empty: the file contains no lab"]
    );
    assert_eq!(findings("---\n"), ["2:1 empty: the file contains no lab"]);
    assert_eq!(
        findings("- a\n"),
        ["1:1 wrong-type: expected the keys of a lab file, found a list"]
    );
    assert_eq!(
        findings("lab"),
        ["1:1 wrong-type: expected the keys of a lab file, found text"]
    );
    assert_eq!(findings("{}"), ["1:1 missing-key: a lab file needs `name`"]);
    assert_eq!(
        findings("name: ~"),
        ["1:7 wrong-type: expected the lab's name, found nothing"]
    );
    for text in ["", "# nothing", "---", "{}", "\n\n"] {
        assert!(refused(text).contains("1 finding in lab.yaml"));
    }
}
