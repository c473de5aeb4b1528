//! Reads tables, chains and sets.

mod rules;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use crate::firewall::commands::{block, commands};
use crate::firewall::parse::rules::statements;
use crate::firewall::parse::values::{Sets, set_of};
use crate::firewall::ruleset::{Base, Hook, Part, Rule, Ruleset};
use crate::firewall::tokens::{Token, TokenKind, tokens};

/// The largest text in bytes that is read. Longer ones come from programs, and nobody predicts their effect.
const LONGEST_TEXT: usize = 256 << 10;

/// Reads a text.
pub(super) fn ruleset(text: &str) -> Ruleset {
    let mut ruleset = Ruleset::default();
    if text.len() > LONGEST_TEXT {
        ruleset.unread = Some(Part {
            line: 1,
            text: "more than 256 KiB".to_owned(),
        });
        return ruleset;
    }
    let tokens = substituted(tokens(text));
    let mut seen = BTreeSet::new();
    for (number, command) in commands(&tokens).iter().enumerate() {
        let is_definition = command.head[0].kind.is("define");
        match (command.table(), command.block) {
            (Some(table), Some(block)) if command.head[0].kind.is("table") => {
                match table.family.as_str() {
                    // Two blocks of one table are one table, which few texts have.
                    _ if !seen.insert(table.clone()) => ruleset.cannot_read(command.head),
                    "ip" | "inet" => read_table(&mut ruleset, number, block),
                    // Nothing of IPv4 meets its rules.
                    "ip6" => {}
                    _ => ruleset.cannot_read(command.head),
                }
            }
            _ if is_definition => {}
            _ => ruleset.cannot_read(command.head),
        }
    }
    ruleset.bases.sort_by_key(|base| base.priority);
    ruleset
}

impl Ruleset {
    fn cannot_read(&mut self, tokens: &[Token]) {
        self.unread.get_or_insert_with(|| part(tokens));
    }
}

/// A part of the text, of these tokens.
pub(super) fn part(tokens: &[Token]) -> Part {
    let mut text = String::new();
    for token in tokens {
        let (space, word) = match &token.kind {
            TokenKind::Word(word) => (" ", word.clone()),
            TokenKind::Quoted(quoted) => (" ", format!("\"{quoted}\"")),
            TokenKind::Open => (" ", "{".to_owned()),
            TokenKind::Close => (" ", "}".to_owned()),
            TokenKind::Comma => ("", ",".to_owned()),
            TokenKind::End => continue,
        };
        if !text.is_empty() {
            text.push_str(space);
        }
        text.push_str(&word);
    }
    Part {
        line: tokens.first().map_or(1, |token| token.line),
        text,
    }
}

/// The tokens with the values of variables (nft(8), "Symbolic variables"). An unknown variable stays, and cannot be
/// read.
fn substituted(tokens: Vec<Token>) -> Vec<Token> {
    let mut values: BTreeMap<String, Vec<TokenKind>> = BTreeMap::new();
    for command in commands(&tokens) {
        let mut words = command.head.iter().map(|token| &token.kind);
        let is_definition = words.next().is_some_and(|word| word.is("define"));
        let (Some(name), true) = (words.next().and_then(TokenKind::text), is_definition) else {
            continue;
        };
        let value: Vec<TokenKind> = match command.block {
            Some(block) => {
                let inside = block.iter().map(|token| token.kind.clone());
                let inside = inside.filter(|kind| *kind != TokenKind::End);
                [TokenKind::Open]
                    .into_iter()
                    .chain(inside)
                    .chain([TokenKind::Close])
                    .collect()
            }
            None => words.skip(1).cloned().collect(),
        };
        // A value may name earlier variables.
        let value = value.into_iter().flat_map(|kind| {
            let earlier = kind.text().and_then(|text| values.get(text)).cloned();
            earlier.unwrap_or_else(|| vec![kind])
        });
        let value = value.collect();
        values.insert(format!("${name}"), value);
    }
    let replaced = tokens.into_iter().flat_map(|token| {
        let value = match &token.kind {
            TokenKind::Word(word) => values.get(word).cloned(),
            _ => None,
        };
        let kinds = value.unwrap_or_else(|| vec![token.kind]);
        let line = token.line;
        kinds.into_iter().map(move |kind| Token { kind, line })
    });
    replaced.collect()
}

fn read_table(ruleset: &mut Ruleset, number: usize, tokens: &[Token]) {
    let mut sets = Sets::new();
    let parts = commands(tokens);
    for part in &parts {
        if let (true, Some(name), Some(block)) = (
            part.head[0].kind.is("set"),
            part.head.get(1).and_then(|token| token.kind.text()),
            part.block,
        ) {
            sets.insert(format!("@{name}"), set_of(block));
        }
    }
    for part in &parts {
        let name = part.head.get(1).and_then(|token| token.kind.text());
        match (&part.head[0].kind, name, part.block) {
            (first, Some(name), Some(block)) if first.is("chain") => {
                read_chain(ruleset, (number, name), block, &sets);
            }
            (first, _, Some(_)) if OBJECTS.iter().any(|object| first.is(object)) => {}
            (first, ..) if first.is("comment") => {}
            // Among these is `flags dormant`, which switches a table off.
            _ => ruleset.cannot_read(part.head),
        }
    }
}

/// What a table may contain besides chains. What uses it is read in rules.
const OBJECTS: &[&str] = &[
    "set",
    "map",
    "flowtable",
    "counter",
    "quota",
    "limit",
    "ct",
    "secmark",
    "synproxy",
];

fn read_chain(ruleset: &mut Ruleset, (table, name): (usize, &str), tokens: &[Token], sets: &Sets) {
    let mut rules = Vec::new();
    let mut base = None;
    for line in lines(tokens) {
        let first = &line[0].kind;
        if first.is("type") {
            base = base_of(line, (table, name));
            if base.is_none() {
                ruleset.cannot_read(line);
            }
        } else if first.is("policy") {
            match (&mut base, line.get(1)) {
                (Some(base), Some(word)) if word.kind.is("drop") => base.drops = Some(part(line)),
                (Some(_), Some(word)) if word.kind.is("accept") => {}
                _ => ruleset.cannot_read(line),
            }
        } else if !first.is("comment") {
            rules.push(Rule {
                part: part(line),
                statements: statements(line, sets),
            });
        }
    }
    ruleset.bases.extend(base);
    let own = ruleset.chains.entry((table, name.to_owned()));
    own.or_default().extend(rules);
}

/// The statements of a chain: up to the end of a line outside brackets.
fn lines(tokens: &[Token]) -> Vec<&[Token]> {
    let mut lines = Vec::new();
    let mut rest = tokens;
    while !rest.is_empty() {
        let mut at = 0;
        while let Some(token) = rest.get(at) {
            match token.kind {
                TokenKind::End => break,
                TokenKind::Open => {
                    let inside = block(&rest[at..]).map_or(0, <[Token]>::len);
                    at = (at + inside + 2).min(rest.len());
                }
                _ => at += 1,
            }
        }
        if at > 0 {
            lines.push(&rest[..at]);
        }
        rest = &rest[(at + 1).min(rest.len())..];
    }
    lines
}

/// Reads `type filter hook forward priority filter - 5`.
fn base_of(line: &[Token], (table, chain): (usize, &str)) -> Option<Base> {
    let words: Option<Vec<&str>> = line.iter().map(|token| token.kind.text()).collect();
    let words = words?;
    let ["type", kind, "hook", hook, "priority", priority @ ..] = words.as_slice() else {
        return None;
    };
    let hook = match *hook {
        "prerouting" => Hook::Prerouting,
        "input" => Hook::Input,
        "forward" => Hook::Forward,
        "output" => Hook::Output,
        "postrouting" => Hook::Postrouting,
        _ => return None,
    };
    let is_nat = match *kind {
        "filter" => false,
        "nat" => true,
        // A chain of the type `route` looks for another route.
        _ => return None,
    };
    let is_odd = is_nat && hook == Hook::Forward;
    (!is_odd).then_some(Base {
        table,
        chain: chain.to_owned(),
        hook,
        priority: priority_of(priority)?,
        is_nat,
        drops: None,
    })
}

/// A priority, by its number or its name (nft(8), "Standard priority names").
fn priority_of(words: &[&str]) -> Option<i32> {
    let text = words.concat();
    let (name, offset) = match text.get(1..).and_then(|rest| rest.find(['+', '-'])) {
        Some(at) => text.split_at(at + 1),
        None => (text.as_str(), "0"),
    };
    let base = match name {
        "raw" => -300,
        "mangle" => -150,
        "dstnat" => -100,
        "filter" => 0,
        "security" => 50,
        "srcnat" => 100,
        number => number.parse().ok()?,
    };
    offset.parse::<i32>().ok()?.checked_add(base)
}
