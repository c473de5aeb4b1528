//! What speakers advertise to each other.

use std::iter;
use std::sync::Arc;

use crate::addresses::Prefix;
use crate::routing::absence::Reason;
use crate::routing::bgp::{Learned, Originated, Refused, Speakers, passing};
use crate::routing::speaker::Context;
use crate::routing::speaker::session::{self, is_internal};
use crate::topology::{Policy, SessionId, Topology};
use crate::units::Asn;

/// An advertisement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::routing) struct Advertisement {
    /// The path, the speaker's ASN first unless the listener is of the same system.
    pub(in crate::routing) as_path: Arc<[Asn]>,
    /// The speaker's local preference, inside one system (RFC 4271, section 5.1.5).
    local_preference: Option<u32>,
    /// The device that advertises it marks it as restricted, as a community would.
    is_restricted: bool,
}

impl Speakers<'_> {
    /// What one end of a session advertises to the other of a prefix that it originates, or learned. What it
    /// originates comes first.
    pub(super) fn advertised(
        self,
        (id, end): (SessionId, usize),
        prefix: Prefix,
        originated: &[Originated],
        learned: &[Learned],
    ) -> Option<Advertisement> {
        let session = self.topology.session(id);
        let node = session.ends[end].node;
        let has_asn = self.topology.node(node).asn.is_some();
        if !has_asn || !session::has_bgp(session) {
            return None;
        }
        let context = self.context();
        let speaker = self.index.speaker(node);
        let may_leave = || may_leave(context, id, end, prefix).is_ok();
        if originated.is_empty() {
            let best = learned.first().filter(|_| may_leave())?;
            let path = passing::passed_on(context, best, id).ok()?;
            return Some(Advertisement {
                is_restricted: speaker.restricts(self.topology, best),
                ..self.advertisement(id, end, &path, best.local_preference)
            });
        }
        let mut originated = originated.iter();
        let is_advertised =
            originated.any(|one| speaker.advertises(self.topology, one, session)) && may_leave();
        is_advertised.then(|| self.advertisement(id, end, &[], Policy::USUAL_PREFERENCE))
    }

    /// A path as one end of a session advertises it, with the local preference inside a system.
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
                is_restricted: false,
            };
        }
        let own = self.topology.node(end.node).asn.into_iter();
        let times = 1 + usize::from(end.policy.prepend);
        let own = own.flat_map(|asn| iter::repeat_n(asn, times));
        Advertisement {
            as_path: own.chain(path.iter().copied()).collect(),
            local_preference: None,
            is_restricted: false,
        }
    }
}

impl Advertisement {
    /// The advertisement as its listener keeps it.
    pub(super) fn learned(&self, topology: &Topology, id: SessionId, end: usize) -> Learned {
        let session = topology.session(id);
        let policy = &session.ends[end].policy;
        // An internal session carries the preference; the listener's own setting is for external ones.
        let local_preference = self.local_preference.unwrap_or(policy.local_preference);
        Learned {
            session: id,
            end,
            as_path: Arc::clone(&self.as_path),
            weight: policy.weight,
            local_preference,
            is_internal: is_internal(topology, id),
            is_restricted: self.is_restricted,
            yields_by: session::yields_by(session),
        }
    }
}

/// Whether a prefix may be advertised over a session at all: by the device, and by its export filter.
pub(in crate::routing) fn may_leave(
    context: Context<'_>,
    id: SessionId,
    speaker: usize,
    prefix: Prefix,
) -> Result<(), Refused> {
    let session = context.topology.session(id);
    let end = &session.ends[speaker];
    let device = context.index.speaker(end.node);
    device.may_advertise(session, prefix)?;
    if passing::is_filtered(end.policy.export.as_deref(), prefix) {
        return Err(Reason::ExportFilter);
    }
    Ok(())
}
