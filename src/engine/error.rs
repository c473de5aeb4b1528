//! Why a use case failed: one line, with the reason below.

mod hints;

use std::io;
use std::time::Duration;

use crate::addresses::Address;
use crate::capture::CaptureError;
use crate::findings::Finding;
use crate::kernel::programs;
use crate::probe::ProbeError;
use crate::probe::socket::SocketError;
use crate::routing::NotConverged;
use crate::store::StoreError;
use crate::units::counted;
use crate::yaml::Source;
use hints::{
    lab_hint, node_hint, part_hint, program_hint, session_hint, silence_hint, template_hint,
    up_hint, user_namespace_hint,
};

/// Why a lab was not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfinished {
    /// A signal came.
    #[error("interrupted")]
    Interrupted,
    /// Timed out.
    #[error("not done within {0:?}")]
    TookTooLong(Duration),
    /// The process that worked on it has died.
    #[error("the supervisor has died")]
    Died,
}

/// Why a use case failed.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Neither a shipped lab nor a file.
    #[error("there is no lab `{name}`, and no file of that name can be read; {}", lab_hint(near.as_ref(), known))]
    NoSuchLab {
        /// The name that was given.
        name: String,
        /// The most similar lab.
        near: Option<String>,
        /// The built-in labs.
        known: String,
        /// The file system's reason.
        #[source]
        source: io::Error,
    },
    /// No template has this name.
    #[error("there is no template `{name}`; {}", template_hint(near.as_ref(), known))]
    NoSuchTemplate {
        /// The name that was given.
        name: String,
        /// The most similar template.
        near: Option<String>,
        /// The existing templates.
        known: String,
    },
    /// The file cannot be a lab file: the file, the reason and the remedy.
    #[error("{0}")]
    Unfit(String),
    /// The output of another program is not readable.
    #[error("cannot read `{file}`")]
    Unreadable {
        /// The file.
        file: String,
        /// The file system's reason.
        #[source]
        source: io::Error,
    },
    /// The file has errors.
    #[error("{} is not a lab", .0.file)]
    Findings(Source, Vec<Finding>),
    /// BGP does not converge.
    #[error(transparent)]
    NotConverged(#[from] NotConverged),
    /// The lab's folder.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A probe.
    #[error(transparent)]
    Probe(#[from] ProbeError),
    /// A probe's socket.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// Any other error of the system.
    #[error("cannot {action}")]
    System {
        /// The attempted operation.
        action: String,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// User namespaces, which replace root's rights.
    #[error("cannot {action}, which labs without root need: {}", user_namespace_hint(*remedy))]
    NoUserNamespace {
        /// The attempted operation.
        action: &'static str,
        /// What to do about it, if known.
        remedy: Option<&'static str>,
        /// The kernel's reason.
        #[source]
        source: io::Error,
    },
    /// The lab was not finished.
    #[error(
        "{why}: {}",
        if *is_gone { format!("what was built of lab {lab} is removed") }
        else { format!("something of lab {lab} remains, and `lab down {lab}` removes it") }
    )]
    Unfinished {
        /// The lab.
        lab: String,
        /// The reason.
        why: Unfinished,
        /// Whether everything of it is removed.
        is_gone: bool,
    },
    /// No lab is up.
    #[error("no lab is up; `lab up hub-spoke` brings one up")]
    NoneUp,
    /// The lab is not up.
    #[error("lab {name} is not up; {}", up_hint(name, near.as_ref()))]
    NotUp {
        /// The lab.
        name: String,
        /// The most similar lab that is up.
        near: Option<String>,
    },
    /// The lab is up from another file, and most of it would change.
    #[error(
        "lab {lab} is up, built from {built_from}: {file} would change {changing} of its {}; give the file another \
         `name:`, or run `lab up {file} --replace`", counted(*nodes, "node")
    )]
    OtherFile {
        /// The lab.
        lab: String,
        /// The file that it was built from.
        built_from: String,
        /// The file that was given.
        file: String,
        /// How many nodes would change.
        changing: usize,
        /// How many it has.
        nodes: usize,
    },
    /// The lab belongs to root, and another user asks about it.
    #[error("lab {name} is root's: run it with sudo")]
    OfRoot {
        /// The lab.
        name: String,
    },
    /// The user has no lab up, but root may have.
    #[error("no lab of yours is up, and only sudo shows root's; `lab up hub-spoke` brings one up")]
    NoneOfYours,
    /// Several labs are up.
    #[error("several labs are up: say which with --lab: {}", .0.join(", "))]
    WhichLab(Vec<String>),
    /// The lab has no such node.
    #[error("lab {lab} has no node `{name}`; {}", node_hint(near.as_ref()))]
    NoSuchNode {
        /// The lab.
        lab: String,
        /// The node.
        name: String,
        /// The most similar node.
        near: Option<String>,
    },
    /// No link or node has this name.
    #[error("lab {lab} has no link or node `{name}`; {}", part_hint(near.as_ref()))]
    NoSuchPart {
        /// The lab.
        lab: String,
        /// The name that was given.
        name: String,
        /// The most similar name.
        near: Option<String>,
    },
    /// No BGP session has this name.
    #[error("lab {lab} has no BGP session `{name}`; {}", session_hint(near.as_ref()))]
    NoSuchSession {
        /// The lab.
        lab: String,
        /// The name that was given.
        name: String,
        /// The most similar name.
        near: Option<String>,
    },
    /// A BGP session cannot lose packets by itself.
    #[error(
        "`{name}` is a BGP session, and only links can be blackholed; `lab fault {name}` shuts it"
    )]
    NoBlackhole {
        /// The name that was given.
        name: String,
    },
    /// No link has this name.
    #[error("lab {lab} has no link `{name}`; {}", part_hint(near.as_ref()))]
    NoSuchLink {
        /// The lab.
        lab: String,
        /// The name that was given.
        name: String,
        /// The most similar link.
        near: Option<String>,
    },
    /// The lab file disables this link, or every link of this session.
    #[error("{name} is not enabled in the lab file, so it can neither fail nor be healed")]
    NotEnabled {
        /// The link.
        name: String,
    },
    /// The supervisor cannot be reached.
    #[error("the supervisor of lab {lab} does not answer; {}", silence_hint(lab, source.kind()))]
    NoSupervisor {
        /// The lab.
        lab: String,
        /// The error of the socket.
        #[source]
        source: io::Error,
    },
    /// The supervisor does not end, not even when killed.
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
    /// The supervisor failed: its reasons, outermost first.
    #[error("{}", .0.join(": "))]
    Supervisor(Vec<String>),
    /// The destination is neither a node nor an address.
    #[error(
        "`{name}` has no address that packets could be sent to; name a machine, a router or an IPv4 address"
    )]
    NoAddress {
        /// The name that was given.
        name: String,
    },
    /// The address is an IPv6 address.
    #[error(
        "{address} is an IPv6 address, and labs do not support IPv6 yet: write an IPv4 address or a name"
    )]
    Ipv6 {
        /// The address.
        address: String,
    },
    /// As seen from the sender, the node's address belongs to another node.
    #[error(
        "`{name}` cannot be addressed from `{from}`, where {address} is the address of `{other}`: name a sender that is joined to `{name}`"
    )]
    AnothersAddress {
        /// The name that was given.
        name: String,
        /// Its address.
        address: Address,
        /// The sender.
        from: String,
        /// The owner of the address there.
        other: String,
    },
    /// A program is missing.
    #[error("there is no `{name}` on this machine{}", program_hint(*package))]
    NoProgram {
        /// The program.
        name: String,
        /// Its Debian package, if known.
        package: Option<&'static str>,
    },
    /// `/` is no mount point, as in a chroot.
    #[error(
        "no program can run in a node, because / is no mount point, as in a chroot: outside of it, run `mount --rbind DIR DIR` for its folder DIR, and enter it again"
    )]
    NoMountPoint,
    /// A program and its arguments were given as one word.
    #[error("there is no program `{words}`: drop the quotes, as in `lab exec {node} -- {words}`")]
    Quoted {
        /// The node.
        node: String,
        /// The word.
        words: String,
    },
    /// The error message of iperf3.
    #[error("iperf3: {0}")]
    Iperf(String),
    /// tcpdump rejects the filter.
    #[error("`{filter}` is not a valid filter: {said}; `man pcap-filter` describes the syntax")]
    NoFilter {
        /// The filter.
        filter: String,
        /// The error message.
        said: String,
    },
    /// The node has no such interface.
    #[error("{node} has no interface `{name}`; it has {}", there.join(", "))]
    NoSuchInterface {
        /// The node.
        node: String,
        /// The name that was given.
        name: String,
        /// Its interfaces.
        there: Vec<String>,
    },
    /// The capture failed.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// No link can have these impairments.
    #[error("{0}")]
    Impossible(String),
    /// The link does not end at this node.
    #[error("link {link} does not end at `{name}`: it connects {} and {}", ends[0], ends[1])]
    NotAnEnd {
        /// The link.
        link: String,
        /// The name that was given.
        name: String,
        /// The nodes at its ends.
        ends: [String; 2],
    },
    /// The operation would touch packets of the host's own namespace.
    #[error("refused to send or to listen in the host's own network namespace")]
    NotIsolated,
}

impl EngineError {
    /// Whether the input is wrong, rather than the system.
    #[must_use]
    pub const fn is_bad_input(&self) -> bool {
        matches!(
            self,
            Self::NoSuchLab { .. }
                | Self::NoSuchTemplate { .. }
                | Self::Unfit(_)
                | Self::Unreadable { .. }
                | Self::Findings(..)
                | Self::NotConverged(_)
                | Self::NoneUp
                | Self::NotUp { .. }
                | Self::OtherFile { .. }
                | Self::OfRoot { .. }
                | Self::NoneOfYours
                | Self::WhichLab(_)
                | Self::NoSuchNode { .. }
                | Self::NoSuchPart { .. }
                | Self::NoSuchSession { .. }
                | Self::NoBlackhole { .. }
                | Self::NotEnabled { .. }
                | Self::NoAddress { .. }
                | Self::Ipv6 { .. }
                | Self::AnothersAddress { .. }
                | Self::Impossible(_)
                | Self::NotAnEnd { .. }
                | Self::NoSuchLink { .. }
                | Self::NoFilter { .. }
                | Self::NoSuchInterface { .. }
                | Self::Quoted { .. }
        )
    }

    /// A missing program.
    #[must_use]
    pub fn no_program(name: &str) -> Self {
        Self::NoProgram {
            name: name.to_owned(),
            package: programs::package_of(name),
        }
    }

    /// A failure of the system.
    pub fn system(action: impl Into<String>, source: io::Error) -> Self {
        Self::System {
            action: action.into(),
            source,
        }
    }
}
