//! Parses a lab file: YAML text to a tree of values with their places, then the tree to typed values.
//!
//! Only this module knows YAML.

mod alias;
mod anchors;
pub(crate) mod change;
pub(crate) mod draft;
mod duplicates;
pub(crate) mod edit;
pub(crate) mod fields;
pub mod keys;
pub(crate) mod line_edits;
mod merge;
pub(crate) mod numbers;
pub(crate) mod origins;
mod position;
pub(crate) mod proposal;
pub(crate) mod reading;
mod render;
pub(crate) mod stand_in;
pub(crate) mod tree;
mod unread;
pub(crate) mod values;
pub(crate) mod write;

pub use position::{line_of_value, position};
pub use reading::LARGEST_TEXT;
pub use render::{first_shown, render, render_in_colour};
pub use unread::Unread;

/// A lab file's text, and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file's name, as findings show it.
    pub file: String,
    /// The file's text.
    pub text: String,
}
