//! The pairs of machines with an expectation. A few words can name a set of very many.

use std::borrow::Cow;

use crate::findings::Place;
use crate::lab::expectations::pairs::{Machines, lists};
use crate::lab::model::{Expectation, ExpectedOutcome, Spec, StepExpectations};
use crate::lab::work::Part;

/// The maximum number of pairs, counted once for each expectation that names them.
pub(super) const MOST_PAIRS: u64 = 1_000_000;

/// `expect: steady` repeats all expectations of the lab.
pub(super) fn expected_hops(spec: &Spec) -> Vec<Part> {
    let machines = Machines::of(spec);
    let hops = |expectations: &[Expectation]| {
        let hops = expectations.iter().map(|expectation| {
            let each = match &expectation.outcome {
                ExpectedOutcome::Hops(hops) => hops.len() as u64 + 1,
                ExpectedOutcome::Reached { .. } | ExpectedOutcome::TimesOut => 1,
            };
            each.saturating_mul(machines.count(expectation).max(1))
        });
        hops.fold(0, u64::saturating_add)
    };
    let at_rest = hops(&spec.expectations);
    let boards = spec.storyboards.iter().map(|storyboard| {
        let steps = storyboard.steps.iter().map(|step| match &step.expect {
            StepExpectations::Own(own) => hops(own),
            StepExpectations::Steady => at_rest,
        });
        Part {
            place: storyboard.name.place,
            whose: format!("storyboard {}", storyboard.name.value),
            count: steps.fold(0, u64::saturating_add),
        }
    });
    boards.collect()
}

/// The number of pairs of each list of expectations.
pub(super) fn expected_pairs(spec: &Spec) -> Vec<Part> {
    let machines = Machines::of(spec);
    let part = |list: &[Expectation]| {
        let counts = list.iter().map(|one| machines.count(one));
        Part {
            place: list.first().map_or(Place::default(), |one| one.place),
            whose: "`expect`".to_owned(),
            count: counts.fold(0, u64::saturating_add),
        }
    };
    lists(spec).map(part).collect()
}

/// The file without its expectations if they have too many pairs; otherwise the unchanged file.
pub(crate) fn with_few_pairs(spec: &Spec) -> Cow<'_, Spec> {
    let counts = expected_pairs(spec).into_iter().map(|part| part.count);
    if counts.fold(0, u64::saturating_add) <= MOST_PAIRS {
        return Cow::Borrowed(spec);
    }
    let mut spec = spec.clone();
    spec.expectations.clear();
    spec.storyboards.clear();
    Cow::Owned(spec)
}
