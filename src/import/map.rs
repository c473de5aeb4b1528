//! Resources of Azure Resource Manager to the sections of a lab file. One file a kind of resource.

mod balancers;
mod circuits;
mod connections;
mod endpoints;
mod far_ends;
mod gateways;
mod machines;
mod networks;
mod rest;
mod sites;
mod tables;

use std::collections::BTreeMap;

use machines::Machines;

use crate::addresses::Prefix;
use crate::import::Options;
use crate::import::id::Id;
use crate::import::names::{Kind, Names, plain};
use crate::import::notes::Notes;
use crate::import::resource::{Resource, Resources};
use crate::import::text::{Map, Value};
use crate::import::view::View;
use crate::topology::builder::{FABRIC, INTERNET};

/// What an import knows while it writes a lab file.
pub(super) struct Import<'a> {
    resources: &'a Resources,
    options: &'a Options,
    /// The hand-written part.
    by_hand: Option<&'a Map>,
    names: Names,
    notes: Notes,
    machines: Machines,
    /// The devices of local network gateways, by the gateways' ids.
    devices: BTreeMap<String, String>,
    /// The resource group that most virtual networks are in, as ids begin.
    home: &'a str,
    document: Map,
}

/// A lab file's document.
#[derive(Debug)]
pub(super) struct Mapped {
    /// The comments above it.
    pub(super) head: Vec<String>,
    /// Its sections.
    pub(super) document: Map,
    /// What there is to tell about it.
    pub(super) notes: Notes,
}

/// The lab file's document, and what there is to tell about it.
pub(super) fn map(
    resources: &Resources,
    options: &Options,
    by_hand: Option<&Map>,
    notes: Notes,
) -> Mapped {
    let mut import = Import {
        resources,
        options,
        by_hand,
        names: Names::default(),
        notes,
        machines: Machines::default(),
        devices: BTreeMap::new(),
        home: home(resources),
        document: Map::default(),
    };
    import.document.set("name", plain(&options.name));
    import.name_everything();
    import.networks();
    import.machines();
    import.endpoints();
    import.peerings();
    import.tables();
    import.balancers();
    import.gateways();
    import.circuits();
    import.connections();
    import.rest();
    Mapped {
        head: import.head(),
        document: import.document,
        notes: import.notes,
    }
}

/// The resource group that most virtual networks are in; of several, the first.
fn home(resources: &Resources) -> &str {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for network in resources.of("virtualNetworks") {
        let group = network.id.group();
        match counts.iter_mut().find(|(one, _)| *one == group) {
            Some((_, count)) => *count += 1,
            None => counts.push((group, 1)),
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max();
    let first = counts.iter().find(|(_, count)| Some(*count) == most);
    first.map(|(group, _)| *group).unwrap_or_default()
}

impl<'a> Import<'a> {
    /// Gives every resource that becomes a part of the lab its name, machines first: theirs are the ones that commands
    /// name most.
    fn name_everything(&mut self) {
        self.names_by_hand();
        // The lab's own nodes.
        for own in [FABRIC, INTERNET] {
            self.names.free(Kind::Node, own);
        }
        for id in machines::ids(self.resources) {
            self.names.give(&id, Kind::Node);
        }
        let kinds = [
            ("virtualNetworkGateways", Kind::Node),
            ("expressRouteCircuits", Kind::Circuit),
            ("loadBalancers", Kind::Balancer),
            ("virtualNetworks", Kind::Network),
            ("privateEndpoints", Kind::Node),
            ("localNetworkGateways", Kind::Site),
            ("connections", Kind::Connection),
            ("routeTables", Kind::Table),
        ];
        for (resources, kind) in kinds {
            for resource in self.resources.of(resources) {
                self.names.give(&resource.id, kind);
            }
        }
    }

    /// The comment that names the resource from which an entry was made. None for a resource of the group that most
    /// are in, with the name that the lab has: the first lines of the file say which group that is.
    fn origin(&self, id: &Id) -> Option<String> {
        let is_plain =
            id.group().eq_ignore_ascii_case(self.home) && self.names.of(id) == Some(id.name());
        (!is_plain).then(|| id.text().to_owned())
    }

    /// The comments at the top of the file.
    fn head(&self) -> Vec<String> {
        let mut head = vec![
            "Imported by `lab import`. Values marked \"chosen\" are not in the imported files."
                .to_owned(),
        ];
        if !self.home.is_empty() {
            head.push(format!("Resources without a comment are in {}.", self.home));
        }
        head
    }

    /// Keeps the names of the sites that are written by hand, and of their nodes.
    fn names_by_hand(&mut self) {
        let sites = self.by_hand.and_then(|by_hand| by_hand.map("sites"));
        for site in sites.map(Map::entries).unwrap_or_default() {
            self.names.free(Kind::Site, &site.key);
            let Value::Map(site) = &site.value else {
                continue;
            };
            let parts = ["routers", "hosts"]
                .iter()
                .filter_map(|part| site.map(part));
            for node in parts.flat_map(Map::entries) {
                self.names.free(Kind::Node, &node.key);
            }
        }
    }

    /// The name of a resource in the lab.
    fn name(&self, id: &Id) -> String {
        self.names.of(id).unwrap_or_else(|| id.name()).to_owned()
    }

    /// The virtual network of a subnet's id, if it is in the files.
    fn network_of_subnet(&self, subnet: &Id) -> Option<&'a Resource> {
        self.resources.get(&subnet.parent()?)
    }

    /// The name of a subnet: the one that its network has for the id.
    fn subnet_name(&self, id: &Id) -> String {
        let network = self.network_of_subnet(id);
        let mut subnets = network
            .into_iter()
            .flat_map(|one| one.view().list("subnets"));
        let is_it = |one: &View<'_>| {
            one.text("id")
                .is_some_and(|own| Id::new(own).key() == id.key())
        };
        let name = subnets.find(is_it).and_then(|one| one.text("name"));
        name.unwrap_or_else(|| id.name()).to_owned()
    }

    /// The IPv4 ranges of a virtual network.
    fn ranges(network: &Resource) -> Vec<Prefix> {
        let space = network.view().get("addressSpace");
        let texts = space.map(|space| space.texts("addressPrefixes"));
        prefixes(texts.unwrap_or_default())
    }

    /// The address of a public IP address, if it has one yet.
    fn public_address(&self, id: &Id) -> Option<&'a str> {
        self.resources.get(id)?.view().text("ipAddress")
    }
}

/// The IPv4 prefixes of texts.
fn prefixes(texts: Vec<&str>) -> Vec<Prefix> {
    let parsed = texts.into_iter().filter_map(|text| text.parse().ok());
    parsed
        .filter(|prefix: &Prefix| prefix.addr().is_ipv4())
        .collect()
}
