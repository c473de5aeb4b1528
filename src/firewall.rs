//! The firewall of a node: its text for nft, and what can be told from the text without a kernel.
//!
//! The text is what `nft --file` reads (nft(8)). The kernel carries it out, and nft finds its errors. This module finds
//! the tables that it creates, and what would touch the tables that the lab itself loads. It also predicts what the
//! rules do with a ping: with an ICMP echo request, the reply, and the errors of routers. It reads a part of nft's
//! language. Where a rule that a packet meets is of the rest, the result is that it cannot be told.

mod commands;
mod evaluate;
mod parse;
mod ruleset;
#[cfg(test)]
mod tests;
mod tokens;

use std::fmt;
use std::sync::Arc;

pub use commands::{Conflict, Table};
pub use evaluate::{Packet, Ruling, Seen};
pub use ruleset::{FlowState, Hook, Part};

use ruleset::Ruleset;

/// The name of the tables with the rules that a lab itself loads, of the families `ip` and `bridge`.
pub const LAB_TABLE: &str = "lab";

/// How the names of the tables begin with which a lab drops the packets of an interface, of the family `netdev`.
pub const BLACKHOLE_TABLES: &str = "blackhole-";

/// The firewall of a node.
#[derive(Clone, PartialEq, Eq)]
pub struct Firewall {
    text: Arc<str>,
    ruleset: Arc<Ruleset>,
}

impl Firewall {
    /// The firewall with this text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self {
            text: text.into(),
            ruleset: Arc::new(parse::ruleset(text)),
        }
    }

    /// Its text, as nft reads it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What its rules at a hook do with a packet.
    #[must_use]
    pub fn ruling(&self, hook: Hook, packet: &Packet<'_>) -> Ruling {
        self.ruleset.ruling(hook, packet)
    }

    /// The number of its lines.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.text.lines().count()
    }

    /// The tables that it creates, in the order of the text.
    #[must_use]
    pub fn tables(&self) -> Vec<Table> {
        commands::tables(&self.text)
    }

    /// The commands that a node's firewall must not have, since it is a part of a lab file.
    #[must_use]
    pub fn conflicts(&self) -> Vec<Conflict> {
        commands::conflicts(&self.text)
    }
}

impl fmt::Debug for Firewall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Firewall({:?})", self.text)
    }
}
