//! The lab file's expectations, parsed by the tests themselves.

use std::net::Ipv4Addr;

use serde_yaml::Value;

use crate::lab::HUB_SPOKE;

/// The documented result for a pair of machines.
#[derive(Debug)]
pub(crate) struct Expectation {
    pub(crate) from: String,
    pub(crate) to: String,
    /// The destination's address.
    pub(crate) address: Ipv4Addr,
    /// The path; `None` if nothing may come back.
    pub(crate) path: Option<Vec<Hop>>,
}

/// A documented hop.
#[derive(Debug)]
pub(crate) struct Hop {
    /// The addresses that may answer; empty for a silent hop.
    pub(crate) answerers: Vec<Ipv4Addr>,
    /// The round-trip time.
    pub(crate) milliseconds: Option<f64>,
}

/// All 30 expectations of hub-spoke.
pub(crate) fn all() -> Vec<Expectation> {
    let file: Value = serde_yaml::from_str(HUB_SPOKE).expect("a YAML file");
    let written = file["expect"]
        .as_sequence()
        .expect("a list of expectations");
    let expectations: Vec<Expectation> = written
        .iter()
        .map(|value| expectation(&file, value))
        .collect();
    assert_eq!(expectations.len(), 30, "every ordered pair of six machines");
    expectations
}

/// The expectations that are paths.
pub(crate) fn reachable() -> Vec<Expectation> {
    let paths: Vec<Expectation> = all()
        .into_iter()
        .filter(|expectation| expectation.path.is_some())
        .collect();
    assert_eq!(paths.len(), 22);
    paths
}

/// The expectations of unreachable destinations.
pub(crate) fn unreachable() -> Vec<Expectation> {
    let silent: Vec<Expectation> = all()
        .into_iter()
        .filter(|expectation| expectation.path.is_none())
        .collect();
    assert_eq!(silent.len(), 8);
    silent
}

fn expectation(file: &Value, value: &Value) -> Expectation {
    let [from, to] = ["from", "to"].map(|key| text(&value[key]).to_owned());
    let address = address(file, &to).unwrap_or_else(|| panic!("{to} has no address"));
    Expectation {
        from,
        to,
        address,
        path: value.get("hops").map(|hops| path(hops, &value["rtt"])),
    }
}

fn path(hops: &Value, times: &Value) -> Vec<Hop> {
    let (hops, times) = (
        hops.as_sequence().expect("hops"),
        times.as_sequence().expect("a time a hop"),
    );
    assert_eq!(hops.len(), times.len());
    let hop = |(hop, time)| Hop {
        answerers: answerers(hop),
        milliseconds: milliseconds(time),
    };
    hops.iter().zip(times).map(hop).collect()
}

fn answerers(hop: &Value) -> Vec<Ipv4Addr> {
    match hop {
        Value::Sequence(siblings) => siblings.iter().flat_map(answerers).collect(),
        hop if text(hop) == "*" => Vec::new(),
        hop => vec![text(hop).parse().expect("an address")],
    }
}

fn milliseconds(time: &Value) -> Option<f64> {
    let number = time.as_str()?.strip_suffix("ms").expect("milliseconds");
    Some(number.parse().expect("a number of milliseconds"))
}

/// A machine's address: the value under its name, anywhere in the file.
fn address(value: &Value, machine: &str) -> Option<Ipv4Addr> {
    let entries = value.as_mapping()?;
    entries.iter().find_map(|(key, value)| {
        let written = value
            .get("privateIPAddress")
            .or_else(|| value.get("address"));
        match written {
            Some(written) if key == machine => text(written).split('/').next()?.parse().ok(),
            _ => address(value, machine),
        }
    })
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
