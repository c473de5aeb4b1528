//! Azure's resources: one folder per kind.
//!
//! A folder has the kind's part of a lab file (`model`), its reader (`decode`), the meanings of its keys (`keys.yaml`),
//! the rules of Azure that it can violate (`rules`), and the part of the network that it creates (`lower`). `resource`
//! describes all of these.
//!
//! These modules read with [`crate::yaml`] and create a [topology](crate::topology). They also use
//! [`crate::onpremises`]: circuits and connections end at routers of sites, and an appliance is a device, as a router
//! is. They do not know the document, so their rules take [`resources::Resources`] instead of a whole lab file. Code
//! for several kinds is next to the folders.

pub(crate) mod addresses;
pub mod circuit;
pub mod connection;
pub(crate) mod cure;
pub(crate) mod domains;
pub(crate) mod facts;
pub mod gateway;
pub mod load_balancer;
pub mod peering;
pub(crate) mod references;
pub(crate) mod resource;
pub mod resources;
pub mod route_table;
pub(crate) mod scopes;
pub(crate) mod source;
pub mod virtual_machine;
pub mod virtual_network;
