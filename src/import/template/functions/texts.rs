//! Functions of texts.

use serde_json::{Value, json};

use super::{LONGEST, argument, text, whole};
use crate::import::template::scope::{Failure, wrong};

/// Calls a function of texts; `None` for another one.
pub(super) fn call(name: &str, values: &[Value]) -> Option<Result<Value, Failure>> {
    let first = argument(values, 0);
    let of_texts = !values.iter().any(|one| one.is_array() || one.is_object());
    Some(Ok(match name {
        "concat" if of_texts => return Some(concat(values)),
        "format" => return Some(format(values)),
        "tolower" => json!(text(first).to_lowercase()),
        "toupper" => json!(text(first).to_uppercase()),
        "trim" => json!(text(first).trim()),
        "string" => json!(text(first)),
        "startswith" => json!(both(values, |one, other| one.starts_with(other))),
        "endswith" => json!(both(values, |one, other| one.ends_with(other))),
        "indexof" if first.is_string() => json!(place(values, |one, other| one.find(other))),
        "lastindexof" if first.is_string() => json!(place(values, |one, other| one.rfind(other))),
        "replace" => json!(replaced(values)),
        "split" => json!(split(first, argument(values, 1))),
        "join" => json!(joined(first, argument(values, 1))),
        "substring" => return Some(substring(values)),
        "padleft" => return Some(pad_left(values)),
        "uniquestring" | "guid" | "newguid" => json!(stand_in(name, values)),
        "uri" => json!(format!(
            "{}/{}",
            text(first).trim_end_matches('/'),
            text(argument(values, 1)).trim_start_matches('/')
        )),
        _ => return None,
    }))
}

fn concat(values: &[Value]) -> Result<Value, Failure> {
    let mut whole = String::new();
    for value in values {
        whole.push_str(&text(value));
        if whole.len() > LONGEST {
            return Err(wrong("`concat` makes a text that is too long"));
        }
    }
    Ok(json!(whole))
}

fn both(values: &[Value], test: fn(&str, &str) -> bool) -> bool {
    let [one, other] = [0, 1].map(|place| text(argument(values, place)).to_lowercase());
    test(&one, &other)
}

/// A place in characters, or -1.
fn place(values: &[Value], find: fn(&str, &str) -> Option<usize>) -> i64 {
    let [one, other] = [0, 1].map(|place| text(argument(values, place)).to_lowercase());
    let found = find(&one, &other).map(|bytes| one[..bytes].chars().count());
    found
        .and_then(|place| i64::try_from(place).ok())
        .unwrap_or(-1)
}

fn replaced(values: &[Value]) -> String {
    let [whole, old, new] = [0, 1, 2].map(|place| text(argument(values, place)));
    if old.is_empty() || whole.len() > LONGEST / (new.len() + 1) {
        return whole;
    }
    whole.replace(&old, &new)
}

fn split(of: &Value, delimiters: &Value) -> Vec<String> {
    let delimiters: Vec<String> = match delimiters {
        Value::Array(all) => all.iter().map(text).collect(),
        one => vec![text(one)],
    };
    let mut parts = vec![text(of)];
    for delimiter in delimiters.iter().filter(|one| !one.is_empty()) {
        parts = parts
            .iter()
            .flat_map(|part| part.split(delimiter.as_str()).map(str::to_owned))
            .collect();
    }
    parts
}

fn joined(items: &Value, delimiter: &Value) -> String {
    let items = items.as_array().map(Vec::as_slice).unwrap_or_default();
    let items: Vec<String> = items.iter().map(text).collect();
    items.join(&text(delimiter))
}

fn substring(values: &[Value]) -> Result<Value, Failure> {
    let characters: Vec<char> = text(argument(values, 0)).chars().collect();
    let start = usize::try_from(whole("substring", argument(values, 1))?);
    let bad = || wrong("`substring` has a place outside of the text");
    let start = start.map_err(|_| bad())?;
    let rest = characters.get(start..).ok_or_else(bad)?;
    let length = match values.get(2) {
        Some(length) => usize::try_from(whole("substring", length)?).map_err(|_| bad())?,
        None => rest.len(),
    };
    let part = rest.get(..length).ok_or_else(bad)?;
    Ok(json!(part.iter().collect::<String>()))
}

fn pad_left(values: &[Value]) -> Result<Value, Failure> {
    let whole_text = text(argument(values, 0));
    let width = whole("padLeft", argument(values, 1))?;
    let width = usize::try_from(width).unwrap_or(0).min(LONGEST);
    let filler = values
        .get(2)
        .map(text)
        .and_then(|text| text.chars().next())
        .unwrap_or(' ');
    let missing = width.saturating_sub(whole_text.chars().count());
    let padding: String = std::iter::repeat_n(filler, missing).collect();
    Ok(json!(format!("{padding}{whole_text}")))
}

/// `format('{0}-{1:D2}', ..)`: the arguments at their numbers. Of the formats of numbers, the digits of `D` are kept.
fn format(values: &[Value]) -> Result<Value, Failure> {
    let pattern = text(argument(values, 0));
    let mut written = String::new();
    let mut rest = pattern.as_str();
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        written.push_str(before);
        if from.starts_with("{{") || from.starts_with("}}") {
            written.push_str(&from[..1]);
            rest = &from[2..];
            continue;
        }
        let end = from.find('}').filter(|_| from.starts_with('{'));
        let end = end.ok_or_else(|| wrong("`format` has a brace without its partner"))?;
        written.push_str(&item(&from[1..end], values)?);
        rest = &from[end + 1..];
        if written.len() > LONGEST {
            return Err(wrong("`format` makes a text that is too long"));
        }
    }
    written.push_str(rest);
    Ok(json!(written))
}

fn item(placeholder: &str, values: &[Value]) -> Result<String, Failure> {
    let (number, how) = placeholder.split_once(':').unwrap_or((placeholder, ""));
    let number: usize = number
        .trim()
        .parse()
        .map_err(|_| wrong("`format` needs numbers in braces"))?;
    let value = values.get(number.saturating_add(1));
    let value = value.ok_or_else(|| wrong("`format` names an argument that it does not have"))?;
    let digits: Option<usize> = how
        .strip_prefix(['D', 'd', '0'])
        .and_then(|rest| rest.parse().ok());
    Ok(match digits {
        Some(digits) => format!("{:0>1$}", text(value), digits.min(64)),
        None => text(value),
    })
}

/// A stable stand-in: the hashes of Azure have no public definition.
fn stand_in(name: &str, values: &[Value]) -> String {
    // FNV-1a of 64 bits.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for value in values {
        for byte in text(value).bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    if name != "uniquestring" {
        let low = hash.rotate_left(17).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let (a, b) = (format!("{hash:016x}"), format!("{low:016x}"));
        return format!(
            "{}-{}-{}-{}-{}",
            &a[..8],
            &a[8..12],
            &a[12..],
            &b[..4],
            &b[4..]
        );
    }
    let letters = b"abcdefghijklmnopqrstuvwxyz234567";
    let letter = |place: u32| {
        let index = usize::try_from((hash >> (place * 5 % 60)) & 31).unwrap_or_default();
        char::from(letters[index])
    };
    (0..13).map(letter).collect()
}
