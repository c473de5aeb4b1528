//! Parses a text to a tree, or to the one reason why it cannot be read, with the byte offset.

use std::borrow::Cow;

use serde_yaml::{Deserializer, Location};

use crate::findings::{Place, Rule};
use crate::yaml::anchors;
use crate::yaml::tree::{MOST_NODES, Node, Reading, Refusal};

const TAG: Rule = Rule::new("tag");
const TOO_LARGE: Rule = Rule::new("too-large");
const SYNTAX: Rule = Rule::new("syntax");
const TOO_DEEP: Rule = Rule::new("too-deep");
const SEVERAL_DOCUMENTS: Rule = Rule::new("several-documents");
const KEY_TYPE: Rule = Rule::new("key-type");
const NOT_TEXT: Rule = Rule::new("not-text");

/// The largest lab file in bytes. Ten thousand machines fit.
pub const LARGEST_TEXT: usize = 1 << 22;

/// The most open brackets. The parser accepts fewer if they are nested.
const MOST_BRACKETS: usize = 1000;

const TOO_DEEP_TEXT: &str = "nested too deeply for a lab file";

/// The help for texts that are nested too deeply, or that aliases make too large.
const CLOSE: &str = "check that every bracket is closed";
const WRITE_OUT: &str = "write the values themselves instead of aliases";

/// Why a text was not read completely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stopped {
    /// The byte where reading stopped.
    pub(crate) offset: usize,
    /// The violated rule.
    pub(crate) rule: Rule,
    /// The problem.
    pub(crate) message: String,
    /// The help.
    pub(crate) help: Option<Cow<'static, str>>,
}

/// Reads a complete text.
pub(crate) fn read(text: &str) -> Result<Node, Stopped> {
    read_until(text, Place::STOPPED)
}

/// Reads a text up to a place.
pub(crate) fn read_until(text: &str, target: Place) -> Result<Node, Stopped> {
    refuse_large(text)?;
    refuse_unprintable(text)?;
    refuse_nested(text)?;
    refuse_directives(text)?;
    let mut reading = Reading::until(target);
    reading.document(deserializer(text)).map_err(|error| {
        let offset = stopped_at(text, target, &error, &reading);
        stopped(text, offset, &error, &reading)
    })
}

/// The parser of a text.
pub(super) fn deserializer(text: &str) -> Deserializer<'_> {
    Deserializer::from_str(without_mark(text))
}

fn refuse_large(text: &str) -> Result<(), Stopped> {
    if text.len() <= LARGEST_TEXT {
        return Ok(());
    }
    Err(Stopped {
        offset: 0,
        rule: TOO_LARGE,
        message: format!(
            "the file has {} bytes; a lab file has at most {LARGEST_TEXT}",
            text.len()
        ),
        help: Some("split it into several labs".into()),
    })
}

/// The parser rejects the same characters, but without a place.
fn refuse_unprintable(text: &str) -> Result<(), Stopped> {
    match text.char_indices().find(|(_, c)| !is_printable(*c)) {
        None => Ok(()),
        Some((offset, c)) => Err(Stopped {
            offset,
            rule: NOT_TEXT,
            message: format!(
                "the character U+{:04X} is not allowed in YAML",
                u32::from(c)
            ),
            help: Some("a lab file is plain text in UTF-8".into()),
        }),
    }
}

/// The parser rejects nested brackets too, but in quadratic time. Brackets in comments and quotes count as well; no lab
/// file has nearly as many.
fn refuse_nested(text: &str) -> Result<(), Stopped> {
    let mut depth = 0_usize;
    for (offset, byte) in text.bytes().enumerate() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MOST_BRACKETS {
            return Err(Stopped {
                offset,
                rule: TOO_DEEP,
                message: TOO_DEEP_TEXT.to_owned(),
                help: Some(CLOSE.into()),
            });
        }
    }
    Ok(())
}

/// A directive has no use here, and the parser compares each with all earlier ones.
fn refuse_directives(text: &str) -> Result<(), Stopped> {
    let starts_text = without_mark(text).starts_with('%').then_some(0);
    let starts_line = || text.find("\n%").map(|newline| newline + 1);
    match starts_text.or_else(starts_line) {
        None => Ok(()),
        Some(offset) => Err(Stopped {
            offset,
            rule: SYNTAX,
            message: "a lab file has no YAML directives".to_owned(),
            help: None,
        }),
    }
}

/// YAML 1.2, production 1, `c-printable`.
fn is_printable(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{7e}' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
}

fn stopped_at(text: &str, target: Place, error: &serde_yaml::Error, reading: &Reading) -> usize {
    if let Some(location) = error.location() {
        return byte_of(text, &location);
    }
    if target != Place::STOPPED {
        return 0;
    }
    // After an error in the first document, the parser continues at an undefined point and panics.
    let second = says_second_document(&error.to_string()).then(|| second_document(text));
    second.flatten().unwrap_or_else(|| {
        let last = Place(reading.nodes.saturating_sub(1));
        read_until(text, last).map_or_else(|stopped| stopped.offset, |_| 0)
    })
}

/// The text without the byte order mark that some editors write. The parser would count it as a character of the first
/// line, and as indentation.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn byte_of(text: &str, location: &Location) -> usize {
    let mark = text.len() - without_mark(text).len();
    text.floor_char_boundary(mark + location.index())
}

fn says_second_document(said: &str) -> bool {
    said.contains("more than one document")
}

fn second_document(text: &str) -> Option<usize> {
    let second = Deserializer::from_str(without_mark(text)).nth(1)?;
    let error = Reading::until(Place(0)).document(second).err()?;
    Some(byte_of(text, &error.location()?))
}

fn stopped(text: &str, offset: usize, error: &serde_yaml::Error, reading: &Reading) -> Stopped {
    let said = without_location(error);
    let (rule, message, help) = match reading.refusal {
        Some(Refusal::Tag) => (
            TAG,
            "tags have no meaning in a lab file".to_owned(),
            Some("write a text that starts with `!` in quotes".into()),
        ),
        Some(Refusal::TooManyNodes) => (
            TOO_LARGE,
            format!("the file has more than {MOST_NODES} values, aliases counted each time"),
            Some(WRITE_OUT.into()),
        ),
        None => explained(&said).unwrap_or_else(|| {
            (
                SYNTAX,
                format!("this is not YAML: {said}"),
                advice(text, offset, &said),
            )
        }),
    };
    Stopped {
        offset,
        rule,
        message,
        help,
    }
}

/// The parser's message without the position, which is shown separately.
fn without_location(error: &serde_yaml::Error) -> String {
    let said = error.to_string();
    match error.location() {
        None => said,
        Some(at) => said.replacen(
            &format!(" at line {} column {}", at.line(), at.column()),
            "",
            1,
        ),
    }
}

type Explanation = (Rule, String, Option<Cow<'static, str>>);

fn explained(said: &str) -> Option<Explanation> {
    let (rule, message, help) = if said.starts_with("recursion limit") {
        (TOO_DEEP, TOO_DEEP_TEXT, Some(CLOSE))
    } else if said.starts_with("repetition limit") {
        (
            TOO_LARGE,
            "aliases repeat this file's values too often",
            Some(WRITE_OUT),
        )
    } else if says_second_document(said) {
        (
            SEVERAL_DOCUMENTS,
            "a second YAML document begins here",
            Some("write each lab in a file of its own"),
        )
    } else if said.ends_with("expected a name as key") {
        (KEY_TYPE, "a key is a name, not a list or a mapping", None)
    } else {
        return None;
    };
    Some((rule, message.to_owned(), help.map(Cow::from)))
}

fn advice(text: &str, offset: usize, said: &str) -> Option<Cow<'static, str>> {
    let (before, rest) = text.split_at_checked(offset)?;
    if rest.starts_with('*') && (said.contains("alias") || said.contains("unknown anchor")) {
        return Some(anchors::advice(before, rest));
    }
    let line = before.rsplit('\n').next()?;
    let meets_tab = line.contains('\t') || rest.starts_with('\t');
    meets_tab.then_some("YAML is indented with spaces, never with tabs".into())
}
