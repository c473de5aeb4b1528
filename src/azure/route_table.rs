//! Route tables, and their user-defined routes.

pub(crate) mod decode;
pub(crate) mod next_hops;
pub(crate) mod owners;
pub(crate) mod rules;

pub use crate::azure::virtual_network::model::{RouteTable, UserRoute};
