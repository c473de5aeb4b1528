//! References to other parts of the file, and the findings for unknown names.

use std::collections::BTreeMap;

use crate::azure::circuit::model::ExpressRouteCircuit;
use crate::azure::gateway::model::{GatewayKind, VirtualNetworkGateway};
use crate::azure::resources::Resources;
use crate::azure::virtual_machine::model::{NetworkInterface, VirtualMachine};
use crate::azure::virtual_network::model::{Subnet, VirtualNetwork};
use crate::findings::{Finding, Located, Rule, near, no_such};

const WRONG_GATEWAY: Rule = Rule::new("wrong-gateway");

/// The network with that name, or a finding.
pub(crate) fn find_vnet<'a>(
    spec: &'a Resources,
    name: &Located<String>,
) -> Result<&'a VirtualNetwork, Finding> {
    vnet_named(spec, &name.value).ok_or_else(|| {
        let networks = spec.virtual_networks.iter();
        no_such(
            "virtual network",
            name,
            networks.map(|vnet| vnet.name.value.as_str()),
        )
    })
}

/// The network with that name, if it exists.
pub(crate) fn vnet_named<'a>(spec: &'a Resources, name: &str) -> Option<&'a VirtualNetwork> {
    let mut networks = spec.virtual_networks.iter();
    networks.find(|vnet| vnet.name.value.as_str() == name)
}

/// The subnet with that name in a network, or a finding.
pub(crate) fn find_subnet<'a>(
    vnet: &'a VirtualNetwork,
    name: &Located<String>,
) -> Result<&'a Subnet, Finding> {
    let mut subnets = vnet.subnets.iter();
    subnets
        .find(|subnet| subnet.name.value == name.value)
        .ok_or_else(|| {
            let names = vnet.subnets.iter().map(|subnet| subnet.name.value.as_str());
            no_such("subnet", name, names)
        })
}

/// Every virtual machine with its network.
pub(crate) fn machines(
    spec: &Resources,
) -> impl Iterator<Item = (&VirtualNetwork, &VirtualMachine)> {
    spec.virtual_networks.iter().flat_map(|vnet| {
        let machines = vnet.virtual_machines.iter();
        machines.map(move |machine| (vnet, machine))
    })
}

/// Every network interface of a virtual machine, with its machine and network.
pub(crate) fn interfaces(
    spec: &Resources,
) -> impl Iterator<Item = (&VirtualNetwork, &VirtualMachine, &NetworkInterface)> {
    machines(spec).flat_map(|(vnet, machine)| {
        let interfaces = machine.network_interfaces.iter();
        interfaces.map(move |interface| (vnet, machine, interface))
    })
}

/// The network interface with that name: a machine's name for its primary interface, or MACHINE/INTERFACE. Otherwise a
/// finding.
pub(crate) fn find_interface<'a>(
    spec: &'a Resources,
    name: &Located<String>,
) -> Result<(&'a VirtualNetwork, &'a VirtualMachine, &'a NetworkInterface), Finding> {
    let Some((machine, wanted)) = name.value.split_once('/') else {
        let (vnet, machine) = find_machine(spec, name)?;
        return Ok((vnet, machine, machine.primary()));
    };
    let place = name.place;
    let located = |value: &str| Located {
        value: value.to_owned(),
        place,
    };
    let (vnet, machine) = find_machine(spec, &located(machine))?;
    let names = || machine.network_interfaces.iter();
    let found = names().find(|interface| interface.name.value.as_str() == wanted);
    found
        .map(|interface| (vnet, machine, interface))
        .ok_or_else(|| {
            let names: Vec<&str> = names()
                .map(|interface| interface.name.value.as_str())
                .collect();
            let message = format!(
                "`{}` has no network interface `{wanted}`",
                machine.name.value
            );
            let finding = Finding::missing(wanted, place, message);
            match near(wanted, names.iter().copied()) {
                Some(near) => finding.with_label(format!("did you mean `{near}`?")),
                None => finding.with_help(format!("it has {}", names.join(", "))),
            }
        })
}

/// The machine in the name of a network interface.
pub(crate) fn machine_of(interface: &str) -> &str {
    interface
        .split_once('/')
        .map_or(interface, |(machine, _)| machine)
}

/// The virtual machine with that name, with its network, or a finding.
pub(crate) fn find_machine<'a>(
    spec: &'a Resources,
    name: &Located<String>,
) -> Result<(&'a VirtualNetwork, &'a VirtualMachine), Finding> {
    machine_named(spec, &name.value).ok_or_else(|| {
        let names = machines(spec).map(|(_, machine)| machine.name.value.as_str());
        no_such("virtual machine", name, names)
    })
}

/// The virtual machine with that name, with its network.
pub(crate) fn machine_named<'a>(
    spec: &'a Resources,
    name: &str,
) -> Option<(&'a VirtualNetwork, &'a VirtualMachine)> {
    machines(spec).find(|(_, machine)| machine.name.value.as_str() == name)
}

/// The circuit with that name, or a finding.
pub(crate) fn find_circuit<'a>(
    spec: &'a Resources,
    name: &Located<String>,
) -> Result<&'a ExpressRouteCircuit, Finding> {
    let circuits = || spec.express_route_circuits.iter();
    circuits()
        .find(|circuit| circuit.name.value.as_str() == name.value)
        .ok_or_else(|| {
            no_such(
                "circuit",
                name,
                circuits().map(|circuit| circuit.name.value.as_str()),
            )
        })
}

/// Uses of names in the order of the file, each with the number of uses of the same name so far.
pub(crate) fn counted<'a, T>(
    uses: impl IntoIterator<Item = (&'a str, T)>,
) -> impl Iterator<Item = (usize, T)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    uses.into_iter().map(move |(name, one)| {
        let count = counts.entry(name).or_default();
        *count += 1;
        (*count, one)
    })
}

/// The network of each gateway, by their names.
pub(crate) fn networks_of_gateways(spec: &Resources) -> BTreeMap<&str, &str> {
    let gateways = spec.virtual_network_gateways.iter();
    let networks = gateways.map(|gateway| {
        let vnet = gateway.virtual_network.value.as_str();
        (gateway.name.value.as_str(), vnet)
    });
    networks.collect()
}

/// The kind of gateway that a connection needs.
#[derive(Clone, Copy)]
pub(crate) enum Wanted {
    /// A VPN gateway.
    Vpn,
    /// An `ExpressRoute` gateway.
    ExpressRoute,
}

impl Wanted {
    fn is(self, gateway: &VirtualNetworkGateway) -> bool {
        matches!(
            (self, &gateway.kind),
            (Self::Vpn, GatewayKind::Vpn { .. })
                | (Self::ExpressRoute, GatewayKind::ExpressRoute { .. })
        )
    }

    fn title(self) -> &'static str {
        match self {
            Self::Vpn => "a VPN gateway, which this connection needs",
            Self::ExpressRoute => "an ExpressRoute gateway, which this connection needs",
        }
    }
}

/// The gateway with that name and kind, or a finding.
pub(crate) fn find_gateway<'a>(
    spec: &'a Resources,
    name: &Located<String>,
    wanted: Wanted,
) -> Result<&'a VirtualNetworkGateway, Finding> {
    let all = || spec.virtual_network_gateways.iter();
    match all().find(|gateway| gateway.name.value.as_str() == name.value) {
        Some(gateway) if wanted.is(gateway) => Ok(gateway),
        Some(_) => Err(Finding::new(
            WRONG_GATEWAY,
            name.place,
            format!("`{}` is not {}", name.value, wanted.title()),
        )),
        None => {
            let fitting = all().filter(|gateway| wanted.is(gateway));
            let names = fitting.map(|gateway| gateway.name.value.as_str());
            Err(no_such("gateway", name, names))
        }
    }
}
