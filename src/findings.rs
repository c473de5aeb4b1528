//! The errors and warnings of a lab file: one value for each finding, with its place.
//!
//! Findings are collected, never thrown: reading continues after one, so that the user sees all of them at once.

use serde::Serialize;

/// A node of the YAML document, by its number in reading order; the position in the text is determined from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place(pub usize);

impl Place {
    /// The place where reading stopped, in a text that is not YAML and so has no nodes.
    pub const STOPPED: Self = Self(usize::MAX);

    /// The place of a value that could not be read, which was reported. Nothing is reported of what takes its place.
    pub const UNREADABLE: Self = Self(usize::MAX - 1);
}

/// A value and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub place: Place,
}

impl<T> Located<T> {
    /// Whether it is a value of the file, and not in place of one that could not be read.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.place != Place::UNREADABLE
    }
}

/// The severity of a finding. Errors come before warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Azure refuses it, or no lab can be built from it.
    Error,
    /// Azure accepts it and then loses packets, or warns of it. The lab is built.
    Warning,
}

/// A rule for lab files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its id, the same in every version: `unknown-key`.
    pub id: &'static str,
    /// Whether only a whole file can violate it: it requires something that the unread part of a file may contain.
    pub needs_whole_file: bool,
    /// The keys without whose values it cannot be checked: while one of them has a value that could not be read, anywhere
    /// in the file, nothing is known to violate it.
    pub needs: &'static [&'static str],
}

impl Rule {
    /// A key that must be there is missing.
    pub const MISSING_KEY: Self = Self::new("missing-key");
    /// Two things have the same name.
    pub const NAME_TAKEN: Self = Self::new("name-taken");
    /// Nothing has the name.
    pub const NO_SUCH_NAME: Self = Self::new("no-such-name");
    /// An address is outside the prefix that must contain it.
    pub const OUTSIDE: Self = Self::new("outside");
    /// Two prefixes overlap that must not.
    pub const OVERLAP: Self = Self::new("overlap");
    /// Both ends are the same.
    pub const SAME_END: Self = Self::new("same-end");
    /// A value has another type than its key needs.
    pub const WRONG_TYPE: Self = Self::new("wrong-type");
    /// A value is not one that its key may have.
    pub const WRONG_VALUE: Self = Self::new("wrong-value");

    /// A rule that any part of a file can violate.
    #[must_use]
    pub const fn new(id: &'static str) -> Self {
        Self {
            id,
            needs_whole_file: false,
            needs: &[],
        }
    }

    /// A rule that requires something which another part of the file may contain.
    #[must_use]
    pub const fn of_whole_files(id: &'static str) -> Self {
        Self {
            id,
            needs_whole_file: true,
            needs: &[],
        }
    }

    /// The rule, which cannot be checked without the values of some keys.
    #[must_use]
    pub const fn needing(self, keys: &'static [&'static str]) -> Self {
        Self {
            needs: keys,
            ..self
        }
    }
}

/// An error or warning in a lab file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its severity.
    pub level: Level,
    /// The violated rule.
    pub rule: Rule,
    /// The problem, on one line.
    pub message: Box<str>,
    /// A few words to print under the place, or none.
    pub label: Box<str>,
    /// What to do about it, if known.
    pub help: Option<Box<str>>,
    /// Its place.
    pub place: Place,
    /// What few findings have.
    pub(crate) details: Option<Box<Details>>,
}

/// What few findings have. It is boxed, as findings are the errors of many functions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Details {
    missing: Option<Box<str>>,
    other: Option<Located<&'static str>>,
}

impl Finding {
    /// An error without label and help.
    #[must_use]
    pub fn new(rule: Rule, place: Place, message: impl Into<String>) -> Self {
        Self {
            level: Level::Error,
            rule,
            message: message.into().into_boxed_str(),
            label: Box::default(),
            help: None,
            place,
            details: None,
        }
    }

    /// The finding for an unknown name.
    #[must_use]
    pub fn missing(name: &str, place: Place, message: impl Into<String>) -> Self {
        let mut finding = Self::new(Rule::NO_SUCH_NAME, place, message);
        finding.set_missing(name);
        finding
    }

    /// Makes a name, which is unknown, the problem.
    pub fn set_missing(&mut self, name: &str) {
        self.details.get_or_insert_default().missing = Some(name.into());
    }

    /// The unknown name, if that is the problem.
    #[must_use]
    pub fn missing_name(&self) -> Option<&str> {
        self.details.as_deref()?.missing.as_deref()
    }

    /// Another place that it is about, such as that of the first of two equal names, with a few words to print under it.
    #[must_use]
    pub fn other(&self) -> Option<Located<&'static str>> {
        self.details.as_deref()?.other
    }

    /// The finding as a warning.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.level = Level::Warning;
        self
    }

    /// Whether it is an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.level == Level::Error
    }

    /// The finding with a few words under its place.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into().into_boxed_str();
        self
    }

    /// The finding with a help text.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into().into_boxed_str());
        self
    }

    /// The finding with another place that it is about, and a few words under that place. There is none for a value that
    /// could not be read.
    #[must_use]
    pub fn with_other(mut self, place: Place, label: &'static str) -> Self {
        let other = Located {
            value: label,
            place,
        };
        if other.is_read() {
            self.details.get_or_insert_default().other = Some(other);
        }
        self
    }
}

/// The findings of a lab file that is read strictly: warnings become errors.
#[must_use]
pub fn strictly(mut findings: Vec<Finding>) -> Vec<Finding> {
    for finding in &mut findings {
        finding.level = Level::Error;
    }
    findings
}

/// The longest compared text, in bytes: nobody mistypes a longer one, and the cost is quadratic.
const LONGEST_COMPARED: usize = 100;

/// The one of `among` that `wanted` most probably means.
///
/// It is the one with the fewest omitted, added, changed or swapped letters, if these are at most about a third of the
/// name. Case is ignored.
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

/// The finding for an unknown name.
#[must_use]
pub fn no_such<'a>(
    kind: &str,
    name: &Located<String>,
    among: impl IntoIterator<Item = &'a str>,
) -> Finding {
    let known: Vec<&str> = among.into_iter().collect();
    let finding = Finding::missing(
        &name.value,
        name.place,
        format!("there is no {kind} `{}`", name.value),
    );
    if let Some(near) = near(&name.value, known.iter().copied()) {
        return finding.with_label(format!("did you mean `{near}`?"));
    }
    if known.is_empty() {
        finding.with_help(format!("this file has no {kind}"))
    } else {
        finding.with_help(format!("there is {}", known.join(", ")))
    }
}

/// The finding for a name that no link has. A connection or circuit with several links is itself no link: the finding
/// suggests its links.
#[must_use]
pub fn with_links_of<'a>(
    name: &Located<String>,
    finding: Finding,
    links: impl IntoIterator<Item = &'a str>,
) -> Finding {
    let start = format!("{}-", name.value);
    let links = links.into_iter();
    let own: Vec<&str> = links.filter(|link| link.starts_with(&start)).collect();
    if own.is_empty() {
        return finding;
    }
    let finding = finding.with_label("");
    finding.with_help(format!("there are the links {}", own.join(", ")))
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
