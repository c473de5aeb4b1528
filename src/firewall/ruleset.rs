//! The rules of a text, as far as they can be told from it.

use std::collections::BTreeMap;
use std::fmt;

use crate::addresses::Address;

/// All tables of a text that see IPv4 packets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Ruleset {
    /// The chains at hooks, in the order in which packets pass them.
    pub(super) bases: Vec<Base>,
    /// All chains, by the number of their table and their name.
    pub(super) chains: BTreeMap<(usize, String), Vec<Rule>>,
    /// What could not be read, and may concern every packet.
    pub(super) unread: Option<Part>,
}

/// A part of a text, to be quoted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// Its line, from 1.
    pub line: usize,
    /// Its words.
    pub text: String,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, text } = self;
        write!(f, "line {line} of its firewall, `{text}`")
    }
}

/// The places of a node where packets meet rules (nft(8), "Address families").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hook {
    /// All packets that arrive.
    Prerouting,
    /// Packets for the node.
    Input,
    /// Packets for others.
    Forward,
    /// Packets of the node.
    Output,
    /// All packets that leave.
    Postrouting,
}

impl Hook {
    /// The priority at which the kernel translates addresses there (`NF_IP_PRI_NAT_DST` and `NF_IP_PRI_NAT_SRC`).
    pub(super) const fn translates_at(self) -> i32 {
        match self {
            Self::Prerouting | Self::Output => -100,
            Self::Input | Self::Forward | Self::Postrouting => 100,
        }
    }
}

/// A chain at a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Base {
    pub(super) table: usize,
    pub(super) chain: String,
    pub(super) hook: Hook,
    /// Chains with lower priorities are passed first.
    pub(super) priority: i32,
    /// Its rules see the first packet of a flow only, and translate addresses.
    pub(super) is_nat: bool,
    /// The policy `drop`, where it is written.
    pub(super) drops: Option<Part>,
}

/// A rule of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) part: Part,
    pub(super) statements: Vec<Statement>,
}

/// A statement of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Statement {
    /// Continues if the packet matches.
    Match {
        key: Key,
        is_not: bool,
        values: Vec<Value>,
    },
    /// Decides by the first entry that matches; continues without one.
    Map {
        key: Key,
        entries: Vec<(Value, Verdict)>,
    },
    /// Decides.
    Verdict(Verdict),
    /// No ICMP packet of IPv4 matches: a match of ports, or of IPv6.
    Never,
    /// The statement and all after it cannot be told.
    Unknown,
}

/// What a rule compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Source,
    Destination,
    Protocol,
    IcmpType,
    EnteredBy,
    LeavesBy,
    State,
}

/// What a rule compares with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// Addresses from the first to the last.
    Addresses(Address, Address),
    /// A protocol, or a type of ICMP.
    Number(u8),
    /// An interface; the flag is whether any name with this beginning is meant.
    Interface(String, bool),
    /// A state of connection tracking.
    State(FlowState),
}

/// The state of a packet's flow at a node (nft(8), "Conntrack expressions").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FlowState {
    /// The first packet of the flow.
    New,
    /// The node has seen packets of both directions.
    Established,
    /// An ICMP error about a flow that the node has seen.
    Related,
    /// An answer to something that the node has not seen.
    Invalid,
    /// A packet that the node does not track.
    Untracked,
}

/// What a rule decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Accept,
    Drop,
    Reject,
    Continue,
    Return,
    Jump(String),
    Goto(String),
    /// Translates the source to an address of the interface by which the packet leaves.
    Masquerade,
    /// Translates the source to an address.
    SourceTo(Address),
}
