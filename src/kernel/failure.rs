//! Errors of the kernel, with its messages.

use std::{fmt, io};

use nix::errno::Errno;

use crate::kernel::nft::NftError;
use crate::plan::{Carriage, Entry, Operation, Plan};

/// The kernel's error for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The error number.
    pub errno: Errno,
    /// The kernel's message, if any.
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
    /// A namespace could not be created, pinned or entered.
    #[error("namespace {namespace}: cannot {action}")]
    Namespace {
        /// The namespace.
        namespace: String,
        /// The attempted operation.
        action: &'static str,
        /// The kernel's error.
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
        /// The kernel's error.
        #[source]
        source: io::Error,
    },
    /// The netlink socket failed, not the request.
    #[error("namespace {namespace}: no answer from netlink")]
    Socket {
        /// The namespace.
        namespace: String,
        /// The kernel's error.
        #[source]
        source: io::Error,
    },
    /// The kernel refused an operation.
    #[error("the kernel refuses `{operation}`")]
    Refused {
        /// The operation, in words.
        operation: String,
        /// The kernel's error.
        #[source]
        source: Refusal,
    },
    /// The kernel lacks something that every lab needs.
    #[error(
        "this kernel has no {feature}, which `{operation}` needs: \
         try `modprobe {module}`, or boot a kernel that has it (Debian's has)"
    )]
    Lacking {
        /// What it lacks.
        feature: &'static str,
        /// The module that provides it.
        module: &'static str,
        /// The operation, in words.
        operation: String,
        /// The kernel's error.
        #[source]
        source: Refusal,
    },
    /// A link's other end did not come up.
    #[error("namespace {namespace}: link {name} does not come up")]
    LinkDown {
        /// The namespace.
        namespace: String,
        /// The link.
        name: String,
    },
    /// nft is missing or failed, when starting or ending a blackhole.
    #[error(
        "namespace {namespace}: cannot blackhole {device} with nft (Debian: apt install nftables)"
    )]
    Blackhole {
        /// The namespace.
        namespace: String,
        /// The interface.
        device: String,
        /// nft's message.
        #[source]
        source: NftError,
    },
    /// nft is missing or failed.
    #[error("namespace {namespace}: cannot set its rules with nft (Debian: apt install nftables)")]
    Nft {
        /// The namespace.
        namespace: String,
        /// nft's message.
        #[source]
        source: NftError,
    },
}

impl Failure {
    /// The failure of an operation that the kernel refused.
    pub(super) fn refused(plan: &Plan, operation: Operation<'_>, source: Refusal) -> Self {
        let needed = needed_by(operation, source.errno);
        let refused = Self::Refused {
            operation: plan.describe(operation),
            source,
        };
        match needed {
            Some(needed) => refused.lacking(needed),
            None => refused,
        }
    }

    /// Whether a missing kernel feature causes the error.
    pub(super) fn lacking(self, (feature, module): Needed) -> Self {
        match self {
            Self::Refused { operation, source } => Self::Lacking {
                feature,
                module,
                operation,
                source,
            },
            other => other,
        }
    }
}

/// A kernel feature, and the modules that provide it, for `modprobe`.
pub(super) type Needed = (&'static str, &'static str);

pub(super) const INTERFACES: Needed = ("virtual Ethernet pairs", "veth");
pub(super) const EMULATOR: Needed = ("network emulator", "sch_netem");
pub(super) const TOKEN_BUCKET: Needed = ("token bucket", "sch_tbf");
pub(super) const REDIRECTION: Needed = (
    "filters that redirect packets",
    "-a sch_ingress cls_u32 act_mirred",
);

/// The missing feature of an operation. The kernel reports an unknown kind of interface as not supported, and an
/// unknown kind of queue or filter as not found.
fn needed_by(operation: Operation<'_>, errno: Errno) -> Option<Needed> {
    match (operation, errno) {
        (
            Operation::Bridge(..)
            | Operation::Entry(_, Entry::Port { .. } | Entry::Forwarding { .. }),
            Errno::EOPNOTSUPP,
        ) => Some(("bridges", "bridge")),
        (Operation::Link(_), Errno::EOPNOTSUPP) => Some(INTERFACES),
        (Operation::Link(link), Errno::ENOENT) => Some(match Carriage::of(&link.directions) {
            Carriage::Impaired => EMULATOR,
            Carriage::Direct | Carriage::Shaped => TOKEN_BUCKET,
        }),
        (Operation::Tunnel(_), Errno::EOPNOTSUPP) => Some(("WireGuard", "wireguard")),
        (Operation::Limit(..), Errno::EOPNOTSUPP) => Some(("intermediate devices", "ifb")),
        (Operation::Limit(..), Errno::ENOENT) => Some(REDIRECTION),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::{IfName, LabName, NodeName};
    use crate::plan::{InterfacePlan, NodePlan};
    use crate::topology::{Mac, NodeId};

    #[test]
    fn what_the_kernel_lacks_is_named_with_what_to_do() {
        let bridge = InterfacePlan {
            name: IfName::new("hub").unwrap(),
            index: 1000,
            mac: Mac::AZURE_FABRIC,
            resolves: false,
            bridge: None,
            up: true,
        };
        let plan = Plan {
            lab: LabName::new("demo").unwrap(),
            nodes: vec![NodePlan::unchanged(NodeName::new("azure").unwrap())],
            links: Vec::new(),
            tunnels: Vec::new(),
        };
        let operation = Operation::Bridge(NodeId(0), &bridge);
        let refused = |errno| {
            let refusal = Refusal {
                errno,
                message: None,
            };
            Failure::refused(&plan, operation, refusal).to_string()
        };
        assert_eq!(
            refused(Errno::EOPNOTSUPP),
            "this kernel has no bridges, which `link add hub@azure index 1000 address \
             12:34:56:78:9a:bc arp off up type bridge` needs: try `modprobe bridge`, or boot a \
             kernel that has it (Debian's has)"
        );
        assert!(refused(Errno::EBUSY).starts_with("the kernel refuses `link add hub@azure"));
    }
}
