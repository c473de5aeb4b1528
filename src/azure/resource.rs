//! The common interface of all kinds of resources.
//!
//! The folder of a kind contains what it needs of:
//!
//! - `model`: a resource as in the lab file, with the place of each value;
//! - `decode`: the reader of the model;
//! - `defaults`: default values and short forms;
//! - `keys.yaml`: the meanings of the keys, for `lab explain` and editors;
//! - `rules`: what Azure refuses, and what it accepts although packets are lost;
//! - `lower`: the part of the network that it creates;
//! - `cure`: edits of it that may make a path work.
//!
//! The document has a [`Kind`] for each. The reader is not part of it, since each kind has its own model. A new kind of
//! resource needs a folder with its module, a list in [`Resources`] and its reader there, and a line in the document's
//! table of kinds; if it has addresses, also their places in [`crate::azure::addresses`].

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

/// The functions and key descriptions of a kind of resource.
pub(crate) struct Kind {
    /// The descriptions of its keys.
    pub(crate) keys: &'static str,
    /// Expands its short forms.
    pub(crate) write_out: fn(&mut Draft<'_>),
    /// Chooses the values that the file omits, after the short forms of all kinds are expanded.
    pub(crate) choose: fn(&mut Draft<'_>),
    /// Its rules.
    pub(crate) rules: &'static [Check],
    /// Creates its part of the network.
    pub(crate) lower: fn(&mut Builder<'_>),
    /// Edits of it that may make a path work.
    pub(crate) cures: &'static [Propose],
}

/// For a kind without default values to choose.
pub(crate) fn nothing_to_choose(_: &mut Draft<'_>) {}

/// For a kind without short forms.
pub(crate) fn no_short_forms(_: &mut Draft<'_>) {}

/// For a kind whose resources are parts of other resources, which create them.
pub(crate) fn made_by_others(_: &mut Builder<'_>) {}
