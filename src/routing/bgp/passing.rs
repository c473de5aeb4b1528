//! Which routes a speaker passes on, and which advertisements its neighbour accepts.

use std::borrow::Cow;

use crate::addresses::Prefix;
use crate::routing::absence::Reason;
use crate::routing::bgp::Learned;
use crate::routing::speaker::{Context, session};
use crate::topology::{SessionEnd, SessionId};
use crate::units::Asn;

/// Why a route is not advertised.
pub(in crate::routing) type Refused = Reason;

/// The path with which a learned route is passed on, without the speaker's own ASN. A route is not advertised back to
/// its source, and not from one internal session to another (RFC 4271, section 9.2). The device decides on all other
/// routes.
pub(in crate::routing) fn passed_on<'a>(
    context: Context<'_>,
    learned: &'a Learned,
    to: SessionId,
) -> Result<Cow<'a, [Asn]>, Refused> {
    if learned.session == to {
        return Err(Reason::SplitHorizon);
    }
    let speaker = context.speaker(learned.session, learned.end);
    if learned.is_internal && session::is_internal(context.topology, to) {
        let from = context.topology.session(learned.session);
        return Err(speaker.internal_once(from));
    }
    speaker.passes_on(context, learned, to)
}

/// Whether a listener accepts a route: its import filter permits it, the listener's own ASN is not in the path (RFC
/// 4271, section 9), and the prefix is not local to the listener. `originates` returns whether the listener originates
/// the prefix.
pub(in crate::routing) fn accepted(
    context: Context<'_>,
    (id, end): (SessionId, usize),
    (prefix, as_path): (Prefix, &[Asn]),
    originates: impl Fn() -> bool,
) -> Result<(), Refused> {
    let listener: &SessionEnd = &context.topology.session(id).ends[end];
    if is_filtered(listener.policy.import.as_deref(), prefix) {
        return Err(Reason::ImportFilter);
    }
    let speaker = context.index.speaker(listener.node);
    let own = context.topology.node(listener.node).asn;
    if !speaker.accepts_own_asn() && own.is_some_and(|own| as_path.contains(&own)) {
        return Err(Reason::Loop);
    }
    if speaker.is_local(context.index, prefix, &originates) {
        return Err(Reason::OwnAddressSpace);
    }
    Ok(())
}

/// Whether there is a filter that does not permit a prefix.
pub(super) fn is_filtered(filter: Option<&[Prefix]>, prefix: Prefix) -> bool {
    filter.is_some_and(|allowed| allowed.iter().all(|allowed| !allowed.contains(&prefix)))
}
