//! Which routes a speaker passes on, and which advertisements its neighbour accepts.

use std::borrow::Cow;

use crate::addresses::Prefix;
use crate::routing::absence::Reason;
use crate::routing::bgp::attributes::{self, Carried};
use crate::routing::bgp::{Advertisement, Learned};
use crate::routing::speaker::{Context, session};
use crate::topology::{SessionEnd, SessionId, Settings};
use crate::units::Asn;

/// Why a route is not advertised.
pub(in crate::routing) type Refused = Reason;

/// The path with which a learned route is passed on, without the speaker's own ASN. A route is not advertised back to
/// its source, not against a well-known community, and not from one internal session to another (RFC 4271, section 9.2).
/// The device decides on all other routes.
pub(in crate::routing) fn passed_on<'a>(
    context: Context<'_>,
    learned: &'a Learned,
    to: SessionId,
) -> Result<Cow<'a, [Asn]>, Refused> {
    if learned.session == to {
        return Err(Reason::SplitHorizon);
    }
    let speaker = context.speaker(learned.session, learned.end);
    if learned.attributes.is_some() {
        let to_own_system = session::is_internal(context.topology, to);
        attributes::may_be_advertised(&learned.attributes, to_own_system)?;
    }
    if learned.is_internal && session::is_internal(context.topology, to) {
        let from = context.topology.session(learned.session);
        return Err(speaker.internal_once(from));
    }
    speaker.passes_on(context, learned, to)
}

/// What a listener's import filter sets on a route that the listener accepts: the filter permits it, the listener's own
/// ASN is not in the path (RFC 4271, section 9), and the prefix is not local to the listener. `originates` returns
/// whether the listener originates the prefix.
pub(in crate::routing) fn accepted<'a>(
    context: Context<'a>,
    (id, end): (SessionId, usize),
    (prefix, advertisement): (Prefix, &Advertisement),
    originates: impl Fn() -> bool,
) -> Result<Option<&'a Settings>, Refused> {
    let listener: &SessionEnd = &context.topology.session(id).ends[end];
    let set = imported(listener, prefix, &advertisement.attributes)?;
    let speaker = context.index.speaker(listener.node);
    let own = context.topology.node(listener.node).asn;
    if !speaker.accepts_own_asn() && own.is_some_and(|own| advertisement.as_path.contains(&own)) {
        return Err(Reason::Loop);
    }
    if speaker.is_local(context.index, prefix, &originates) {
        return Err(Reason::OwnAddressSpace);
    }
    Ok(set)
}

/// What the import filter of one end of a session sets on a route that it permits.
pub(super) fn imported<'a>(
    listener: &'a SessionEnd,
    prefix: Prefix,
    carried: &Carried,
) -> Result<Option<&'a Settings>, Refused> {
    let Some(filter) = &listener.policy.import else {
        return Ok(None);
    };
    let decided = filter.decide(prefix, attributes::communities(carried));
    decided.map_err(Reason::ImportFilter)
}
