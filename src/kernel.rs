//! The kernel's side of a lab: namespaces, netlink, settings and the one nftables rule.
//!
//! The only module that makes or enters namespaces, speaks netlink or writes under /proc/sys.
//! Nothing here touches the host's own namespace: every socket is opened inside a lab's.
//!
//! - [`netns`]: making, pinning and entering namespaces.
//! - `rtnl`: one netlink socket a namespace, many requests a system call.
//! - [`Build`]: a plan carried out.

mod build;
mod failure;
mod features;
mod message;
mod netem;
pub mod netns;
mod nft;
mod observe;
mod rtnl;
mod settings;
mod stage;
mod wireguard;

pub use build::Build;
pub use failure::{Failure, Refusal};
pub use features::{Backends, Features, probe};
pub use observe::{LinkState, links};
pub use stage::TUNNEL_MTU;
pub use wireguard::{WireGuardEnd, WireGuardPeer, configure as configure_wireguard};
