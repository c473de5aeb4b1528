//! A supervisor's status of its lab: failures, impairments, counters and tunnels.

use serde::{Deserialize, Serialize};

use crate::control::Impaired;

/// The status of a supervisor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SupervisorStatus {
    /// Its process.
    pub pid: u32,
    /// Whether its wires still carry frames; true if it has none.
    pub wires_running: bool,
    /// Its tunnels.
    pub tunnels: Vec<TunnelStatus>,
    /// The failures.
    pub faults: FaultStatus,
    /// The links whose impairments differ from the lab file.
    pub impaired: Vec<Impaired>,
    /// The counters of its wires.
    pub wires: Vec<WireStatus>,
    /// The TAP interfaces that links have or had beside their ends.
    pub taps: Vec<TapIndexes>,
}

/// The TAP interfaces through which packets of an impaired link left, instead of through its own ends. A capture reads
/// packets later, when these interfaces may be gone. It knows them by their indexes, which the kernel never reuses in a
/// namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TapIndexes {
    /// The link.
    pub link: String,
    /// The interface's index in the namespace of its first end and of its second.
    pub indexes: [u32; 2],
}

/// The counters of a supervisor's wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireStatus {
    /// The link.
    pub link: String,
    /// If the link was created without the wire: the interfaces beside its ends through which packets leave instead.
    /// While they exist, the link itself counts nothing.
    pub beside: Option<[String; 2]>,
    /// From its first end and from its second.
    pub directions: [Carried; 2],
}

/// The counters of one direction of a wire.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Delivered frames.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Lost frames.
    pub dropped: u64,
}

/// Failures, whoever caused them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FaultStatus {
    /// Links that are down.
    pub down: Vec<String>,
    /// Those of them that a command took down.
    pub commanded: Vec<String>,
    /// Blackholed links.
    pub blackholed: Vec<String>,
    /// BGP sessions that are shut.
    #[serde(default)]
    pub shut: Vec<String>,
    /// Sessions that have ended because a link failed, by their position in the topology.
    pub ended_sessions: Vec<usize>,
    /// Links over which a site's routers have lost their adjacency.
    pub lost_adjacencies: Vec<String>,
    /// Milliseconds until the next session ends; `None` if none will.
    pub later_ms: Option<f64>,
    /// The error of the last installation of routes.
    pub problems: Vec<String>,
}

/// The state of a lab between two changes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Moment {
    /// How many lab files its supervisor received since it was built, including those that changed nothing.
    pub orders: usize,
    /// The failures.
    pub faults: FaultStatus,
    /// The links whose impairments differ from the lab file.
    pub impaired: Vec<Impaired>,
    /// How many routes were added, removed or changed since the previous moment.
    pub routes: usize,
    /// In how many nodes; a node that changed several times counts each time.
    pub nodes: usize,
}

impl Moment {
    /// Whether two moments differ in time only.
    #[must_use]
    pub fn is_as(&self, before: &Self) -> bool {
        let timeless = |moment: &Self| Self {
            faults: FaultStatus {
                later_ms: None,
                ..moment.faults.clone()
            },
            routes: 0,
            nodes: 0,
            ..moment.clone()
        };
        self.routes == 0 && timeless(self) == timeless(before)
    }
}

/// The state of a supervisor's tunnel, as seen from its first end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TunnelStatus {
    /// The connection.
    pub name: String,
    /// Milliseconds since the last handshake; `None` before the first.
    pub since_handshake_ms: Option<u64>,
    /// Bytes received from the tunnel.
    pub received_bytes: u64,
    /// Encrypted bytes sent.
    pub sent_bytes: u64,
}
