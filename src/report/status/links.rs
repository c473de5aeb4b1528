//! The links of a lab's status: their impairments, and the packets that they carried and lost.

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
    /// The delay in milliseconds, in the slower direction.
    pub delay_ms: f64,
    /// Its state.
    pub state: LinkState,
    /// The effect of `lab fault` on it; null if there is none.
    pub fault: Option<Fault>,
    /// The component that carries its packets.
    pub carrier: Carrier,
    /// Whether `lab impair` has changed it.
    pub impaired: bool,
    /// The packets that leave its first and its second end.
    pub directions: [Direction; 2],
}

/// One direction of a link.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Direction {
    /// The impairments of its packets.
    #[serde(flatten)]
    pub impairment: impairment::Direction,
    /// Packets that left the end.
    pub packets: u64,
    /// Their bytes, with Ethernet headers.
    pub bytes: u64,
    /// Packets that did not arrive: lost at random, because a queue was full, or because the far end was down.
    pub dropped: u64,
}

/// The capacity of a VPN gateway, which its tunnels share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Capacity {
    /// The gateway.
    pub gateway: String,
    /// Its SKU, as in the lab file.
    pub sku: String,
    /// The SKU's capacity in bits per second, in each direction.
    pub rate_bits_per_second: u64,
    /// Encrypted packets from the gateway, and to it.
    pub packets: [u64; 2],
    /// Packets dropped because they exceeded the capacity.
    pub dropped: [u64; 2],
}

/// The component that carries a link's packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Carrier {
    /// A veth pair only.
    Pair,
    /// A veth pair with the kernel's token bucket filter.
    Tbf,
    /// A veth pair with the kernel's network emulator.
    Netem,
    /// The lab's supervisor.
    Wire,
}

/// The effect of `lab fault` on a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fault {
    /// It took the link down.
    Down,
    /// The link drops all packets silently.
    Blackhole,
}

/// The state of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkState {
    /// It carries packets.
    Up,
    /// It was taken down, or its far end is down.
    Down,
    /// It is missing.
    Missing,
}

pub(super) const HEADERS: [&str; 8] = [
    "LINK",
    "FROM",
    "TO",
    "IMPAIRMENTS",
    "CARRIED BY",
    "PACKETS",
    "DROPPED",
    "STATE",
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

/// The impairments in both directions.
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
