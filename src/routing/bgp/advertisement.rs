//! What speakers advertise to each other.

use std::iter;
use std::sync::Arc;

use crate::addresses::Prefix;
use crate::routing::absence::Reason;
use crate::routing::bgp::attributes::{self, Carried};
use crate::routing::bgp::{Learned, Originated, Refused, Speakers, passing};
use crate::routing::speaker::Context;
use crate::routing::speaker::session::{self, is_internal};
use crate::topology::{NodeId, Policy, SessionId, Settings, Topology};
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
    /// Its further attributes.
    pub(in crate::routing) attributes: Carried,
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
        let may_leave = |attributes| may_leave(context, (id, end), prefix, attributes);
        if originated.is_empty() {
            let best = learned.first()?;
            let set = may_leave(&best.attributes).ok()?;
            let path = passing::passed_on(context, best, id).ok()?;
            let attributes = self.attributes((id, end), &best.attributes, set);
            return Some(Advertisement {
                is_restricted: speaker.restricts(self.topology, best),
                attributes,
                ..self.advertisement((id, end), &path, best.local_preference, set)
            });
        }
        let mut originated = originated.iter();
        if !originated.any(|one| speaker.advertises(self.topology, one, session)) {
            return None;
        }
        let set = may_leave(&None).ok()?;
        let attributes = self.attributes((id, end), &None, set);
        Some(Advertisement {
            attributes,
            ..self.advertisement((id, end), &[], Policy::USUAL_PREFERENCE, set)
        })
    }

    /// The further attributes of a route as one end of a session advertises it. A `MULTI_EXIT_DISC` goes with the route
    /// inside an autonomous system only (RFC 4271, section 5.1.4); to another one it goes only where a policy sets it.
    fn attributes(
        self,
        (id, speaker): (SessionId, usize),
        carried: &Carried,
        set: Option<&Settings>,
    ) -> Carried {
        if carried.is_none() && set.is_none() {
            return None;
        }
        let node = self.topology.session(id).ends[speaker].node;
        let keeps_med = is_internal(self.topology, id) && self.index.speaker(node).uses_med();
        attributes::changed(carried, keeps_med, set)
    }

    /// A path as one end of a session advertises it, with the local preference inside a system.
    fn advertisement(
        self,
        (id, speaker): (SessionId, usize),
        path: &[Asn],
        preference: u32,
        set: Option<&Settings>,
    ) -> Advertisement {
        let end = &self.topology.session(id).ends[speaker];
        if is_internal(self.topology, id) {
            return Advertisement {
                as_path: path.into(),
                local_preference: Some(preference),
                is_restricted: false,
                attributes: None,
            };
        }
        let own = self.topology.node(end.node).asn.into_iter();
        let prepend = set.and_then(|set| set.prepend);
        let times = 1 + usize::from(prepend.unwrap_or(end.policy.prepend));
        let own = own.flat_map(|asn| iter::repeat_n(asn, times));
        Advertisement {
            as_path: own.chain(path.iter().copied()).collect(),
            local_preference: None,
            is_restricted: false,
            attributes: None,
        }
    }
}

impl Advertisement {
    /// The advertisement as its listener keeps it (its Adj-RIB-In), with what the listener's import filter sets if it
    /// permits the route.
    pub(in crate::routing) fn kept(
        &self,
        topology: &Topology,
        (id, end): (SessionId, usize),
        prefix: Prefix,
    ) -> Learned {
        let listener = &topology.session(id).ends[end];
        let set = passing::imported(listener, prefix, &self.attributes);
        self.learned(topology, (id, end), set.ok().flatten())
    }

    /// The advertisement as its listener keeps it, with what the listener's import filter sets.
    pub(super) fn learned(
        &self,
        topology: &Topology,
        (id, end): (SessionId, usize),
        set: Option<&Settings>,
    ) -> Learned {
        let session = topology.session(id);
        let policy = &session.ends[end].policy;
        // An internal session carries the preference; the listener's own settings are for external ones.
        let configured = || {
            let own = set.and_then(|set| set.local_preference);
            own.unwrap_or(policy.local_preference)
        };
        Learned {
            session: id,
            end,
            as_path: self.path(topology, session.ends[1 - end].node, set),
            weight: policy.weight,
            local_preference: self.local_preference.unwrap_or_else(configured),
            is_internal: is_internal(topology, id),
            is_restricted: self.is_restricted,
            has_higher_med: false,
            attributes: attributes::changed(&self.attributes, true, set),
            yields_by: session::yields_by(session),
        }
    }

    /// The path, with the neighbor's ASN as often again as an import filter sets.
    fn path(&self, topology: &Topology, neighbour: NodeId, set: Option<&Settings>) -> Arc<[Asn]> {
        let times = set.and_then(|set| set.prepend).map(usize::from);
        match (times, topology.node(neighbour).asn) {
            (Some(times), Some(asn)) if self.local_preference.is_none() => {
                let path = self.as_path.iter().copied();
                iter::repeat_n(asn, times).chain(path).collect()
            }
            _ => Arc::clone(&self.as_path),
        }
    }
}

/// What the export filter of one end of a session sets on a route, if the device and the filter let the route leave.
pub(in crate::routing) fn may_leave<'a>(
    context: Context<'a>,
    (id, speaker): (SessionId, usize),
    prefix: Prefix,
    carried: &Carried,
) -> Result<Option<&'a Settings>, Refused> {
    let session = context.topology.session(id);
    let end = &session.ends[speaker];
    let device = context.index.speaker(end.node);
    device.may_advertise(session, prefix)?;
    let Some(filter) = &end.policy.export else {
        return Ok(None);
    };
    let decided = filter.decide(prefix, attributes::communities(carried));
    decided.map_err(Reason::ExportFilter)
}
