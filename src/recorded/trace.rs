//! Traces of tracert, traceroute, tracepath and mtr.

use std::collections::BTreeSet;

use crate::addresses::Address;
use crate::recorded::RecordedError;

/// The most hops of a trace.
const MOST_HOPS: usize = 255;

/// A hop of a trace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordedHop {
    /// Who answered; empty for a silent hop.
    pub addresses: BTreeSet<Address>,
}

/// A trace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordedTrace {
    /// The destination, if the text states it.
    pub destination: Option<Address>,
    /// The hops from TTL 1 on. Silent hops at the end are left out.
    pub hops: Vec<RecordedHop>,
}

impl RecordedTrace {
    /// Whether the destination answered.
    #[must_use]
    pub fn is_reached(&self, destination: Address) -> bool {
        self.hops
            .last()
            .is_some_and(|hop| hop.addresses.contains(&destination))
    }
}

/// Reads the output of a program that traces.
///
/// # Errors
///
/// [`RecordedError::NoTrace`], for a text without hops.
pub fn trace(text: &str) -> Result<RecordedTrace, RecordedError> {
    let mut found = RecordedTrace::default();
    let mut has_hops = false;
    for line in text.lines() {
        let lower = line.to_ascii_lowercase();
        if lower.contains("route to ") || lower.starts_with("traceroute to ") {
            // With a name, the address is in parentheses or brackets after it.
            found.destination = addresses(line).into_iter().next_back();
            continue;
        }
        let Some((ttl, rest)) = hop(line) else {
            continue;
        };
        has_hops = true;
        if found.hops.len() < ttl {
            found.hops.resize(ttl, RecordedHop::default());
        }
        found.hops[ttl - 1].addresses.extend(addresses(rest));
    }
    while found
        .hops
        .last()
        .is_some_and(|hop| hop.addresses.is_empty())
    {
        found.hops.pop();
    }
    if has_hops {
        Ok(found)
    } else {
        Err(RecordedError::NoTrace)
    }
}

/// The TTL of a line, and what follows.
fn hop(line: &str) -> Option<(usize, &str)> {
    let line = line.trim_start();
    let digits = line.find(|c: char| !c.is_ascii_digit())?;
    let ttl: usize = line.get(..digits)?.parse().ok()?;
    let rest = line.get(digits..)?;
    let rest = rest
        .strip_prefix(".|--")
        .or_else(|| rest.strip_prefix(':'))
        .unwrap_or(rest);
    // tracepath's first line is about the sender: `1?: [LOCALHOST]`.
    let is_of_hop = rest.starts_with(char::is_whitespace) && !rest.contains("LOCALHOST");
    (is_of_hop && (1..=MOST_HOPS).contains(&ttl)).then_some((ttl, rest))
}

/// The addresses in a line.
fn addresses(line: &str) -> Vec<Address> {
    let words = line.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | ','));
    let parsed = words.filter_map(|word| word.parse::<Address>().ok());
    parsed.filter(|address| address.is_ipv4()).collect()
}
