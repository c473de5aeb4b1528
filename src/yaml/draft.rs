//! A document to which default values are added.
//!
//! Choices are deterministic. A new entry at the end of a section changes no earlier choice, unless it states a value
//! that an earlier choice uses.

mod taken;

pub(crate) use taken::Taken;

use std::collections::BTreeSet;

use crate::addresses::{Address, Prefix};
use crate::yaml::tree::{Key, Kind, Node};

/// Keys whose prefixes are not in use in the lab: destinations of routes, and route filters.
const ABOUT_ROUTES: [&str; 4] = ["routes", "import", "export", "advertise"];

/// Keys that map the file's own names to entries. Such a name may be one of [`ABOUT_ROUTES`].
const BY_NAME: [&str; 5] = [
    "subnets",
    "virtualMachines",
    "networkInterfaces",
    "routers",
    "hosts",
];

/// The sections whose prefixes and addresses are not in use in the lab: they describe routes and paths.
const ABOUT_PATHS: [&str; 4] = ["routeTables", "expect", "storyboards", "impairments"];

/// A document and the prefixes that are in use in it.
pub(crate) struct Draft<'a> {
    /// The document.
    pub(crate) root: &'a mut Node,
    /// Read from the document when the first prefix is chosen.
    taken: Option<Taken>,
    /// Read from the document when they are first asked for.
    addresses: Option<BTreeSet<Address>>,
}

impl<'a> Draft<'a> {
    /// A document without chosen values.
    pub(crate) const fn new(root: &'a mut Node) -> Self {
        Self {
            root,
            taken: None,
            addresses: None,
        }
    }

    /// The entries of a section: names and their values.
    pub(crate) fn section(&self, name: &str) -> &[(Key, Node)] {
        self.root.get(name).map_or(&[], Node::entries)
    }

    /// The addresses in all sections but one.
    pub(crate) fn addresses_outside(&self, name: &str) -> BTreeSet<Address> {
        let mut found = BTreeSet::new();
        let others = sections_in_use(self.root).filter(|(section, _)| *section != name);
        others.for_each(|(_, section)| collect_addresses(section, &mut found));
        found
    }

    /// An entry of a section.
    pub(crate) fn entry(&self, section: &str, name: &str) -> Option<&Node> {
        let mut entries = self.section(section).iter();
        entries
            .find(|(key, _)| key.text == name)
            .map(|(_, node)| node)
    }

    /// The entry of a section at an index, mutable.
    pub(crate) fn entry_mut(&mut self, section: &str, index: usize) -> Option<&mut Node> {
        let entries = self.root.get_mut(section)?.entries_mut();
        entries.get_mut(index).map(|(_, node)| node)
    }

    /// Expands the names of a section to mappings (see [`Node::write_out_names`]).
    pub(crate) fn write_out_names(&mut self, section: &str) {
        if let Some(node) = self.root.get_mut(section) {
            node.write_out_names();
        }
    }

    /// The first prefix of a length in `pool` that overlaps no prefix in use. It is in use from now on.
    pub(crate) fn free_prefix(&mut self, pool: Prefix, length: u8) -> Option<Prefix> {
        self.taken().free(pool, length, pool.network())
    }

    /// The same, but never the first prefix of the pool.
    pub(crate) fn free_prefix_after_first(&mut self, pool: Prefix, length: u8) -> Option<Prefix> {
        let first = Prefix::new(pool.network(), length)?;
        let second = first.last().saturating_add(1);
        self.taken().free(pool, length, second)
    }

    /// The first host address in `pool` that is in no prefix in use. It is in use from now on.
    pub(crate) fn free_address(&mut self, pool: Prefix) -> Option<Address> {
        let found = self.free_prefix_after_first(pool, 32)?;
        Some(found.addr())
    }

    /// Every address in use, including the chosen ones. The addresses of expectations are not included: they describe
    /// the result of a choice.
    pub(crate) fn addresses(&mut self) -> &mut BTreeSet<Address> {
        let root = &*self.root;
        self.addresses.get_or_insert_with(|| {
            let mut found = BTreeSet::new();
            let sections = sections_in_use(root).map(|(_, section)| section);
            sections.for_each(|section| collect_addresses(section, &mut found));
            found
        })
    }

    fn taken(&mut self) -> &mut Taken {
        let root = &*self.root;
        self.taken.get_or_insert_with(|| {
            let mut prefixes = Vec::new();
            let entries = sections_in_use(root).flat_map(|(_, section)| section.entries());
            entries.for_each(|(_, entry)| collect(entry, &mut prefixes));
            let mut taken = Taken::default();
            for prefix in prefixes {
                taken.add(prefix);
            }
            taken
        })
    }
}

/// The sections of a document whose prefixes and addresses are in use, with their names.
fn sections_in_use(root: &Node) -> impl Iterator<Item = (&str, &Node)> {
    let all = root.entries().iter();
    let sections = all.filter(|(_, section)| matches!(section.kind, Kind::Mapping(_)));
    let named = sections.map(|(key, section)| (key.text.as_str(), section));
    named.filter(|(name, _)| !ABOUT_PATHS.contains(name))
}

/// Adds every IPv4 prefix and address of a section's entry that is in use.
pub(crate) fn collect(node: &Node, taken: &mut Vec<Prefix>) {
    match &node.kind {
        // Most texts are names, which need not be parsed to be known as such.
        Kind::Text(text) if text.starts_with(|first: char| first.is_ascii_digit()) => {
            let found = if text.contains('/') {
                text.parse::<Prefix>().ok()
            } else {
                text.parse::<Address>().map(Prefix::from).ok()
            };
            taken.extend(found.filter(|one| one.addr().is_ipv4()));
        }
        Kind::Sequence(items) => items.iter().for_each(|item| collect(item, taken)),
        Kind::Mapping(entries) => {
            for (key, value) in entries {
                match key.text.as_str() {
                    key if ABOUT_ROUTES.contains(&key) => {}
                    key if BY_NAME.contains(&key) && !value.entries().is_empty() => {
                        let named = value.entries().iter();
                        named.for_each(|(_, one)| collect(one, taken));
                    }
                    _ => collect(value, taken),
                }
            }
        }
        _ => {}
    }
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
