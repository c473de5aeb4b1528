//! The topology of a lab: nodes, interfaces, links, segments and BGP sessions, with all references resolved.
//!
//! No route is computed here: a topology says which nodes may communicate, and with which addresses.
//!
//! The documented paths follow from the data plane that a topology describes:
//!
//! - A virtual network is a bridge, and a peering a link between two bridges with isolated ports.
//! - An MSEE has a leg on the bridge of every network that its circuit serves, at the far end of the long link, with
//!   the endpoint address. Packets from a circuit to a network go through the gateway, over a link whose addresses are
//!   not advertised.
//! - A VPN gateway forwards in both directions, and its tunnels' addresses are not advertised. An active-active one is
//!   two nodes, each with its own tunnels.
//! - A tunnel over a circuit's Microsoft peering crosses the circuit's link and then the internet, from the MSEE to the
//!   gateway.
//! - A load balancer is not a node: routes to its frontend lead to the machines behind it.

pub(crate) mod allocate;
pub(crate) mod builder;
pub(crate) mod internet;
mod lookup;
mod model;
mod named;
mod nics;
mod outer;
mod owners;
mod relays;
mod session_names;
pub(crate) mod sessions;
mod silence;
mod space;

pub use model::*;
pub use outer::OuterEnd;
pub use owners::Owners;
pub use session_names::{Parts, is_session_name};
pub use space::Space;
