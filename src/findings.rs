//! What is wrong with a lab file: one value for each finding, and where in the file it stands.
//!
//! Findings are collected, never thrown: whoever reads a file goes on after one, so that its user
//! sees all of them at once.

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

/// One thing that is wrong with a lab file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The broken rule's name, which stays the same from version to version: `unknown-key`.
    pub rule: &'static str,
    /// What is wrong, on one line.
    pub message: String,
    /// A few words to stand under the place, or none.
    pub label: String,
    /// What to do about it, where that is known.
    pub help: Option<String>,
    /// The name that nothing has, where that is what is wrong.
    pub missing: Option<String>,
    /// Where it is wrong.
    pub place: Place,
}

impl Finding {
    /// A finding without label and help.
    #[must_use]
    pub fn new(rule: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self {
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
            missing: Some(name.to_owned()),
            ..Self::new("no-such-name", place, message)
        }
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
