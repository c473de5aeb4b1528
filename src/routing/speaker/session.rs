//! The differences between kinds of session, for the BGP engine, for sites, and for the routes of interfaces.

use crate::addresses::Address;
use crate::routing::bgp::Ground;
use crate::routing::rule::Rule;
use crate::topology::{Session, SessionEnd, SessionId, SessionKind, Topology};

/// Whether BGP runs over a session. A connection without BGP has static prefixes only.
pub(in crate::routing) fn has_bgp(session: &Session) -> bool {
    session.kind != SessionKind::StaticTunnel
}

/// Whether a session connects speakers of the same AS (iBGP).
pub(in crate::routing) fn is_internal(topology: &Topology, session: SessionId) -> bool {
    let session = topology.session(session);
    let [a, b] = session
        .ends
        .each_ref()
        .map(|end| topology.node(end.node).asn);
    match session.kind {
        SessionKind::Instances
        | SessionKind::Coexistence
        | SessionKind::GlobalReach
        | SessionKind::Site => true,
        _ => a == b,
    }
}

/// Whether a session connects two routers of one site.
pub(in crate::routing) fn is_inside_site(session: &Session) -> bool {
    session.kind == SessionKind::Site
}

/// Whether a session connects the two instances of a VPN gateway.
pub(in crate::routing) fn is_between_instances(session: &Session) -> bool {
    session.kind == SessionKind::Instances
}

/// The address of a circuit connection's MSEE in the gateway's network.
pub(in crate::routing) fn endpoint(session: &Session) -> Option<Address> {
    match session.kind {
        SessionKind::GatewayConnection { endpoint, .. } => Some(endpoint),
        _ => None,
    }
}

/// The address of a circuit connection's MSEE in effective routes.
pub(in crate::routing) fn shown_endpoint(session: &Session) -> Option<Address> {
    match session.kind {
        SessionKind::GatewayConnection { shown, .. } => Some(shown),
        _ => None,
    }
}

/// The rule by which routes from all other sessions win over those from this one; `None` if there is no such rule. Each
/// kind of gateway prefers its own connections to routes that the other kind learned (expressroute-faqs).
pub(in crate::routing) fn yields_by(session: &Session) -> Option<Rule> {
    (session.kind == SessionKind::Coexistence).then_some(Rule::ExpressRouteOverVpn)
}

/// Whether a session can work: both interfaces are enabled and, inside a site, its IGP connects the two.
pub(in crate::routing) fn is_possible(ground: Ground<'_>, session: &Session) -> bool {
    let [a, b] = &session.ends;
    let meet = match session.kind {
        SessionKind::Site => return ground.sites.joins(ground.index, a.node, b.node),
        SessionKind::Instances | SessionKind::Coexistence => {
            is_led(ground, a, b) && is_led(ground, b, a)
        }
        _ => true,
    };
    ground.topology.is_enabled(session) && meet
}

/// Whether packets from one gateway of a network to another arrive, under the user-defined routes that apply to them.
fn is_led(ground: Ground<'_>, from: &SessionEnd, to: &SessionEnd) -> bool {
    let topology = ground.topology;
    let works = |node| {
        let nic = topology.nic(node);
        let link = nic.and_then(|nic| topology.interface(nic).link);
        link.is_none_or(|link| !ground.failures.links.contains(&link))
    };
    let to = topology.node(to.node).address;
    to.is_some_and(|to| topology.relays(from.node, to, works).is_some())
}
