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
    if learned.is_internal && is_internal(topology, to) {
        return Err(Reason::InternalOnce);
    }
    let from = topology.session(learned.session);
    let speaker = from.ends[learned.end].node;
    match &topology.node(speaker).role {
        Role::VpnGateway { .. } => from_vpn_gateway(topology, learned, to),
        Role::ExpressRouteGateway { .. } => from_circuit_gateway(topology, learned, to),
        Role::Msee => from_msee(topology, learned, to),
        _ if topology.node(speaker).transit || is_internal(topology, to) => {
            Ok(Cow::Borrowed(&*learned.as_path))
        }
        _ => Err(Reason::NoTransit),
    }
}

/// A VPN gateway joins its sites: all that tunnels brought goes to the other tunnels, to the twin
/// instance and to the circuits' gateway, and nothing that circuits brought goes to tunnels
/// (vpn-gateway-bgp-overview).
fn from_vpn_gateway<'a>(
    topology: &Topology,
    learned: &'a Learned,
    to: SessionId,
) -> Result<Cow<'a, [Asn]>, Refused> {
    if learned.is_coexistence {
        Err(Reason::GatewayKeepsFromTunnel)
    } else if learned.is_joined && topology.session(to).kind == SessionKind::Tunnel {
        Err(Reason::NoBgp)
    } else {
        Ok(Cow::Borrowed(&*learned.as_path))
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
        (PrivatePeering, GatewayConnection { .. }) => Ok(Cow::Borrowed(&*learned.as_path)),
        // Toward the customer, private numbers are removed (expressroute-routing).
        (GatewayConnection { .. }, PrivatePeering) => {
            Ok(path.filter(|asn| !asn.is_private()).collect())
        }
        (GatewayConnection { .. }, GatewayConnection { .. }) => {
            allowed(topology, learned.session)?;
            allowed(topology, to)?;
            Ok(path.map(in_place).collect())
        }
        // Across Global Reach the number stands once more, for the link between the circuits.
        (PrivatePeering, GlobalReach) => Ok([Asn::MSEE].into_iter().chain(path).collect()),
        // A gateway that keeps to itself still reaches the far site; its number stays in the path, which
        // other networks' gateways take for a loop.
        (GatewayConnection { .. }, GlobalReach) => {
            let is_open = allowed(topology, learned.session).is_ok();
            let shown = |asn| if is_open { in_place(asn) } else { asn };
            Ok([Asn::MSEE].into_iter().chain(path.map(shown)).collect())
        }
        // The far site's own path stays, or its customer's router could not tell whose it is
        // (expressroute-global-reach).
        (GlobalReach, PrivatePeering) => {
            let is_azures = |asn: &Asn| *asn == Asn::MSEE || *asn == Asn::AZURE_GATEWAY;
            Ok(path.skip_while(is_azures).collect())
        }
        (GlobalReach, GatewayConnection { .. }) => {
            let is_from_vnet = learned.as_path.iter().all(|asn| *asn == Asn::MSEE);
            if is_from_vnet {
                allowed(topology, to)?;
            }
            Ok(path.collect())
        }
        (GlobalReach, GlobalReach) => Err(Reason::GlobalReachOnce),
        _ => Err(Reason::NoTransit),
    }
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
/// which takes another MSEE's routes from a customer. A gateway takes no prefix inside the address
/// space of its own network or of one peered with it (vpn-gateway-vpn-faq).
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
