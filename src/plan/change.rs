//! A route of the kernel, and the changes from one set of routes to another.

use std::cmp::Ordering;
use std::{fmt, sync::Arc};

use crate::addresses::{Address, Prefix};
use crate::names::IfName;
use crate::plan::Routes;
use crate::plan::show::route;
use crate::topology::NodeId;

/// The key of a route: the kernel has at most one active route for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RouteKey {
    /// The node.
    pub node: NodeId,
    /// The table; `None` is the main one.
    pub table: Option<u32>,
    /// The destination prefix.
    pub prefix: Prefix,
}

/// A next hop of a route.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hop {
    /// The outgoing interface.
    pub name: IfName,
    /// The neighbour that gets the packets.
    pub via: Option<Address>,
    /// Whether the neighbour is on link without a route to it.
    pub on_link: bool,
}

/// The source of a route, as `ip route` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// A static route.
    Static,
    /// Learned by BGP.
    Bgp,
    /// Learned inside a site.
    Ospf,
    /// Created by the kernel from an address's prefix.
    Kernel,
    /// Any other protocol, by its number: `ip route add` uses 3, shown as `boot`.
    Other(u8),
}

/// The action and the source of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The next hops; without any, packets are silently dropped.
    pub hops: Arc<[Hop]>,
    /// The source address of the node's own packets.
    pub source: Option<Address>,
    /// The source of the route.
    pub protocol: Protocol,
}

/// A route that is added, removed or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// An added route.
    Add {
        /// Its key.
        key: RouteKey,
        /// Its action.
        path: Path,
    },
    /// A changed route.
    Replace {
        /// Its key.
        key: RouteKey,
        /// Its old action.
        old: Path,
        /// Its new action.
        new: Path,
    },
    /// A removed route.
    Remove {
        /// Its key.
        key: RouteKey,
        /// Its old action.
        path: Path,
    },
}

impl Change {
    /// The key of the route.
    #[must_use]
    pub const fn key(&self) -> &RouteKey {
        match self {
            Self::Add { key, .. } | Self::Replace { key, .. } | Self::Remove { key, .. } => key,
        }
    }
}

/// The changes from one set of routes to another, by node, table and prefix.
#[must_use]
pub fn difference(from: &Routes, to: &Routes) -> Vec<Change> {
    let mut changes = Vec::new();
    for node in from.nodes_unlike(to) {
        let [mut old, mut new] = [from, to].map(|routes| routes.of(node).iter().peekable());
        while let Some(order) = order(old.peek(), new.peek()) {
            let old = old.next_if(|_| order.is_le());
            let new = new.next_if(|_| order.is_ge());
            changes.extend(change(old, new));
        }
    }
    changes
}

type Entry<'a> = (&'a RouteKey, &'a Path);

/// The order of two routes, if there is any.
fn order(old: Option<&Entry<'_>>, new: Option<&Entry<'_>>) -> Option<Ordering> {
    match (old, new) {
        (None, None) => None,
        (Some(_), None) => Some(Ordering::Less),
        (None, Some(_)) => Some(Ordering::Greater),
        (Some((old, _)), Some((new, _))) => Some(old.cmp(new)),
    }
}

/// The change of one route, if any.
fn change(old: Option<Entry<'_>>, new: Option<Entry<'_>>) -> Option<Change> {
    match (old, new) {
        (None, None) => None,
        (Some((key, path)), None) => Some(Change::Remove {
            key: *key,
            path: path.clone(),
        }),
        (None, Some((key, path))) => Some(Change::Add {
            key: *key,
            path: path.clone(),
        }),
        (Some((key, old)), Some((_, new))) => (old != new).then(|| Change::Replace {
            key: *key,
            old: old.clone(),
            new: new.clone(),
        }),
    }
}

/// As `ip route` prints it, without the node.
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

/// A route as `ip route` prints it, without the node.
#[derive(Debug, Clone, Copy)]
pub struct Worded<'a>(pub &'a RouteKey, pub &'a Path);

impl fmt::Display for Worded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        route(f, self.0, self.1, "")
    }
}
