//! The commands of a text: what it does to tables as a whole.

use std::fmt;

use crate::firewall::tokens::{Token, TokenKind, tokens};
use crate::firewall::{BLACKHOLE_TABLES, LAB_TABLE};

/// The families of tables (nft(8), "Address families").
const FAMILIES: &[&str] = &["ip", "ip6", "inet", "arp", "bridge", "netdev"];

/// The family of a table that the text gives none.
const DEFAULT_FAMILY: &str = "ip";

/// A table of nftables.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Table {
    /// Its family.
    pub family: String,
    /// Its name.
    pub name: String,
}

impl Table {
    /// Whether the lab itself loads it.
    #[must_use]
    pub fn is_of_the_lab(&self) -> bool {
        match self.family.as_str() {
            "ip" | "bridge" => self.name == LAB_TABLE,
            "netdev" => self.name.starts_with(BLACKHOLE_TABLES),
            _ => false,
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.family, self.name)
    }
}

/// A command that a node's firewall must not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Its line in the firewall's text, from 1.
    pub line: usize,
    /// The command.
    pub command: String,
    /// Why it is not allowed.
    pub why: &'static str,
    /// What to do instead.
    pub help: &'static str,
}

/// A command of the top level.
pub(super) struct Command<'a> {
    /// Its tokens up to its end, or up to the bracket of its block.
    pub(super) head: &'a [Token],
    /// The tokens of its block, without the brackets.
    pub(super) block: Option<&'a [Token]>,
}

impl Command<'_> {
    fn words(&self) -> impl Iterator<Item = &str> {
        self.head.iter().filter_map(|token| token.kind.text())
    }

    pub(super) fn line(&self) -> usize {
        self.head.first().map_or(1, |token| token.line)
    }

    fn shown(&self) -> String {
        self.words().collect::<Vec<_>>().join(" ")
    }

    /// The table of a command `table`, with or without a verb before it.
    pub(super) fn table(&self) -> Option<Table> {
        let mut words = self.words().peekable();
        words.next_if(|word| VERBS.contains(word));
        if words.next() != Some("table") {
            return None;
        }
        let family = words.next_if(|word| FAMILIES.contains(word));
        Some(Table {
            family: family.unwrap_or(DEFAULT_FAMILY).to_owned(),
            name: words.next()?.to_owned(),
        })
    }
}

/// The verbs of commands for tables.
const VERBS: &[&str] = &["add", "create", "delete", "destroy", "flush"];

/// The commands of the top level.
pub(super) fn commands(tokens: &[Token]) -> Vec<Command<'_>> {
    let mut commands = Vec::new();
    let mut rest = tokens;
    while !rest.is_empty() {
        let is_over = |token: &Token| matches!(token.kind, TokenKind::End | TokenKind::Open);
        let end = rest.iter().position(is_over).unwrap_or(rest.len());
        let (head, after) = rest.split_at(end);
        let block = block(after);
        let used = block.map_or(usize::from(!after.is_empty()), |block| block.len() + 2);
        rest = &after[used.min(after.len())..];
        if !head.is_empty() {
            commands.push(Command { head, block });
        }
    }
    commands
}

/// The tokens between a bracket at the start and the one that closes it.
pub(super) fn block(tokens: &[Token]) -> Option<&[Token]> {
    let (first, rest) = tokens.split_first()?;
    if first.kind != TokenKind::Open {
        return None;
    }
    let mut depth = 1_usize;
    let end = rest.iter().position(|token| {
        match token.kind {
            TokenKind::Open => depth += 1,
            TokenKind::Close => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    Some(&rest[..end.unwrap_or(rest.len())])
}

pub(super) fn tables(text: &str) -> Vec<Table> {
    let tokens = tokens(text);
    let mut tables = Vec::new();
    for command in commands(&tokens) {
        let verb = command.words().next().unwrap_or_default();
        let creates = matches!(verb, "table" | "add" | "create");
        if let Some(table) = command.table().filter(|_| creates)
            && !tables.contains(&table)
        {
            tables.push(table);
        }
    }
    tables
}

pub(super) fn conflicts(text: &str) -> Vec<Conflict> {
    let tokens = tokens(text);
    let commands = commands(&tokens);
    commands.iter().filter_map(conflict).collect()
}

fn conflict(command: &Command<'_>) -> Option<Conflict> {
    let words: Vec<&str> = command.words().collect();
    let (why, help) = match words.as_slice() {
        ["flush" | "reset", "ruleset", ..] => (
            "would remove the rules that the lab itself loads",
            "leave it out: `lab up` replaces the tables of a firewall that has changed",
        ),
        ["include", ..] => (
            "names another file, and a lab file is complete",
            "write the rules of that file here",
        ),
        _ if command.table().is_some_and(|table| table.is_of_the_lab()) => (
            "is for a table that the lab itself loads",
            "give the table another name",
        ),
        _ => return None,
    };
    Some(Conflict {
        line: command.line(),
        command: command.shown(),
        why,
        help,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let tables = tables(text)
            .iter()
            .map(Table::to_string)
            .collect::<Vec<_>>();
        let conflicts = conflicts(text).into_iter();
        let conflicts = conflicts.map(|it| format!("\n{}: {} {}", it.line, it.command, it.why));
        tables.join(", ") + &conflicts.collect::<String>()
    }

    #[test]
    fn the_tables_of_a_text_are_found() {
        insta::assert_snapshot!(shown("table inet filter { chain a { table } }\ntable nat {\n}\nadd table ip6 x; table nat { }"), @r"inet filter, ip nat, ip6 x");
        insta::assert_snapshot!(shown("delete table ip old\ndestroy table ip6 older"), @"");
        insta::assert_snapshot!(shown("table ip open { chain a {"), @r"ip open");
        insta::assert_snapshot!(shown("} } table"), @"");
    }

    #[test]
    fn the_tables_of_the_lab_are_not_touched() {
        insta::assert_snapshot!(shown("#!/usr/sbin/nft -f\nflush ruleset\ntable lab { }\ntable inet lab { }"), @r"
        ip lab, inet lab
        2: flush ruleset would remove the rules that the lab itself loads
        3: table lab is for a table that the lab itself loads
        ");
        insta::assert_snapshot!(shown("destroy table netdev blackhole-eth0\ninclude \"/etc/nftables.d/*\"\nflush table bridge lab"), @r"
        1: destroy table netdev blackhole-eth0 is for a table that the lab itself loads
        2: include /etc/nftables.d/* names another file, and a lab file is complete
        3: flush table bridge lab is for a table that the lab itself loads
        ");
    }
}
