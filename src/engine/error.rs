//! Why a use case failed, in one line with the reason under it.

mod hints;

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use crate::capture::CaptureError;
use crate::engine::room::Shortage;
use crate::findings::Finding;
use crate::kernel::Failure;
use crate::probe::ProbeError;
use crate::probe::socket::SocketError;
use crate::routing::NotConverged;
use crate::spec::Source;
use crate::store::StoreError;
use crate::tunnel::TunnelError;
use crate::wire::WireError;
use hints::{node_hint, part_hint, session_hint, silence_hint, tun_hint};

/// What makes TUN and TAP interfaces.
pub(super) const TUN_DEVICE: &str = "/dev/net/tun";

/// Why a lab was not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfinished {
    /// A signal came.
    #[error("interrupted")]
    Interrupted,
    /// Whatever it was that did not come.
    #[error("not done within {0:?}")]
    TookTooLong(Duration),
    /// The process that worked on it is no more.
    #[error("the supervisor has died")]
    Died,
}

/// Why a use case failed.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Neither a shipped lab nor a file.
    #[error(
        "there is no lab `{name}`: the catalogue has {known}, and no file of that name can be read"
    )]
    NoSuchLab {
        /// What was asked for.
        name: String,
        /// The labs that are built in.
        known: String,
        /// The file system's reason.
        #[source]
        source: io::Error,
    },
    /// No lab to begin with is called so.
    #[error("there is no template `{name}`; there are {known}")]
    NoSuchTemplate {
        /// What was asked for.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// A file that no lab file is like, whatever it says: which, why not and what to do.
    #[error("{0}")]
    Unfit(String),
    /// A file that breaks rules.
    #[error("{} is not a lab", .0.file)]
    Findings(Source, Vec<Finding>),
    /// Routes that do not settle.
    #[error(transparent)]
    NotConverged(#[from] NotConverged),
    /// The lab's folder.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The kernel.
    #[error(transparent)]
    Kernel(#[from] Failure),
    /// A userspace tunnel.
    #[error(transparent)]
    Tunnel(#[from] TunnelError),
    /// A userspace wire.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// A probe.
    #[error(transparent)]
    Probe(#[from] ProbeError),
    /// A probe's socket.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// Something of the system that none of these is.
    #[error("cannot {action}")]
    System {
        /// What was tried.
        action: String,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// Namespaces of a user's own, which take the place of root's rights.
    #[error("cannot {action}, which labs need without root: {}", session_hint(*remedy))]
    NoSession {
        /// What was tried.
        action: &'static str,
        /// What to do about it, where that is known.
        remedy: Option<&'static str>,
        /// The kernel's reason.
        #[source]
        source: io::Error,
    },
    /// A lab that was not finished.
    #[error(
        "{why}: {}",
        if *is_gone { format!("what was built of lab {lab} is removed") }
        else { format!("something of lab {lab} remains, and `lab down {lab}` removes it") }
    )]
    Unfinished {
        /// The lab.
        lab: String,
        /// Why not.
        why: Unfinished,
        /// Whether nothing is left of it.
        is_gone: bool,
    },
    /// No lab is up that a command could mean.
    #[error("no lab is up; `lab up hub-spoke` brings one up")]
    NoneUp,
    /// The lab is not up.
    #[error("lab {name} is not up; `lab up {name}` brings it up")]
    NotUp {
        /// The lab.
        name: String,
    },
    /// A lab that root has up, and another user asks about.
    #[error("lab {name} is root's: run it with sudo")]
    OfRoot {
        /// The lab.
        name: String,
    },
    /// No lab of a user's is up, and some of root's may be.
    #[error(
        "no lab of yours is up, and root's are seen with sudo alone; `lab up hub-spoke` brings one up"
    )]
    NoneOfYours,
    /// Several labs are up.
    #[error("several labs are up: say which with --lab: {}", .0.join(", "))]
    WhichLab(Vec<String>),
    /// A node that the lab does not have.
    #[error("lab {lab} has no node `{name}`; {}", node_hint(near.as_ref()))]
    NoSuchNode {
        /// The lab.
        lab: String,
        /// The node.
        name: String,
        /// The node that was probably meant.
        near: Option<String>,
    },
    /// A name that is neither a link's nor a node's.
    #[error("lab {lab} has no link or node `{name}`; {}", part_hint(near.as_ref()))]
    NoSuchPart {
        /// The lab.
        lab: String,
        /// What was asked for.
        name: String,
        /// What was probably meant.
        near: Option<String>,
    },
    /// A name that is no link's.
    #[error("lab {lab} has no link `{name}`; {}", part_hint(near.as_ref()))]
    NoSuchLink {
        /// The lab.
        lab: String,
        /// What was asked for.
        name: String,
        /// The link that was probably meant.
        near: Option<String>,
    },
    /// A link that the lab file leaves down.
    #[error("link {name} is not enabled in the lab file, so it can neither fail nor be healed")]
    NotEnabled {
        /// The link.
        name: String,
    },
    /// The process that stays with a lab cannot be reached.
    #[error("the supervisor of lab {lab} does not answer; {}", silence_hint(lab, source.kind()))]
    NoSupervisor {
        /// The lab.
        lab: String,
        /// The socket's reason.
        #[source]
        source: io::Error,
    },
    /// The process that stays with a lab does not end, not even when it is killed.
    #[error(
        "the supervisor of lab {lab}, process {pid}, does not end: /proc/{pid}/stack shows what holds it; \
         `lab down {lab}` again when that is over"
    )]
    SupervisorStays {
        /// The lab.
        lab: String,
        /// The process.
        pid: i32,
    },
    /// The process that stays with a lab could not do as it was told: its reasons, outermost first.
    #[error("{}", .0.join(": "))]
    Supervisor(Vec<String>),
    /// A destination that is neither a node nor an address.
    #[error(
        "`{name}` has no address that packets could be sent to; name a machine, a router or an IPv4 address"
    )]
    NoAddress {
        /// What was asked for.
        name: String,
    },
    /// A node's address is another's where packets would be sent from.
    #[error(
        "`{name}` cannot be addressed from `{from}`, where {address} is the address of `{other}`: name a sender that is joined to `{name}`"
    )]
    AnothersAddress {
        /// What was asked for.
        name: String,
        /// Its address.
        address: Ipv4Addr,
        /// Who would send.
        from: String,
        /// Who has the address there.
        other: String,
    },
    /// A running lab is not the one in the file.
    #[error("lab {lab} is up from another file than {file}; `lab down {lab}` first")]
    OtherLab {
        /// The lab.
        lab: String,
        /// The file that was given.
        file: String,
    },
    /// Neither the kernel nor a process can carry tunnels or delays.
    #[error(
        "cannot open {TUN_DEVICE}, by which a process carries {carried}, and this kernel does not: {}",
        tun_hint(source.kind())
    )]
    NoTun {
        /// What the lab needs it for.
        carried: &'static str,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// A lab that this machine has no room for.
    #[error(
        "lab {lab} takes {} {}, and this machine has {} left: {}",
        shortage.needed, shortage.what, shortage.there, shortage.remedy
    )]
    NoRoom {
        /// The lab.
        lab: String,
        /// What there is too little of.
        shortage: Shortage,
    },
    /// A program that is not there.
    #[error(
        "there is no `{name}` on this machine: install it, on Debian by `apt-get install {name}`"
    )]
    NoProgram {
        /// The program, which is also its package.
        name: &'static str,
    },
    /// What iperf3 says that it could not do.
    #[error("iperf3: {0}")]
    Iperf(String),
    /// A filter that tcpdump does not take, and what it says of it.
    #[error("`{filter}` is no filter: {said}; `man pcap-filter` tells how to write one")]
    NoFilter {
        /// The filter.
        filter: String,
        /// Its words.
        said: String,
    },
    /// An interface that a node does not have.
    #[error("{node} has no interface `{name}`; it has {}", there.join(", "))]
    NoSuchInterface {
        /// The node.
        node: String,
        /// What was asked for.
        name: String,
        /// Its interfaces.
        there: Vec<String>,
    },
    /// A capture of packets.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// A forced backend that this kernel lacks.
    #[error(
        "the kernel backend was asked for, and this kernel has no {missing}; `lab doctor` shows what it has"
    )]
    NoKernelBackend {
        /// What is missing.
        missing: &'static str,
    },
    /// A lab that is up is carried by other means than those asked for.
    #[error("lab {lab} is up with other backends; `lab down {lab}` first")]
    OtherBackend {
        /// The lab.
        lab: String,
    },
    /// What a command would make of a link is nothing that a link can do.
    #[error("{0}")]
    Impossible(String),
    /// A node that a link does not end at.
    #[error("link {link} does not end at `{name}`: it joins {} and {}", ends[0], ends[1])]
    NotAnEnd {
        /// The link.
        link: String,
        /// What was named.
        name: String,
        /// The nodes that it joins.
        ends: [String; 2],
    },
    /// Would have had to do with packets of the host's own namespace.
    #[error("refused to send or to listen in the host's own network namespace")]
    NotIsolated,
}

impl EngineError {
    /// Whether what was asked for is wrong, and not the system that was to do it.
    #[must_use]
    pub const fn is_bad_input(&self) -> bool {
        matches!(
            self,
            Self::NoSuchLab { .. }
                | Self::NoSuchTemplate { .. }
                | Self::Unfit(_)
                | Self::Findings(..)
                | Self::NotConverged(_)
                | Self::NoneUp
                | Self::NotUp { .. }
                | Self::OfRoot { .. }
                | Self::NoneOfYours
                | Self::WhichLab(_)
                | Self::NoSuchNode { .. }
                | Self::NoSuchPart { .. }
                | Self::NotEnabled { .. }
                | Self::NoAddress { .. }
                | Self::AnothersAddress { .. }
                | Self::OtherLab { .. }
                | Self::OtherBackend { .. }
                | Self::Impossible(_)
                | Self::NotAnEnd { .. }
                | Self::NoSuchLink { .. }
                | Self::NoFilter { .. }
                | Self::NoSuchInterface { .. }
        )
    }

    /// A failure of the system.
    pub fn system(action: impl Into<String>, source: io::Error) -> Self {
        Self::System {
            action: action.into(),
            source,
        }
    }
}

/// An error and what lies under it, in one line.
pub(super) fn line(error: &impl std::error::Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        line = format!("{line}: {error}");
        source = error.source();
    }
    line
}
