//! An MSEE: a Microsoft Enterprise Edge router of a circuit.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::addresses::Prefix;
use crate::routing::Solver;
use crate::routing::absence::Reason;
use crate::routing::bgp::{Learned, Refused};
use crate::routing::index::Index;
use crate::routing::model::{Action, NextHop, Origin, Route};
use crate::routing::speaker::local::with_discard;
use crate::routing::speaker::{Context, Speaker, next_hop};
use crate::topology::{GatewayKind, NodeId, Session, SessionId, SessionKind, Topology};
use crate::units::Asn;

/// An MSEE.
#[derive(Debug)]
pub(super) struct Msee {
    node: NodeId,
    /// The prefix of its link to its customer's edge.
    customer_link: Option<Prefix>,
}

impl Msee {
    /// The customer edge is configured with the whole prefix of a circuit's link, the MSEE with one address of it.
    pub(super) fn new(topology: &Topology, node: NodeId) -> Self {
        let customer_link = topology.sessions.iter().rev().find_map(|session| {
            let [msee, edge] = &session.ends;
            let is_own = session.kind == SessionKind::PrivatePeering && msee.node == node;
            let addresses = &topology.interface(edge.interface).addresses;
            addresses.first().filter(|_| is_own).map(Prefix::trunc)
        });
        Self {
            node,
            customer_link,
        }
    }
}

impl Speaker for Msee {
    /// An MSEE connects its customer, the networks of its circuit and, over Global Reach, another circuit.
    fn passes_on<'a>(
        &self,
        context: Context<'_>,
        learned: &'a Learned,
        to: SessionId,
    ) -> Result<Cow<'a, [Asn]>, Refused> {
        use SessionKind::{GatewayConnection, GlobalReach, PrivatePeering};
        let topology = context.topology;
        let path = learned.as_path.iter().copied();
        match (
            topology.session(learned.session).kind,
            topology.session(to).kind,
        ) {
            // The MSEEs of two circuits are one AS: the path does not change between them (expressroute-global-reach).
            (PrivatePeering, GatewayConnection { .. })
            | (PrivatePeering | GatewayConnection { .. }, GlobalReach) => {
                Ok(Cow::Borrowed(&*learned.as_path))
            }
            // Toward the customer, private ASNs are removed (expressroute-routing).
            (GatewayConnection { .. }, PrivatePeering) => {
                Ok(path.filter(|asn| !asn.is_private()).collect())
            }
            (GatewayConnection { .. }, GatewayConnection { .. }) => {
                allowed(topology, learned.session)?;
                allowed(topology, to)?;
                Ok(path.map(in_place).collect())
            }
            // The path of the far site remains, so that the customer's router can identify the site
            // (expressroute-global-reach).
            (GlobalReach, PrivatePeering) => {
                Ok(path.skip_while(|asn| *asn == Asn::AZURE_GATEWAY).collect())
            }
            (GlobalReach, GatewayConnection { .. }) => from_other_circuit(topology, learned, to),
            _ => Err(Reason::NoTransit),
        }
    }

    fn internal_once(&self, from: &Session) -> Reason {
        match from.kind {
            SessionKind::GlobalReach => Reason::GlobalReachOnce,
            _ => Reason::InternalOnce,
        }
    }

    /// A route is restricted if its gateway does not let other networks reach its own (expressroute-howto-linkvnet:
    /// `allowRemoteVnetTraffic`). The MSEE of another circuit needs this mark.
    fn restricts(&self, topology: &Topology, learned: &Learned) -> bool {
        let session = topology.session(learned.session);
        let is_of_gateway = matches!(session.kind, SessionKind::GatewayConnection { .. });
        is_of_gateway && allowed(topology, learned.session).is_err()
    }

    /// An MSEE accepts another MSEE's routes from a customer.
    fn accepts_own_asn(&self) -> bool {
        true
    }

    fn is_local(&self, _index: &Index, prefix: Prefix, _originates: &dyn Fn() -> bool) -> bool {
        self.customer_link == Some(prefix)
    }

    /// The link to its customer, and the routes from the customer, the circuit's gateways and other circuits.
    fn table(&self, solver: &Solver<'_>) -> Vec<Route> {
        let mut routes = solver.learned(self.node);
        routes.extend(self.connected(solver));
        solver.add_circuit_links(self.node, &mut routes, |session, other| {
            match session.kind {
                SessionKind::PrivatePeering => solver.links_of(self.node),
                SessionKind::GlobalReach => solver.links_of(other),
                _ => BTreeSet::new(),
            }
        });
        with_discard(routes)
    }

    /// `FastPath` bypasses the gateway for machines of its own network, not for those of peered networks
    /// (about-fastpath).
    fn add_next_hops(
        &self,
        solver: &Solver<'_>,
        (prefix, learned): (Prefix, &Learned),
        hops: &mut Vec<NextHop>,
    ) {
        let session = solver.topology.session(learned.session);
        let vnet = solver
            .index
            .speaker(session.ends[1 - learned.end].node)
            .vnet();
        let is_of_network = |vnet| solver.topology.vnet(vnet).prefixes.contains(&prefix);
        hops.push(match session.kind {
            SessionKind::GatewayConnection {
                leg,
                bypasses_gateway: true,
                ..
            } if vnet.is_some_and(is_of_network) => NextHop {
                interface: leg,
                via: None,
            },
            _ => next_hop(solver, learned),
        });
    }
}

impl Msee {
    /// The link to the customer's edge.
    fn connected(&self, solver: &Solver<'_>) -> Option<Route> {
        let prefix = self.customer_link?;
        let topology = solver.topology;
        let mut interfaces = topology.interfaces_of(self.node);
        let (interface, own) = interfaces.find_map(|(id, interface)| {
            let own = interface.addresses.first()?.addr();
            let far = topology.interface(topology.across(id)?);
            (prefix.contains(&own) && far.up).then_some((id, own))
        })?;
        let hop = NextHop {
            interface,
            via: None,
        };
        let action = Action::Forward([hop].into());
        Some(Route::new(prefix, action, Origin::Connected).from(own))
    }
}

/// A gateway sees the ASN of the MSEEs three times: once for its own MSEE, twice for the link between the circuits.
fn from_other_circuit<'a>(
    topology: &Topology,
    learned: &'a Learned,
    to: SessionId,
) -> Result<Cow<'a, [Asn]>, Refused> {
    let between = [Asn::MSEE; 2].into_iter();
    let path = learned.as_path.iter().copied();
    if learned.as_path.first() != Some(&Asn::AZURE_GATEWAY) {
        return Ok(between.chain(path).collect());
    }
    if learned.is_restricted {
        return Err(Reason::RemoteVnetTraffic);
    }
    allowed(topology, to)?;
    Ok(between.chain(path.map(in_place)).collect())
}

/// All gateways have the ASN 65515, and each would treat it in a path as a loop, so the MSEE replaces it with its own.
fn in_place(asn: Asn) -> Asn {
    if asn == Asn::AZURE_GATEWAY {
        Asn::MSEE
    } else {
        asn
    }
}

/// Whether a connection's gateway lets other networks of the circuit reach its own (expressroute-howto-linkvnet:
/// `allowRemoteVnetTraffic`).
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
