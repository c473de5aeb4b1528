//! Routes that an `ExpressRoute` gateway propagates to the interfaces of its network.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::sync::Arc;

use crate::addresses::{Address, Prefix};
use crate::routing::Solver;
use crate::routing::bgp::{self, Choice, Learned};
use crate::routing::model::{Action, Origin, Route};
use crate::routing::nic::MOST_NEXT_HOPS;
use crate::routing::nic::propagated::GatewayRoute;
use crate::routing::rule::Rule;
use crate::routing::speaker::session;
use crate::topology::{GatewayId, NodeId, Topology};

/// What the instances of an `ExpressRoute` gateway hold for one prefix.
enum Held<'a> {
    /// The same paths, at each that holds any.
    Once(Choice<'a>),
    /// Different paths, all together.
    Joined(Vec<Learned>),
}

impl<'a> Held<'a> {
    fn choice(&self) -> Choice<'_> {
        match self {
            Self::Once(choice) => *choice,
            Self::Joined(all) => Choice::of(all),
        }
    }

    /// Adds the paths of another instance, unless they are the same.
    fn and(self, topology: &Topology, other: Choice<'a>) -> Self {
        let own = self.choice();
        let ends = |choice: Choice<'_>| {
            let all = choice.best.iter().chain(choice.others);
            let end = |one: &Learned| {
                let session = topology.session(one.session);
                (session::endpoint(session), Arc::clone(&one.as_path))
            };
            (choice.best.len(), all.map(end).collect::<Vec<_>>())
        };
        if ends(own) == ends(other) {
            return self;
        }
        let all = [own.best, own.others, other.best, other.others];
        let mut all: Vec<Learned> = all.into_iter().flatten().cloned().collect();
        bgp::sort(&mut all, topology);
        let mut seen = BTreeSet::new();
        all.retain(|one| seen.insert(session::endpoint(topology.session(one.session))));
        Self::Joined(all)
    }
}

impl Solver<'_> {
    /// Routes from circuits: the best ones together (ECMP), and the inactive ones. Traffic goes directly to the MSEEs
    /// and bypasses the gateway.
    pub(super) fn circuit_routes(&self, id: GatewayId) -> BTreeMap<Prefix, Vec<GatewayRoute>> {
        let gateway = self.topology.gateway(id);
        let endpoint = |learned: &Learned| {
            let session = self.topology.session(learned.session);
            Some((
                session::endpoint(session)?,
                session::shown_endpoint(session)?,
            ))
        };
        let gateway_route = |prefix, group: &[&Learned]| {
            let mut endpoints: Vec<(Address, Address)> = group
                .iter()
                .filter_map(|learned| endpoint(learned))
                .collect();
            endpoints.sort_unstable();
            endpoints.dedup();
            let endpoints = || endpoints.iter().take(MOST_NEXT_HOPS);
            let hops: Arc<[Address]> = endpoints().map(|(hop, _)| *hop).collect();
            let listed: Arc<[Address]> = endpoints().map(|(_, shown)| *shown).collect();
            let origin = Origin::VirtualNetworkGateway {
                gateway: gateway.name.clone(),
                is_express_route: true,
                as_path: Arc::clone(&group[0].as_path),
                weight: group[0].weight,
            };
            GatewayRoute {
                route: Route::new(prefix, Action::Drop, origin).listing(listed),
                hops,
            }
        };
        let by_circuit = |learned: &&Learned| endpoint(learned).is_some();
        let routes_of = |prefix, choice: &Choice<'_>| {
            let best: Vec<&Learned> = choice.best.iter().filter(by_circuit).collect();
            let first = *best.first()?;
            let others = choice.others.iter().filter(by_circuit).map(|loser| {
                let rule = first.beats(loser).unwrap_or(Rule::AsPathLength);
                gateway_route(prefix, &[loser]).inactive_by(rule)
            });
            Some(
                iter::once(gateway_route(prefix, &best))
                    .chain(others)
                    .collect(),
            )
        };
        let Some(node) = gateway.instances.first() else {
            return BTreeMap::new();
        };
        let own = self.learned_by_instances(*node);
        let choices = own.iter().map(|(prefix, held)| (*prefix, held.choice()));
        // Routes to link-local addresses are not propagated, even if a gateway learned them.
        choices
            .filter(|(prefix, _)| !prefix.addr().is_link_local())
            .filter_map(|(prefix, choice)| Some((prefix, routes_of(prefix, &choice)?)))
            .collect()
    }

    /// What the instances of a node learned, together: an interface has every MSEE that any of them uses.
    fn learned_by_instances(&self, node: NodeId) -> BTreeMap<Prefix, Held<'_>> {
        let mut speakers = self.index.numbers_at(self.topology, node);
        let first = speakers.next();
        let choices = first
            .into_iter()
            .flat_map(|own| self.ribs.of(own).choices());
        let mut held: BTreeMap<Prefix, Held<'_>> = choices
            .map(|(prefix, choice)| (prefix, Held::Once(choice)))
            .collect();
        for speaker in speakers {
            for (prefix, choice) in self.ribs.of(speaker).choices() {
                let joined = match held.remove(&prefix) {
                    Some(own) => own.and(self.topology, choice),
                    None => Held::Once(choice),
                };
                held.insert(prefix, joined);
            }
        }
        held
    }
}
