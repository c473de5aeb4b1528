//! The /etc files of a lab's nodes.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use crate::addresses::{Address, Prefix};
use crate::names::NodeName;
use crate::plan::Plan;
use crate::store::EtcView;
use crate::topology::{NodeId, Topology};

/// The lab's names, so that programs can print and resolve them.
const HOSTS: &str = "hosts";

/// A lab has no name server, so that a lookup fails at once and not after seconds.
const RESOLV: (&str, &str) = (
    "resolv.conf",
    "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
);

/// The folder of the files for nodes that see no owner of an ambiguous address.
const FOLDER: &str = "etc";

/// The owner of each ambiguous address, as some nodes see it, sorted by address.
type View = Vec<Option<NodeId>>;

/// The files of the nodes, one view for all nodes that see the same owners.
#[must_use]
pub fn views(topology: &Topology, plan: &Plan) -> Vec<EtcView> {
    let views = nodes_by_view(topology).into_iter();
    let views = views.map(|(view, nodes)| EtcView {
        folder: folder(topology, &view, &nodes),
        namespaces: nodes.iter().map(|node| plan.namespace(*node)).collect(),
        files: files(topology, &view),
    });
    views.collect()
}

/// The folder of a node's files.
#[must_use]
pub fn folder_of(topology: &Topology, node: NodeId) -> String {
    let mut views = nodes_by_view(topology).into_iter();
    let own = views.find(|(_, nodes)| nodes.contains(&node));
    own.map_or_else(
        || FOLDER.to_owned(),
        |(view, nodes)| folder(topology, &view, &nodes),
    )
}

fn nodes_by_view(topology: &Topology) -> BTreeMap<View, Vec<NodeId>> {
    let ambiguous = ambiguous(topology);
    let mut nodes: BTreeMap<View, Vec<NodeId>> = BTreeMap::new();
    for node in (0..topology.nodes.len()).map(NodeId) {
        let view = view(topology, &ambiguous, node);
        nodes.entry(view).or_default().push(node);
    }
    nodes
}

/// The folder of a view. If it has an owner of an ambiguous address, it is named after its first node.
fn folder(topology: &Topology, view: &View, nodes: &[NodeId]) -> String {
    let is_common = view.iter().all(Option::is_none);
    let first = nodes.first().filter(|_| !is_common);
    first.map_or_else(
        || FOLDER.to_owned(),
        |node| format!("{FOLDER}.{}", topology.node(*node).name),
    )
}

/// The addresses whose owner differs between nodes.
fn ambiguous(topology: &Topology) -> Vec<Address> {
    let shared = topology.shared_addresses.keys().copied();
    shared
        .filter(|address| !topology.is_unambiguous(*address))
        .collect()
}

fn view(topology: &Topology, ambiguous: &[Address], node: NodeId) -> View {
    let owners = ambiguous.iter();
    let owners = owners.map(|address| topology.owner(node, *address));
    owners.collect()
}

/// The files, by name. A file that the host lacks is left out, since nothing can be mounted over it.
fn files(topology: &Topology, view: &View) -> Vec<(&'static str, String)> {
    let hosts = (HOSTS, hosts(topology, view));
    let resolv = (RESOLV.0, RESOLV.1.to_owned());
    [hosts, resolv]
        .into_iter()
        .filter(|(name, _)| Path::new("/etc").join(name).exists())
        .collect()
}

fn hosts(topology: &Topology, view: &View) -> String {
    let owners: BTreeMap<Address, Option<NodeId>> = ambiguous(topology)
        .into_iter()
        .zip(view.iter().copied())
        .collect();
    let is_meant = |address: Address, name: &NodeName| match owners.get(&address) {
        Some(owner) => owner.is_some_and(|owner| topology.node(owner).name == *name),
        None => true,
    };
    let mut text = "127.0.0.1 localhost\n".to_owned();
    let names = names(topology).into_iter();
    for (address, name) in names.filter(|(address, name)| is_meant(*address, name)) {
        // Writing to a String does not fail.
        let _ = writeln!(text, "{address} {name}");
    }
    text
}

/// Every address with its node's name; the node's primary address first.
pub fn names(topology: &Topology) -> Vec<(Address, &NodeName)> {
    let mut names = Vec::new();
    for node in &topology.nodes {
        let of_interfaces = node
            .interfaces
            .iter()
            .flat_map(|id| &topology.interface(*id).addresses);
        let others = of_interfaces
            .map(Prefix::addr)
            .chain(node.loopback.iter().copied());
        let others = others.filter(|address| Some(*address) != node.address);
        let addresses = node.address.into_iter().chain(others);
        names.extend(addresses.map(|address| (address, &node.name)));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::parse;
    use crate::lab::resolve;

    /// Two networks with the same range and a machine at the same address in each, and a separate site.
    const APART: &str = "name: apart
virtualNetworks:
  red:
    location: region1
    addressPrefixes: [10.40.0.0/16]
    subnets: { all: { addressPrefix: 10.40.0.0/24 } }
    virtualMachines:
      red-vm: { subnet: all, privateIPAddress: 10.40.0.4 }
      red-db: { subnet: all, privateIPAddress: 10.40.0.5 }
  blue:
    location: region1
    addressPrefixes: [10.40.0.0/16]
    subnets: { all: { addressPrefix: 10.40.0.0/24 } }
    virtualMachines: { blue-vm: { subnet: all, privateIPAddress: 10.40.0.4 } }
sites:
  shop: { routers: { till: { address: 10.50.0.1/24 } } }
";

    #[test]
    fn a_node_sees_no_name_whose_address_is_anothers_there() {
        let topology = resolve(&parse(APART).unwrap()).unwrap();
        let seen = |name: &str| {
            let node = topology.find(name).unwrap();
            let view = view(&topology, &ambiguous(&topology), node);
            let hosts = hosts(&topology, &view);
            let lines = hosts.lines().skip(1).map(|line| line.replace(' ', "="));
            let lines: Vec<_> = lines.collect();
            (folder_of(&topology, node), lines.join(" "))
        };
        let both = "10.40.0.4=red-vm 10.40.0.5=red-db 10.50.0.1=till";
        assert_eq!(seen("red-db"), ("etc.red-vm".to_owned(), both.to_owned()));
        assert_eq!(seen("red-vm"), seen("red-db"));
        let blue = "10.40.0.5=red-db 10.40.0.4=blue-vm 10.50.0.1=till";
        assert_eq!(seen("blue-vm"), ("etc.blue-vm".to_owned(), blue.to_owned()));
        let neither = "10.40.0.5=red-db 10.50.0.1=till";
        assert_eq!(seen("till"), ("etc".to_owned(), neither.to_owned()));
    }
}
