//! The node with the bridges of all virtual networks. It has no routes.

use crate::routing::speaker::Speaker;

/// The node with the bridges of all virtual networks.
#[derive(Debug)]
pub(super) struct Fabric;

impl Speaker for Fabric {}
