//! The kernel's side of a lab: namespaces, netlink, settings and the one nftables rule.
//!
//! The only module that makes or enters namespaces, speaks netlink or writes under /proc/sys.
//! Nothing here touches the host's own namespace: every socket is opened inside a lab's.
//!
//! - [`netns`]: making, pinning and entering namespaces.
//! - `rtnl`: one netlink socket a namespace, many requests a system call.
//! - [`Build`]: a plan carried out; [`Live`]: what came of it, changed while packets pass.
//! - [`Watch`]: the kernel's own word of links that go down and come back.

mod build;
mod failure;
mod features;
mod live;
mod message;
mod netem;
pub mod netns;
mod nft;
mod observe;
mod routes;
mod rtnl;
mod settings;
mod stage;
mod watch;
mod wireguard;

pub use build::Build;
pub use failure::{Failure, Refusal};
pub use features::{Backends, Features, probe};
pub use live::{Live, Refused};
pub use observe::{LinkState, links};
pub use routes::{LiveRoute, routes};
pub use stage::TUNNEL_MTU;
pub use watch::{LinkEvent, Watch};
pub use wireguard::{WireGuardEnd, WireGuardPeer, configure as configure_wireguard};
