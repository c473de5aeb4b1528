//! The hops of an expectation, and their round-trip times.

use std::{iter, time::Duration};

use crate::findings::{Finding, Located, Place, Rule};
use crate::lab::model::{Answerer, ExpectedHop};
use crate::names::NodeName;
use crate::yaml::fields::Decoder;
use crate::yaml::stand_in::{Numbers, StandIn};
use crate::yaml::tree::{Kind, Node};
use crate::yaml::values::{address, duration, located};

/// The round-trip times of one expectation's hops, from `rtt`.
pub(super) enum RoundTripTimes {
    /// One duration: that of the last hop.
    Last(Duration),
    /// For each hop a duration or none.
    Each(Place, Vec<Option<Duration>>),
}

impl StandIn for ExpectedHop {
    fn stand_in(_: &mut Numbers) -> Option<Self> {
        Some(Self {
            place: Place::UNREADABLE,
            answerers: Vec::new(),
            round_trip_time: None,
        })
    }
}

impl StandIn for Answerer {
    fn stand_in(numbers: &mut Numbers) -> Option<Self> {
        StandIn::stand_in(numbers).map(Self::Name)
    }
}

/// `hops`.
pub(super) fn hops(d: &mut Decoder, node: &Node) -> Option<Vec<ExpectedHop>> {
    d.filled_list(node, "a list of hops", hop)
}

fn hop(d: &mut Decoder, node: &Node) -> Option<ExpectedHop> {
    let answerers = match &node.kind {
        Kind::Null => Vec::new(),
        Kind::Text(text) if text == "*" => Vec::new(),
        Kind::Text(_) => vec![answerer(d, node)?],
        Kind::Sequence(_) => d.filled_list(node, "a list of addresses or names", answerer)?,
        _ => {
            return d.wrong_type(
                node,
                "an address, a name, `\"*\"` or a list of addresses or names",
            );
        }
    };
    Some(ExpectedHop {
        place: node.place,
        answerers,
        round_trip_time: None,
    })
}

/// An address, or a name. Names contain neither a dot nor a colon.
fn answerer(d: &mut Decoder, node: &Node) -> Option<Answerer> {
    match named(node) {
        Some(name) => Some(Answerer::Name(name)),
        None => address(d, node).map(|address| Answerer::Address(address.value)),
    }
}

fn named(node: &Node) -> Option<Located<String>> {
    let Kind::Text(text) = &node.kind else {
        return None;
    };
    let (machine, interface) = match text.split_once('/') {
        Some((machine, interface)) => (machine, Some(interface)),
        None => (text.as_str(), None),
    };
    let is_name = |part: &str| NodeName::new(part).is_ok();
    let is_one = is_name(machine) && interface.is_none_or(is_name);
    is_one.then(|| located(node.place, text.clone()))
}

/// `rtt`.
pub(super) fn round_trip_times(d: &mut Decoder, node: &Node) -> Option<RoundTripTimes> {
    if !matches!(node.kind, Kind::Sequence(_)) {
        return duration(d, node).map(RoundTripTimes::Last);
    }
    let times = d.list(node, "a list of durations", |d, node| match node.kind {
        Kind::Null => Some(None),
        _ => duration(d, node).map(Some),
    });
    Some(RoundTripTimes::Each(node.place, times?))
}

/// Sets the round-trip time of each hop.
pub(super) fn with_times(
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
        // Another finding is about these hops.
        Some(RoundTripTimes::Each(..)) if is_unreadable(&hops) => {}
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

/// Whether one hop stands for a list that could not be read.
fn is_unreadable(hops: &[ExpectedHop]) -> bool {
    matches!(hops, [only] if only.place == Place::UNREADABLE)
}
