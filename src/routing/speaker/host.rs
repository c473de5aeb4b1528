//! An on-premises host.

use std::net::Ipv4Addr;

use crate::routing::speaker::Speaker;
use crate::topology::{NodeId, SiteId, Topology};

/// An on-premises host.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) node: NodeId,
    pub(super) site: SiteId,
    /// Its default gateway.
    pub(super) gateway: Ipv4Addr,
}

impl Speaker for Host {
    fn learns_from(&self, topology: &Topology) -> Vec<NodeId> {
        topology.sites[self.site.0].routers.clone()
    }
}
