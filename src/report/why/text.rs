//! The layout of an explanation: one block per direction, one line per node, with notes below it.

use std::iter;

use crate::addresses::Address;
use crate::report::routes::SystemRoute;
use crate::report::table;
use crate::report::why::{Hop, Loss, Missing, Way, Why};
use crate::report::wrap::wrapped;

/// The indentation of a node's notes.
const NOTE_INDENT: usize = 6;

/// The rule that prefers a route to those with shorter prefixes.
const LONGEST_PREFIX: &str = "longest prefix wins (RFC 1812, section 5.2.4.3)";

/// Both directions, and a summary line.
#[must_use]
pub fn text(why: &Why) -> String {
    let to = why.to.as_deref().unwrap_or("nobody");
    let there = block("There", [&why.from, to], &why.there, true);
    let back = why
        .back
        .as_ref()
        .map(|back| block("Back", [to, &why.from], back, false));
    let summary = wrapped(&format!("{}.", why.summary), 0);
    iter::once(there)
        .chain(back)
        .chain([summary])
        .collect::<Vec<_>>()
        .join("\n")
}

fn block(title: &str, [from, to]: [&str; 2], way: &Way, is_traced: bool) -> String {
    let Way {
        source,
        destination,
        ..
    } = way;
    let lines = if is_traced {
        let rows: Vec<_> = way.hops.iter().enumerate().map(traced_row).collect();
        table(
            &["HOP", "NODE", "ANSWERS", "ROUTE", "NEXT HOP", "ORIGIN"],
            &rows,
        )
    } else {
        let rows: Vec<_> = way.hops.iter().map(row).collect();
        table(&["NODE", "ROUTE", "NEXT HOP", "ORIGIN"], &rows)
    };
    let notes = iter::once(String::new()).chain(way.hops.iter().map(notes));
    let body: String = iter::zip(lines.lines(), notes)
        .flat_map(|(line, notes)| [line.to_owned(), "\n".to_owned(), notes])
        .collect();
    let loss = way.loss.as_ref().map(loss).unwrap_or_default();
    format!("{title}: {from} [{source}] to {to} [{destination}]\n\n{body}{loss}")
}

fn traced_row((position, hop): (usize, &Hop)) -> Vec<String> {
    let ttl = hop.ttl.map_or("-".to_owned(), |ttl| ttl.to_string());
    let answer = match hop.address {
        Some(address) => Address::to_string(&address),
        None if hop.ttl.is_some() => "*".to_owned(),
        None if position == 0 => String::new(),
        None => "-".to_owned(),
    };
    let [node, rest @ ..] = cells(hop);
    [ttl, node, answer].into_iter().chain(rest).collect()
}

fn row(hop: &Hop) -> Vec<String> {
    cells(hop).to_vec()
}

/// Node, prefix, next hops and origin.
fn cells(hop: &Hop) -> [String; 4] {
    let route = hop.route.as_ref();
    [
        hop.node.clone(),
        route.map(|route| route.prefix.clone()).unwrap_or_default(),
        route.map(SystemRoute::shown_hops).unwrap_or_default(),
        route.map(SystemRoute::described).unwrap_or_default(),
    ]
}

/// The notes on a node, one per line.
fn notes(hop: &Hop) -> String {
    let beaten = hop.beat.iter().map(|route| {
        let by = route.beaten_by.as_ref();
        let by = by.map(|beaten| format!(": {} ({})", beaten.rule, beaten.source));
        format!(
            "preferred over {}{}",
            route.described(),
            by.unwrap_or_default()
        )
    });
    let hidden = hop.longer_than.iter().map(|route| {
        format!(
            "preferred over {}, {}: {LONGEST_PREFIX}",
            route.prefix,
            route.described()
        )
    });
    let all = beaten.chain(hidden).chain(hop.silence.clone());
    all.map(|note| wrapped(&note, NOTE_INDENT)).collect()
}

fn loss(loss: &Loss) -> String {
    let reason = wrapped(&format!("Lost: {}.", loss.reason), 0);
    if loss.missing.is_empty() {
        return format!("\n{reason}");
    }
    let missing: String = loss.missing.iter().map(missing).collect();
    format!("\n{reason}Nodes that have such a route, and where its propagation stops:\n{missing}")
}

fn missing(missing: &Missing) -> String {
    wrapped(&absence(missing), 2)
}

/// The node that has a route, and where and why its propagation ends.
pub(in crate::report) fn absence(missing: &Missing) -> String {
    let Missing {
        holder,
        prefix,
        listeners,
        session,
        reason,
        source,
    } = missing;
    let listeners = listeners.join(" and ");
    let source = source.map_or(String::new(), |source| format!(" ({source})"));
    format!("{holder} has {prefix}, which does not reach {listeners} ({session}): {reason}{source}")
}
