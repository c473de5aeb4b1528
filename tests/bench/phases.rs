//! The pure phases from a lab file to the route changes after a failure, each separately.

use std::collections::BTreeSet;

use netns_lab::lab;
use netns_lab::lab::model::Spec;
use netns_lab::plan::{self, Change, Plan, Routes};
use netns_lab::routing::{self, Failures, Tables};
use netns_lab::topology::Topology;

pub(crate) fn read(text: &str) -> Spec {
    lab::parse(text).expect("the lab's file is well formed")
}

pub(crate) fn resolve(spec: &Spec) -> Topology {
    lab::resolve(spec).expect("the lab obeys the rules")
}

pub(crate) fn solve(topology: &Topology) -> Tables {
    routing::solve(topology, &Failures::default()).expect("the routes settle")
}

pub(crate) fn plan(topology: &Topology, tables: &Tables) -> Plan {
    plan::plan(topology, tables)
}

/// A lab before a failure, and the failure.
pub(crate) struct Event {
    topology: Topology,
    tables: Tables,
    routes: Routes,
    failures: Failures,
}

impl Event {
    /// The failure of one link, with every session over it.
    pub(crate) fn new(topology: Topology, link: &str) -> Self {
        let link = topology.link_named(link).expect("the link is there");
        let tables = solve(&topology);
        let routes = plan::routes(&topology, &tables, &Failures::default());
        Self {
            failures: Failures::noticed(&topology, BTreeSet::from([link])),
            topology,
            tables,
            routes,
        }
    }

    /// Everything computed after the failure: tables, routes, and the difference.
    pub(crate) fn follow(&self) -> Vec<Change> {
        let (topology, failures) = (&self.topology, &self.failures);
        let tables = routing::solve_again(topology, failures, &self.tables).expect("they settle");
        let before = (&self.tables, &self.routes);
        let routes = plan::routes_again(topology, &tables, failures, before);
        plan::difference(&self.routes, &routes)
    }
}
