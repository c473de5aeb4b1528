//! Converts a place to a line and column, as editors show them.

use std::ops::Range;

use crate::findings::Place;
use crate::yaml::reading;

/// The position of a place in its text: line and column, both from 1, columns in characters.
///
/// A value behind an alias has the position of its anchor.
#[must_use]
pub fn position(text: &str, place: Place) -> (usize, usize) {
    let offset = offset(text, place);
    let (line, start) = line_at(text, offset);
    let column = text.get(start..offset).unwrap_or_default().chars().count();
    (line, column + 1)
}

/// The line in a text of one line of a value: the value's own lines are those of the text if it is a literal block
/// scalar (YAML 1.2.2, section 8.1.2). Lines of other values have the line on which the value begins.
#[must_use]
pub fn line_of_value(text: &str, place: Place, line: usize) -> usize {
    let offset = offset(text, place);
    let (first, _) = line_at(text, offset);
    let rest = text.get(offset..).unwrap_or_default();
    let header = rest.lines().next().unwrap_or_default();
    // An anchor and a tag may stand before it.
    let mut words = header.split_whitespace();
    let indicator = words.find(|word| !word.starts_with(['&', '!']));
    let is_literal = indicator.is_some_and(|word| word.starts_with('|'));
    first + if is_literal { line } else { 0 }
}

/// The byte offset of a place.
pub(crate) fn offset(text: &str, place: Place) -> usize {
    reading::read_until(text, place).map_or_else(|stopped| stopped.offset, |_| text.len())
}

/// The line of a byte, from 1, and the byte offset of that line. A byte order mark is not part of the first line.
pub(crate) fn line_at(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let first = text.len() - text.trim_start_matches('\u{feff}').len();
    let start = before.rfind('\n').map_or(first, |newline| newline + 1);
    (before.matches('\n').count() + 1, start)
}

/// The byte range of the word at `start` in a line, to underline it.
pub(crate) fn word(line: &str, start: usize) -> Range<usize> {
    let rest = line.get(start..).unwrap_or_default();
    let length = match rest.chars().next() {
        Some(quote @ ('"' | '\'')) => rest[1..].find(quote).map_or(rest.len(), |end| end + 2),
        Some(open @ ('[' | '{')) => open.len_utf8(),
        _ => plain_length(rest),
    };
    start..start + length
}

fn plain_length(rest: &str) -> usize {
    let ends = |(at, c): (usize, char)| match c {
        ',' | ']' | '}' | '[' | '{' => true,
        ':' => rest[at + 1..]
            .chars()
            .next()
            .is_none_or(char::is_whitespace),
        '#' => rest[..at].ends_with(' '),
        _ => false,
    };
    let end = rest
        .char_indices()
        .find(|found| ends(*found))
        .map_or(rest.len(), |(at, _)| at);
    rest[..end].trim_end().len()
}
