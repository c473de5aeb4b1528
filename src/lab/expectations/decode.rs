//! The `expect` section: the expected paths.

use crate::findings::{Located, Place};
use crate::lab::expectations::hops::{RoundTripTimes, hops, round_trip_times, with_times};
use crate::lab::model::{Ends, Expectation, ExpectedHop, ExpectedOutcome};
use crate::yaml::fields::{Decoder, Fields};
use crate::yaml::stand_in::{Numbers, StandIn, no_stand_in};
use crate::yaml::tree::{Kind, Node};
use crate::yaml::values::{choice, flag, reference};

/// The keys with the expected outcome, of which a mapping needs one. Keys of the same list may occur together.
const OUTCOMES: [&[&str]; 3] = [&["hops"], &["reachable", "via", "notVia"], &["unreachable"]];

no_stand_in!(Expectation);

impl StandIn for Ends {
    fn stand_in(numbers: &mut Numbers) -> Option<Self> {
        StandIn::stand_in(numbers).map(Self::One)
    }
}

/// An item of `expect`.
pub(crate) fn expectation(d: &mut Decoder, node: &Node) -> Option<Expectation> {
    d.mapping(node, node.place, "an expectation", |fields| {
        let from = fields.required("from", ends);
        let to = fields.required("to", ends);
        let outcome = outcome(fields, node.place);
        Some(Expectation {
            place: node.place,
            from: from?,
            to: to?,
            outcome: outcome?,
        })
    })
}

/// A name, a list of names, or `"*"`.
fn ends(d: &mut Decoder, node: &Node) -> Option<Ends> {
    let expected = "a name, a list of names or `\"*\"`";
    match &node.kind {
        Kind::Text(text) if text == "*" => Some(Ends::All(node.place)),
        Kind::Sequence(_) => {
            let names = d.filled_list(node, expected, reference)?;
            Some(Ends::Several(node.place, names))
        }
        Kind::Mapping(_) | Kind::Null => d.wrong_type(node, expected),
        _ => reference(d, node).map(Ends::One),
    }
}

/// The values of the keys with the expected outcome.
struct Said {
    hops: Option<Vec<ExpectedHop>>,
    reachable: Option<bool>,
    via: Option<Vec<Vec<Located<String>>>>,
    not_via: Option<Vec<Vec<Located<String>>>>,
    unreachable: Option<bool>,
    times: Option<RoundTripTimes>,
}

fn outcome(fields: &mut Fields<'_>, place: Place) -> Option<ExpectedOutcome> {
    let said = Said {
        times: fields.if_given("rtt", round_trip_times),
        hops: fields.optional("hops", hops),
        reachable: fields.optional("reachable", flag),
        via: fields.optional("via", waypoints),
        not_via: fields.optional("notVia", waypoints),
        unreachable: fields.optional("unreachable", unreachable),
    };
    fields.need_one_of(OUTCOMES.concat());
    are_compatible(fields)?;
    let mut ways = ["via", "notVia"].into_iter();
    let way = ways.find(|key| fields.place_of(key).is_some());
    let is_unreachable = said
        .unreachable
        .or(said.reachable.map(|reachable| !reachable));
    let d = &mut *fields.decoder;
    if let Some(hops) = said.hops {
        return with_times(d, hops, said.times).map(ExpectedOutcome::Hops);
    }
    let wrong = match (is_unreachable, way) {
        // The error of the value is already reported.
        (None, None) => return None,
        (Some(true), Some(way)) => {
            format!("an expectation with an unreachable destination cannot have `{way}`")
        }
        (Some(true), None) if said.times.is_some() => {
            "an expectation with an unreachable destination cannot have rtt".to_owned()
        }
        (Some(true), None) => return Some(ExpectedOutcome::TimesOut),
        _ if said.times.is_some() => "an expectation with `rtt` needs `hops`".to_owned(),
        _ => return Some(said.reached()),
    };
    d.wrong_value(place, wrong)
}

impl Said {
    fn reached(self) -> ExpectedOutcome {
        ExpectedOutcome::Reached {
            via: self.via.unwrap_or_default(),
            not_via: self.not_via.unwrap_or_default(),
        }
    }
}

/// Whether the keys of at most one kind of outcome are given.
fn are_compatible(fields: &mut Fields<'_>) -> Option<()> {
    let given = OUTCOMES.iter().filter_map(|keys| {
        let mut keys = keys.iter();
        keys.find_map(|key| Some((*key, fields.place_of(key)?)))
    });
    match given.collect::<Vec<_>>().as_slice() {
        [(first, one), (second, other), ..] => {
            let message = format!("an expectation has `{first}` or `{second}`, not both");
            let place = *one.max(other);
            fields.decoder.wrong_value(place, message)
        }
        _ => Some(()),
    }
}

/// `unreachable: timeout`, or `true`.
fn unreachable(d: &mut Decoder, node: &Node) -> Option<bool> {
    match node.kind {
        Kind::Boolean(is_unreachable) => Some(is_unreachable),
        _ => choice(d, node, &[("timeout", true)]),
    }
}

/// Names of nodes; a single name needs no brackets. A list in the list means any of its names.
fn waypoints(d: &mut Decoder, node: &Node) -> Option<Vec<Vec<Located<String>>>> {
    let expected = "a name or a list of names";
    let waypoint = |d: &mut Decoder, node: &Node| match node.kind {
        Kind::Sequence(_) => d.filled_list(node, expected, reference),
        Kind::Mapping(_) => d.wrong_type(node, expected),
        _ => reference(d, node).map(|name| vec![name]),
    };
    match node.kind {
        Kind::Sequence(_) => d.filled_list(node, expected, waypoint),
        _ => waypoint(d, node).map(|one| vec![one]),
    }
}
