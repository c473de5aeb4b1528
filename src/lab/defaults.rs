//! Fills a document: writes out its short forms, and chooses what it leaves out, as Azure would.
//!
//! The rest of the program reads complete documents only. What cannot be chosen stays out, and reading reports it.

use crate::lab::kinds::KINDS;
use crate::yaml::draft::Draft;
use crate::yaml::tree::Node;

/// Fills a document. What the file says is not changed, except in its form.
pub(super) fn choose(document: &mut Node) {
    let mut draft = Draft::new(document);
    for kind in KINDS {
        (kind.write_out)(&mut draft);
    }
    for kind in KINDS {
        (kind.choose)(&mut draft);
    }
}
