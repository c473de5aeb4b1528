//! The iBGP sessions between the routers of a site.

use crate::addresses::Prefix;
use crate::names::NodeName;
use crate::onpremises::site::model;
use crate::topology::builder::Builder;
use crate::topology::sessions::{NewSession, pairs, plain_end};
use crate::topology::{NodeId, SessionEnd, SessionKind};

impl<S> Builder<S> {
    /// Adds the sessions of each site that uses iBGP.
    pub(crate) fn site_sessions(&mut self, sites: &[model::Site]) {
        let sites = sites.iter().zip(self.topology.sites.clone());
        for (_, resolved) in sites.filter(|(site, _)| site.ibgp) {
            for pair in pairs(&resolved.routers) {
                self.add_site_session(&resolved.name, pair);
            }
        }
    }

    /// Adds a session between two routers with the same ASN. A router without any address has none.
    fn add_site_session(&mut self, name: &NodeName, [first, second]: [NodeId; 2]) {
        let [asn, other] = [first, second].map(|node| self.topology.node(node).asn);
        if asn.is_none() || asn != other {
            return;
        }
        let ends = self.site_end(first).zip(self.site_end(second));
        if let Some((first, second)) = ends {
            self.add_session(NewSession {
                name,
                kind: SessionKind::Site,
                link: None,
                others: Vec::new(),
                ends: [first, second],
            });
        }
    }

    fn site_end(&self, router: NodeId) -> Option<SessionEnd> {
        let (interface, first) = self.topology.interfaces_of(router).next()?;
        let own = self.topology.node(router).address;
        let address = own.or_else(|| first.addresses.first().map(Prefix::addr))?;
        Some(SessionEnd {
            next_hop: None,
            ..plain_end(router, interface, address)
        })
    }
}
