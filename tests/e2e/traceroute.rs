//! Debian's traceroute and ping: runs them in a node and parses their output.

use std::net::Ipv4Addr;

use crate::expectations::{Expectation, Hop};
use crate::lab::Lab;
use crate::program::Ran;

/// The largest deviation from a documented round-trip time.
const TOLERANCE_MS: f64 = 2.0;

/// Seconds to wait for a silent hop: over five times the longest path.
const WAIT: &str = "0.4";

/// Milliseconds between probes. The best of three times is compared, and one pause of a busy machine is not to delay all
/// three.
const BETWEEN: &str = "50";

/// A hop in traceroute's output.
#[derive(Debug, Default)]
struct Printed {
    answerers: Vec<Ipv4Addr>,
    milliseconds: Vec<f64>,
    /// Marks such as `!H`, an unreachable host.
    marks: Vec<String>,
}

/// Traces the path with one probe in flight, so that the times are those of an idle lab, and returns the differences
/// from the expectation.
pub(crate) fn differences(lab: &Lab, expectation: &Expectation) -> Vec<String> {
    let Expectation {
        from,
        to,
        address,
        path,
    } = expectation;
    let path = path.as_deref().expect("a path");
    let [most_hops, destination] = [(path.len() + 1).to_string(), address.to_string()];
    let options = [
        "-I", "-n", "-q", "3", "-N", "1", "-z", BETWEEN, "-w", WAIT, "-m", &most_hops,
    ];
    let ran = lab
        .inside(
            from,
            &[&["traceroute"], &options[..], &[&destination]].concat(),
        )
        .exits(0);
    let printed: Vec<Printed> = ran.said.lines().skip(1).map(read_hop).collect();
    let mut differences = compare(path, &printed);
    if !differences.is_empty() {
        differences.insert(
            0,
            format!("{from} to {to}:\n{}{}", ran.said, ran.complained),
        );
    }
    differences
}

fn read_hop(line: &str) -> Printed {
    let mut hop = Printed::default();
    let mut words = line.split_whitespace().skip(1);
    while let Some(word) = words.next() {
        if let Ok(address) = word.parse::<Ipv4Addr>() {
            hop.answerers.push(address);
        } else if let Ok(time) = word.parse::<f64>() {
            hop.milliseconds.push(time);
            assert_eq!(words.next(), Some("ms"), "after a time in `{line}`");
        } else if word != "*" {
            hop.marks.push(word.to_owned());
        }
    }
    hop
}

fn compare(path: &[Hop], printed: &[Printed]) -> Vec<String> {
    let mut differences = Vec::new();
    if printed.len() != path.len() {
        differences.push(format!("{} hops instead of {}", printed.len(), path.len()));
    }
    for (number, (expected, seen)) in (1..).zip(path.iter().zip(printed)) {
        let what = hop_difference(expected, seen);
        differences.extend(what.map(|what| format!("hop {number}: {what}")));
    }
    differences
}

fn hop_difference(expected: &Hop, seen: &Printed) -> Option<String> {
    let is_silent = expected.answerers.is_empty() && seen.answerers.is_empty();
    let all_known = seen
        .answerers
        .iter()
        .all(|address| expected.answerers.contains(address));
    let as_expected = is_silent || (all_known && !seen.answerers.is_empty());
    if !as_expected || !seen.marks.is_empty() {
        return Some(format!("{seen:?} instead of {:?}", expected.answerers));
    }
    time_difference(expected.milliseconds?, &seen.milliseconds)
}

/// Compares the best of several times with the documented one.
fn time_difference(expected: f64, seen: &[f64]) -> Option<String> {
    let best = seen.iter().copied().fold(f64::INFINITY, f64::min);
    let is_near = (best - expected).abs() <= TOLERANCE_MS;
    (!is_near).then(|| format!("{best} ms instead of {expected} ms"))
}

/// Pings a reachable machine, and returns the differences from the expectation.
pub(crate) fn ping_differences(lab: &Lab, expectation: &Expectation) -> Vec<String> {
    let Expectation {
        from,
        to,
        address,
        path,
    } = expectation;
    let documented = path
        .iter()
        .flatten()
        .last()
        .and_then(|hop| hop.milliseconds);
    let ran = ping(lab, from, *address, &["-c", "3", "-i", "0.2", "-W", "1"]);
    let mut differences = Vec::new();
    if !ran.said.contains(" 3 received, 0% packet loss") {
        differences.push("not every request was answered".to_owned());
    }
    let expected = documented.expect("a documented time");
    differences.extend(time_difference(expected, &echo_times(&ran.said)));
    if !differences.is_empty() {
        differences.insert(
            0,
            format!("{from} to {to}:\n{}{}", ran.said, ran.complained),
        );
    }
    differences
}

/// Runs Debian's ping.
pub(crate) fn ping(lab: &Lab, from: &str, to: Ipv4Addr, options: &[&str]) -> Ran {
    let to = to.to_string();
    lab.inside(from, &[&["ping", "-n"], options, &[&to]].concat())
}

fn echo_times(said: &str) -> Vec<f64> {
    let times = said
        .split_whitespace()
        .filter_map(|word| word.strip_prefix("time="));
    times.filter_map(|time| time.parse().ok()).collect()
}
