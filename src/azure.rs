//! Azure's resources: one folder for each kind.
//!
//! A folder holds what its kind has in a lab file (`model`), how that is read (`decode`), what its keys mean
//! (`keys.yaml`), what Azure refuses of it (`rules`), and what a network is made of it (`lower`); `resource` says more.
//!
//! These modules stand above [`crate::yaml`], with which they read, and [`crate::topology`], which they make. They stand
//! above [`crate::onpremises`] too: circuits and connections end at routers of sites, and an appliance is a device as a
//! router is. They stand below the document, so their rules take [`resources::Resources`], not a whole lab file. What
//! joins several kinds stands beside their folders.

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
