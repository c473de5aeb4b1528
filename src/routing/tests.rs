//! Routes and paths that come out of a lab file, as text.

mod bgp;
mod documented;
mod failures;
mod lab;
mod onpremises;
mod order;
mod tables;

use std::collections::BTreeSet;

use crate::routing::{Action, Failures, NextHop, Route, Tables, solve, walk};
use crate::spec::parse;
use crate::topology::{LinkId, NodeId, Topology, resolve};

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

    /// A lab with some links down.
    fn without(text: &str, down: &[&str]) -> Self {
        let spec = parse(text).unwrap_or_else(|findings| panic!("{findings:#?}\n{text}"));
        let topology = resolve(&spec).unwrap_or_else(|findings| panic!("{findings:#?}\n{text}"));
        let down: BTreeSet<LinkId> = down
            .iter()
            .map(|name| link_named(&topology, name))
            .collect();
        let tables = solve(&topology, &Failures::noticed(&topology, down)).unwrap();
        Self { topology, tables }
    }

    fn node(&self, name: &str) -> NodeId {
        self.topology
            .find(name)
            .unwrap_or_else(|| panic!("no node {name}"))
    }

    /// A node's table, one route a line, each followed by what it beat.
    fn table(&self, node: &str) -> String {
        let routes = &self.tables.of(self.node(node)).routes;
        routes
            .iter()
            .map(|route| self.route(route))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The lines of a node's table that are about one prefix.
    fn known(&self, node: &str, prefix: &str) -> String {
        let routes = self.tables.of(self.node(node)).routes.iter();
        let about: Vec<_> = routes
            .filter(|route| route.prefix.to_string() == prefix)
            .map(|route| self.route(route))
            .collect();
        if about.is_empty() {
            "nothing".to_owned()
        } else {
            about.join("\n")
        }
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
            Action::Drop => "drop".to_owned(),
        };
        let beaten = route
            .beaten
            .iter()
            .map(|beaten| format!("\n  before {}, by {}", beaten.origin, beaten.rule));
        format!(
            "{} > {action}: {}{}",
            route.prefix,
            route.origin,
            beaten.collect::<String>()
        )
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

fn link_named(topology: &Topology, name: &str) -> LinkId {
    let position = topology.links.iter().position(|link| link.name == name);
    LinkId(position.unwrap_or_else(|| panic!("no link {name}")))
}
