//! One route of the kernel, and what turns one set of them into another.

use std::cmp::Ordering;
use std::net::Ipv4Addr;
use std::{fmt, sync::Arc};

use ipnet::Ipv4Net;

use crate::plan::Routes;
use crate::plan::operation::{Hop, Protocol};
use crate::plan::show::{Prefix, ShownHop};
use crate::topology::NodeId;

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
    pub hops: Arc<[Hop]>,
    /// The address of the node's own packets.
    pub source: Option<Ipv4Addr>,
    /// Who the route is from.
    pub protocol: Protocol,
}

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

/// What turns one set of routes into another: by node, table and prefix.
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

/// Which of two routes comes first, where there is one at all.
fn order(old: Option<&Entry<'_>>, new: Option<&Entry<'_>>) -> Option<Ordering> {
    match (old, new) {
        (None, None) => None,
        (Some(_), None) => Some(Ordering::Less),
        (None, Some(_)) => Some(Ordering::Greater),
        (Some((old, _)), Some((new, _))) => Some(old.cmp(new)),
    }
}

/// What becomes of one route, if anything.
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
