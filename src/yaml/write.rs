//! Writes a tree as readable YAML: sections and large values in block style, small mappings and lists on one line.

use std::fmt::Write;

use crate::yaml::tree::{Kind, Node};

/// The maximum length in bytes of a line with a mapping or list on it.
const LONGEST_LINE: usize = 110;

/// Mappings at this depth and above are always in block style: the document and its sections.
const BLOCKS: usize = 1;

/// The text of a document. Parsing it gives an equal tree.
pub(crate) fn write(document: &Node) -> String {
    let mut text = String::new();
    for (key, value) in document.entries() {
        let is_section = matches!(value.kind, Kind::Mapping(_) | Kind::Sequence(_));
        if is_section && !text.is_empty() {
            text.push('\n');
        }
        entry(&mut text, 0, "", (&key.text, value));
    }
    text
}

/// The lines of an entry of a mapping in block style, with an indentation.
pub(crate) fn entry_lines(key: &str, value: &Node, indentation: usize) -> Vec<String> {
    indented(indentation, |text, depth| {
        entry(text, depth, "", (key, value));
    })
}

/// The lines of an item of a list in block style, with an indentation.
pub(crate) fn item_lines(value: &Node, indentation: usize) -> Vec<String> {
    indented(indentation, |text, depth| item(text, depth, value))
}

/// Lines that are written at a depth and moved to an indentation.
fn indented(indentation: usize, write: impl FnOnce(&mut String, usize)) -> Vec<String> {
    let depth = indentation.div_ceil(2);
    let mut text = String::new();
    write(&mut text, depth);
    let lines = text.lines().map(|line| {
        let own = line.get(2 * depth..).unwrap_or_default();
        format!("{:indentation$}{own}", "")
    });
    lines.collect()
}

/// An entry of a mapping in block style, at a depth. The first line begins with `lead` instead of spaces if `lead` is
/// not empty.
fn entry(text: &mut String, depth: usize, lead: &str, (key, value): (&str, &Node)) {
    let indent = "  ".repeat(depth);
    let start = if lead.is_empty() { &indent } else { lead };
    let head = format!("{start}{}:", scalar(key));
    if let Some(lines) = block_text(value) {
        block(text, &head, depth + 1, lines);
        return;
    }
    if let Some(line) = on_one_line(value, depth, head.len() + 1) {
        _ = writeln!(text, "{head} {line}");
        return;
    }
    _ = writeln!(text, "{head}");
    match &value.kind {
        Kind::Mapping(entries) => {
            for (key, value) in entries {
                entry(text, depth + 1, "", (&key.text, value));
            }
        }
        Kind::Sequence(items) => items.iter().for_each(|one| item(text, depth + 1, one)),
        _ => {}
    }
}

/// The text of a value that is best written as a literal block scalar (YAML 1.2.2, section 8.1.2): one of several lines,
/// the first of which has no space before it.
fn block_text(value: &Node) -> Option<&str> {
    let Kind::Text(text) = &value.kind else {
        return None;
    };
    let is_odd = |c: char| is_escaped(c) && !matches!(c, '\n' | '\t');
    let begins = text.starts_with(|c: char| !c.is_whitespace());
    (begins && text.trim_end_matches('\n').contains('\n') && !text.chars().any(is_odd))
        .then_some(text)
}

/// A text of several lines as a literal block scalar.
fn block(text: &mut String, head: &str, depth: usize, lines: &str) {
    let content = lines.trim_end_matches('\n');
    let chomping = match lines.len() - content.len() {
        0 => "-",
        1 => "",
        _ => "+",
    };
    _ = writeln!(text, "{head} |{chomping}");
    let indent = "  ".repeat(depth);
    for line in lines.split_terminator('\n') {
        let indent = if line.is_empty() { "" } else { &indent };
        _ = writeln!(text, "{indent}{line}");
    }
}

/// An item of a list in block style.
fn item(text: &mut String, depth: usize, value: &Node) {
    let lead = format!("{}- ", "  ".repeat(depth));
    if let Some(line) = on_one_line(value, depth, lead.len()) {
        _ = writeln!(text, "{lead}{line}");
        return;
    }
    match &value.kind {
        Kind::Mapping(entries) => {
            for (at, (key, value)) in entries.iter().enumerate() {
                let lead = if at == 0 { lead.as_str() } else { "" };
                entry(text, depth + 1, lead, (&key.text, value));
            }
        }
        Kind::Sequence(items) => {
            _ = writeln!(text, "{}-", "  ".repeat(depth));
            for one in items {
                item(text, depth + 1, one);
            }
        }
        _ => {}
    }
}

/// A value for the rest of a line that already has `used` bytes; `None` if the value needs lines of its own.
fn on_one_line(value: &Node, depth: usize, used: usize) -> Option<String> {
    let (is_small, is_empty) = match &value.kind {
        Kind::Mapping(entries) => (
            depth >= BLOCKS && entries.iter().all(|(_, value)| is_flat(value)),
            entries.is_empty(),
        ),
        Kind::Sequence(items) => (items.iter().all(is_flat), items.is_empty()),
        _ => return Some(flow(value)),
    };
    let line = (is_small || is_empty).then(|| flow(value))?;
    (is_empty || used + line.len() <= LONGEST_LINE).then_some(line)
}

/// Whether a value has no mapping in it.
fn is_flat(value: &Node) -> bool {
    match &value.kind {
        Kind::Mapping(entries) => entries.is_empty(),
        Kind::Sequence(items) => items.iter().all(is_flat),
        _ => block_text(value).is_none(),
    }
}

/// A value in flow style.
fn flow(value: &Node) -> String {
    match &value.kind {
        Kind::Null => "~".to_owned(),
        Kind::Boolean(value) => value.to_string(),
        Kind::Integer(number) => number.to_string(),
        Kind::Float(number) => serde_yaml::to_string(number)
            .map_or_else(|_| number.to_string(), |text| text.trim_end().to_owned()),
        Kind::Text(text) => scalar(text),
        Kind::Sequence(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Kind::Mapping(entries) if entries.is_empty() => "{}".to_owned(),
        Kind::Mapping(entries) => {
            let entries = entries.iter();
            let entries: Vec<String> = entries
                .map(|(key, value)| format!("{}: {}", scalar(&key.text), flow(value)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

/// A text in a form that is parsed as the same text, also in flow style.
pub(crate) fn scalar(text: &str) -> String {
    let written = serde_yaml::to_string(text).unwrap_or_default();
    let written = written.trim_end_matches('\n');
    // YAML allows more plain texts, but not all parsers agree on them.
    let is_known = |c: char| c.is_ascii_alphanumeric() || "_./- ".contains(c);
    let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric());
    let is_plain = written == text && begins && text.chars().all(is_known);
    if is_plain {
        return written.to_owned();
    }
    if text.chars().any(is_escaped) {
        let escaped = text.chars().map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            c if is_escaped(c) => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        });
        return format!("\"{}\"", escaped.collect::<String>());
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// Whether a character is written as its number, including those that some parsers take for the end of a line.
fn is_escaped(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

#[cfg(test)]
mod tests;
