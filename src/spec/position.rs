//! From a place to the line and column that an editor shows.

use std::ops::Range;

use super::reading;
use crate::findings::Place;

/// Where a place stands in the text it was read from: line and column, both from 1, columns in
/// characters.
///
/// A value that stands behind an alias stands where its anchor is.
#[must_use]
pub fn position(text: &str, place: Place) -> (usize, usize) {
    let offset = offset(text, place);
    let (line, start) = line_at(text, offset);
    let column = text.get(start..offset).unwrap_or_default().chars().count();
    (line, column + 1)
}

/// The byte at which a place begins.
pub(super) fn offset(text: &str, place: Place) -> usize {
    reading::read_until(text, place).map_or_else(|stopped| stopped.offset, |_| text.len())
}

/// The line, from 1, that holds a byte, and the byte at which it begins. A byte order mark is not
/// part of the first line.
pub(super) fn line_at(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let first = text.len() - text.trim_start_matches('\u{feff}').len();
    let start = before.rfind('\n').map_or(first, |newline| newline + 1);
    (before.matches('\n').count() + 1, start)
}

/// The bytes of the word that begins at `start` in a line: what to underline.
pub(super) fn word(line: &str, start: usize) -> Range<usize> {
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
