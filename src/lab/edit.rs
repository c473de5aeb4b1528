//! Replaces the section `expect` in the text of a lab file. All other lines stay as they are.

use crate::yaml::position;
use crate::yaml::reading;
use crate::yaml::tree::{Key, Kind, Node};

/// The section that is replaced.
const SECTION: &str = "expect";

/// Sections that change no path.
const WITHOUT_PATHS: [&str; 2] = [SECTION, "storyboards"];

/// The text of a lab file with a replaced section `expect`; a new section is at the end. Comments inside the old
/// section are lost. `None` if the section cannot be replaced line by line, or if this would change another section.
#[must_use]
pub fn with_expectations(text: &str, section: &str) -> Option<String> {
    let tree = reading::read(text).ok()?;
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let section = section.replace('\n', newline);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let edited = if let Some((first, end)) = section_lines(text, &lines, &tree)? {
        let [before, after] = [&lines[..first], &lines[end..]].map(<[&str]>::concat);
        [before, section.clone(), after].concat()
    } else {
        let before = text.trim_end_matches(['\r', '\n']);
        [before, newline, newline, &section].concat()
    };
    let now = reading::read(&edited).ok()?;
    let wanted = reading::read(&section).ok()?;
    let is_there = section_of(&now)?.is_same(section_of(&wanted)?);
    (is_there && are_same_without(&tree, &now, &[SECTION])).then_some(edited)
}

/// Whether all paths of two lab files are equal, because only expectations and storyboards differ.
#[must_use]
pub fn have_same_paths(one: &str, other: &str) -> bool {
    let trees = [one, other].map(|text| reading::read(text).ok());
    let [Some(one), Some(other)] = &trees else {
        return false;
    };
    are_same_without(one, other, &WITHOUT_PATHS)
}

/// The first line of the section and the line after its last, counted from 0. Comments and empty lines before the next
/// section belong to the next section. The outer `None` means that the file cannot be edited line by line.
#[expect(
    clippy::option_option,
    reason = "no section, and none that can be found"
)]
fn section_lines(text: &str, lines: &[&str], tree: &Node) -> Option<Option<(usize, usize)>> {
    let entries = entries(tree)?;
    let start = |key: &Key| {
        let (line, column) = position(text, key.place);
        (column == 1).then_some(line - 1)
    };
    let (first_key, _) = entries.first()?;
    start(first_key)?;
    let Some(index) = entries.iter().position(|(key, _)| key.text == SECTION) else {
        return Some(None);
    };
    let first = start(&entries[index].0)?;
    let mut end = match entries.get(index + 1) {
        Some((next, _)) => start(next)?,
        None => lines.len(),
    };
    let is_of_next = |line: &str| line.trim().is_empty() || line.starts_with('#');
    while end > first + 1 && is_of_next(lines[end - 1]) {
        end -= 1;
    }
    (end > first).then_some(Some((first, end)))
}

fn entries(tree: &Node) -> Option<&[(Key, Node)]> {
    match &tree.kind {
        Kind::Mapping(entries) => Some(entries),
        _ => None,
    }
}

fn section_of(tree: &Node) -> Option<&Node> {
    let mut entries = entries(tree)?.iter();
    let found = entries.find(|(key, _)| key.text == SECTION)?;
    Some(&found.1)
}

/// Whether two files have the same sections in the same order, except the given ones.
fn are_same_without(one: &Node, other: &Node, sections: &[&str]) -> bool {
    let [Some(one), Some(other)] = [one, other].map(entries) else {
        return false;
    };
    let [one, other] = [one, other].map(|entries| {
        let entries = entries.iter();
        let others = entries.filter(|(key, _)| !sections.contains(&key.text.as_str()));
        others.collect::<Vec<_>>()
    });
    let mut pairs = one.iter().zip(&other);
    let is_same = |(one, other): (&&(Key, Node), &&(Key, Node))| {
        one.0.text == other.0.text && one.1.is_same(&other.1)
    };
    one.len() == other.len() && pairs.all(is_same)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECTION_TEXT: &str = "expect:\n  - { from: a, to: b, reachable: true }\n";

    const BEFORE: &str = "# a lab\nname: a # its name\n\n# what is seen\nexpect:\n  # both\n  - { from: a, to: b,\n      \
                          hops: [b] }\n  - { from: b, to: a, hops: [a] }\n  # more\n\n# failures\n\n";

    fn edited(text: &str) -> String {
        with_expectations(text, SECTION_TEXT).unwrap()
    }

    #[test]
    fn the_section_is_replaced_and_all_else_stays() {
        let with = |after: &str| edited(&format!("{BEFORE}{after}"));
        let kept = format!(
            "# a lab\nname: a # its name\n\n# what is seen\n{SECTION_TEXT}\n# failures\n\n"
        );
        let storyboards = "storyboards: {}\n# end\n";
        assert_eq!(with(""), kept);
        assert_eq!(with(storyboards), format!("{kept}{storyboards}"));
        let again = edited(&with(storyboards));
        assert_eq!(again, format!("{kept}{storyboards}"), "again");
    }

    #[test]
    fn a_file_without_the_section_gets_it_at_its_end() {
        let expected = format!("name: a\n# end\n\n{SECTION_TEXT}");
        assert_eq!(edited("name: a\n# end"), expected);
        assert_eq!(edited("name: a\n# end\n\n\n"), expected);
        let windows = edited("name: a\r\nexpect: []\r\n");
        assert_eq!(
            windows,
            format!("name: a\n{SECTION_TEXT}").replace('\n', "\r\n")
        );
        assert_eq!(
            edited("name: a\nexpect:"),
            format!("name: a\n{SECTION_TEXT}")
        );
    }

    #[test]
    fn a_file_that_cannot_be_edited_by_lines_is_left_alone() {
        let refused = [
            "{ name: a, expect: [] }",
            "{ name: a }",
            "  name: a\n  expect: []\n",
            "name: a\nexpect: &all\n  - {}\nstoryboards: { x: *all }\n",
            "name: a\n...\n",
            "- a\n",
            "name: [",
        ];
        for text in refused {
            assert_eq!(with_expectations(text, SECTION_TEXT), None, "{text}");
        }
    }

    #[test]
    fn only_expectations_and_storyboards_do_not_change_paths() {
        let lab = "name: a\nsites: { x: { asn: 1 } }\n";
        let same = format!("# other\n{lab}storyboards: {{}}\nexpect: []\n");
        assert!(have_same_paths(lab, &same));
        for (what, instead) in [
            ("asn: 1", "asn: 2"),
            ("asn: 1", "asn: 1.0"),
            ("x:", "y:"),
            ("}\n", "}\nwan: {}\n"),
        ] {
            assert!(
                !have_same_paths(lab, &lab.replacen(what, instead, 1)),
                "{instead}"
            );
        }
        assert!(!have_same_paths(lab, "name: ["));
    }
}
