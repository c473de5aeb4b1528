//! Reads the statements of rules.

use crate::firewall::commands::block;
use crate::firewall::parse::values::{Sets, value, values};
use crate::firewall::ruleset::{Key, Statement, Value, Verdict};
use crate::firewall::tokens::{Token, TokenKind};

/// The words that begin a match which no ICMP packet of IPv4 fulfils.
const OF_OTHER_PACKETS: &[&str] = &[
    "tcp", "udp", "udplite", "sctp", "dccp", "ah", "esp", "comp", "ip6", "icmpv6", "igmp", "arp",
];

/// The statements of a rule. What cannot be read ends them as [`Statement::Unknown`].
pub(super) fn statements(tokens: &[Token], sets: &Sets) -> Vec<Statement> {
    let mut found = Vec::new();
    let mut rest = tokens;
    while !rest.is_empty() {
        let Some((statement, used)) = statement(rest, sets) else {
            found.push(Statement::Unknown);
            break;
        };
        let is_over = matches!(statement, Some(Statement::Never));
        found.extend(statement);
        if is_over {
            break;
        }
        rest = rest.get(used..).unwrap_or_default();
    }
    found
}

/// A statement at the start of some tokens, if it matters to packets, and the number of its tokens. `None` if it cannot
/// be read.
fn statement(tokens: &[Token], sets: &Sets) -> Option<(Option<Statement>, usize)> {
    let words = |at: usize| tokens.get(at).and_then(|token| token.kind.text());
    let first = match &tokens[0].kind {
        TokenKind::Word(word) => word.as_str(),
        _ => return None,
    };
    if let Some((key, used)) = key(first, words(1)) {
        let (statement, more) = comparison(key, &tokens[used..], sets)?;
        return Some((Some(statement), used + more));
    }
    if OF_OTHER_PACKETS.contains(&first) {
        return Some((Some(Statement::Never), tokens.len()));
    }
    match (first, words(1)) {
        ("meta", Some("nfproto")) => family(words(2)?, "ipv4", "ipv6", 3),
        ("meta", Some("protocol")) => family(words(2)?, "ip", "ip6", 3),
        ("counter", _) => Some((None, counter(tokens))),
        ("log", _) => Some((None, log(tokens)?)),
        ("comment", Some(_)) => Some((None, 2)),
        _ => {
            let (verdict, used) = verdict(tokens)?;
            Some((Some(Statement::Verdict(verdict)), used))
        }
    }
}

/// A match of the family of a packet, which is IPv4.
fn family(found: &str, own: &str, other: &str, used: usize) -> Option<(Option<Statement>, usize)> {
    if found == own {
        Some((None, used))
    } else if found == other {
        Some((Some(Statement::Never), used))
    } else {
        None
    }
}

/// What a statement with these first words compares, and how many words name it.
fn key(first: &str, second: Option<&str>) -> Option<(Key, usize)> {
    Some(match (first, second) {
        ("ip", Some("saddr")) => (Key::Source, 2),
        ("ip", Some("daddr")) => (Key::Destination, 2),
        ("ip", Some("protocol")) | ("meta", Some("l4proto")) => (Key::Protocol, 2),
        ("icmp", Some("type")) => (Key::IcmpType, 2),
        ("iif" | "iifname", _) => (Key::EnteredBy, 1),
        ("oif" | "oifname", _) => (Key::LeavesBy, 1),
        ("meta", Some("iif" | "iifname")) => (Key::EnteredBy, 2),
        ("meta", Some("oif" | "oifname")) => (Key::LeavesBy, 2),
        ("ct", Some("state")) => (Key::State, 2),
        _ => return None,
    })
}

/// The rest of a comparison, and the number of its tokens.
fn comparison(key: Key, tokens: &[Token], sets: &Sets) -> Option<(Statement, usize)> {
    let first = &tokens.first()?.kind;
    if first.is("vmap") {
        let inside = block(tokens.get(1..)?)?;
        let entries = entries(key, inside)?;
        return Some((Statement::Map { key, entries }, inside.len() + 3));
    }
    let is_not = first.is("!=");
    let operator = usize::from(is_not || first.is("=="));
    let after = tokens.get(operator..)?;
    let (values, used) = values(key, after, sets)?;
    // Beside an operator, a list without brackets is one value with several bits.
    if operator > 0 && used > 1 && after[0].kind != TokenKind::Open {
        return None;
    }
    let next = after.get(used).map(|token| &token.kind);
    // What continues a value would be read as a statement.
    let continues = next.is_some_and(|next| {
        *next == TokenKind::Comma
            || ["/", "-", "and", "or", "xor", "|", "&", "."]
                .iter()
                .any(|word| next.is(word))
    });
    let statement = Statement::Match {
        key,
        is_not,
        values,
    };
    (!continues).then_some((statement, operator + used))
}

/// The entries of a map from values to verdicts.
fn entries(key: Key, tokens: &[Token]) -> Option<Vec<(Value, Verdict)>> {
    let tokens: Vec<&Token> = tokens
        .iter()
        .filter(|token| token.kind != TokenKind::End)
        .collect();
    let entries = tokens.split(|token| token.kind == TokenKind::Comma);
    let entries = entries.filter(|entry| !entry.is_empty());
    let entry = |entry: &[&Token]| {
        let [from, colon, to @ ..] = entry else {
            return None;
        };
        let to: Vec<Token> = to.iter().map(|token| (*token).clone()).collect();
        let (verdict, used) = verdict(&to)?;
        let is_whole = colon.kind.is(":") && used == to.len();
        is_whole.then_some((value(key, &from.kind)?, verdict))
    };
    entries.map(entry).collect()
}

/// A verdict at the start of some tokens, and the number of its tokens.
fn verdict(tokens: &[Token]) -> Option<(Verdict, usize)> {
    let words = |at: usize| tokens.get(at).and_then(|token| token.kind.text());
    let all = tokens.len();
    Some(match (words(0)?, words(1)) {
        ("accept", _) => (Verdict::Accept, 1),
        ("drop", _) => (Verdict::Drop, 1),
        ("return", _) => (Verdict::Return, 1),
        ("continue", _) => (Verdict::Continue, 1),
        ("jump", Some(chain)) => (Verdict::Jump(chain.to_owned()), 2),
        ("goto", Some(chain)) => (Verdict::Goto(chain.to_owned()), 2),
        // How it is rejected does not matter.
        ("reject", _) => (Verdict::Reject, all),
        // With ports, it is for TCP and UDP only.
        ("masquerade", None | Some("random" | "fully-random" | "persistent" | "comment")) => {
            (Verdict::Masquerade, all)
        }
        ("snat", Some("to")) if all == 3 => (Verdict::SourceTo(words(2)?.parse().ok()?), 3),
        ("snat", Some("ip")) if all == 4 && words(2) == Some("to") => {
            (Verdict::SourceTo(words(3)?.parse().ok()?), 4)
        }
        _ => return None,
    })
}

/// The number of tokens of `counter packets 0 bytes 0` or `counter name NAME`.
fn counter(tokens: &[Token]) -> usize {
    let words = |at: usize| tokens.get(at).and_then(|token| token.kind.text());
    match words(1) {
        Some("name") => 3,
        Some("packets") if words(3) == Some("bytes") => 5,
        _ => 1,
    }
}

/// The number of tokens of `log prefix "x" level info`.
fn log(tokens: &[Token]) -> Option<usize> {
    let words = |at: usize| tokens.get(at).and_then(|token| token.kind.text());
    let mut used = 1;
    while let Some("prefix" | "level" | "group" | "snaplen" | "queue-threshold" | "flags") =
        words(used)
    {
        used += 2;
        if words(used - 2) == Some("flags") && words(used - 1) != Some("all") {
            return None;
        }
    }
    Some(used)
}
