//! The rows of `lab why` for scripts: one row per node of each direction.

use crate::report::routes::SystemRoute;
use crate::report::tsv::Rows;
use crate::report::why::{Hop, Way, Why};

/// The names of the columns.
const COLUMNS: &[&str] = &[
    "direction",
    "node",
    "role",
    "ttl",
    "address",
    "prefix",
    "next_hop",
    "origin",
    "loss",
];

/// One row per node, first of the forward path, then of the return path.
#[must_use]
pub fn rows(why: &Why) -> Rows {
    let there = rows_of("there", &why.there);
    let back = why.back.iter().flat_map(|way| rows_of("back", way));
    Rows {
        columns: COLUMNS,
        rows: there.into_iter().chain(back).collect(),
    }
}

fn rows_of(direction: &str, way: &Way) -> Vec<Vec<String>> {
    let last = way.hops.len().saturating_sub(1);
    let row = |(position, hop): (usize, &Hop)| {
        let loss = way.loss.as_ref().filter(|_| position == last);
        let route = hop.route.as_ref();
        vec![
            direction.to_owned(),
            hop.node.clone(),
            hop.role.to_owned(),
            hop.ttl.map(|ttl| ttl.to_string()).unwrap_or_default(),
            hop.address
                .map(|address| address.to_string())
                .unwrap_or_default(),
            route.map(|route| route.prefix.clone()).unwrap_or_default(),
            route.map(SystemRoute::shown_hops).unwrap_or_default(),
            route.map(SystemRoute::described).unwrap_or_default(),
            loss.map(|loss| loss.reason.clone()).unwrap_or_default(),
        ]
    };
    way.hops.iter().enumerate().map(row).collect()
}
