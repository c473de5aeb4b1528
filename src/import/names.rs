//! Names in the lab: those of the source where a lab's names allow them, unique.

use std::collections::BTreeMap;

use crate::import::id::Id;

/// The longest name, short enough for the endings that a lab adds to names of gateways and circuits.
const LONGEST: usize = 48;

/// What names must differ: two nodes, but not a node and a route table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Machines, gateways, routers and hosts.
    Node,
    /// Virtual networks.
    Network,
    /// Sites.
    Site,
    /// Circuits.
    Circuit,
    /// Connections.
    Connection,
    /// Route tables.
    Table,
    /// Load balancers.
    Balancer,
}

impl Kind {
    /// What a name ends with if another of the kind has it.
    const fn ending(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Network => "vnet",
            Self::Site => "site",
            Self::Circuit => "circuit",
            Self::Connection => "conn",
            Self::Table => "rt",
            Self::Balancer => "lb",
        }
    }
}

/// The names given so far.
#[derive(Debug, Default)]
pub(crate) struct Names {
    of_ids: BTreeMap<String, String>,
    /// The resource group of each name's resource, if it is one.
    taken: BTreeMap<(Kind, String), Option<String>>,
}

impl Names {
    /// Gives a resource its name: that of its id, with an ending if another resource has it.
    pub(crate) fn give(&mut self, id: &Id, kind: Kind) -> String {
        if let Some(name) = self.of_ids.get(id.key()) {
            return name.clone();
        }
        let group = id.resource_group().map(plain);
        let name = self.free_of(kind, id.name(), group.as_deref());
        self.of_ids.insert(id.key().to_owned(), name.clone());
        name
    }

    /// The name that a resource has.
    pub(crate) fn of(&self, id: &Id) -> Option<&str> {
        self.of_ids.get(id.key()).map(String::as_str)
    }

    /// A name near to a wanted one that nothing else has.
    pub(crate) fn free(&mut self, kind: Kind, wanted: &str) -> String {
        self.free_of(kind, wanted, None)
    }

    /// The same for a resource of a group: two of one name in two groups are told apart by the group.
    fn free_of(&mut self, kind: Kind, wanted: &str, group: Option<&str>) -> String {
        let plain = plain(wanted);
        let holder = self.taken.get(&(kind, plain.to_ascii_lowercase()));
        let of_group = group.map(|group| format!("{plain}-{group}"));
        let is_of_another = holder.is_some_and(|holder| holder.as_deref() != group);
        let of_kind = format!("{plain}-{}", kind.ending());
        let tries = std::iter::once(plain.clone())
            .chain(of_group.filter(|_| is_of_another))
            .chain(std::iter::once(of_kind.clone()))
            .chain((2..).map(|number| format!("{of_kind}{number}")));
        let is_free = |name: &String| !self.taken.contains_key(&(kind, name.to_ascii_lowercase()));
        let name = tries.into_iter().find(is_free).unwrap_or(plain);
        let group = group.map(str::to_owned);
        self.taken.insert((kind, name.to_ascii_lowercase()), group);
        name
    }
}

/// A text with the characters that names of labs and nodes may have.
pub(crate) fn plain(text: &str) -> String {
    let safe = text.chars().map(|c| match c {
        c if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') => c,
        _ => '-',
    });
    let safe: String = safe.collect();
    let name: String = safe
        .trim_start_matches(['-', '_'])
        .chars()
        .take(LONGEST)
        .collect();
    let name = name.trim_end_matches(['-', '_']);
    if name.is_empty() {
        "unnamed".to_owned()
    } else {
        name.to_owned()
    }
}
