//! Malicious files, and files with random content.

use std::time::{Duration, Instant};

use super::*;
use crate::lab::tests::every_key::EVERY_KEY;

#[test]
fn control_characters_of_a_file_do_not_reach_the_terminal() {
    let text = "\"na\\e[31m\\nme\": a\nname: \"a\\e\"\nsites: {\"\\x9b\": {}, \"\\u2028\": {}}\n";
    let shown = refused(text);
    assert!(!shown.contains(['\u{1b}', '\u{9b}']), "{shown}");
}

/// Texts that are much work for a careless reader.
#[expect(clippy::too_many_lines, reason = "a list of texts")]
fn hostile_texts() -> Vec<(&'static str, String)> {
    let levels = |line: fn(usize) -> String| (1..9).map(line).collect::<String>();
    let bomb = levels(|n| {
        format!(
            "a{n}: &a{n} [{}]\n",
            vec![format!("*a{}", n - 1); 9].join(",")
        )
    });
    let merges = levels(|n| {
        let before = vec![format!("*a{}", n - 1); 9].join(",");
        format!("a{n}: &a{n} {{ <<: [{before}], own{n}: 1 }}\n")
    });
    let half = 1 << 17;
    vec![
        ("a bomb of aliases", format!("a0: &a0 x\n{bomb}")),
        (
            "a product of lists",
            format!(
                "a: &a [{}]\nb: [{}]\n",
                "1,".repeat(half / 2 - 10),
                "*a ,".repeat(half / 4 - 10)
            ),
        ),
        (
            "a bomb of merge keys",
            format!("a0: &a0 {{ k: v }}\n{merges}"),
        ),
        (
            "a product of merged mappings",
            format!(
                "a: &a {{ {} }}\nb: [{}]\n",
                "k: 1, ".repeat(half / 8),
                "{ <<: *a }, ".repeat(half / 16)
            ),
        ),
        (
            "a mapping merged into itself",
            "a: &a { <<: *a }\n".to_owned(),
        ),
        ("an alias in itself", "a: &a [*a]\n".to_owned()),
        (
            "a bomb that names an unknown anchor in a list",
            format!("a0: &a0 x\n{bomb}end: [[*a8, *unknown]]\n"),
        ),
        (
            "nesting in flow style",
            "[".repeat(1000) + &"]".repeat(1000),
        ),
        ("nesting in block style", "- ".repeat(1000)),
        ("nothing but brackets", "[".repeat(1 << 20)),
        ("nothing but braces", "{".repeat(1 << 20)),
        ("nothing but dashes", "- ".repeat(half)),
        ("nothing but question marks", "? ".repeat(half)),
        ("nothing but anchors", "&a ".repeat(half / 2)),
        (
            "directives",
            "%TAG !a! b\n".repeat(half / 6) + "--- \nname: a\n",
        ),
        ("a large text", "a".repeat(2 << 20)),
        ("a long line", "a".repeat(1 << 20)),
        ("a long key", format!("{}: 1", "a".repeat(1 << 18))),
        ("many keys", "k: 1\n".repeat(half / 6)),
        ("many values", format!("[{}]", "1,".repeat(half - 10))),
        (
            "rubbish",
            String::from_utf8_lossy(&(0..=255).cycle().take(5000).collect::<Vec<u8>>())
                .into_owned(),
        ),
    ]
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the claim is about time")]
fn a_hostile_text_is_refused_in_no_time() {
    for (what, text) in hostile_texts() {
        let start = Instant::now();
        let findings = parse(&text).expect_err(what);
        assert!(shown(&text, &findings[..1]).contains("1 finding in "));
        // A generous limit, for a debug build on a busy machine. Without protection, these take minutes or exhaust
        // memory.
        assert!(start.elapsed() < Duration::from_secs(5), "{what}");
    }
}

#[test]
fn nested_merge_keys_count_as_values() {
    let keys: Vec<String> = (0..5000).map(|n| format!("q{n}: 1, ")).collect();
    let keys = keys.concat();
    let aliases: Vec<String> = (1..90).map(|n| format!("s{n}: *a\n")).collect();
    let aliases = aliases.concat();
    for own in ["", ", own: 1"] {
        let open = "{<<: ".repeat(110);
        let close = format!("{own}}}").repeat(110);
        let found = findings(&format!("s0: &a {open}{{{keys}}}{close}\n{aliases}"));
        assert_eq!(found.len(), 1, "{found:?}");
        let expected =
            "too-large: the file has more than 1000000 values, aliases counted each time";
        assert!(found[0].ends_with(expected), "{found:?}");
    }
}

#[test]
fn whatever_is_left_out_of_a_file_it_is_read_or_refused_with_a_reason() {
    let check = |text: &str| {
        if let Err(findings) = parse(text) {
            assert!(!findings.is_empty(), "{text}");
            assert!(shown(text, &findings[..1]).contains("lab.yaml:"), "{text}");
        }
    };
    for whole in [GOOD, EVERY_KEY] {
        changed(whole, check);
    }
}

/// Checks a text without each of its lines, and with a change to each of its punctuation marks and values.
fn changed(whole: &str, check: impl Fn(&str)) {
    let lines: Vec<_> = whole.lines().collect();
    for left_out in 0..lines.len() {
        let mut fewer = lines.clone();
        fewer.remove(left_out);
        check(&fewer.join("\n"));
    }
    for (at, _) in whole.match_indices([' ', ':', ',', '[', '{', '.', '/', '"']) {
        for other in ["", ": ", "[", "'", "\t", "é"] {
            check(&format!("{}{other}{}", &whole[..at], &whole[at + 1..]));
        }
    }
    for (at, _) in whole.match_indices(": ") {
        for other in ["~", "5", "-1.5", "true", "[]", "{}", "[~]", "{a: b}", "''"] {
            let end = at + whole[at..].find([',', '}', '\n']).unwrap();
            check(&format!("{}: {other}{}", &whole[..at], &whole[end..]));
        }
    }
}
