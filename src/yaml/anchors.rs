//! What to do about an alias that the parser refuses: `*name` without an anchor `&name`.

use std::borrow::Cow;

use crate::findings::near;

/// The most anchors that are listed.
const MOST_LISTED: usize = 10;

/// The key whose lists have `"*"` for silent hops.
const HOPS: &str = "hops:";

/// The advice for an alias, with the text before it and from it on.
pub(super) fn advice(before: &str, rest: &str) -> Cow<'static, str> {
    let name = name(rest.get(1..).unwrap_or_default());
    if name.is_empty() {
        return if is_hop(before) {
            "write a silent hop as \"*\", with quotes".into()
        } else {
            "write a text that starts with `*` in quotes".into()
        };
    }
    let known = anchors(before);
    if let Some(near) = near(name, known.iter().copied()) {
        return format!("did you mean `*{near}`?").into();
    }
    if anchors(rest).contains(&name) {
        return format!("move `&{name}` before this alias").into();
    }
    if known.is_empty() {
        return format!("write `&{name}` before the value that it stands for, farther up").into();
    }
    let listed = known.iter().take(MOST_LISTED);
    let listed: Vec<String> = listed.map(|name| format!("`*{name}`")).collect();
    format!("there is {}", listed.join(", ")).into()
}

/// The name of an anchor or alias, after its sign.
fn name(text: &str) -> &str {
    let is_other = |c: char| !c.is_ascii_alphanumeric() && !"_-".contains(c);
    text.split(is_other).next().unwrap_or_default()
}

/// Whether a text ends in a list of hops.
fn is_hop(before: &str) -> bool {
    let list = before.rsplit_once(HOPS).map(|(_, list)| list);
    list.is_some_and(|list| !list.contains(':') && !list.contains('}'))
}

/// The names of the anchors in a text, in their order.
fn anchors(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('&') {
        let before = text.get(..at).unwrap_or_default();
        let starts_value = before
            .chars()
            .next_back()
            .is_none_or(|c| c.is_whitespace() || "[{,".contains(c));
        let name = name(text.get(at + 1..).unwrap_or_default());
        if starts_value && !name.is_empty() && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::advice;

    fn said(before: &str, rest: &str) -> String {
        advice(before, rest).into_owned()
    }

    #[test]
    fn a_silent_hop_without_quotes_is_told_from_other_texts() {
        let hop = "write a silent hop as \"*\", with quotes";
        assert_eq!(said("expect: [{ hops: [a, ", "*, b] }]"), hop);
        assert_eq!(said("hops:\n  - a\n  - ", "*\n"), hop);
        let text = "write a text that starts with `*` in quotes";
        assert_eq!(said("expect: [{ hops: [a], to: ", "* }]"), text);
        assert_eq!(said("from: ", "*.a"), text);
    }

    #[test]
    fn an_unknown_anchor_is_compared_with_the_known_ones() {
        let known = "a: &base { x: 1 }\nb: &other 2\nc: \"R&D\"\nd: ";
        assert_eq!(said(known, "*bsae"), "did you mean `*base`?");
        assert_eq!(said(known, "*unlike-both"), "there is `*base`, `*other`");
        assert_eq!(
            said(known, "*later\ne: &later 5"),
            "move `&later` before this alias"
        );
        assert_eq!(
            said("hops: ", "*silent"),
            "write `&silent` before the value that it stands for, farther up"
        );
    }
}
