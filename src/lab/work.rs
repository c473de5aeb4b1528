//! The work that a lab file causes, estimated before it is done.
//!
//! A short file can stand for a large lab: a chain of four thousand routers is a megabyte of text and sixteen million
//! routes. Each estimate is an upper bound that costs about as much as reading the file.

mod groups;
mod neighbours;
mod routes;
mod systems;
#[cfg(test)]
mod tests;

use crate::findings::{Finding, Place, Rule};
use crate::lab::model::{Expectation, ExpectedOutcome, Spec, StepExpectations};

const TOO_MUCH_WORK: Rule = Rule::new("too-much-work");

/// The environment variable that raises the limits by a factor.
pub const FACTOR_VARIABLE: &str = "LAB_MAX_WORK";

/// The limit of one quantity of a lab.
struct Limit {
    /// The quantity, in words.
    what: &'static str,
    most: u64,
    /// The counted quantity of each part of the lab.
    count: fn(&Spec) -> Vec<Part>,
}

/// A part of a lab, and its quantity.
struct Part {
    place: Place,
    /// The part, in words.
    whose: String,
    count: u64,
}

/// Each limit is about a gigabyte of memory, or a few seconds.
const LIMITS: &[Limit] = &[
    Limit {
        what: "neighbour entries",
        most: 4_200_000,
        count: neighbours::of,
    },
    Limit {
        what: "routes",
        most: 2_000_000,
        count: routes::of,
    },
    Limit {
        what: "steps of route computation",
        most: 100_000_000,
        count: routes::steps,
    },
    Limit {
        what: "BGP advertisements",
        most: 1_000_000,
        count: routes::advertisements,
    },
    Limit {
        what: "expected hops",
        most: 10_000_000,
        count: expected_hops,
    },
];

/// Every quantity of a lab that exceeds `factor` times its limit.
#[must_use]
pub fn excess(spec: &Spec, factor: u64) -> Vec<Finding> {
    let limits = LIMITS.iter();
    limits
        .filter_map(|limit| limit.excess(spec, factor))
        .collect()
}

impl Limit {
    /// Of several parts that together exceed a limit, the largest is shown.
    fn excess(&self, spec: &Spec, factor: u64) -> Option<Finding> {
        let parts = (self.count)(spec);
        let total = parts
            .iter()
            .fold(0_u64, |total, part| total.saturating_add(part.count));
        if total <= self.most.saturating_mul(factor) {
            return None;
        }
        let largest = parts.into_iter().rev().max_by_key(|part| part.count)?;
        let Part {
            place,
            whose,
            count,
        } = largest;
        let Self { what, most, .. } = self;
        let whole = if count == total {
            String::new()
        } else {
            format!(", the whole lab {total}")
        };
        let message = format!(
            "{whose} needs {count} {what}{whole}; a lab may need at most {}",
            most.saturating_mul(factor)
        );
        let enough = total.div_ceil(*most);
        Some(Finding::new(TOO_MUCH_WORK, place, message).with_help(format!(
            "make the lab smaller, or run the command with {FACTOR_VARIABLE}={enough}, which allows {enough} times {most}"
        )))
    }
}

/// `expect: steady` repeats all steady expectations.
fn expected_hops(spec: &Spec) -> Vec<Part> {
    let hops = |expectations: &[Expectation]| {
        let hops = expectations
            .iter()
            .map(|expectation| match &expectation.outcome {
                ExpectedOutcome::Hops(hops) => hops.len() as u64 + 1,
                ExpectedOutcome::TimesOut => 1,
            });
        hops.sum::<u64>()
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
