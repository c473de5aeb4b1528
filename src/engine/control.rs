//! What commands and a lab's supervisor say to each other: a line each way, on its socket.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::store::Folder;

/// Asks a supervisor to end.
pub const STOP: &str = "stop";

/// Asks a supervisor how it is.
pub const STATUS: &str = "status";

/// How long a supervisor may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How a supervisor is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SupervisorStatus {
    /// Its process.
    pub pid: u32,
    /// Whether the wires that it holds still carry frames; true where it holds none.
    pub wires_running: bool,
    /// The tunnels that it holds.
    pub tunnels: Vec<TunnelStatus>,
}

/// How a tunnel that a supervisor holds is, seen from its first end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TunnelStatus {
    /// The connection.
    pub name: String,
    /// Milliseconds since the last handshake; none before the first.
    pub since_handshake_ms: Option<u64>,
    /// Bytes that came out of the tunnel.
    pub received_bytes: u64,
    /// Encrypted bytes that were sent.
    pub sent_bytes: u64,
}

/// A supervisor's own word; none where it does not answer.
pub(super) fn ask(folder: &Folder) -> Option<SupervisorStatus> {
    let mut stream = UnixStream::connect(folder.socket()).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    writeln!(stream, "{STATUS}").ok()?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).ok()?;
    serde_json::from_str(&line).ok()
}
