//! Virtual machines and their network interfaces.

use std::collections::{BTreeMap, BTreeSet};

use super::Import;
use crate::import::id::Id;
use crate::import::names::{Kind, plain};
use crate::import::resource::{Resource, Resources};
use crate::import::text::Map;
use crate::import::view::View;

/// The type of virtual machines.
const MACHINE: &str = "microsoft.compute/virtualmachines";

/// Subnets that only a service of Azure may use.
const RESERVED: [&str; 6] = [
    "GatewaySubnet",
    "AzureFirewallSubnet",
    "AzureFirewallManagementSubnet",
    "AzureBastionSubnet",
    "RouteServerSubnet",
    "ApplicationGatewaySubnet",
];

/// What is known of the machines once they are placed.
#[derive(Debug, Default)]
pub(super) struct Machines {
    /// The machine of each interface, by the interface's id.
    pub(super) owners: BTreeMap<String, Id>,
    /// The machines that are in the lab, by their ids.
    pub(super) placed: BTreeMap<String, Placed>,
    /// The ids of machines with several interfaces.
    pub(super) with_several: BTreeSet<String>,
}

/// A machine that is in the lab.
#[derive(Debug)]
pub(super) struct Placed {
    /// Its name in the lab.
    pub(super) name: String,
    /// The name of its network in the lab.
    pub(super) network: String,
}

/// A machine's interface in the files.
struct Interface<'a> {
    resource: &'a Resource,
    /// The subnet of its first IPv4 configuration.
    subnet: Id,
    address: Option<&'a str>,
}

/// The ids of all machines: those in the files, and those that only an interface names.
pub(super) fn ids(resources: &Resources) -> Vec<Id> {
    let mut seen = BTreeSet::new();
    let there = resources.iter().filter(|one| one.kind == MACHINE);
    let named = resources
        .of("networkInterfaces")
        .filter_map(|one| one.view().reference("virtualMachine"))
        .filter(|id| id.kind().as_deref() == Some(MACHINE));
    there
        .map(|one| one.id.clone())
        .chain(named)
        .filter(|id| seen.insert(id.key().to_owned()))
        .collect()
}

impl<'a> Import<'a> {
    /// The machines of each network in the section `virtualNetworks`.
    pub(super) fn machines(&mut self) {
        let mut used: BTreeSet<String> = BTreeSet::new();
        let by_machine = self.interfaces_by_machine();
        for id in ids(self.resources) {
            let name = self.name(&id);
            let interfaces = by_machine.get(id.key()).map_or(&[][..], Vec::as_slice);
            let Some(first) = interfaces.first() else {
                let why = "no network interface of it is in the files";
                self.notes.leave("virtualMachines", &name, why);
                continue;
            };
            let Some(network) = self.network_of_subnet(&first.subnet) else {
                let why = "its virtual network is not in the files";
                self.notes.leave("virtualMachines", &name, why);
                continue;
            };
            used.extend(interfaces.iter().map(|one| one.subnet.key().to_owned()));
            let machine = self.machine(interfaces);
            let network = self.name(&network.id);
            self.place(&id, &name, &network, interfaces);
            let networks = self.document.at("virtualNetworks").at(&network);
            networks.at("virtualMachines").set(&name, machine);
            self.notes.take("virtualMachines", &name);
        }
        if self.options.probe_machines {
            self.probe_machines(&used);
        } else if used.is_empty() {
            let what = "no machine is in the files, so no path can be traced; `--probe-vms` adds one to each subnet";
            self.notes.choose(what, "");
        }
    }

    fn place(&mut self, id: &Id, name: &str, network: &str, interfaces: &[Interface<'_>]) {
        for interface in interfaces {
            let key = interface.resource.id.key().to_owned();
            self.machines.owners.insert(key, id.clone());
        }
        if interfaces.len() > 1 {
            self.machines.with_several.insert(id.key().to_owned());
        }
        let placed = Placed {
            name: name.to_owned(),
            network: network.to_owned(),
        };
        self.machines.placed.insert(id.key().to_owned(), placed);
    }

    fn interfaces_by_machine(&self) -> BTreeMap<String, Vec<Interface<'a>>> {
        let mut found: BTreeMap<String, Vec<Interface<'a>>> = BTreeMap::new();
        let mut add = |machine: &Id, resource: &'a Resource| {
            let there = found.entry(machine.key().to_owned()).or_default();
            let is_new = !there
                .iter()
                .any(|one| one.resource.id.key() == resource.id.key());
            if let Some(interface) = Interface::of(resource).filter(|_| is_new) {
                there.push(interface);
            }
        };
        for machine in self.resources.iter().filter(|one| one.kind == MACHINE) {
            let profile = machine.view().get("networkProfile");
            let mut named: Vec<View<'_>> = profile
                .into_iter()
                .flat_map(|profile| profile.list("networkInterfaces"))
                .collect();
            named.sort_by_key(|one| one.flag("primary") != Some(true));
            let ids = named.into_iter().filter_map(|one| one.text("id"));
            for resource in ids.filter_map(|id| self.resources.get(&Id::new(id))) {
                add(&machine.id, resource);
            }
        }
        for resource in self.resources.of("networkInterfaces") {
            if let Some(machine) = resource.view().reference("virtualMachine") {
                add(&machine, resource);
            }
        }
        found
    }

    /// A machine's entry. With several interfaces, each has its name.
    fn machine(&self, interfaces: &[Interface<'_>]) -> Map {
        if let [only] = interfaces {
            return only.map(self.subnet_name(&only.subnet));
        }
        let mut all = Map::default();
        for interface in interfaces {
            all.set(
                &plain(interface.resource.name()),
                interface.map(self.subnet_name(&interface.subnet)),
            );
        }
        let mut map = Map::default();
        map.set("networkInterfaces", all);
        map
    }

    /// A machine in every subnet that may have one and has none.
    fn probe_machines(&mut self, used: &BTreeSet<String>) {
        for network in self.resources.of("virtualNetworks") {
            for subnet in network.view().list("subnets") {
                self.probe_machine(&network.id, subnet, used);
            }
        }
    }

    /// A machine in a subnet that may have one and has none.
    fn probe_machine(&mut self, network: &Id, subnet: View<'_>, used: &BTreeSet<String>) {
        let Some(name) = subnet.text("name") else {
            return;
        };
        let id = format!("{}/subnets/{name}", network.key()).to_ascii_lowercase();
        let is_reserved = RESERVED.iter().any(|one| one.eq_ignore_ascii_case(name));
        let is_delegated = subnet.list("delegations").next().is_some();
        if is_reserved || is_delegated || used.contains(&id) {
            return;
        }
        let network = self.name(network);
        let machine = self.names.free(Kind::Node, &format!("{network}-{name}-vm"));
        let networks = self.document.at("virtualNetworks").at(&network);
        let mut map = Map::default();
        map.set("subnet", name);
        networks.at("virtualMachines").choose(&machine, map);
        self.notes.choose("machines of --probe-vms", &machine);
    }
}

impl<'a> Interface<'a> {
    fn of(resource: &'a Resource) -> Option<Self> {
        let is_v4 = |one: &View<'_>| {
            !one.text("privateIPAddressVersion")
                .is_some_and(|version| version.eq_ignore_ascii_case("IPv6"))
        };
        let mut all: Vec<View<'_>> = resource
            .view()
            .list("ipConfigurations")
            .filter(is_v4)
            .collect();
        all.sort_by_key(|one| one.flag("primary") == Some(false));
        let first = all.first()?;
        Some(Self {
            resource,
            subnet: first.reference("subnet")?,
            address: first.text("privateIPAddress"),
        })
    }

    /// Its entry, with the name of its subnet.
    fn map(&self, subnet: String) -> Map {
        let mut map = Map::default();
        map.set("subnet", subnet);
        map.set_some("privateIPAddress", self.address);
        let view = self.resource.view();
        let forwards = view
            .flag("enableIPForwarding")
            .or_else(|| view.flag("ipForwardingEnabled"));
        if forwards == Some(true) {
            map.set("ipForwarding", true);
        }
        map
    }
}
