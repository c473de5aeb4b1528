//! An on-premises router.

use std::borrow::Cow;

use ipnet::Ipv4Net;

use crate::routing::Failures;
use crate::routing::bgp::{Learned, Refused};
use crate::routing::speaker::{Context, Speaker, passed_on_by_customer};
use crate::topology::{NodeId, SessionId, SiteId, Topology};
use crate::units::Asn;

/// An on-premises router.
#[derive(Debug)]
pub(super) struct Router {
    pub(super) node: NodeId,
    pub(super) site: SiteId,
}

impl Speaker for Router {
    fn site(&self) -> Option<SiteId> {
        Some(self.site)
    }

    fn learns_from(&self, topology: &Topology) -> Vec<NodeId> {
        topology.sites[self.site.0].routers.clone()
    }

    fn networks(&self, topology: &Topology, _failures: &Failures) -> Vec<Ipv4Net> {
        topology.node(self.node).advertise.clone()
    }

    fn passes_on<'a>(
        &self,
        context: Context<'_>,
        learned: &'a Learned,
        to: SessionId,
    ) -> Result<Cow<'a, [Asn]>, Refused> {
        passed_on_by_customer(context, self.node, learned, to)
    }
}
