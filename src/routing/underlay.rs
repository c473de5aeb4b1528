//! The routes that carry tunnels: from public address to public address, or over a circuit's private peering.

use std::collections::BTreeMap;

use crate::addresses::{Address, Prefix};
use crate::routing::Solver;
use crate::routing::model::{Action, NextHop, Origin, Route};
use crate::topology::NodeId;

impl Solver<'_> {
    /// The routes to the public addresses of the other ends of a node's tunnels. Where a circuit carries a tunnel,
    /// the route over the circuit comes first.
    pub(super) fn underlay(&self, node: NodeId) -> Vec<Route> {
        let mut routes = BTreeMap::new();
        for (to, source, hop) in self.over_circuits(node) {
            add(&mut routes, to, hop, Some(source));
        }
        for end in &self.index.outer_ends[node.0] {
            if let Some(hop) = self.way_out(node, end.source) {
                add(&mut routes, end.to, hop, Some(end.source));
            }
        }
        routes.into_values().collect()
    }

    /// The routes over circuits whose interfaces work: destination, source and next hop.
    fn over_circuits(&self, node: NodeId) -> impl Iterator<Item = (Address, Address, NextHop)> {
        let all = self.index.underlay.get(&node).into_iter().flatten();
        all.filter_map(|set| {
            let hop = NextHop {
                interface: set.interface,
                via: Some(set.via),
            };
            self.is_usable(hop).then_some((set.to, set.source, hop))
        })
    }

    /// The routes of the encrypted packets of each end that needs a table of its own. They do not take another way.
    pub(super) fn outer(&self, node: NodeId) -> Vec<Vec<Route>> {
        let apart = self.index.outer_ends_apart.get(&node).into_iter().flatten();
        let tables = apart.map(|end| {
            let mut routes = BTreeMap::new();
            let over_circuit = self
                .over_circuits(node)
                .find(|(to, source, _)| (*to, *source) == (end.to, end.source));
            let hop = over_circuit.map(|(.., hop)| hop);
            if let Some(hop) = hop.or_else(|| self.way_out(node, end.source)) {
                add(&mut routes, end.to, hop, Some(end.source));
            }
            let discard = Route::new(Prefix::ALL_IPV4, Action::Drop, Origin::Discard);
            [discard].into_iter().chain(routes.into_values()).collect()
        });
        tables.collect()
    }

    /// The next hop over the interface to the internet that has a source address.
    fn way_out(&self, node: NodeId, source: Address) -> Option<NextHop> {
        self.topology
            .interfaces_of(node)
            .find_map(|(id, interface)| {
                let far = self.topology.interface(self.topology.across(id)?);
                let hop = NextHop {
                    interface: id,
                    via: Some(far.addresses.first()?.addr()),
                };
                let is_internet = |node| self.index.speaker(node).is_internet();
                let leads_out = is_internet(far.node) && !is_internet(node);
                let mut own = interface.addresses.iter().map(Prefix::addr);
                let has_source = own.any(|own| own == source);
                (leads_out && has_source && self.is_usable(hop)).then_some(hop)
            })
    }
}

fn add(routes: &mut BTreeMap<Prefix, Route>, to: Address, hop: NextHop, source: Option<Address>) {
    let prefix = Prefix::from(to);
    routes.entry(prefix).or_insert_with(|| Route {
        source,
        ..Route::new(prefix, Action::Forward([hop].into()), Origin::Static)
    });
}
