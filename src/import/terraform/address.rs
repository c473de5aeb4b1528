//! Addresses of Terraform: `module.spoke["a"].azurerm_subnet.app[0].id`.

use serde_json::Value;

/// The key of an instance: of `count` or of `for_each`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// An index of `count`.
    Number(u64),
    /// A key of `for_each`.
    Text(String),
}

impl Key {
    /// The key that a JSON value states.
    pub(super) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => number.as_u64().map(Self::Number),
            Value::String(text) => Some(Self::Text(text.clone())),
            _ => None,
        }
    }

    /// The key as a text, without quotation marks.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }

    /// The key as an address has it, with brackets.
    pub(super) fn in_brackets(&self) -> String {
        match self {
            Self::Number(number) => format!("[{number}]"),
            Self::Text(text) => {
                format!("[\"{}\"]", text.replace('\\', "\\\\").replace('"', "\\\""))
            }
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let Some(quoted) = text.strip_prefix('"') else {
            return text.parse().ok().map(Self::Number);
        };
        let quoted = quoted.strip_suffix('"').unwrap_or(quoted);
        Some(Self::Text(
            quoted.replace("\\\"", "\"").replace("\\\\", "\\"),
        ))
    }
}

/// A part of an address: a name, and a key if one follows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Piece {
    /// The name.
    pub(super) name: String,
    /// The key in brackets.
    pub(super) key: Option<Key>,
}

/// The parts of an address. A second key after one name is left out.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut name = String::new();
    let mut key = None;
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        match next {
            '.' => {
                push(&mut pieces, &mut name, &mut key);
                rest = &rest[1..];
            }
            '[' => {
                let end = bracket_end(rest);
                let inside = rest.get(1..end).unwrap_or_default();
                key = key.or_else(|| Key::parse(inside));
                rest = rest.get(end + 1..).unwrap_or_default();
            }
            other => {
                name.push(other);
                rest = &rest[other.len_utf8()..];
            }
        }
    }
    push(&mut pieces, &mut name, &mut key);
    pieces
}

fn push(pieces: &mut Vec<Piece>, name: &mut String, key: &mut Option<Key>) {
    if !name.is_empty() {
        pieces.push(Piece {
            name: std::mem::take(name),
            key: key.take(),
        });
    }
}

/// The place of the bracket that ends the one that a text begins with. Brackets in quotation marks do not count.
fn bracket_end(text: &str) -> usize {
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (place, one) in text.char_indices() {
        match one {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            ']' if !is_quoted => return place,
            _ => {}
        }
    }
    text.len()
}

/// The modules of a module's address: `module.a["x"].module.b` is a with the key x, then b.
pub(super) fn modules(text: &str) -> Vec<Piece> {
    let all = pieces(text);
    let named = all.iter().zip(all.iter().skip(1)).step_by(2);
    named
        .take_while(|(word, _)| word.name == "module")
        .map(|(_, module)| module.clone())
        .collect()
}
