//! Tables as `az` lists them.

use super::Solved;
use crate::routing::{Action, LearnedOrigin, LearnedRoute, Origin, Route, Rule, Standing, as_path};
use crate::topology::{SessionEnd, SessionId, SpeakerId, UserNextHop};
use crate::units::Asn;

impl Solved {
    /// The effective routes of a machine's interface, as `show-effective-route-table` lists them: source, state,
    /// prefix, type of next hop, next hops. Prefixes that Azure drops are omitted. So are routes that a gateway did not
    /// select: they never reach an interface.
    pub(super) fn effective(&self, node: &str) -> String {
        self.rows(node, |route| route.origin != Origin::Reserved)
    }

    /// The effective routes to one prefix.
    pub(super) fn effective_to(&self, node: &str, prefix: &str) -> String {
        let rows = self.rows(node, |route| route.prefix.to_string() == prefix);
        if rows.is_empty() {
            "nothing".to_owned()
        } else {
            rows
        }
    }

    /// The prefixes that Azure drops at a machine's interface.
    pub(super) fn dropped(&self, node: &str) -> String {
        let rows = self.tables.of(self.node(node)).active();
        let dropped = rows.filter(|route| route.origin == Origin::Reserved);
        dropped
            .map(|route| route.prefix.to_string())
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn rows(&self, node: &str, is_meant: impl Fn(&Route) -> bool) -> String {
        let routes = self.tables.of(self.node(node)).routes.iter();
        routes
            .filter(|route| is_meant(route) && is_listed(route))
            .map(effective_row)
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The effective route that a machine's packets to another one take.
    pub(super) fn taken(&self, from: &str, to: &str) -> String {
        let to = self.topology.node(self.node(to)).address;
        self.taken_to(from, &to.expect("a destination has an address").to_string())
    }

    /// The effective route that a machine's packets to an address take.
    pub(super) fn taken_to(&self, from: &str, to: &str) -> String {
        let table = self.tables.of(self.node(from));
        let route = table.lookup(to.parse().expect("an address"));
        route.map_or("nothing".to_owned(), effective_row)
    }

    /// The routes of a speaker to one prefix.
    pub(super) fn learned_of(&self, node: &str, prefix: &str) -> String {
        let learned = self.learned(node);
        let about = learned
            .lines()
            .filter(|line| line.split_whitespace().any(|word| word == prefix));
        about.collect::<Vec<_>>().join("\n")
    }

    /// The speaker of a name: the first instance of an ExpressRoute gateway, or the one named.
    pub(super) fn speaker(&self, name: &str) -> SpeakerId {
        let speakers = self.topology.speakers_named(name);
        let first = speakers.first();
        *first.unwrap_or_else(|| panic!("no speaker {name}"))
    }

    /// The routes of a speaker, as `list-learned-routes` lists them: network, origin, peer, path.
    pub(super) fn learned(&self, node: &str) -> String {
        let learned = self.tables.learned(&self.topology, self.speaker(node));
        let lines = learned.iter().map(|route| self.learned_row(route));
        lines.collect::<Vec<_>>().join("\n")
    }

    fn learned_row(&self, route: &LearnedRoute) -> String {
        let (origin, peer) = match &route.origin {
            LearnedOrigin::Network { connection } => (
                "Network",
                connection
                    .as_ref()
                    .map_or("itself".to_owned(), ToString::to_string),
            ),
            LearnedOrigin::Neighbour {
                speaker,
                is_internal,
                ..
            } => (
                if *is_internal { "IBgp" } else { "EBgp" },
                self.topology.speaker_name(*speaker).to_string(),
            ),
        };
        let mark = if route.is_best { "" } else { "  before " };
        let path = shown_path(&route.as_path);
        let weight = match route.weight {
            0 => String::new(),
            weight => format!(" weight {weight}"),
        };
        format!("{mark}{} {origin} {peer} {path}{weight}", route.prefix)
    }

    /// The routes that one speaker advertises to another, as `list-advertised-routes` lists them: network and path.
    pub(super) fn advertised(&self, from: &str, to: &str) -> String {
        let (session, end) = self.session(from, to);
        let told = self.tables.advertised(session, end);
        let lines = told
            .iter()
            .map(|route| format!("{} {}", route.prefix, shown_path(&route.as_path)));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The session between two speakers, and which of its ends the first is.
    fn session(&self, from: &str, to: &str) -> (SessionId, usize) {
        let speakers = [self.speaker(from), self.speaker(to)];
        let ends = |index: usize| {
            self.topology
                .session(SessionId(index))
                .ends
                .each_ref()
                .map(SessionEnd::speaker)
        };
        (0..self.topology.sessions.len())
            .find_map(|index| match ends(index) {
                both if both == speakers => Some((SessionId(index), 0)),
                [a, b] if [b, a] == speakers => Some((SessionId(index), 1)),
                _ => None,
            })
            .unwrap_or_else(|| panic!("no session between {from} and {to}"))
    }

    /// Whether two speakers have a session that works.
    pub(super) fn are_neighbours(&self, a: &str, b: &str) -> bool {
        self.tables.is_live(self.session(a, b).0)
    }
}

fn shown_path(path: &[Asn]) -> String {
    if path.is_empty() {
        "-".to_owned()
    } else {
        as_path(path)
    }
}

fn is_listed(route: &Route) -> bool {
    matches!(
        route.standing,
        Standing::Active | Standing::Inactive(Rule::UserRoute | Rule::GatewayOverSystem)
    )
}

fn effective_row(route: &Route) -> String {
    let (source, next_hop) = match &route.origin {
        Origin::VnetLocal => ("Default", "VnetLocal"),
        Origin::VnetPeering {
            is_global: false, ..
        } => ("Default", "VNetPeering"),
        Origin::VnetPeering { .. } => ("Default", "VNetGlobalPeering"),
        Origin::InterfaceEndpoint => ("Default", "InterfaceEndpoint"),
        Origin::ServiceEndpoint { .. } => ("Default", "VirtualNetworkServiceEndpoint"),
        Origin::Internet => ("Default", "Internet"),
        Origin::Reserved => ("Default", "None"),
        Origin::User { next_hop, .. } => ("User", user_type(*next_hop)),
        Origin::VirtualNetworkGateway { .. } => ("VirtualNetworkGateway", "VirtualNetworkGateway"),
        _ => ("Guest", "Guest"),
    };
    let state = match route.standing {
        Standing::Active => "Active",
        Standing::Inactive(_) => "Invalid",
    };
    let listed = route.listed.iter().map(|hop| format!(" {hop}"));
    let drops = match (&route.action, &route.origin) {
        (Action::Fabric(_), Origin::User { next_hop, .. }) if names_somebody(*next_hop) => {
            " (drops)"
        }
        _ => "",
    };
    let hops: String = listed.collect();
    format!("{source} {state} {} {next_hop}{hops}{drops}", route.prefix)
}

fn names_somebody(next_hop: UserNextHop) -> bool {
    !matches!(next_hop, UserNextHop::None | UserNextHop::Internet)
}

fn user_type(next_hop: UserNextHop) -> &'static str {
    match next_hop {
        UserNextHop::VirtualAppliance(_) => "VirtualAppliance",
        UserNextHop::VirtualNetworkGateway => "VirtualNetworkGateway",
        UserNextHop::VnetLocal => "VnetLocal",
        UserNextHop::Internet => "Internet",
        UserNextHop::None => "None",
    }
}
