//! Expands the short forms of a document, and adds the values that it omits, as Azure would.
//!
//! The rest of the program reads only complete documents. A value without a default stays missing, and reading reports
//! it.

use crate::lab::kinds::KINDS;
use crate::yaml::draft::Draft;
use crate::yaml::tree::Node;

/// Expands the short forms of a document and adds its default values. Stated values change only in form.
pub(super) fn choose(document: &mut Node) {
    let mut draft = Draft::new(document);
    for kind in KINDS {
        (kind.write_out)(&mut draft);
    }
    for kind in KINDS {
        (kind.choose)(&mut draft);
    }
}
