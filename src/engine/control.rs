//! Messages between commands and a lab's supervisor: one line of JSON each way, on its socket.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::engine::{Choice, EngineError, Up};
use crate::store::{Folder, is_stopped};
use crate::units::{Impairment, ImpairmentChange};
use crate::yaml;

/// A request to a supervisor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Request {
    /// To end. The supervisor sends a byte when it no longer changes its lab, and closes the connection when it has
    /// ended.
    Stop,
    /// To change the lab to a lab file. The answer is the result.
    Up(Order),
    /// To return its status, a [`SupervisorStatus`].
    Status,
    /// To take links down. The answer, an [`Answer`] of [`Changed`], comes when the new routes are installed.
    Fault(Vec<String>),
    /// To blackhole links. The answer is the same.
    Blackhole(Vec<String>),
    /// To heal links of any failure. The answer is the same.
    Heal(Vec<String>),
    /// To heal every link. The answer is the same.
    HealAll,
    /// To change a link's impairments. The answer, an [`Answer`] of [`Impaired`], comes when they are in place.
    Impair(Impair),
    /// To report every change: a [`Moment`] at once and one for each change, until the supervisor ends.
    Watch,
}

/// The largest request in bytes. The longest contains the text of a lab file, in which every allowed character takes at
/// most twice its bytes in JSON.
pub const LONGEST_REQUEST: usize = 2 * yaml::LARGEST_TEXT + (1 << 16);

impl Request {
    /// The request in a line; `None` if it is not valid.
    #[must_use]
    pub fn of_line(line: &[u8]) -> Option<Self> {
        serde_json::from_slice(line).ok()
    }
}

/// A lab file, and the backend for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The file's name, as its user wrote it.
    pub file: String,
    /// Its text.
    pub text: String,
    /// The user's choice of a backend.
    pub choice: Choice,
    /// Whether a running lab of that name may be changed to this file.
    pub may_change: bool,
}

/// A change of a link's impairments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Impair {
    /// The link.
    pub link: String,
    /// Whether packets leaving its first and its second end are meant.
    pub directions: [bool; 2],
    /// Change on top of the lab file; `None` restores the file's values.
    pub change: Option<ImpairmentChange>,
}

/// The impairments of a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Impaired {
    /// The link.
    pub link: String,
    /// The impairments of packets that leave its first and its second end.
    pub directions: [Impairment; 2],
}

/// How long a supervisor may take to answer; it waits for a link to come up.
const PATIENCE: Duration = Duration::from_secs(10);

/// The answer to a command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer<T> {
    /// It was carried out, with this result.
    Done(T),
    /// It failed, with the reasons, outermost first.
    Refused(Vec<String>),
}

/// The effect of a command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    /// The links.
    pub links: Vec<String>,
    /// How many routes were added, removed or changed.
    pub routes: usize,
    /// In how many nodes.
    pub nodes: usize,
    /// Repaired other differences between the lab file and the kernel.
    #[serde(default)]
    pub mended: usize,
    /// Milliseconds until the next session ends; `None` if none will.
    pub later_ms: Option<f64>,
    /// Milliseconds until the routes were installed.
    pub elapsed_ms: f64,
}

/// The effect of a lab file on a running lab.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Added nodes.
    pub nodes_added: usize,
    /// Removed nodes.
    pub nodes_removed: usize,
    /// Links and tunnels that were added or recreated.
    pub links_added: usize,
    /// Links and tunnels that were removed or recreated.
    pub links_removed: usize,
    /// Links that stayed, with other impairments.
    pub links_impaired: usize,
    /// Routes that were added, removed or changed.
    pub routes: usize,
    /// Repaired differences between the lab file and the kernel, whoever made them.
    #[serde(default)]
    pub mended: usize,
}

/// The status of a supervisor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SupervisorStatus {
    /// Its process.
    pub pid: u32,
    /// Whether its wires still carry frames; true if it has none.
    pub wires_running: bool,
    /// Its tunnels.
    pub tunnels: Vec<TunnelStatus>,
    /// What has failed.
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
    /// Sessions that have ended, by their position in the topology.
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
    /// What has failed.
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

/// Writes a request to a connection.
pub(super) fn say(stream: &mut UnixStream, request: &Request) -> io::Result<()> {
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)
}

/// How long a supervisor may take to change its lab: one second per thousand new nodes.
pub const CHANGE_PATIENCE: Duration = Duration::from_mins(2);

/// Sends a request to a supervisor and reads its answer; each may take this long.
///
/// # Errors
///
/// Errors of the socket, if nobody listens or no answer comes in time.
pub fn converse<T: DeserializeOwned>(
    folder: &Folder,
    request: &Request,
    patience: Duration,
) -> io::Result<T> {
    let stream = UnixStream::connect(folder.socket())?;
    let process = peer(&stream);
    check_not_stopped(process)?;
    match answer(stream, request, patience) {
        Ok(line) => Ok(serde_json::from_str(&line)?),
        // It may have been stopped only after the check.
        Err(error) => Err(check_not_stopped(process).err().unwrap_or(error)),
    }
}

fn answer(mut stream: UnixStream, request: &Request, patience: Duration) -> io::Result<String> {
    stream.set_write_timeout(Some(patience))?;
    stream.set_read_timeout(Some(patience))?;
    say(&mut stream, request)?;
    let mut line = String::new();
    if BufReader::new(stream).read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line)
}

/// Fails if a process is stopped: it would not answer, and its user may not know why.
fn check_not_stopped(process: Option<i32>) -> io::Result<()> {
    match process {
        Some(process) if is_stopped(process.unsigned_abs()) => Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!("process {process} is stopped; `kill -CONT {process}` resumes it"),
        )),
        _ => Ok(()),
    }
}

/// Fails if a lab's supervisor is stopped: every command would wait for it.
pub(super) fn check_responsive(folder: &Folder) -> Result<(), EngineError> {
    check_not_stopped(supervisor(folder)).map_err(|source| EngineError::NoSupervisor {
        lab: folder.lab().to_string(),
        source,
    })
}

/// Asks a lab's supervisor for every change: one [`Moment`] per line, the first at once, until it ends.
///
/// # Errors
///
/// Errors of the socket, if nobody listens.
pub fn watch(folder: &Folder) -> io::Result<UnixStream> {
    let mut stream = UnixStream::connect(folder.socket())?;
    stream.set_write_timeout(Some(PATIENCE))?;
    say(&mut stream, &Request::Watch)?;
    Ok(stream)
}

/// Sends a request to a lab's supervisor, and returns the result.
pub(super) fn command<T: DeserializeOwned>(up: &Up, request: &Request) -> Result<T, EngineError> {
    let answer = converse(&up.folder, request, PATIENCE);
    match answer.map_err(|source| EngineError::NoSupervisor {
        lab: up.folder.lab().to_string(),
        source,
    })? {
        Answer::Done(done) => Ok(done),
        Answer::Refused(reasons) => Err(EngineError::Supervisor(reasons)),
    }
}

/// Tells the command that asked for the end that the supervisor no longer changes its lab.
pub fn tell_of_end(mut stream: &UnixStream) {
    // A command that has ended waits for nothing.
    let _ = stream.write_all(b"\n");
}

/// The process of a lab's supervisor, if there is one.
pub(super) fn supervisor(folder: &Folder) -> Option<i32> {
    peer(&UnixStream::connect(folder.socket()).ok()?)
}

/// The process at the other end.
fn peer(stream: &UnixStream) -> Option<i32> {
    let peer = getsockopt(stream, PeerCredentials).ok()?;
    Some(peer.pid())
}

/// The status from the supervisor itself; `None` if it does not answer.
pub(super) fn ask(folder: &Folder) -> Option<SupervisorStatus> {
    converse(folder, &Request::Status, PATIENCE).ok()
}
