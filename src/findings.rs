//! What is wrong with a lab file: one value for each finding, and where in the file it stands.
//!
//! Findings are collected, never thrown: whoever reads a file goes on after one, so that its user
//! sees all of them at once.

use serde::Serialize;

/// A node of the YAML document, by its number in reading order; the text's place is looked up from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place(pub usize);

impl Place {
    /// Where reading stopped, in a text that has no nodes because it is not YAML.
    pub const STOPPED: Self = Self(usize::MAX);
}

/// A value and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// How much a finding weighs. Errors come before warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Azure refuses it, or no lab can be built from it.
    Error,
    /// Azure accepts it and then loses packets, or warns of it. The lab is built.
    Warning,
}

/// One thing that is wrong with a lab file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether it keeps the lab from being built.
    pub level: Level,
    /// The broken rule's name, which stays the same from version to version: `unknown-key`.
    pub rule: &'static str,
    /// What is wrong, on one line.
    pub message: String,
    /// A few words to stand under the place, or none.
    pub label: String,
    /// What to do about it, where that is known.
    pub help: Option<String>,
    /// The name that nothing has, where that is what is wrong.
    pub missing: Option<Box<str>>,
    /// Where it is wrong.
    pub place: Place,
}

impl Finding {
    /// An error without label and help.
    #[must_use]
    pub fn new(rule: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self {
            level: Level::Error,
            rule,
            message: message.into(),
            label: String::new(),
            help: None,
            missing: None,
            place,
        }
    }

    /// The finding for a name that nothing has.
    #[must_use]
    pub fn missing(name: &str, place: Place, message: impl Into<String>) -> Self {
        Self {
            missing: Some(name.into()),
            ..Self::new("no-such-name", place, message)
        }
    }

    /// The finding as a warning.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.level = Level::Warning;
        self
    }

    /// Whether it keeps the lab from being built.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.level == Level::Error
    }

    /// The finding with a few words under its place.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The finding with what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The findings of a lab file that is read strictly: its warnings are errors.
#[must_use]
pub fn strictly(mut findings: Vec<Finding>) -> Vec<Finding> {
    for finding in &mut findings {
        finding.level = Level::Error;
    }
    findings
}

/// Longest text, in bytes, that is compared: nobody mistypes a longer one, and the cost is its square.
const LONGEST_COMPARED: usize = 100;

/// The one of `among` that `wanted` was probably meant to be.
///
/// That is the one with the fewest letters left out, added, changed or swapped, as long as they
/// are not more than about a third of the name. Capitals do not count.
pub fn near<'a>(wanted: &str, among: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = wanted.to_lowercase();
    among
        .into_iter()
        .filter_map(|name| Some((distance(&wanted, &name.to_lowercase())?, name)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

fn distance(wanted: &str, name: &str) -> Option<usize> {
    let longest = wanted.len().max(name.len());
    if longest > LONGEST_COMPARED {
        return None;
    }
    let most = (longest + 1) / 3;
    // Cheap, and enough for most names: each letter too many is a difference.
    if wanted.chars().count().abs_diff(name.chars().count()) > most {
        return None;
    }
    let distance = strsim::damerau_levenshtein(wanted, name);
    (distance <= most).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_name_differs_by_a_third_at_most() {
        let among = ["addressPrefix", "addressPrefixes", "subnet", "r1"];
        for (wanted, nearest) in [
            ("adressPrefix", Some("addressPrefix")),
            ("addressprefixes", Some("addressPrefixes")),
            ("sbunet", Some("subnet")),
            ("SUBNET", Some("subnet")),
            ("r2", Some("r1")),
            ("x", None),
            ("gateway", None),
            ("", None),
        ] {
            assert_eq!(near(wanted, among), nearest, "{wanted}");
        }
        assert_eq!(near(&"x".repeat(1 << 20), among), None);
    }
}
