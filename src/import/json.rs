//! JSON as Azure's tools write it and as people keep it: with a byte order mark, with comments, within limits.

use serde_json::Value;

use crate::import::error::ImportError;

/// The largest file that is read, in bytes. An export of 1,000 virtual networks has some 5 MB.
pub const LARGEST_FILE: usize = 1 << 26;

/// Parses the text of a file. Comments and commas before a closing bracket are allowed, as in templates.
///
/// # Errors
///
/// [`ImportError::Syntax`] with line and column, and [`ImportError::TooLarge`].
pub(crate) fn parse(file: &str, text: &str) -> Result<Value, ImportError> {
    if text.len() > LARGEST_FILE {
        return Err(ImportError::TooLarge {
            file: file.to_owned(),
        });
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let without = without_comments(text);
    serde_json::from_str(&without).map_err(|error| ImportError::Syntax {
        file: file.to_owned(),
        reason: error.to_string(),
    })
}

/// The text with spaces instead of comments, so that places stay the same. A text with an unfinished comment stays as it
/// is, and the parser reports it.
fn without_comments(text: &str) -> String {
    let mut without = text.to_owned();
    match json_strip_comments::strip(&mut without) {
        Ok(()) => without,
        Err(_) => text.to_owned(),
    }
}
