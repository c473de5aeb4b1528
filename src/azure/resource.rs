//! What a kind of resource has to say.
//!
//! A kind's folder holds, as far as it needs them:
//!
//! - `model`: what a lab file says of a resource, with the place of each value;
//! - `decode`: how this is read;
//! - `defaults`: what a lab file may leave out, and its short forms;
//! - `keys.yaml`: what each key means, for `lab explain` and editors;
//! - `rules`: what Azure refuses, or accepts and loses packets by;
//! - `lower`: what a network is made of it;
//! - `cure`: edits of it that may make a path work.
//!
//! The document has a [`Kind`] of each. Reading is no part of it, as each kind has a model of its own: the document's
//! decoder names each kind's reader. A new kind of resource is a folder, a list in [`Resources`], a line of that decoder
//! and a line in the document's table of kinds.

use crate::azure::cure::DeadEnd;
use crate::azure::resources::Resources;
use crate::azure::source::Builder;
use crate::findings::Finding;
use crate::yaml::draft::Draft;
use crate::yaml::proposal::Proposal;

/// A function that checks a rule. It returns every violation in a file.
pub(crate) type Check = fn(&Resources) -> Vec<Finding>;

/// A function that proposes edits that may make a path work. The lab is solved with each before a person sees it.
pub(crate) type Propose = fn(&DeadEnd<'_>) -> Vec<Proposal>;

/// What a kind of resource has to say.
pub(crate) struct Kind {
    /// The description of its keys.
    pub(crate) keys: &'static str,
    /// Writes out its short forms.
    pub(crate) write_out: fn(&mut Draft<'_>),
    /// Chooses what the file leaves out, when the short forms of all kinds are written out.
    pub(crate) choose: fn(&mut Draft<'_>),
    /// What must hold of it.
    pub(crate) rules: &'static [Check],
    /// Makes its part of a network.
    pub(crate) lower: fn(&mut Builder<'_>),
    /// Edits of it that may make a path work.
    pub(crate) cures: &'static [Propose],
}

/// For a kind of which nothing can be chosen.
pub(crate) fn nothing_to_choose(_: &mut Draft<'_>) {}

/// For a kind without short forms.
pub(crate) fn no_short_forms(_: &mut Draft<'_>) {}

/// The part of a network of a kind whose resources are parts of others, which make them too.
pub(crate) fn made_by_others(_: &mut Builder<'_>) {}
