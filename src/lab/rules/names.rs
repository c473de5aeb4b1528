//! Rules for the names of nodes.

use std::collections::BTreeMap;

use crate::azure::circuit::model::msee_names;
use crate::azure::gateway::model::VirtualNetworkGateway;
use crate::azure::gateway::model::instance_names;
use crate::azure::gateway::rules::instances;
use crate::azure::resources::Resources;
use crate::findings::{Finding, Located, Place, Rule};
use crate::names::NodeName;
use crate::topology::builder::{FABRIC, INTERNET};

const BAD_NAME: Rule = Rule::new("bad-name");

/// Every machine, gateway, router and MSEE has its own namespace, so every name must be unique.
pub(crate) fn node_names_are_unique(spec: &Resources) -> Vec<Finding> {
    let own = [
        (FABRIC, "the node that holds the virtual networks' bridges"),
        (INTERNET, "the node that joins public addresses"),
    ];
    let own = own.map(|(name, kind)| (name.to_owned(), (kind, None)));
    let mut seen: BTreeMap<String, (&str, Option<Place>)> = BTreeMap::from(own);
    let mut findings = Vec::new();
    for (kind, name, place) in named(spec) {
        if let Some((other, first)) = seen.get(&name) {
            let message = format!("`{name}` is already the name of {other}");
            let finding = Finding::new(Rule::NAME_TAKEN, place, message)
                .with_label(format!("this is {kind}"));
            findings.push(match first {
                Some(first) => finding.with_other(*first, "the other one"),
                None => finding,
            });
        } else {
            seen.insert(name, (kind, Some(place)));
        }
    }
    findings
}

/// Every name of a node, in the order of the file.
fn named(spec: &Resources) -> Vec<(&'static str, String, Place)> {
    let mut all = Vec::new();
    let mut add = |kind, name: &Located<NodeName>| {
        all.push((kind, name.value.to_string(), name.place));
    };
    for vnet in &spec.virtual_networks {
        vnet.virtual_machines
            .iter()
            .for_each(|machine| add("a virtual machine", &machine.name));
    }
    spec.virtual_network_gateways
        .iter()
        .for_each(|gateway| add("a gateway", &gateway.name));
    for site in &spec.sites {
        site.routers
            .iter()
            .for_each(|router| add("a router", &router.name));
        site.hosts.iter().for_each(|host| add("a host", &host.name));
    }
    for gateway in &spec.virtual_network_gateways {
        let names = own_instance_names(gateway).into_iter();
        all.extend(names.map(|name| ("an instance of this gateway", name, gateway.name.place)));
    }
    for circuit in &spec.express_route_circuits {
        let msees = msee_names(circuit.name.value.as_str());
        all.extend(msees.map(|name| ("an MSEE of this circuit", name, circuit.name.place)));
    }
    all
}

/// The nodes of an active-active gateway, whose names differ from the gateway's.
fn own_instance_names(gateway: &VirtualNetworkGateway) -> Vec<String> {
    match instances(gateway).len() {
        count @ 2.. => instance_names(gateway.name.value.as_str(), count),
        _ => Vec::new(),
    }
}

/// A circuit's MSEEs have its name with a suffix, so the name of the circuit must be short enough.
pub(crate) fn msee_names_are_valid(spec: &Resources) -> Vec<Finding> {
    let too_long = spec.express_route_circuits.iter().filter_map(|circuit| {
        let [name, _] = msee_names(circuit.name.value.as_str());
        let error = NodeName::new(&name).err()?;
        Some(Finding::new(
            BAD_NAME,
            circuit.name.place,
            format!("the circuit's MSEEs cannot be called after it: {error}"),
        ))
    });
    too_long.collect()
}

/// The instances of an active-active gateway have its name with a suffix, so the name of the gateway must be short
/// enough.
pub(crate) fn instance_names_are_valid(spec: &Resources) -> Vec<Finding> {
    let too_long = spec.virtual_network_gateways.iter().filter_map(|gateway| {
        let names = own_instance_names(gateway);
        let error = NodeName::new(names.first()?).err()?;
        Some(Finding::new(
            BAD_NAME,
            gateway.name.place,
            format!("the gateway's instances cannot be called after it: {error}"),
        ))
    });
    too_long.collect()
}
