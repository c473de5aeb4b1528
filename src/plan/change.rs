//! The routes that belong in the kernel, and what turns one set of them into another.

use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::plan::build::{path_routes, table_routes};
use crate::plan::operation::{Hop, Operation, Protocol};
use crate::plan::show::{Prefix, ShownHop};
use crate::routing::{Failures, Tables};
use crate::topology::{NodeId, Topology};

/// Which route is meant: the kernel has at most one in force for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RouteKey {
    /// The node.
    pub node: NodeId,
    /// The table; the main one where none.
    pub table: Option<u32>,
    /// Where to.
    pub prefix: Ipv4Net,
}

/// What a route does, and who it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The next hops; none drops packets, and tells nobody.
    pub hops: Vec<Hop>,
    /// The address of the node's own packets.
    pub source: Option<Ipv4Addr>,
    /// Who the route is from.
    pub protocol: Protocol,
}

/// Every route of every node, those among them that the kernel makes itself from addresses.
pub type Routes = BTreeMap<RouteKey, Path>;

/// One route that comes, goes or takes another way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A route that was not there.
    Add {
        /// Which.
        key: RouteKey,
        /// What it does.
        path: Path,
    },
    /// A route that takes another way from now on.
    Replace {
        /// Which.
        key: RouteKey,
        /// What it did.
        old: Path,
        /// What it does.
        new: Path,
    },
    /// A route that is there no more.
    Remove {
        /// Which.
        key: RouteKey,
        /// What it did.
        path: Path,
    },
}

impl Change {
    /// Which route changes.
    #[must_use]
    pub const fn key(&self) -> &RouteKey {
        match self {
            Self::Add { key, .. } | Self::Replace { key, .. } | Self::Remove { key, .. } => key,
        }
    }
}

/// The routes of a lab while something of it has failed. A next hop over an interface that is down
/// is in none of them: the kernel takes no such route.
#[must_use]
pub fn routes(topology: &Topology, tables: &Tables, failures: &Failures) -> Routes {
    let nodes = (0..topology.nodes.len()).map(NodeId);
    let in_tables = nodes.flat_map(|node| table_routes(topology, tables, node));
    let operations = in_tables.chain(path_routes(topology));
    let mut routes: Routes = operations.filter_map(entry).collect();
    let is_up = |node: NodeId, hop: &Hop| {
        let mut own = topology.interfaces_of(node);
        let interface = own.find(|(_, interface)| interface.name == hop.name);
        let link = interface.and_then(|(_, interface)| interface.link);
        link.is_none_or(|link| !failures.links.contains(&link))
    };
    routes.retain(|key, path| {
        let drops = path.hops.is_empty();
        path.hops.retain(|hop| is_up(key.node, hop));
        drops || !path.hops.is_empty()
    });
    routes
}

fn entry(operation: Operation) -> Option<(RouteKey, Path)> {
    match operation {
        Operation::AddRoute {
            node,
            prefix,
            table,
            hops,
            source,
            protocol,
        } => Some((
            RouteKey {
                node,
                table,
                prefix,
            },
            Path {
                hops,
                source,
                protocol,
            },
        )),
        _ => None,
    }
}

/// What turns one set of routes into another: by node, table and prefix.
#[must_use]
pub fn difference(from: &Routes, to: &Routes) -> Vec<Change> {
    let gone = from
        .iter()
        .filter(|(key, _)| !to.contains_key(key))
        .map(|(key, path)| Change::Remove {
            key: *key,
            path: path.clone(),
        });
    let new = to.iter().filter_map(|(key, path)| match from.get(key) {
        Some(old) if old == path => None,
        Some(old) => Some(Change::Replace {
            key: *key,
            old: old.clone(),
            new: path.clone(),
        }),
        None => Some(Change::Add {
            key: *key,
            path: path.clone(),
        }),
    });
    let mut changes: Vec<Change> = gone.chain(new).collect();
    changes.sort_by_key(|change| *change.key());
    changes
}

/// In the words of `ip route`, without the node.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, path) = match self {
            Self::Add { path, .. } => ("add", path),
            Self::Replace { new, .. } => ("replace", new),
            Self::Remove { path, .. } => ("del", path),
        };
        write!(f, "route {word} {}", Worded(self.key(), path))
    }
}

/// A route in the words of `ip route`, without the node.
#[derive(Debug, Clone, Copy)]
pub struct Worded<'a>(pub &'a RouteKey, pub &'a Path);

impl fmt::Display for Worded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(RouteKey { prefix, table, .. }, path) = self;
        let kind = if path.hops.is_empty() {
            "blackhole "
        } else {
            ""
        };
        write!(f, "{kind}{}", Prefix(*prefix))?;
        let mut hops = path.hops.iter();
        hops.try_for_each(|hop| write!(f, "{}", ShownHop(hop)))?;
        let mut source = path.source.iter();
        source.try_for_each(|source| write!(f, " src {source}"))?;
        let mut table = table.iter();
        table.try_for_each(|table| write!(f, " table {table}"))?;
        write!(f, " proto {}", path.protocol)
    }
}
