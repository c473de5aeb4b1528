//! ExpressRoute circuits, and the sites at their customer ends.

use super::Import;
use crate::addresses::Prefix;
use crate::import::id::Id;
use crate::import::names::Kind;
use crate::import::resource::Resource;
use crate::import::text::{Map, Value};
use crate::import::view::View;

/// The bandwidths of circuits in a lab, in Mbit/s.
const BANDWIDTHS: [u64; 8] = [50, 100, 200, 500, 1000, 2000, 5000, 10000];

/// The names of a circuit's links.
const LINKS: [&str; 2] = ["primary", "secondary"];

impl Import<'_> {
    /// The section `expressRouteCircuits`, with the circuits of other subscriptions that only a connection names.
    pub(super) fn circuits(&mut self) {
        let mut section = Map::default();
        for circuit in self.resources.of("expressRouteCircuits") {
            let name = self.name(&circuit.id);
            let map = self.circuit(circuit, &name);
            section.set_under(self.origin(&circuit.id), &name, map);
            self.notes.take("expressRouteCircuits", &name);
        }
        for id in self.circuits_elsewhere() {
            let name = self.names.give(&id, Kind::Circuit);
            let mut map = Map::default();
            map.choose("bandwidthInMbps", 1000);
            let edges = self.edges(&name, &LINKS);
            for (link, edge) in LINKS.iter().zip(&edges) {
                map.choose(link, edge.clone());
            }
            self.circuit_site(&name, None, &edges);
            section.set_under(self.origin(&id), &name, map);
            self.notes.choose(
                "circuits that are not in the files, only connections to them",
                &name,
            );
        }
        if !section.is_empty() {
            self.document.set("expressRouteCircuits", section);
        }
    }

    /// The circuits that connections name and that are not in the files.
    fn circuits_elsewhere(&self) -> Vec<Id> {
        let mut found: Vec<Id> = Vec::new();
        for connection in self.resources.of("connections") {
            let Some(id) = circuit_of(connection) else {
                continue;
            };
            let is_new =
                self.resources.get(&id).is_none() && !found.iter().any(|one| one.key() == id.key());
            let gateway = connection.view().reference("virtualNetworkGateway1");
            if is_new && gateway.is_some_and(|gateway| self.is_placed(&gateway)) {
                found.push(id);
            }
        }
        found
    }

    fn circuit(&mut self, circuit: &Resource, name: &str) -> Map {
        let view = circuit.view();
        let mut map = Map::default();
        let provider = view.at(&["serviceProviderProperties"]);
        let stated = provider.and_then(|one| one.number("bandwidthInMbps"));
        let stated = stated.or_else(|| {
            view.number("bandwidthInGbps")
                .map(|gbps| gbps.saturating_mul(1000))
        });
        match stated {
            Some(stated) if BANDWIDTHS.contains(&stated) => map.set("bandwidthInMbps", stated),
            other => {
                let near = other
                    .and_then(|stated| BANDWIDTHS.into_iter().rev().find(|&one| one <= stated));
                map.choose("bandwidthInMbps", near.unwrap_or(1000));
                self.notes
                    .choose("bandwidths of circuits that a lab does not have", name);
            }
        }
        let private = peering(view, "AzurePrivatePeering");
        let microsoft = peering(view, "MicrosoftPeering");
        let has = |link: &&str| private.is_some_and(|one| one.text(&key_of(link)).is_some());
        let links: Vec<&str> = LINKS.iter().copied().filter(|link| has(link)).collect();
        if links.is_empty() {
            self.notes.leave(
                "customer ends of circuits",
                name,
                "the circuit has no private peering in the files",
            );
            return map;
        }
        let by_hand = self.has_edges_by_hand(name);
        let edges = if by_hand {
            Vec::new()
        } else {
            self.edges(name, &links)
        };
        for (at, link) in links.iter().enumerate() {
            let key = key_of(link);
            let mut inside = Map::default();
            inside.set_some("peerAddressPrefix", private.and_then(|one| one.text(&key)));
            if let Some(edge) = edges.get(at) {
                inside.choose("customerEdge", edge.clone());
            }
            inside.set_some(
                "microsoftPeerAddressPrefix",
                microsoft.and_then(|one| one.text(&key)),
            );
            map.set(link, inside);
        }
        if !by_hand {
            let asn = private.and_then(|one| one.number("peerASN"));
            self.circuit_site(name, asn, &edges);
        }
        map
    }

    /// The names of the customer edges at a circuit's links.
    fn edges(&mut self, circuit: &str, links: &[&str]) -> Vec<String> {
        let mut edges = Vec::new();
        for link in links {
            let number = if *link == "primary" { 1 } else { 2 };
            edges.push(
                self.names
                    .free(Kind::Node, &format!("{circuit}-ce{number}")),
            );
        }
        edges
    }

    /// Whether the hand-written part says who is at a circuit's customer end.
    fn has_edges_by_hand(&self, circuit: &str) -> bool {
        let sections = self.by_hand.and_then(|one| one.get("expressRouteCircuits"));
        let Some(Value::Map(circuits)) = sections else {
            return false;
        };
        let Some(Value::Map(circuit)) = circuits.get(circuit) else {
            return false;
        };
        LINKS.iter().any(|link| match circuit.get(link) {
            Some(Value::Map(link)) => link.get("customerEdge").is_some(),
            Some(Value::Text(_)) => true,
            _ => false,
        })
    }

    /// Creates the site at a circuit: its customer edges, a router on the LAN and a host.
    fn circuit_site(&mut self, circuit: &str, asn: Option<u64>, edges: &[String]) {
        let site = self.names.free(Kind::Site, &format!("{circuit}-site"));
        let lan = self.names.free(Kind::Node, &format!("{circuit}-lan"));
        let host = self.names.free(Kind::Node, &format!("{circuit}-host"));
        let mut map = Map::default();
        map.set_some("asn", asn);
        let routers = std::iter::once(&lan).chain(edges).cloned();
        map.choose("routers", Value::texts(routers));
        map.choose("hosts", Value::texts([host]));
        let links = edges
            .iter()
            .map(|edge| Value::texts([edge.clone(), lan.clone()]));
        map.choose("links", Value::List(links.collect()));
        self.site(&site, Some(format!("The customer's end of {circuit}")), map);
        let what = "sites at circuits: routers, a host and its LAN; --on-premises FILE states them";
        self.notes.choose(what, &site);
    }

    /// The connections between circuits (Global Reach), in the section `connections`.
    pub(super) fn global_reach(&mut self, section: &mut Map) {
        let mut joined: Vec<[String; 2]> = Vec::new();
        for circuit in self.resources.of("expressRouteCircuits") {
            let private = peering(circuit.view(), "AzurePrivatePeering");
            let connections = private.into_iter().flat_map(|one| one.list("connections"));
            for connection in connections {
                self.reach(circuit, connection, &mut joined, section);
            }
        }
    }

    /// One connection of a circuit to another one, unless the other direction is there.
    fn reach(
        &mut self,
        circuit: &Resource,
        connection: View<'_>,
        joined: &mut Vec<[String; 2]>,
        section: &mut Map,
    ) {
        let peer = connection.reference("peerExpressRouteCircuitPeering");
        let peer = peer.and_then(|one| one.parent());
        let name = connection.text("name").unwrap_or("global-reach");
        let Some(peer) = peer.filter(|id| self.resources.get(id).is_some()) else {
            let why = "the other circuit is not in the files";
            return self.notes.leave("Global Reach connections", name, why);
        };
        let mut ends = [circuit.id.key().to_owned(), peer.key().to_owned()];
        ends.sort();
        if joined.contains(&ends) {
            return;
        }
        joined.push(ends);
        let mut map = Map::default();
        map.set("connectionType", "GlobalReach");
        map.set(
            "circuits",
            Value::texts([self.name(&circuit.id), self.name(&peer)]),
        );
        let prefix = connection.text("addressPrefix");
        map.set_some(
            "addressPrefix",
            prefix.filter(|text| text.parse::<Prefix>().is_ok()),
        );
        let name = self.names.free(Kind::Connection, name);
        section.set(&name, map);
        self.notes.take("Global Reach connections", &name);
    }
}

/// The circuit of a connection of type ExpressRoute.
pub(super) fn circuit_of(connection: &Resource) -> Option<Id> {
    let view = connection.view();
    let kind = view.text("connectionType")?;
    if !kind.eq_ignore_ascii_case("ExpressRoute") {
        return None;
    }
    view.reference("peer")
        .or_else(|| view.reference("expressRouteCircuit2"))
}

/// The key of the prefix of a link.
fn key_of(link: &str) -> String {
    format!("{link}PeerAddressPrefix")
}

/// A circuit's peering of a type.
fn peering<'a>(circuit: View<'a>, kind: &str) -> Option<View<'a>> {
    circuit.list("peerings").find(|one| {
        let stated = one.text("peeringType").or_else(|| one.text("name"));
        stated.is_some_and(|stated| stated.eq_ignore_ascii_case(kind))
    })
}
