//! Routes and paths that come out of a lab file, as text.

mod bgp;
mod documented;
mod failures;
mod lab;
mod nics;
mod onpremises;
mod order;
mod policies;
mod properties;
mod rules;
mod shown;
mod tables;

use std::collections::BTreeSet;

use crate::lab::parse;
use crate::lab::resolve;
use crate::routing::{Action, Failures, NextHop, Origin, Route, Standing, Tables, solve, walk};
use crate::topology::{LinkId, NodeId, Topology};

/// A lab with its routes.
struct Solved {
    topology: Topology,
    tables: Tables,
}

impl Solved {
    fn of(text: &str) -> Self {
        Self::without(text, &[])
    }

    fn hub_spoke() -> Self {
        Self::of(HUB_SPOKE)
    }

    /// A lab with some links down, and every session over them ended.
    fn without(text: &str, down: &[&str]) -> Self {
        let topology = resolved(text);
        let failures = Failures::noticed(&topology, links_named(&topology, down));
        Self::under(topology, &failures)
    }

    /// A lab with some links down that no session has noticed yet.
    fn unnoticed(text: &str, down: &[&str]) -> Self {
        let topology = resolved(text);
        let links = links_named(&topology, down);
        let sessions = BTreeSet::new();
        Self::under(
            topology,
            &Failures {
                links,
                sessions,
                ..Failures::default()
            },
        )
    }

    fn under(topology: Topology, failures: &Failures) -> Self {
        let tables = solve(&topology, failures).unwrap();
        Self { topology, tables }
    }

    fn node(&self, name: &str) -> NodeId {
        self.topology
            .find(name)
            .unwrap_or_else(|| panic!("no node {name}"))
    }

    /// A node's table, one route a line, inactive ones indented. Prefixes that Azure drops
    /// are left out: see [`Solved::reserved`].
    fn table(&self, node: &str) -> String {
        self.lines(node, |route| route.origin != Origin::Reserved)
    }

    /// The prefixes that Azure drops on a node's interface.
    fn reserved(&self, node: &str) -> String {
        self.lines(node, |route| route.origin == Origin::Reserved)
    }

    /// The lines of a node's table that are about one prefix.
    fn known(&self, node: &str, prefix: &str) -> String {
        let about = self.lines(node, |route| route.prefix.to_string() == prefix);
        if about.is_empty() {
            "nothing".to_owned()
        } else {
            about
        }
    }

    fn lines(&self, node: &str, is_meant: impl Fn(&Route) -> bool) -> String {
        let routes = self.tables.of(self.node(node)).routes.iter();
        routes
            .filter(|route| is_meant(route))
            .map(|route| self.route(route))
            .collect::<Vec<_>>()
            .join("\n")
    }

    fn knows(&self, node: &str, prefix: &str) -> bool {
        self.known(node, prefix) != "nothing"
    }

    fn route(&self, route: &Route) -> String {
        let action = match &route.action {
            Action::Forward(hops) => hops
                .iter()
                .map(|hop| self.hop(*hop))
                .collect::<Vec<_>>()
                .join(" | "),
            Action::Fabric(_) => "fabric".to_owned(),
            Action::Drop => "drop".to_owned(),
        };
        match route.standing {
            Standing::Active => format!("{} > {action}: {}", route.prefix, route.origin),
            Standing::Inactive(rule) => format!(
                "  before {} > {action}: {}: {rule}",
                route.prefix, route.origin
            ),
        }
    }

    fn hop(&self, hop: NextHop) -> String {
        let name = &self.topology.interface(hop.interface).name;
        hop.via
            .map_or_else(|| name.to_string(), |via| format!("{name} via {via}"))
    }

    /// The nodes that a packet crosses, and how it ends.
    fn path(&self, from: &str, to: &str) -> String {
        let destination = self
            .topology
            .node(self.node(to))
            .address
            .expect("a destination has an address");
        let walk = walk(&self.topology, &self.tables, self.node(from), destination);
        let names: Vec<_> = walk
            .nodes
            .iter()
            .map(|node| self.topology.node(*node).name.as_str())
            .collect();
        format!("{}: {:?}", names.join(" "), walk.end)
    }
}

const HUB_SPOKE: &str = include_str!("../../labs/hub-spoke.yaml");

fn resolved(text: &str) -> Topology {
    let spec = parse(text).unwrap_or_else(|findings| panic!("{findings:#?}\n{text}"));
    resolve(&spec).unwrap_or_else(|findings| panic!("{findings:#?}\n{text}"))
}

fn links_named(topology: &Topology, names: &[&str]) -> BTreeSet<LinkId> {
    names
        .iter()
        .map(|name| link_named(topology, name))
        .collect()
}

fn link_named(topology: &Topology, name: &str) -> LinkId {
    let position = topology.links.iter().position(|link| link.name == name);
    LinkId(position.unwrap_or_else(|| panic!("no link {name}")))
}
