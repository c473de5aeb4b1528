//! The routes of a device's BGP sessions: learned routes, and the static prefixes behind the sessions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::addresses::Prefix;
use crate::names::NodeName;
use crate::routing::Solver;
use crate::routing::bgp::{Choice, Learned};
use crate::routing::model::{Action, BgpOrigin, NextHop, Origin, Route};
use crate::routing::rule::Rule;
use crate::topology::NodeId;

impl Solver<'_> {
    /// The static prefixes behind a node's working sessions. Two tunnels of one connection, or two connections with the
    /// same prefix, are used together (ECMP).
    pub(super) fn static_prefixes(&self, node: NodeId) -> Vec<Route> {
        let mut ways: BTreeMap<Prefix, BTreeSet<(&NodeName, NextHop)>> = BTreeMap::new();
        for own in self.ribs.originated(node.into()) {
            let Some(behind) = own.behind else { continue };
            let session = self.topology.session(behind);
            let ends = session.ends.iter().filter(|end| end.node == node);
            let hops = ends.map(|end| NextHop {
                interface: end.interface,
                via: None,
            });
            let ways = ways.entry(own.prefix).or_default();
            ways.extend(hops.map(|hop| (&session.name, hop)));
        }
        let routes = ways.into_iter().filter_map(|(prefix, ways)| {
            let (connection, _) = ways.first()?;
            let origin = Origin::Network {
                connection: (*connection).clone(),
            };
            let hops = ways.iter().map(|(_, hop)| *hop).collect();
            Some(Route::new(prefix, Action::Forward(hops), origin))
        });
        routes.collect()
    }

    /// The routes that a node learned by BGP, active and inactive. A node with several instances uses the routes of the
    /// first one that has the prefix.
    pub(super) fn learned(&self, node: NodeId) -> Vec<Route> {
        let first = self.ribs.of(node.into());
        let further = self.index.numbers_at(self.topology, node).skip(1);
        let further = further.flat_map(|other| self.ribs.of(other).choices());
        let mut missing: BTreeMap<Prefix, Choice<'_>> = BTreeMap::new();
        for (prefix, choice) in further.filter(|(prefix, _)| first.choice(*prefix).is_none()) {
            missing.entry(prefix).or_insert(choice);
        }
        let all = first.choices().chain(missing);
        all.flat_map(|(prefix, choice)| self.chosen(prefix, choice))
            .collect()
    }

    fn chosen(&self, prefix: Prefix, choice: Choice<'_>) -> Vec<Route> {
        let mut routes: Vec<Route> = self.route(prefix, choice.best).into_iter().collect();
        for loser in choice.others {
            let rule = choice.best[0].beats(loser).unwrap_or(Rule::AsPathLength);
            let route = self.route(prefix, std::slice::from_ref(loser));
            routes.extend(route.map(|route| route.inactive_by(rule)));
        }
        routes
    }

    /// One route with the next hops of all equally good paths; `None` if no next hop is found.
    fn route(&self, prefix: Prefix, group: &[Learned]) -> Option<Route> {
        let first = &group[0];
        let own = self.topology.session(first.session).ends[first.end].node;
        let speaker = self.index.speaker(own);
        let mut hops = Vec::with_capacity(group.len());
        for learned in group {
            speaker.add_next_hops(self, (prefix, learned), &mut hops);
        }
        hops.sort_unstable();
        hops.dedup();
        hops.truncate(speaker.most_next_hops());
        let mut listed: Vec<_> = hops.iter().filter_map(|hop| hop.via).collect();
        listed.sort_unstable();
        listed.dedup();
        let route = Route::new(
            prefix,
            Action::Forward(hops.into()),
            Origin::Bgp(self.bgp_origin(first)),
        );
        let is_reachable = matches!(&route.action, Action::Forward(hops) if !hops.is_empty());
        let source = speaker.source(self, first);
        let route = route.listing(listed);
        is_reachable.then_some(Route { source, ..route })
    }

    fn bgp_origin(&self, learned: &Learned) -> BgpOrigin {
        let session = self.topology.session(learned.session);
        let neighbour = session.ends[1 - learned.end].node;
        BgpOrigin {
            neighbour: self.topology.node(neighbour).name.clone(),
            as_path: Arc::clone(&learned.as_path),
            weight: learned.weight,
            local_preference: learned.local_preference,
            is_internal: learned.is_internal,
        }
    }
}
