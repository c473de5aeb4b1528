//! The routes that carry tunnels: from public address to public address.

use std::collections::BTreeMap;

use crate::addresses::{Address, Prefix};
use crate::routing::Solver;
use crate::routing::model::{Action, NextHop, Origin, Route};
use crate::topology::NodeId;

impl Solver<'_> {
    /// The routes to the public addresses of the other ends of a node's tunnels. Where a circuit's Microsoft peering
    /// carries a tunnel, the route over the circuit comes first.
    pub(super) fn underlay(&self, node: NodeId) -> Vec<Route> {
        let mut routes = BTreeMap::new();
        for set in self.index.underlay.get(&node).into_iter().flatten() {
            let hop = NextHop {
                interface: set.interface,
                via: Some(set.via),
            };
            if self.is_usable(hop) {
                add(&mut routes, set.to, hop, Some(set.source));
            }
        }
        if let Some((hop, source)) = self.way_out(node) {
            for to in &self.index.far_ends[node.0] {
                add(&mut routes, *to, hop, source);
            }
        }
        routes.into_values().collect()
    }

    /// The next hop over an interface to the internet, and its source address.
    fn way_out(&self, node: NodeId) -> Option<(NextHop, Option<Address>)> {
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
                let source = interface.addresses.first().map(Prefix::addr);
                (leads_out && self.is_usable(hop)).then_some((hop, source))
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
