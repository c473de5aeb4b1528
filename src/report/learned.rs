//! What `lab learned-routes` and `lab advertised-routes` print, in az's columns.

use serde::Serialize;

use crate::addresses::Address;
use crate::report::az_table;
use crate::routing::{LearnedOrigin, LearnedRoute, Tables, as_path};
use crate::topology::{SessionEnd, SessionId, SessionKind, SpeakerId, Topology};
use crate::units::Community;

/// The weight that az shows for a gateway's route.
const GATEWAY_WEIGHT: u32 = 32768;

/// The weight that az shows for a route from an MSEE or an `ExpressRoute` gateway, before the connection's
/// `routingWeight` is added. This makes such routes preferred to those of tunnels
/// (use-s2s-vpn-as-backup-for-expressroute-privatepeering).
const EXPRESS_ROUTE_WEIGHT: u32 = 32769;

/// What speakers of BGP learned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Learned {
    /// In the format of `az network vnet-gateway list-learned-routes`.
    Gateway {
        /// The routes of all instances.
        value: Vec<GatewayRoute>,
    },
    /// In the format of `az network express-route list-route-tables`.
    Circuit {
        /// The routes of one of the circuit's two routers.
        value: Vec<CircuitRoute>,
    },
}

/// A route that a gateway learned or advertises.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GatewayRoute {
    /// The prefix.
    pub network: String,
    /// `Network`, `EBgp` or `IBgp` for a learned route, `Igp` for an advertised one.
    pub origin: &'static str,
    /// The peer that advertised it, or the gateway itself for an originated route; null for an advertised one.
    pub source_peer: Option<Address>,
    /// The path, joined by `-`.
    pub as_path: String,
    /// The weight at the gateway.
    pub weight: u32,
    /// The next hop; null for an originated route.
    pub next_hop: Option<Address>,
    /// The instance.
    pub local_address: Option<Address>,
    /// What az does not list.
    #[serde(flatten)]
    pub attributes: RouteAttributes,
}

/// The attributes of a route that az does not list. A route without them lists none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteAttributes {
    /// The `MULTI_EXIT_DISC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub med: Option<u32>,
    /// The communities, such as `65001:100`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub communities: Vec<String>,
}

impl RouteAttributes {
    fn new(med: Option<u32>, communities: &[Community]) -> Self {
        Self {
            med,
            communities: communities.iter().map(Community::to_string).collect(),
        }
    }
}

/// A route that an MSEE learned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CircuitRoute {
    /// The local preference; az leaves it empty for routes from another AS.
    pub loc_prf: String,
    /// The prefix.
    pub network: String,
    /// The next hop, followed by `*` for the best path of the prefix.
    pub next_hop: String,
    /// The path, joined by spaces.
    pub path: String,
    /// Always 0 at an MSEE.
    pub weight: u32,
    /// What az does not list.
    #[serde(flatten)]
    pub attributes: RouteAttributes,
}

/// What the instances of a gateway, an MSEE or any speaker of BGP learned.
#[must_use]
pub fn learned(topology: &Topology, tables: &Tables, speakers: &[SpeakerId]) -> Learned {
    if let [msee] = speakers
        && topology.node(msee.node).role.is_msee()
    {
        return Learned::Circuit {
            value: circuit_routes(topology, &tables.learned(topology, *msee)),
        };
    }
    let rows = speakers.iter().flat_map(|speaker| {
        let learned = tables.learned(topology, *speaker);
        let rows = learned.into_iter();
        rows.map(|route| gateway_route(topology, *speaker, &route))
            .collect::<Vec<_>>()
    });
    Learned::Gateway {
        value: rows.collect(),
    }
}

fn gateway_route(topology: &Topology, speaker: SpeakerId, route: &LearnedRoute) -> GatewayRoute {
    let own = own_address(topology, speaker);
    let (origin, source_peer, next_hop, local_address) = match &route.origin {
        LearnedOrigin::Network { .. } => ("Network", own, None, own),
        LearnedOrigin::Neighbour {
            session,
            speaker: neighbour,
            is_internal,
            ..
        } => {
            let peer = address_at(topology, *session, *neighbour);
            let local = address_at(topology, *session, speaker);
            let origin = if *is_internal { "IBgp" } else { "EBgp" };
            (origin, peer, peer, local)
        }
    };
    GatewayRoute {
        network: route.prefix.to_string(),
        origin,
        source_peer,
        as_path: as_path(&route.as_path),
        weight: weight(topology, speaker, route),
        next_hop,
        local_address,
        attributes: RouteAttributes::new(route.med, &route.communities),
    }
}

/// The weight of a gateway's route is az's; the weight of a customer's router is its configured one.
fn weight(topology: &Topology, speaker: SpeakerId, route: &LearnedRoute) -> u32 {
    let is_gateway = topology.gateway_of(speaker.node).is_some();
    let is_express_route = match &route.origin {
        LearnedOrigin::Neighbour { speaker, .. } => {
            topology.node(speaker.node).role.is_express_route()
        }
        LearnedOrigin::Network { .. } => false,
    };
    match (is_gateway, is_express_route) {
        (true, true) => EXPRESS_ROUTE_WEIGHT + route.weight,
        (true, false) => GATEWAY_WEIGHT,
        (false, _) => route.weight,
    }
}

/// The address of a speaker in a session. An MSEE and a gateway know each other by their addresses in the
/// `GatewaySubnet`.
pub(super) fn address_at(
    topology: &Topology,
    session: SessionId,
    speaker: SpeakerId,
) -> Option<Address> {
    let session = topology.session(session);
    let [first, second] = &session.ends;
    let (own, other) = if first.speaker() == speaker {
        (first, second)
    } else {
        (second, first)
    };
    match session.kind {
        SessionKind::GatewayConnection { endpoint, .. } if own.node == first.node => Some(endpoint),
        _ if !topology.node(speaker.node).instances.is_empty() => topology.speaker_address(speaker),
        SessionKind::GatewayConnection { .. } => topology.speaker_address(speaker),
        _ => other.peer_address.or(own.next_hop).or(Some(own.source)),
    }
}

/// The address of a speaker: that of its first tunnel's session, if it has one.
pub(super) fn own_address(topology: &Topology, speaker: SpeakerId) -> Option<Address> {
    let is_own = |end: &SessionEnd| end.speaker() == speaker;
    let numbered = topology.sessions.iter().enumerate();
    let tunnel = numbered
        .filter(|(_, session)| session.kind == SessionKind::Tunnel)
        .find(|(_, session)| session.ends.iter().any(is_own));
    match tunnel {
        Some((index, _)) => address_at(topology, SessionId(index), speaker),
        None => topology.speaker_address(speaker),
    }
}

fn circuit_routes(topology: &Topology, routes: &[LearnedRoute]) -> Vec<CircuitRoute> {
    let mut last_best = None;
    let mut rows = Vec::new();
    for route in routes {
        let LearnedOrigin::Neighbour {
            session,
            speaker,
            is_internal,
            ..
        } = &route.origin
        else {
            continue;
        };
        let preference = is_internal.then(|| route.local_preference.to_string());
        // Of several equally good paths, az marks one.
        let is_marked = route.is_best && last_best != Some(route.prefix);
        if is_marked {
            last_best = Some(route.prefix);
        }
        let mark = if is_marked { "*" } else { "" };
        let next_hop = address_at(topology, *session, *speaker)
            .map_or(String::new(), |address| address.to_string());
        let path: Vec<_> = route.as_path.iter().map(ToString::to_string).collect();
        rows.push(CircuitRoute {
            loc_prf: preference.unwrap_or_default(),
            network: route.prefix.to_string(),
            next_hop: format!("{next_hop}{mark}"),
            path: path.join(" "),
            weight: 0,
            attributes: RouteAttributes::new(route.med, &route.communities),
        });
    }
    rows
}

/// A speaker's end of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peering {
    /// The neighbour's name.
    pub neighbour: String,
    session: SessionId,
    speaker: SpeakerId,
    /// The other names of the neighbour, and those of the session.
    names: Vec<String>,
}

/// All BGP sessions of some speakers.
#[must_use]
pub fn peerings(topology: &Topology, speakers: &[SpeakerId]) -> Vec<Peering> {
    let numbered = topology.sessions.iter().enumerate();
    let speaking = numbered.filter(|(_, session)| session.kind != SessionKind::StaticTunnel);
    let peerings = speaking.flat_map(|(index, session)| {
        let [a, b] = session.ends.each_ref().map(SessionEnd::speaker);
        let both = [(a, b), (b, a)].into_iter();
        let own = both.filter(|(speaker, _)| speakers.contains(speaker));
        own.map(move |(speaker, neighbour)| peering(topology, SessionId(index), speaker, neighbour))
    });
    peerings.collect()
}

fn peering(
    topology: &Topology,
    session: SessionId,
    speaker: SpeakerId,
    neighbour: SpeakerId,
) -> Peering {
    let gateway = topology.gateway_of(neighbour.node);
    let gateway = gateway.map(|id| topology.gateway(id).name.to_string());
    let address = address_at(topology, session, neighbour);
    let link = topology.session(session).link;
    let link = link.map(|id| topology.link(id).name.clone());
    let connection = topology.session(session).name.to_string();
    Peering {
        neighbour: topology.speaker_name(neighbour).to_string(),
        session,
        speaker,
        names: gateway
            .into_iter()
            .chain(address.map(|address| address.to_string()))
            .chain(link)
            .chain([connection])
            .collect(),
    }
}

impl Peering {
    /// Whether the name is that of the neighbor, its gateway, its address, or the connection or link to it.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        self.neighbour == name || self.names.iter().any(|own| own == name)
    }
}

/// The routes that speakers advertise to their neighbors; none over a session that does not work.
#[must_use]
pub fn advertised(topology: &Topology, tables: &Tables, peerings: &[Peering]) -> Learned {
    let rows = peerings.iter().flat_map(|peering| {
        let own = address_at(topology, peering.session, peering.speaker);
        let ends = &topology.session(peering.session).ends;
        let end = usize::from(ends[0].speaker() != peering.speaker);
        let told = tables.advertised(peering.session, end).into_iter();
        told.map(move |route| GatewayRoute {
            network: route.prefix.to_string(),
            origin: "Igp",
            source_peer: None,
            as_path: as_path(&route.as_path),
            weight: 0,
            next_hop: own,
            local_address: own,
            attributes: RouteAttributes::new(route.med, &route.communities),
        })
    });
    Learned::Gateway {
        value: rows.collect(),
    }
}

/// The routes in columns.
#[must_use]
pub fn text(learned: &Learned) -> String {
    match learned {
        Learned::Gateway { value } => gateway_table(value),
        Learned::Circuit { value } => circuit_table(value),
    }
}

fn gateway_table(routes: &[GatewayRoute]) -> String {
    let address =
        |address: Option<Address>| address.map_or(String::new(), |address| address.to_string());
    let row = |route: &GatewayRoute| {
        vec![
            route.network.clone(),
            route.origin.to_owned(),
            address(route.source_peer),
            route.as_path.clone(),
            route.weight.to_string(),
            address(route.next_hop),
        ]
    };
    let headers = [
        "Network",
        "Origin",
        "SourcePeer",
        "AsPath",
        "Weight",
        "NextHop",
    ];
    let attributes = routes.iter().map(|route| &route.attributes);
    table(&headers, routes.iter().map(row).collect(), &attributes)
}

/// A table with a column for each attribute that some route has.
fn table<'a>(
    headers: &[&str],
    mut rows: Vec<Vec<String>>,
    attributes: &(impl Iterator<Item = &'a RouteAttributes> + Clone),
) -> String {
    let mut headers = headers.to_vec();
    let shown = |one: &RouteAttributes| {
        let med = one.med.map_or(String::new(), |med| med.to_string());
        [med, one.communities.join(" ")]
    };
    for (index, header) in ["Med", "Communities"].into_iter().enumerate() {
        let column = || attributes.clone().map(|one| shown(one)[index].clone());
        if column().any(|cell| !cell.is_empty()) {
            headers.push(header);
            for (row, cell) in rows.iter_mut().zip(column()) {
                row.push(cell);
            }
        }
    }
    az_table(&headers, &rows)
}

fn circuit_table(routes: &[CircuitRoute]) -> String {
    let row = |route: &CircuitRoute| {
        vec![
            route.loc_prf.clone(),
            route.network.clone(),
            route.next_hop.clone(),
            route.path.clone(),
            route.weight.to_string(),
        ]
    };
    let headers = ["LocPrf", "Network", "NextHop", "Path", "Weight"];
    let attributes = routes.iter().map(|route| &route.attributes);
    table(&headers, routes.iter().map(row).collect(), &attributes)
}

#[cfg(test)]
mod tests;
