//! Whether a text looks like a lab file. The content of other files may be private and must not be printed.

use crate::lab::keys::mappings;
use crate::yaml::reading;
use crate::yaml::tree::Kind;

/// Whether a text is a mapping with at least one top-level key of a lab file. For invalid YAML: whether a line begins
/// with such a key.
#[must_use]
pub fn is_like_a_lab(text: &str) -> bool {
    let mappings = mappings();
    let keys = mappings.first().map_or(&[][..], |file| &file.keys);
    let is_key = |word: &str| keys.iter().any(|key| key.name == word);
    match reading::read(text).map(|tree| tree.kind) {
        Ok(Kind::Mapping(entries)) => entries.iter().any(|(key, _)| is_key(&key.text)),
        Ok(_) => false,
        Err(_) => {
            let words = text.trim_start_matches('\u{feff}').lines();
            let words = words.filter_map(|line| line.split_once(':'));
            words.into_iter().any(|(word, _)| is_key(word.trim_end()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_like_a_lab_that_has_a_key_of_one_at_its_left_edge() {
        for (text, is_like) in [
            ("name: a\n", true),
            ("{ \"sites\": {} }", true),
            ("\u{feff}name: a\n", true),
            ("# a comment\nexpect:\n  - [\n", true),
            ("sits: {}\nname: a: b\n", true),
            ("", false),
            ("# name: a\n", false),
            ("root:$6$salt$hash:19000:0:99999:7:::\n", false),
            ("-----BEGIN PRIVATE KEY-----\nMIIE\n", false),
            ("metadata:\n  name: a\n  x: [\n", false),
            ("password: hunter2\n", false),
            ("[name: a]", false),
        ] {
            assert_eq!(is_like_a_lab(text), is_like, "{text:?}");
        }
    }
}
