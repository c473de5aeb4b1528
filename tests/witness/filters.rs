//! The advertisements in Azure's documents, as BIRD filters.
//!
//! Written only from the rules, whose numbers are in the comments, and not from the solver, which follows them too:
//! equal results should be possible only if both are right. On import, a large community marks where a route is from;
//! on export, the mark decides, and is removed.

use std::fmt::Write as _;

use netns_lab::addresses::Prefix;
use netns_lab::topology::{
    GatewayKind, NodeId, Policy, Role, SessionId, SessionKind, Topology, VnetId,
};

use crate::policies::{attributes, filtered};
use crate::speakers::End;

/// The marks, and Azure's ASNs that no lab file contains.
pub(crate) const DEFINITIONS: &str = "\
define FROM_NETWORK = (1, 1, 2);
define FROM_REACH = (1, 1, 3);
define FROM_TUNNEL = (1, 1, 4);
define FROM_TWIN = (1, 1, 5);
define FROM_CIRCUIT = (1, 1, 6);
define FROM_OTHER_GATEWAY = (1, 1, 7);
define OF_NETWORK = (1, 2, 1);
define ALLOWS_REMOTE = (1, 2, 2);
define OWN = (1, 3, 0);
define MSEE = 12076;
define GATEWAY = 65515;
";

/// The mark of static prefixes behind a connection, by the connection's number.
pub(crate) const BEHIND: u32 = 4;

/// The mark of a BGP neighbour's own address behind a connection, by the connection's number.
pub(crate) const NEIGHBOUR: u32 = 5;

/// The mark with the `MULTI_EXIT_DISC` that a speaker of Azure received.
pub(crate) const MED: u32 = 9;

/// 29.2: speakers of Azure compare no `MULTI_EXIT_DISC`, so only a mark has it, for the comparison of tables.
const WITHOUT_MED: &str =
    "if defined(bgp_med) then bgp_large_community.add((1, 9, bgp_med)); unset(bgp_med);";

/// Removes the marks.
const UNMARK: &str = "bgp_large_community.delete([(1, *, *)]);";

/// A speaker's end of a session, and the lab around it.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) topology: &'a Topology,
    pub(crate) node: NodeId,
    pub(crate) end: &'a End,
    /// The names of the connections; a connection's number is its position here.
    pub(crate) connections: &'a [&'a str],
    /// The prefixes that the speaker originates.
    pub(crate) own: &'a [Prefix],
}

impl Place<'_> {
    fn kind(&self) -> SessionKind {
        self.topology.session(self.end.session).kind
    }

    fn policy(&self) -> &Policy {
        &self.topology.session(self.end.session).ends[self.end.index].policy
    }

    /// The number of the session's connection in marks.
    fn connection(&self) -> usize {
        let name = self.topology.session(self.end.session).name.as_str();
        let position = self.connections.iter().position(|known| *known == name);
        position.expect("every session's name is numbered")
    }
}

/// The speaker's import filter for the session.
pub(crate) fn import(place: &Place<'_>) -> String {
    let weight = place.end.preference + place.policy().weight;
    let rules = match place.topology.node(place.node).role {
        Role::VpnGateway { vnet } | Role::ExpressRouteGateway { vnet } => {
            into_gateway(place, vnet) + WITHOUT_MED
        }
        Role::Msee => into_msee(place) + WITHOUT_MED,
        _ => into_device(place),
    };
    format!("{rules} preference = {weight}; accept;")
}

/// The speaker's export filter for the session.
pub(crate) fn export(place: &Place<'_>) -> String {
    let rules = match place.topology.node(place.node).role {
        Role::VpnGateway { .. } => out_of_vpn_gateway(place),
        Role::ExpressRouteGateway { .. } => out_of_circuit_gateway(place),
        Role::Msee => out_of_msee(place),
        _ => out_of_device(place),
    };
    format!("{rules} accept;")
}

fn mark(name: &str) -> String {
    format!("bgp_large_community.add({name});")
}

fn has(name: &str) -> String {
    format!("{name} ~ bgp_large_community")
}

/// Whether a route's prefix is one of these prefixes.
fn equal(prefixes: &[Prefix]) -> String {
    in_set(prefixes.iter().map(Prefix::to_string))
}

/// Whether a route's prefix is one of these prefixes, or inside one.
fn inside(prefixes: &[Prefix]) -> String {
    in_set(prefixes.iter().map(|prefix| format!("{prefix}+")))
}

/// BIRD has no empty sets.
fn in_set(texts: impl Iterator<Item = String>) -> String {
    let texts: Vec<String> = texts.collect();
    if texts.is_empty() {
        "false".to_owned()
    } else {
        format!("net ~ [ {} ]", texts.join(", "))
    }
}

/// The prefixes of a gateway's network, and of the networks that use the gateway.
fn served(topology: &Topology, vnet: VnetId) -> Vec<Prefix> {
    let network = topology.vnet(vnet);
    let users = network.peerings.iter().filter(|peer| peer.gives_transit);
    let users = users.flat_map(|peer| &peer.prefixes);
    network.prefixes.iter().chain(users).copied().collect()
}

/// 30.9: gateways accept no route to a prefix equal to or inside those they serve; they accept prefixes of networks
/// that are only peered. 30.7: a route from another gateway to a prefix of the own network is in the table, but unused.
/// 5.5: a path with the own ASN is a loop.
fn into_gateway(place: &Place<'_>, vnet: VnetId) -> String {
    let served = served(place.topology, vnet);
    let kept = if place.end.is_internal() {
        format!(" && !({})", equal(place.own))
    } else {
        String::new()
    };
    let number = place.topology.node(place.node).asn;
    let number = number.expect("a gateway has a number");
    let from = match place.kind() {
        SessionKind::Tunnel => "FROM_TUNNEL",
        SessionKind::Instances => "FROM_TWIN",
        SessionKind::Coexistence => "FROM_OTHER_GATEWAY",
        _ => "FROM_CIRCUIT",
    };
    format!(
        "if {}{kept} then reject; if bgp_path ~ [= * {number} * =] then reject; {}",
        inside(&served),
        mark(from),
    )
}

/// 6.3: a leg's own link is not in its table, whoever advertises it. 6.15: the MSEEs of two circuits are one AS: marks
/// are kept, except the one for a route's source.
fn into_msee(place: &Place<'_>) -> String {
    let marks = match place.kind() {
        SessionKind::PrivatePeering => String::new(),
        SessionKind::GlobalReach => format!(
            "bgp_large_community.delete([(1, 1, *), (1, {MED}, *)]); {}",
            mark("FROM_REACH"),
        ),
        _ if allows_remote(place.topology, place.end.session) => {
            [mark("FROM_NETWORK"), mark("ALLOWS_REMOTE")].join(" ")
        }
        _ => mark("FROM_NETWORK"),
    };
    let own = own_links(place.topology, place.node);
    format!("if {} then reject; {marks}", equal(&own))
}

/// The prefixes of an MSEE's links: those of the customer edges' ends.
fn own_links(topology: &Topology, msee: NodeId) -> Vec<Prefix> {
    let sessions = topology.sessions.iter();
    let own = sessions
        .filter(|session| session.kind == SessionKind::PrivatePeering)
        .filter(|session| session.ends[0].node == msee);
    let edges = own.map(|session| topology.interface(session.ends[1].interface));
    let addresses = edges.filter_map(|edge| edge.addresses.first());
    addresses.map(Prefix::trunc).collect()
}

/// A device's own filter and preferences; from other ASes it never accepts prefixes that it originates.
fn into_device(place: &Place<'_>) -> String {
    let policy = place.policy();
    let mut rules = String::new();
    if !place.end.is_internal() {
        let _ = write!(rules, "if {} then reject; ", equal(place.own));
    }
    rules
        + &filtered(policy.import.as_ref(), |set| {
            let mut text = attributes(set);
            // Within one AS the local preference comes with the route (RFC 4271, 5.1.5).
            if !place.end.is_internal() {
                let preference = set.local_preference.unwrap_or(policy.local_preference);
                let _ = write!(text, "bgp_local_pref = {preference}; ");
                for _ in 0..set.prepend.unwrap_or_default() {
                    let _ = write!(text, "bgp_path.prepend({}); ", place.end.numbers[1]);
                }
            }
            text
        })
}

/// 5.4: served prefixes, static prefixes behind other connections but not behind this one, including the other network
/// of a connection without BGP (5.9), and routes from tunnels, also from its twin's (5.10); to tunnels never the
/// default route. 30.7: to its twin and the circuits' gateway no served prefixes, which each of them knows; to the
/// latter only routes from its own tunnels, and no neighbours' addresses. 7.3: routes from circuits are never
/// advertised.
fn out_of_vpn_gateway(place: &Place<'_>) -> String {
    let number = place.connection();
    let default = match place.kind() {
        SessionKind::Tunnel => "if net = 0.0.0.0/0 then reject; ",
        _ => "",
    };
    let behind = format!("bgp_large_community ~ [({BEHIND}, *, *), ({NEIGHBOUR}, *, *)]");
    let own = has("OWN");
    let (refused, left_out, is_own) = match place.kind() {
        SessionKind::Coexistence => (
            format!("if {} then reject; ", has("FROM_TWIN")),
            format!("bgp_large_community.delete([({NEIGHBOUR}, *, *)]); "),
            "false",
        ),
        SessionKind::Instances => (String::new(), String::new(), "false"),
        _ => (String::new(), String::new(), own.as_str()),
    };
    format!(
        "{default}{refused}if {other} then reject; \
         if source = RTS_STATIC && !({is_own}) then {{ \
         if bgp_large_community ~ [({BEHIND}, {number}, *)] then reject; \
         bgp_large_community.delete([({NEIGHBOUR}, {number}, *)]); {left_out}\
         if !({behind}) then reject; }} {UNMARK} \
         bgp_large_community.delete([({BEHIND}, *, *), ({NEIGHBOUR}, *, *)]);",
        other = has("FROM_OTHER_GATEWAY"),
    )
}

/// 6.5: only its network. 7.2: to the VPN gateway also routes from circuits, if the lab's switch for that document is
/// set.
fn out_of_circuit_gateway(place: &Place<'_>) -> String {
    let shows = place.kind() == SessionKind::Coexistence
        && place.topology.semantics.express_route_routes_in_vpn_gateway;
    let circuits = if shows {
        format!(" && !({})", has("FROM_CIRCUIT"))
    } else {
        String::new()
    };
    format!("if source != RTS_STATIC{circuits} then reject; {UNMARK}")
}

/// 6.6: private ASNs are removed toward the customer, who sees only the MSEE's ASN for Azure's prefixes. 6.7:
/// customers' paths are kept toward a network. 6.8: networks reach each other if both gateways allow it, with the
/// MSEE's ASN instead of the gateway's; also over Global Reach, which keeps path and marks. 6.15: a customer reaches
/// the far circuit's customer, with an unchanged path, and its networks, without any gateway's consent; but no third
/// circuit. A gateway sees two more ASNs for the link between the circuits.
fn out_of_msee(place: &Place<'_>) -> String {
    let (network, allows) = (has("FROM_NETWORK"), has("ALLOWS_REMOTE"));
    let (reach, of_network) = (has("FROM_REACH"), has("OF_NETWORK"));
    let hairpin = "bgp_path.delete(GATEWAY); bgp_path.prepend(MSEE);";
    match place.kind() {
        SessionKind::PrivatePeering => format!(
            "if {network} || {of_network} then bgp_path.delete([64512..65534, 4200000000..4294967294]); \
             {UNMARK}"
        ),
        SessionKind::GlobalReach => format!(
            "if {reach} then reject; if {network} then {}",
            mark("OF_NETWORK"),
        ),
        _ => {
            let closed = if allows_remote(place.topology, place.end.session) {
                String::new()
            } else {
                format!("if {network} || {of_network} then reject; ")
            };
            format!(
                "{closed}if ({network} || {of_network}) && !({allows}) then reject; \
                 if {network} || {of_network} then {{ {hairpin} }} \
                 if {reach} then {{ bgp_path.prepend(MSEE); bgp_path.prepend(MSEE); }} \
                 {UNMARK}"
            )
        }
    }
}

/// A device advertises to other ASes its originated prefixes and, with transit, learned ones; within its AS all (RFC
/// 4271, section 9.2). It does not advertise its static routes.
fn out_of_device(place: &Place<'_>) -> String {
    let policy = place.policy();
    let mut rules = String::new();
    let _ = write!(
        rules,
        "if source = RTS_STATIC && !({}) then reject; ",
        has("OWN")
    );
    let is_internal = place.end.is_internal();
    if !place.topology.node(place.node).transit && !is_internal {
        rules.push_str("if source != RTS_STATIC then reject; ");
    }
    // RFC 4271, 5.1.4: a received `MULTI_EXIT_DISC` does not leave the AS.
    if !is_internal {
        rules.push_str("unset(bgp_med); ");
    }
    let filter = filtered(policy.export.as_ref(), |set| {
        let mut text = attributes(set);
        let times = set.prepend.unwrap_or(policy.prepend);
        for _ in (0..times).filter(|_| !is_internal) {
            let _ = write!(text, "bgp_path.prepend({}); ", place.end.numbers[0]);
        }
        text
    });
    rules + &filter + " " + UNMARK
}

/// Whether the gateway of a circuit's connection accepts other networks (6.8).
fn allows_remote(topology: &Topology, connection: SessionId) -> bool {
    let [_, gateway] = &topology.session(connection).ends;
    let gateway = topology.gateway_of(gateway.node);
    let gateway = gateway.expect("a circuit's connection ends at a gateway");
    matches!(
        topology.gateway(gateway).kind,
        GatewayKind::ExpressRoute {
            allows_remote_vnets: true
        }
    )
}
