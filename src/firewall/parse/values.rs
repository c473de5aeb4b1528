//! Reads what rules compare with.

use std::collections::BTreeMap;

use crate::addresses::{Address, Prefix};
use crate::firewall::commands::{block, commands};
use crate::firewall::ruleset::{FlowState, Key, Value};
use crate::firewall::tokens::{Token, TokenKind};

/// The sets of a table, by their names with `@`: the tokens of their elements; `None` for a set that rules or programs
/// fill, or whose elements end.
pub(super) type Sets = BTreeMap<String, Option<Vec<Token>>>;

/// The elements of a set.
pub(super) fn set_of(tokens: &[Token]) -> Option<Vec<Token>> {
    let mut elements = Vec::new();
    for part in commands(tokens) {
        let first = &part.head[0].kind;
        let words = || part.head.iter().filter_map(|token| token.kind.text());
        if first.is("elements") {
            let inside = part.block?.iter();
            let inside = inside.filter(|token| token.kind != TokenKind::End);
            elements = inside.cloned().collect();
        } else if first.is("flags") {
            let is_plain = |word: &str| matches!(word, "flags" | "interval" | "constant");
            if !words().all(is_plain) {
                return None;
            }
        } else if !["type", "typeof", "auto-merge", "comment", "size", "policy"]
            .iter()
            .any(|word| first.is(word))
        {
            return None;
        }
    }
    Some(elements)
}

/// The values at the start of some tokens, and the number of tokens; `None` if they cannot be read.
pub(super) fn values(key: Key, tokens: &[Token], sets: &Sets) -> Option<(Vec<Value>, usize)> {
    match &tokens.first()?.kind {
        TokenKind::Open => {
            let inside = block(tokens)?;
            let values = all(key, inside, sets)?;
            Some((values, inside.len() + 2))
        }
        TokenKind::Word(word) if word.starts_with('@') => {
            let elements = sets.get(word)?.as_ref()?;
            Some((all(key, elements, sets)?, 1))
        }
        first => {
            let mut found = vec![value(key, first)?];
            let mut used = 1;
            // Several states without brackets: any of them matches.
            while key == Key::State
                && let Some([comma, next]) = tokens.get(used..used + 2)
                && comma.kind == TokenKind::Comma
            {
                found.push(value(key, &next.kind)?);
                used += 2;
            }
            Some((found, used))
        }
    }
}

/// Every value of a list.
fn all(key: Key, tokens: &[Token], sets: &Sets) -> Option<Vec<Value>> {
    let mut found = Vec::new();
    let mut rest = tokens;
    while let Some(first) = rest.first() {
        if matches!(first.kind, TokenKind::Comma | TokenKind::End) {
            rest = &rest[1..];
            continue;
        }
        let (values, used) = values(key, rest, sets)?;
        found.extend(values);
        rest = rest.get(used..)?;
        let is_over = rest
            .first()
            .is_none_or(|next| matches!(next.kind, TokenKind::Comma | TokenKind::End));
        if !is_over {
            return None;
        }
    }
    Some(found)
}

/// One value.
pub(super) fn value(key: Key, kind: &TokenKind) -> Option<Value> {
    let text = kind.text()?;
    match key {
        Key::Source | Key::Destination => addresses(text),
        Key::Protocol => protocol(text).map(Value::Number),
        Key::IcmpType => icmp_type(text).map(Value::Number),
        Key::EnteredBy | Key::LeavesBy => {
            let (name, is_start) = text
                .strip_suffix('*')
                .map_or((text, false), |it| (it, true));
            let is_plain = !name.contains(['*', '\\', '$']);
            is_plain.then(|| Value::Interface(name.to_owned(), is_start))
        }
        Key::State => state(text).map(Value::State),
    }
}

fn addresses(text: &str) -> Option<Value> {
    if let Some((first, last)) = text.split_once('-') {
        return Some(Value::Addresses(first.parse().ok()?, last.parse().ok()?));
    }
    if let Some((address, length)) = text.split_once('/') {
        let prefix = Prefix::new(address.parse::<Address>().ok()?, length.parse().ok()?)?;
        return Some(Value::Addresses(prefix.network(), prefix.last()));
    }
    let address: Address = text.parse().ok()?;
    Some(Value::Addresses(address, address))
}

fn protocol(text: &str) -> Option<u8> {
    Some(match text {
        "icmp" => 1,
        "tcp" => 6,
        "udp" => 17,
        "gre" => 47,
        "esp" => 50,
        "ah" => 51,
        "icmpv6" | "ipv6-icmp" => 58,
        "sctp" => 132,
        number => return number.parse().ok(),
    })
}

fn icmp_type(text: &str) -> Option<u8> {
    Some(match text {
        "echo-reply" => 0,
        "destination-unreachable" => 3,
        "redirect" => 5,
        "echo-request" => 8,
        "router-advertisement" => 9,
        "router-solicitation" => 10,
        "time-exceeded" => 11,
        "parameter-problem" => 12,
        "timestamp-request" => 13,
        "timestamp-reply" => 14,
        number => return number.parse().ok(),
    })
}

fn state(text: &str) -> Option<FlowState> {
    Some(match text {
        "new" => FlowState::New,
        "established" => FlowState::Established,
        "related" => FlowState::Related,
        "invalid" => FlowState::Invalid,
        "untracked" => FlowState::Untracked,
        _ => return None,
    })
}
