//! The links of a lab's status: what becomes of packets on them, and how many they carried and lost.

use std::fmt;

use serde::Serialize;

use crate::report::impairment;

/// A link.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Link {
    /// Its name.
    pub name: String,
    /// Its ends, each `node:interface`.
    pub ends: [String; 2],
    /// Milliseconds that a packet takes from end to end, in the slower direction.
    pub delay_ms: f64,
    /// How it is.
    pub state: LinkState,
    /// What `lab fault` did to it; null where nothing.
    pub fault: Option<Fault>,
    /// Who carries its packets.
    pub carrier: Carrier,
    /// Whether `lab impair` has changed it.
    pub impaired: bool,
    /// What leaves its first and its second end.
    pub directions: [Direction; 2],
}

/// One direction of a link.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Direction {
    /// What becomes of packets.
    #[serde(flatten)]
    pub impairment: impairment::Direction,
    /// Packets that left the end.
    pub packets: u64,
    /// Their bytes, with Ethernet headers.
    pub bytes: u64,
    /// Packets that never arrived: lost by lot, for want of room, or because nobody was there.
    pub dropped: u64,
}

/// What a VPN gateway carries through all of its tunnels together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Capacity {
    /// The gateway.
    pub gateway: String,
    /// Its size, as the lab file has it.
    pub sku: String,
    /// Bits a second that the size carries, each way by itself.
    pub rate_bits_per_second: u64,
    /// Encrypted packets that came from the gateway, and that went to it.
    pub packets: [u64; 2],
    /// Those that did not fit.
    pub dropped: [u64; 2],
}

/// Who carries a link's packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Carrier {
    /// A pair of the kernel's interfaces, and nothing else.
    Pair,
    /// Such a pair, with the kernel's token bucket.
    Tbf,
    /// Such a pair, with the kernel's network emulator.
    Netem,
    /// The lab's supervisor.
    Wire,
}

/// What `lab fault` did to a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fault {
    /// It took the link down.
    Down,
    /// It has the link lose everything.
    Blackhole,
}

/// How a link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkState {
    /// It carries packets.
    Up,
    /// It was taken down, or nobody is at its other end.
    Down,
    /// It is gone.
    Missing,
}

pub(super) const HEADERS: [&str; 8] = [
    "LINK", "FROM", "TO", "DOES", "BY", "PACKETS", "DROPPED", "STATE",
];

pub(super) fn row(link: &Link) -> Vec<String> {
    let [there, back] = &link.directions;
    let [a, b] = link.ends.clone();
    let state = with_fault(link.state, link.fault);
    let state = if link.impaired {
        format!("{state}, impaired")
    } else {
        state
    };
    vec![
        link.name.clone(),
        a,
        b,
        does(there.impairment.words(), back.impairment.words()),
        link.carrier.to_string(),
        format!("{}/{}", there.packets, back.packets),
        format!("{}/{}", there.dropped, back.dropped),
        state,
    ]
}

pub(super) const CAPACITY_HEADERS: [&str; 5] =
    ["VPN GATEWAY", "SKU", "CARRIES", "PACKETS", "DROPPED"];

pub(super) fn capacity_row(capacity: &Capacity) -> Vec<String> {
    let Capacity {
        gateway,
        sku,
        rate_bits_per_second: rate,
        packets: [from, to],
        dropped: [from_dropped, to_dropped],
    } = capacity;
    vec![
        gateway.clone(),
        sku.clone(),
        format!("{} Mbit/s", rate / 1_000_000),
        format!("{from}/{to}"),
        format!("{from_dropped}/{to_dropped}"),
    ]
}

/// What becomes of packets, there and back.
fn does(there: &str, back: &str) -> String {
    match (there, back) {
        ("", "") => "-".to_owned(),
        (there, back) if there == back => there.to_owned(),
        (there, "") => format!("there: {there}"),
        ("", back) => format!("back: {back}"),
        (there, back) => format!("there: {there}; back: {back}"),
    }
}

pub(super) fn with_fault(state: impl fmt::Display, fault: Option<Fault>) -> String {
    match fault {
        None => state.to_string(),
        Some(Fault::Down) => format!("{state}, by `lab fault`"),
        Some(Fault::Blackhole) => format!("{state}, a blackhole"),
    }
}

impl fmt::Display for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pair => "pair",
            Self::Tbf => "tbf",
            Self::Netem => "netem",
            Self::Wire => "wire",
        })
    }
}

impl fmt::Display for LinkState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Missing => "missing",
        })
    }
}
