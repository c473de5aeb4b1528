//! What speakers tell each other.

use std::iter;
use std::sync::Arc;

use ipnet::Ipv4Net;

use crate::routing::absence::Reason;
use crate::routing::bgp::rib::is_internal;
use crate::routing::bgp::{Learned, Originated, Refused, Speakers, originated, passing};
use crate::topology::{Role, SessionId, SessionKind, Topology};
use crate::units::Asn;

/// What a speaker prefers its own routes with, as it tells them inside its system (RFC 4271, section 5.1.5;
/// every vendor's default).
const OWN_PREFERENCE: u32 = 100;

/// An advertisement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::routing) struct Advertisement {
    /// The path, the teller's number first unless the listener is of the same system.
    pub(in crate::routing) as_path: Arc<[Asn]>,
    /// The teller's preference, inside one system (RFC 4271, section 5.1.5).
    local_preference: Option<u32>,
    /// It is of a network that other networks may not reach: an MSEE tells the MSEE of another circuit so.
    keeps_to_itself: bool,
}

impl Speakers<'_> {
    /// What one end of a session tells the other of a prefix that it is the source of, or learned. What it is
    /// the source of comes first.
    pub(super) fn told(
        self,
        (id, speaker): (SessionId, usize),
        prefix: Ipv4Net,
        own: &[Originated],
        learned: &[Learned],
    ) -> Option<Advertisement> {
        let session = self.topology.session(id);
        let node = session.ends[speaker].node;
        let is_speaker = self.topology.node(node).asn.is_some();
        if !is_speaker || session.kind == SessionKind::StaticTunnel {
            return None;
        }
        let may_leave = || may_leave(self.topology, id, speaker, prefix).is_ok();
        if own.is_empty() {
            let best = learned.first().filter(|_| may_leave())?;
            let path = passing::passed_on(self.topology, best, id).ok()?;
            return Some(Advertisement {
                keeps_to_itself: passing::keeps_to_itself(self.topology, best),
                ..self.advertisement(id, speaker, &path, best.local_preference)
            });
        }
        let mut own = own.iter();
        let is_told =
            own.any(|own| originated::is_told(self.topology, own, node, id)) && may_leave();
        is_told.then(|| self.advertisement(id, speaker, &[], OWN_PREFERENCE))
    }

    /// A path as one end of a session tells it, and the preference that goes along inside a system.
    fn advertisement(
        self,
        id: SessionId,
        speaker: usize,
        path: &[Asn],
        preference: u32,
    ) -> Advertisement {
        let end = &self.topology.session(id).ends[speaker];
        if is_internal(self.topology, id) {
            return Advertisement {
                as_path: path.into(),
                local_preference: Some(preference),
                keeps_to_itself: false,
            };
        }
        let own = self.topology.node(end.node).asn.into_iter();
        let times = 1 + usize::from(end.policy.prepend);
        let own = own.flat_map(|asn| iter::repeat_n(asn, times));
        Advertisement {
            as_path: own.chain(path.iter().copied()).collect(),
            local_preference: None,
            keeps_to_itself: false,
        }
    }

    /// Whether a listener takes what it hears.
    pub(super) fn accepts(
        self,
        (id, end): (SessionId, usize),
        (prefix, as_path): (Ipv4Net, &[Asn]),
        is_own: bool,
    ) -> Result<(), Refused> {
        passing::accepted(self.topology, (id, end), (prefix, as_path), || {
            let node = self.topology.session(id).ends[end].node;
            let role = &self.topology.node(node).role;
            self.index.is_local(role, node, prefix, || is_own)
        })
    }
}

impl Advertisement {
    /// A piece of advertisement as its listener keeps it.
    pub(super) fn learned(&self, topology: &Topology, id: SessionId, end: usize) -> Learned {
        let session = topology.session(id);
        let policy = &session.ends[end].policy;
        // Inside a system the preference comes along, and a listener's own setting is for outsiders.
        let local_preference = self.local_preference.unwrap_or(policy.local_preference);
        Learned {
            session: id,
            end,
            as_path: Arc::clone(&self.as_path),
            weight: policy.weight,
            local_preference,
            is_internal: is_internal(topology, id),
            keeps_to_itself: self.keeps_to_itself,
            is_coexistence: session.kind == SessionKind::Coexistence,
        }
    }
}

/// Whether a prefix may leave by a session at all. A VPN gateway never tells a default route
/// (vpn-gateway-vpn-faq), and a device's export filter holds for everything.
pub(in crate::routing) fn may_leave(
    topology: &Topology,
    id: SessionId,
    speaker: usize,
    prefix: Ipv4Net,
) -> Result<(), Refused> {
    let session = topology.session(id);
    let end = &session.ends[speaker];
    let is_vpn_gateway = matches!(topology.node(end.node).role, Role::VpnGateway { .. });
    if is_vpn_gateway && session.kind == SessionKind::Tunnel && prefix.prefix_len() == 0 {
        return Err(Reason::DefaultRoute);
    }
    if passing::is_filtered(end.policy.export.as_deref(), prefix) {
        return Err(Reason::ExportFilter);
    }
    Ok(())
}
