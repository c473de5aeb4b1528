//! What the kernel refused, and in whose words.

use std::{fmt, io};

use nix::errno::Errno;

/// The kernel's answer to a request that it did not carry out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The error number.
    pub errno: Errno,
    /// What the kernel says about it, where it does.
    pub message: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.errno.desc())?;
        self.message
            .iter()
            .try_for_each(|message| write!(f, ": {message}"))
    }
}

impl std::error::Error for Refusal {}

/// A step of a plan that failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A namespace could not be made, pinned or entered.
    #[error("namespace {namespace}: cannot {action}")]
    Namespace {
        /// The namespace.
        namespace: String,
        /// What was tried.
        action: &'static str,
        /// The kernel's reason.
        #[source]
        source: io::Error,
    },
    /// A file under /proc/sys could not be written.
    #[error("namespace {namespace}: cannot set {key} to {value}")]
    Setting {
        /// The namespace.
        namespace: String,
        /// The setting.
        key: String,
        /// Its value.
        value: String,
        /// The kernel's reason.
        #[source]
        source: io::Error,
    },
    /// The netlink socket failed, not the request.
    #[error("namespace {namespace}: no answer from netlink")]
    Socket {
        /// The namespace.
        namespace: String,
        /// The kernel's reason.
        #[source]
        source: io::Error,
    },
    /// The kernel refused an operation.
    #[error("the kernel refuses `{operation}`")]
    Refused {
        /// The operation, in words.
        operation: String,
        /// The kernel's reason.
        #[source]
        source: Refusal,
    },
    /// A link's other end never came up.
    #[error("namespace {namespace}: link {name} does not come up")]
    LinkDown {
        /// The namespace.
        namespace: String,
        /// The link.
        name: String,
    },
    /// The nft program is missing or failed.
    #[error(
        "namespace {namespace}: cannot set the tunnel's time to live with nft (Debian: apt install nftables)"
    )]
    Nft {
        /// The namespace.
        namespace: String,
        /// nft's reason.
        #[source]
        source: Box<nftables::helper::NftablesError>,
    },
}
