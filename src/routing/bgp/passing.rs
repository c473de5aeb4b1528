//! Which routes a speaker passes on, with which path, and which ones its neighbour takes.

use std::borrow::Cow;

use ipnet::Ipv4Net;

use crate::routing::absence::Reason;
use crate::routing::bgp::Learned;
use crate::routing::bgp::rib::is_internal;
use crate::topology::{GatewayKind, Role, SessionEnd, SessionId, SessionKind, Topology};
use crate::units::Asn;

/// Why a route goes no further.
pub(in crate::routing) type Refused = Reason;

/// The path that a learned route is passed on with, before the speaker's own number.
pub(in crate::routing) fn passed_on<'a>(
    topology: &Topology,
    learned: &'a Learned,
    to: SessionId,
) -> Result<Cow<'a, [Asn]>, Refused> {
    if learned.session == to {
        return Err(Reason::SplitHorizon);
    }
    let from = topology.session(learned.session);
    if learned.is_internal && is_internal(topology, to) {
        return Err(match from.kind {
            SessionKind::GlobalReach => Reason::GlobalReachOnce,
            _ => Reason::InternalOnce,
        });
    }
    let speaker = from.ends[learned.end].node;
    match &topology.node(speaker).role {
        // What circuits brought goes to no tunnel; what tunnels brought goes to the other tunnels, to the twin
        // instance and to the `ExpressRoute` gateway (vpn-gateway-bgp-overview).
        Role::VpnGateway { .. } if learned.is_coexistence => Err(Reason::GatewayKeepsFromTunnel),
        Role::VpnGateway { .. } => Ok(Cow::Borrowed(&*learned.as_path)),
        Role::ExpressRouteGateway { .. } => from_circuit_gateway(topology, learned, to),
        Role::Msee => from_msee(topology, learned, to),
        _ if topology.node(speaker).transit || is_internal(topology, to) => {
            Ok(Cow::Borrowed(&*learned.as_path))
        }
        _ => Err(Reason::NoTransit),
    }
}

/// An `ExpressRoute` gateway joins neither two circuits nor a circuit and a tunnel (expressroute-faqs).
fn from_circuit_gateway<'a>(
    topology: &Topology,
    learned: &'a Learned,
    to: SessionId,
) -> Result<Cow<'a, [Asn]>, Refused> {
    if topology.session(to).kind != SessionKind::Coexistence {
        return Err(Reason::GatewayKeepsFromCircuit);
    }
    if topology.semantics.express_route_routes_in_vpn_gateway {
        Ok(Cow::Borrowed(&*learned.as_path))
    } else {
        Err(Reason::GatewayKeepsFromTunnel)
    }
}

/// An MSEE joins its customer, the networks of its circuit and, over Global Reach, another circuit.
fn from_msee<'a>(
    topology: &Topology,
    learned: &'a Learned,
    to: SessionId,
) -> Result<Cow<'a, [Asn]>, Refused> {
    use SessionKind::{GatewayConnection, GlobalReach, PrivatePeering};
    let path = learned.as_path.iter().copied();
    match (
        topology.session(learned.session).kind,
        topology.session(to).kind,
    ) {
        // The MSEEs of two circuits are one system: nothing changes between them (expressroute-global-reach).
        (PrivatePeering, GatewayConnection { .. })
        | (PrivatePeering | GatewayConnection { .. }, GlobalReach) => {
            Ok(Cow::Borrowed(&*learned.as_path))
        }
        // Toward the customer, private numbers are removed (expressroute-routing).
        (GatewayConnection { .. }, PrivatePeering) => {
            Ok(path.filter(|asn| !asn.is_private()).collect())
        }
        (GatewayConnection { .. }, GatewayConnection { .. }) => {
            allowed(topology, learned.session)?;
            allowed(topology, to)?;
            Ok(path.map(in_place).collect())
        }
        // The far site's own path stays, or its customer's router could not tell whose it is
        // (expressroute-global-reach).
        (GlobalReach, PrivatePeering) => {
            Ok(path.skip_while(|asn| *asn == Asn::AZURE_GATEWAY).collect())
        }
        // A gateway sees the MSEEs' number three times: once for its own MSEE, twice for the link between
        // the circuits.
        (GlobalReach, GatewayConnection { .. }) => {
            let between = [Asn::MSEE; 2].into_iter();
            if learned.as_path.first() != Some(&Asn::AZURE_GATEWAY) {
                return Ok(between.chain(path).collect());
            }
            if learned.keeps_to_itself {
                return Err(Reason::RemoteVnetTraffic);
            }
            allowed(topology, to)?;
            Ok(between.chain(path.map(in_place)).collect())
        }
        _ => Err(Reason::NoTransit),
    }
}

/// Whether what an MSEE passes on is of a network that keeps to itself: whose gateway does not let other networks
/// reach it (expressroute-howto-linkvnet: `allowRemoteVnetTraffic`).
pub(super) fn keeps_to_itself(topology: &Topology, learned: &Learned) -> bool {
    let session = topology.session(learned.session);
    let is_of_gateway = matches!(session.kind, SessionKind::GatewayConnection { .. });
    let is_at_msee = topology.node(session.ends[learned.end].node).role == Role::Msee;
    is_of_gateway && is_at_msee && allowed(topology, learned.session).is_err()
}

/// The gateways all have the number 65515, which each would take for a loop, so the MSEE puts its own
/// in place.
fn in_place(asn: Asn) -> Asn {
    if asn == Asn::AZURE_GATEWAY {
        Asn::MSEE
    } else {
        asn
    }
}

/// Whether the gateway of a circuit's connection lets other networks of the circuit reach its own
/// (expressroute-howto-linkvnet: `allowRemoteVnetTraffic`).
fn allowed(topology: &Topology, connection: SessionId) -> Result<(), Refused> {
    let [_, gateway] = &topology.session(connection).ends;
    let kind = topology
        .gateway_of(gateway.node)
        .map(|id| topology.gateway(id).kind);
    match kind {
        Some(GatewayKind::ExpressRoute {
            allows_remote_vnets: false,
        }) => Err(Reason::RemoteVnetTraffic),
        _ => Ok(()),
    }
}

/// Whether a listener takes a route.
///
/// A path with the listener's own number in it is a loop (RFC 4271, section 9), except at an MSEE,
/// which takes another MSEE's routes from a customer. Nobody takes a prefix that is local to it:
/// see [`Index::is_local`](crate::routing::index::Index::is_local).
pub(in crate::routing) fn accepted(
    topology: &Topology,
    (id, end): (SessionId, usize),
    (prefix, as_path): (Ipv4Net, &[Asn]),
    is_own_space: impl FnOnce() -> bool,
) -> Result<(), Refused> {
    let listener: &SessionEnd = &topology.session(id).ends[end];
    let node = topology.node(listener.node);
    if is_filtered(listener.policy.import.as_deref(), prefix) {
        return Err(Reason::ImportFilter);
    }
    if node.role != Role::Msee && node.asn.is_some_and(|own| as_path.contains(&own)) {
        return Err(Reason::Loop);
    }
    if is_own_space() {
        return Err(Reason::OwnAddressSpace);
    }
    Ok(())
}

/// Whether a filter, where there is one, holds a prefix back.
pub(super) fn is_filtered(filter: Option<&[Ipv4Net]>, prefix: Ipv4Net) -> bool {
    filter.is_some_and(|allowed| allowed.iter().all(|allowed| !allowed.contains(&prefix)))
}
