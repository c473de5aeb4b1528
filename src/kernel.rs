//! The kernel's side of a lab: namespaces, netlink, settings and nftables.
//!
//! Only this module creates or enters namespaces, uses netlink or writes under /proc/sys. It never touches the host's
//! own namespace: every socket is opened inside a lab's.
//!
//! - [`netns`]: creating, pinning and entering namespaces.
//! - [`user_namespace`]: a user namespace around a lab's namespaces, without root.
//! - `rtnl`: one netlink socket per namespace, many requests per system call.
//! - [`Build`]: carries out a plan; [`Live`]: the result, changed while packets pass.
//! - [`Watch`]: kernel events of links that go down and come back.

mod backends;
mod build;
mod comparison;
mod counters;
mod divert;
mod failure;
mod features;
mod limit;
mod live;
mod mend;
mod message;
mod netem;
pub mod netns;
mod nft;
mod observe;
pub mod programs;
mod queues;
mod quiet;
mod routes;
mod rtnl;
mod seen;
mod settings;
mod stage;
mod standing;
mod survey;
mod tbf;
mod tc;
mod unbuild;
pub mod user_namespace;
mod watch;
mod wireguard;

pub use backends::{NoBackend, TUN_DEVICE, tun};
pub use build::{Build, Further};
pub use comparison::{Belonging, Difference};
pub use counters::{LinkCounters, QueueCounters, Traffic, link_counters};
pub use failure::{Failure, Refusal};
pub use features::{Backends, Features, probe};
pub use live::{Live, Refused};
pub use nft::{Complaint, Trial, try_firewall};
pub use observe::{LinkState, interfaces, links};
pub use routes::LiveRoute;
pub use seen::processes_that_see;
pub use settings::Preset;
pub use standing::{Standing, standing};
pub use survey::{Ability, survey};
pub use watch::{LinkEvent, Watch};
pub use wireguard::{
    WireGuardEnd, WireGuardPeer, WireGuardSeen, configure as configure_wireguard,
    peers as wireguard_peers, renew as renew_wireguard,
};

#[cfg(test)]
mod tests;
