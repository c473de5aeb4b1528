//! The part of a lab file that is written by hand and survives the next import.

use crate::import::Input;
use crate::import::error::ImportError;
use crate::import::text::{Map, Value};
use crate::yaml::reading::read as read_yaml;

/// Reads the hand-written part: a YAML mapping with sections of a lab file.
///
/// # Errors
///
/// [`ImportError::OnPremises`], for a text that is no YAML mapping.
pub(crate) fn read(input: &Input) -> Result<Map, ImportError> {
    let failed = |reason: String| ImportError::OnPremises {
        file: input.name.clone(),
        reason,
    };
    let tree = read_yaml(&input.text).map_err(|stopped| failed(stopped.message))?;
    match Value::of_tree(&tree) {
        Value::Map(map) => Ok(map),
        _ => Err(failed(
            "it is not a mapping; it has sections of a lab file, such as `sites` and `expect`"
                .to_owned(),
        )),
    }
}

/// Puts the hand-written part over an imported document: mappings are joined, everything else replaces what was there.
pub(crate) fn merge(document: &mut Map, by_hand: &Map) {
    for entry in by_hand.entries() {
        match &entry.value {
            Value::Map(inside) if !inside.is_empty() => merge(document.at(&entry.key), inside),
            other => document.replace(&entry.key, other.clone()),
        }
    }
}
