//! The `expect` section: the expected paths.

use std::{iter, time::Duration};

use crate::addresses::Address;
use crate::findings::{Finding, Place, Rule};
use crate::lab::model::{Expectation, ExpectedHop, ExpectedOutcome};
use crate::yaml::fields::{Decoder, Fields};
use crate::yaml::tree::{Kind, Node};
use crate::yaml::values::{address, choice, duration, reference};

/// The round-trip times of one expectation's hops, from `rtt`.
enum RoundTripTimes {
    /// One duration: the last hop's.
    Last(Duration),
    /// A duration or none for each hop.
    Each(Place, Vec<Option<Duration>>),
}

/// An item of `expect`.
pub(crate) fn expectation(d: &mut Decoder, node: &Node) -> Option<Expectation> {
    d.mapping(node, node.place, "an expectation", |fields| {
        let from = fields.required("from", reference);
        let to = fields.required("to", reference);
        let outcome = outcome(fields, node.place);
        Some(Expectation {
            place: node.place,
            from: from?,
            to: to?,
            outcome: outcome?,
        })
    })
}

fn outcome(fields: &mut Fields<'_>, place: Place) -> Option<ExpectedOutcome> {
    let times = fields.optional("rtt", round_trip_times);
    let outcome = fields.either(
        ("hops", |d, node| hops(d, node).map(ExpectedOutcome::Hops)),
        ("unreachable", |d, node| {
            choice(d, node, &[("timeout", ())]).map(|()| ExpectedOutcome::TimesOut)
        }),
    );
    let d = &mut *fields.decoder;
    match outcome? {
        ExpectedOutcome::Hops(hops) => with_times(d, hops, times).map(ExpectedOutcome::Hops),
        ExpectedOutcome::TimesOut if times.is_some() => {
            d.wrong_value(place, "an expectation that is unreachable has no rtt")
        }
        ExpectedOutcome::TimesOut => Some(ExpectedOutcome::TimesOut),
    }
}

fn hops(d: &mut Decoder, node: &Node) -> Option<Vec<ExpectedHop>> {
    d.filled_list(node, "a list of hops", hop)
}

fn hop(d: &mut Decoder, node: &Node) -> Option<ExpectedHop> {
    let addresses = match &node.kind {
        Kind::Text(text) if text == "*" => Vec::new(),
        Kind::Text(_) => vec![address(d, node)?.value],
        Kind::Sequence(_) => d.filled_list(node, "a list of addresses", plain_address)?,
        _ => return d.wrong_type(node, "an address, `\"*\"` or a list of addresses"),
    };
    Some(ExpectedHop {
        place: node.place,
        addresses,
        round_trip_time: None,
    })
}

fn plain_address(d: &mut Decoder, node: &Node) -> Option<Address> {
    Some(address(d, node)?.value)
}

fn round_trip_times(d: &mut Decoder, node: &Node) -> Option<RoundTripTimes> {
    if !matches!(node.kind, Kind::Sequence(_)) {
        return duration(d, node).map(RoundTripTimes::Last);
    }
    let times = d.list(node, "a list of durations", |d, node| match node.kind {
        Kind::Null => Some(None),
        _ => duration(d, node).map(Some),
    });
    Some(RoundTripTimes::Each(node.place, times?))
}

fn with_times(
    d: &mut Decoder,
    mut hops: Vec<ExpectedHop>,
    times: Option<RoundTripTimes>,
) -> Option<Vec<ExpectedHop>> {
    match times {
        None => {}
        Some(RoundTripTimes::Last(time)) => {
            if let Some(last) = hops.last_mut() {
                last.round_trip_time = Some(time);
            }
        }
        Some(RoundTripTimes::Each(place, times)) if times.len() != hops.len() => {
            let (times, hops) = (times.len(), hops.len());
            let message = format!("the list of rtt has length {times}, that of hops {hops}");
            d.report(
                Finding::new(Rule::WRONG_VALUE, place, message)
                    .with_help("write `~` for a hop whose time does not matter"),
            );
            return None;
        }
        Some(RoundTripTimes::Each(_, times)) => {
            for (hop, time) in iter::zip(&mut hops, times) {
                hop.round_trip_time = time;
            }
        }
    }
    Some(hops)
}
