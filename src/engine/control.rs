//! What commands and a lab's supervisor say to each other: a line of JSON each way, on its socket.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::engine::{Choice, EngineError, Up};
use crate::spec;
use crate::store::{Folder, is_stopped};
use crate::units::{Impairment, ImpairmentChange};

/// What a supervisor is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Request {
    /// To end: answered by a byte when it changes nothing of its lab any more. It closes the connection when it has ended.
    Stop,
    /// To have the lab be as a lab file says: answered by what came of it.
    Up(Order),
    /// How it is: answered by a [`SupervisorStatus`].
    Status,
    /// To take links down: answered by an [`Answer`] of [`Changed`] when the routes are those of the new state.
    Fault(Vec<String>),
    /// To have links lose everything silently; answered likewise.
    Blackhole(Vec<String>),
    /// To mend links, whatever they suffer from; answered likewise.
    Heal(Vec<String>),
    /// To mend every link; answered likewise.
    HealAll,
    /// To impair a link otherwise: answered by an [`Answer`] of [`Impaired`] when it does.
    Impair(Impair),
    /// To tell of every change as it comes: answered by a [`Moment`] at once, and by another one a change, until the
    /// supervisor ends.
    Watch,
}

/// Most bytes of a request. The longest has the text of a lab file, of which no character that may stand there takes
/// more than twice its bytes in JSON.
pub const LONGEST_REQUEST: usize = 2 * spec::LARGEST_TEXT + (1 << 16);

impl Request {
    /// The request that a line says; none where it says none.
    #[must_use]
    pub fn of_line(line: &[u8]) -> Option<Self> {
        serde_json::from_slice(line).ok()
    }
}

/// A lab file, and what is to carry it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The file's name, as its user wrote it.
    pub file: String,
    /// Its text.
    pub text: String,
    /// What a person wants of the kernel.
    pub choice: Choice,
    /// Whether a lab of that name that is up becomes what the file says, where it is something else.
    pub may_change: bool,
}

/// What is to become of a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Impair {
    /// The link.
    pub link: String,
    /// Whether what leaves its first and its second end is meant.
    pub directions: [bool; 2],
    /// What becomes of it, beside what the lab file says; none for that alone.
    pub change: Option<ImpairmentChange>,
}

/// How a link is impaired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Impaired {
    /// The link.
    pub link: String,
    /// What becomes of packets that leave its first and its second end.
    pub directions: [Impairment; 2],
}

/// How long a supervisor may take to answer: a link that comes up is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// The answer to a command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer<T> {
    /// It was carried out, and this came of it.
    Done(T),
    /// It was not: what failed, and why, outermost first.
    Refused(Vec<String>),
}

/// What a command changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    /// The links.
    pub links: Vec<String>,
    /// How many routes came, went or took another way.
    pub routes: usize,
    /// In how many nodes.
    pub nodes: usize,
    /// Other differences between the lab file and the kernel that were mended.
    #[serde(default)]
    pub mended: usize,
    /// Milliseconds until the next session notices; none where nothing more is to come.
    pub later_ms: Option<f64>,
    /// Milliseconds until the routes were installed.
    pub elapsed_ms: f64,
}

/// What a lab file changed of a lab that was up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Nodes that came.
    pub nodes_added: usize,
    /// Nodes that went.
    pub nodes_removed: usize,
    /// Links and tunnels that came, or were made anew.
    pub links_added: usize,
    /// Links and tunnels that went, or were made anew.
    pub links_removed: usize,
    /// Links that stayed and do something else to packets.
    pub links_impaired: usize,
    /// Routes that came, went or take another way.
    pub routes: usize,
    /// Differences between the lab file and the kernel, whoever made them, that were mended.
    #[serde(default)]
    pub mended: usize,
}

/// How a supervisor is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SupervisorStatus {
    /// Its process.
    pub pid: u32,
    /// Whether the wires that it holds still carry frames; true where it holds none.
    pub wires_running: bool,
    /// The tunnels that it holds.
    pub tunnels: Vec<TunnelStatus>,
    /// What has failed.
    pub faults: FaultStatus,
    /// The links that are impaired otherwise than the lab file says.
    pub impaired: Vec<Impaired>,
    /// What the wires that it holds have carried.
    pub wires: Vec<WireStatus>,
    /// The TAP interfaces that links have or had beside their ends.
    pub taps: Vec<TapIndexes>,
}

/// The TAP interfaces that packets of a link left by in place of its own ends, while it was impaired. A capture reads
/// packets after they passed, when the interfaces may be gone: it knows them by their indexes, which the kernel never
/// gives to another interface of the same namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TapIndexes {
    /// The link.
    pub link: String,
    /// The interface's index in the namespace of its first end and of its second.
    pub indexes: [u32; 2],
}

/// What a wire that a supervisor holds has carried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireStatus {
    /// The link.
    pub link: String,
    /// Where the link was made without it, the interfaces beside its ends that packets leave by in their place. The
    /// link counts nothing itself as long as it has it.
    pub beside: Option<[String; 2]>,
    /// From its first end and from its second.
    pub directions: [Carried; 2],
}

/// What one direction of a wire has carried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Frames that arrived.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Frames that did not.
    pub dropped: u64,
}

/// What has failed, by whose hand ever.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FaultStatus {
    /// Links that are down.
    pub down: Vec<String>,
    /// Those of them that a command took down.
    pub commanded: Vec<String>,
    /// Links that lose everything silently.
    pub blackholed: Vec<String>,
    /// Sessions that have ended, by their position in the topology.
    pub ended_sessions: Vec<usize>,
    /// Links over which a site's routers have given each other up.
    pub lost_adjacencies: Vec<String>,
    /// Milliseconds until the next session notices; none where nothing more is to come.
    pub later_ms: Option<f64>,
    /// What went wrong when routes were last installed.
    pub problems: Vec<String>,
}

/// How a lab is between two changes of what happens to it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Moment {
    /// How often a lab file was handed to its supervisor since it was built, whether that changed anything or not.
    pub orders: usize,
    /// What has failed.
    pub faults: FaultStatus,
    /// The links that are impaired otherwise than the lab file says.
    pub impaired: Vec<Impaired>,
    /// How many routes came, went or took another way since the moment before.
    pub routes: usize,
    /// In how many nodes, one that changed several times counted each time.
    pub nodes: usize,
}

impl Moment {
    /// Whether nothing has happened between two moments but that time has passed.
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

/// Says a request on a connection.
pub(super) fn say(stream: &mut UnixStream, request: &Request) -> io::Result<()> {
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)
}

/// How long a supervisor may take to change its lab: a second for a thousand nodes that come.
pub const CHANGE_PATIENCE: Duration = Duration::from_mins(2);

/// Asks a supervisor, and hears its answer, each within so long.
///
/// # Errors
///
/// The socket's, where nobody listens or no answer comes in time.
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
        // It may have been stopped only then.
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

/// Fails where a process is stopped: it would not answer, and its user may not know why.
fn check_not_stopped(process: Option<i32>) -> io::Result<()> {
    match process {
        Some(process) if is_stopped(process.unsigned_abs()) => Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!("process {process} is stopped; `kill -CONT {process}` resumes it"),
        )),
        _ => Ok(()),
    }
}

/// Fails where a lab's supervisor is stopped: whatever a command asks or does would wait for it.
pub(super) fn check_responsive(folder: &Folder) -> Result<(), EngineError> {
    check_not_stopped(supervisor(folder)).map_err(|source| EngineError::NoSupervisor {
        lab: folder.lab().to_string(),
        source,
    })
}

/// Has a lab's supervisor tell of every change: a [`Moment`] a line, the first at once, until it ends.
///
/// # Errors
///
/// The socket's, where nobody listens.
pub fn watch(folder: &Folder) -> io::Result<UnixStream> {
    let mut stream = UnixStream::connect(folder.socket())?;
    stream.set_write_timeout(Some(PATIENCE))?;
    say(&mut stream, &Request::Watch)?;
    Ok(stream)
}

/// Has a lab's supervisor carry something out, and returns what came of it.
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

/// Tells whoever had a supervisor end that it changes nothing of its lab any more.
pub fn tell_of_end(mut stream: &UnixStream) {
    // Whoever is gone waits for nothing.
    let _ = stream.write_all(b"\n");
}

/// The process of a lab's supervisor; none where there is none.
pub(super) fn supervisor(folder: &Folder) -> Option<i32> {
    peer(&UnixStream::connect(folder.socket()).ok()?)
}

/// The process at the other end.
fn peer(stream: &UnixStream) -> Option<i32> {
    let peer = getsockopt(stream, PeerCredentials).ok()?;
    Some(peer.pid())
}

/// A supervisor's own word; none where it does not answer.
pub(super) fn ask(folder: &Folder) -> Option<SupervisorStatus> {
    converse(folder, &Request::Status, PATIENCE).ok()
}
