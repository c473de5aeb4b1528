//! A document while values are chosen that it leaves out.
//!
//! Choices are deterministic, and something that is added at the end of a section does not change those before it.

use crate::addresses::{Address, Prefix};
use crate::yaml::tree::{Key, Kind, Node};
use std::collections::BTreeSet;

/// Keys with prefixes that say nothing of where addresses are in use: destinations, and filters of routes.
const ABOUT_ROUTES: [&str; 4] = ["routes", "import", "export", "advertise"];

/// Sections with addresses in use.
const SECTIONS: [&str; 6] = [
    "virtualNetworks",
    "virtualNetworkGateways",
    "sites",
    "wan",
    "expressRouteCircuits",
    "connections",
];

/// A document and the prefixes that are in use in it.
pub(crate) struct Draft<'a> {
    /// The document.
    pub(crate) root: &'a mut Node,
    /// Read from the document when the first prefix is chosen.
    taken: Option<Vec<Prefix>>,
}

impl<'a> Draft<'a> {
    /// A document without choices.
    pub(crate) const fn new(root: &'a mut Node) -> Self {
        Self { root, taken: None }
    }

    /// The entries of a section: names, and what the file says of each.
    pub(crate) fn section(&self, name: &str) -> &[(Key, Node)] {
        self.root.get(name).map_or(&[], Node::entries)
    }

    /// An entry of a section.
    pub(crate) fn entry(&self, section: &str, name: &str) -> Option<&Node> {
        let mut entries = self.section(section).iter();
        entries
            .find(|(key, _)| key.text == name)
            .map(|(_, node)| node)
    }

    /// The entry of a section at an index, to change it.
    pub(crate) fn entry_mut(&mut self, section: &str, index: usize) -> Option<&mut Node> {
        let entries = self.root.get_mut(section)?.entries_mut();
        entries.get_mut(index).map(|(_, node)| node)
    }

    /// Writes out the names of a section (see [`Node::write_out_names`]).
    pub(crate) fn write_out_names(&mut self, section: &str) {
        if let Some(node) = self.root.get_mut(section) {
            node.write_out_names();
        }
    }

    /// The first prefix of a length in `pool` that overlaps none in use. It is in use from now on.
    pub(crate) fn free_prefix(&mut self, pool: Prefix, length: u8) -> Option<Prefix> {
        self.free_among(pool.subnets(length))
    }

    /// The same, but never the first prefix of the pool.
    pub(crate) fn free_prefix_after_first(&mut self, pool: Prefix, length: u8) -> Option<Prefix> {
        self.free_among(pool.subnets(length).skip(1))
    }

    /// The first address of a host in `pool` that is in no prefix in use. It is in use from now on.
    pub(crate) fn free_address(&mut self, pool: Prefix) -> Option<Address> {
        let found = self.free_prefix_after_first(pool, 32)?;
        Some(found.addr())
    }

    /// Every address that is in use. Those of expectations are not: they say what is expected of a choice.
    pub(crate) fn addresses(&self) -> BTreeSet<Address> {
        let mut found = BTreeSet::new();
        for section in SECTIONS.iter().chain(["loadBalancers"].iter()) {
            if let Some(node) = self.root.get(section) {
                collect_addresses(node, &mut found);
            }
        }
        found
    }

    fn free_among(&mut self, mut candidates: impl Iterator<Item = Prefix>) -> Option<Prefix> {
        let taken = self.taken();
        let found = candidates.find(|one| !taken.iter().any(|other| overlap(*one, *other)))?;
        taken.push(found);
        Some(found)
    }

    fn taken(&mut self) -> &mut Vec<Prefix> {
        let root = &*self.root;
        self.taken.get_or_insert_with(|| {
            let mut taken = Vec::new();
            let sections = SECTIONS.iter().filter_map(|section| root.get(section));
            sections.for_each(|section| collect(section, &mut taken));
            taken
        })
    }
}

/// Adds every prefix and address below a node that is in use.
pub(crate) fn collect(node: &Node, taken: &mut Vec<Prefix>) {
    match &node.kind {
        Kind::Text(text) => {
            let address = || text.parse::<Address>().map(Prefix::from).ok();
            taken.extend(text.parse().ok().or_else(address));
        }
        Kind::Sequence(items) => items.iter().for_each(|item| collect(item, taken)),
        Kind::Mapping(entries) => {
            let in_use = entries
                .iter()
                .filter(|(key, _)| !ABOUT_ROUTES.contains(&key.text.as_str()));
            in_use.for_each(|(_, value)| collect(value, taken));
        }
        _ => {}
    }
}

fn overlap(a: Prefix, b: Prefix) -> bool {
    a.contains(&b) || b.contains(&a)
}

/// Adds every address below a node.
pub(crate) fn collect_addresses(node: &Node, found: &mut BTreeSet<Address>) {
    match &node.kind {
        Kind::Text(text) => found.extend(text.parse::<Address>().ok()),
        Kind::Sequence(items) => items.iter().for_each(|item| collect_addresses(item, found)),
        Kind::Mapping(entries) => entries
            .iter()
            .for_each(|(_, value)| collect_addresses(value, found)),
        _ => {}
    }
}
