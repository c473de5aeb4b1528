//! Why a supervisor cannot do what a command asks: one line, with the reason below.
//!
//! A command receives only the lines; this type never leaves the process.

use std::io;

use crate::engine::EngineError;
use crate::kernel::{Failure, NoBackend};
use crate::store::StoreError;
use crate::supervisor::live::Shortage;
use crate::tunnel::TunnelError;
use crate::wire::WireError;

/// Why a supervisor cannot do what a command asks.
#[derive(Debug, thiserror::Error)]
pub enum SupervisorError {
    /// Errors that commands share.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// No backend can carry the lab's tunnels or delays as requested.
    #[error(transparent)]
    Backend(#[from] NoBackend),
    /// The kernel.
    #[error(transparent)]
    Kernel(#[from] Failure),
    /// The lab's folder.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A userspace tunnel.
    #[error(transparent)]
    Tunnel(#[from] TunnelError),
    /// A userspace wire.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// Any other error of the system.
    #[error("cannot {action}")]
    System {
        /// The attempted operation.
        action: String,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// This machine lacks the resources for the lab.
    #[error(
        "lab {lab} needs {} {}, and this machine has {} left: {}",
        shortage.needed, shortage.what, shortage.there, shortage.remedy
    )]
    NoRoom {
        /// The lab.
        lab: String,
        /// The missing resource.
        shortage: Shortage,
    },
    /// The running lab was built from another file.
    #[error("lab {lab} is up from another file than {file}; `lab down {lab}` first")]
    OtherLab {
        /// The lab.
        lab: String,
        /// The file that was given.
        file: String,
    },
    /// The running lab has another backend than requested.
    #[error("lab {lab} is up with other backends; `lab down {lab}` first")]
    OtherBackend {
        /// The lab.
        lab: String,
    },
    /// A firewall of the lab file that nft refuses, or that touches what the lab itself loads.
    #[error("the firewall of {node} {wrong}")]
    Firewall {
        /// The node.
        node: String,
        /// What is wrong with it, and where.
        wrong: String,
    },
    /// The link cannot be impaired in this way.
    #[error("{0}")]
    Impossible(String),
    /// An earlier change failed half-way, or a thread that worked on the lab panicked.
    #[error("the supervisor no longer follows the lab's links; `lab down` and `lab up` repair it")]
    NotFollowed,
    /// The lab's record cannot be read, so that a change cannot be reverted.
    #[error("its record is gone")]
    NoRecord,
    /// Differences from the lab file that remain after one repair.
    #[error(
        "the lab differs from its file, and the difference could not be repaired: `lab down` and `lab up` rebuild it: {}",
        .0.join(": ")
    )]
    Unmended(Vec<String>),
}

impl SupervisorError {
    /// Whether the command's input is wrong, rather than the system.
    #[must_use]
    pub const fn is_bad_input(&self) -> bool {
        match self {
            Self::Engine(error) => error.is_bad_input(),
            Self::OtherLab { .. }
            | Self::OtherBackend { .. }
            | Self::Firewall { .. }
            | Self::Impossible(_) => true,
            Self::Backend(_)
            | Self::Kernel(_)
            | Self::Store(_)
            | Self::Tunnel(_)
            | Self::Wire(_)
            | Self::System { .. }
            | Self::NoRoom { .. }
            | Self::NotFollowed
            | Self::NoRecord
            | Self::Unmended(_) => false,
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
