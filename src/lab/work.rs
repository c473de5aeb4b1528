//! Estimates the work that a lab file causes before it is done.
//!
//! A short file can describe a large lab: a chain of 4,000 routers is 1 MB of text and 16 million routes. Each estimate
//! is an upper bound that costs about as much as reading the file.

mod groups;
mod neighbours;
mod pairs;
mod routes;
mod systems;
#[cfg(test)]
mod tests;

use crate::findings::{Finding, Place, Rule};
use crate::lab::model::Spec;

const TOO_MUCH_WORK: Rule = Rule::new("too-much-work");

pub(crate) use pairs::with_few_pairs;

/// The environment variable with a factor that raises the limits.
pub const FACTOR_VARIABLE: &str = "LAB_MAX_WORK";

/// The limit for one quantity of a lab.
struct Limit {
    /// The quantity, in words.
    what: &'static str,
    most: u64,
    /// Counts the quantity for each part of the lab.
    count: fn(&Spec) -> Vec<Part>,
}

/// A part of a lab, and its count of a quantity.
struct Part {
    place: Place,
    /// The part, in words.
    whose: String,
    count: u64,
}

/// Each limit stands for about a gigabyte of memory, or a few seconds.
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
        count: pairs::expected_hops,
    },
    Limit {
        what: "expected paths",
        most: pairs::MOST_PAIRS,
        count: pairs::expected_pairs,
    },
];

/// The findings for quantities of a lab that exceed `factor` times their limit.
#[must_use]
pub fn excess(spec: &Spec, factor: u64) -> Vec<Finding> {
    let limits = LIMITS.iter();
    limits
        .filter_map(|limit| limit.excess(spec, factor))
        .collect()
}

impl Limit {
    /// If several parts exceed a limit together, the finding is about the largest.
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
