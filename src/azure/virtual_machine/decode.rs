//! The `virtualMachines` section of a virtual network.

use crate::azure::virtual_machine::model::{NetworkInterface, VirtualMachine};
use crate::findings::{Finding, Located, Place, Rule};
use crate::names::NodeName;
use crate::onpremises::device::decode::device;
use crate::yaml::fields::{Decoder, Fields};
use crate::yaml::tree::{Key, Kind, Node};
use crate::yaml::values::{address, boolean, located, node_name, reference};

/// The name of a machine's only interface, as in its operating system.
const ONLY_INTERFACE: &str = "eth0";

/// An entry of `virtualMachines`.
pub(crate) fn virtual_machine(d: &mut Decoder, key: &Key, node: &Node) -> Option<VirtualMachine> {
    let name = node_name(d, key);
    d.mapping(node, key.place, "a virtual machine", |fields| {
        let network_interfaces = network_interfaces(fields, key);
        let device = device(fields);
        Some(VirtualMachine {
            name: name?,
            network_interfaces: network_interfaces?,
            device,
        })
    })
}

/// The interfaces of a machine: those of `networkInterfaces`, or a single one with the machine's own keys.
fn network_interfaces(fields: &mut Fields<'_>, key: &Key) -> Option<Vec<NetworkInterface>> {
    let Some(place) = fields.place_of("networkInterfaces") else {
        let name = NodeName::new(ONLY_INTERFACE).expect("`eth0` is a valid name");
        let only = interface_keys(fields, key.place, located(key.place, name));
        fields.optional("networkInterfaces", |_, _| None::<()>);
        return Some(vec![only?]);
    };
    for key in ["subnet", "privateIPAddress", "ipForwarding"] {
        fields.optional(key, |_, _| None::<()>);
        if let Some(place) = fields.place_of(key) {
            let message = format!("`{key}` has no meaning beside `networkInterfaces`");
            let help = "write it in one of the machine's interfaces";
            let finding = Finding::new(Rule::WRONG_VALUE, place, message).with_help(help);
            fields.decoder.report(finding);
        }
    }
    let interfaces = fields.if_given("networkInterfaces", |d, node| {
        let expected = "network interfaces by their names";
        if matches!(&node.kind, Kind::Mapping(entries) if entries.is_empty()) {
            return d.wrong_value(place, format!("expected {expected}, found none"));
        }
        d.named(node, expected, network_interface)
    });
    // The errors of the interfaces are already reported.
    interfaces.filter(|interfaces| !interfaces.is_empty())
}

/// An interface that could not be read keeps its position: the first one is the primary interface.
fn network_interface(d: &mut Decoder, key: &Key, node: &Node) -> Option<NetworkInterface> {
    let name = node_name(d, key)?;
    let read = d.mapping(node, key.place, "a network interface", |fields| {
        interface_keys(fields, key.place, name.clone())
    });
    read.or_else(|| {
        for key in ["subnet", "privateIPAddress", "ipForwarding"] {
            d.unread.miss(key);
        }
        Some(NetworkInterface {
            name,
            subnet: d.or_stand_in(None)?,
            private_ip_address: d.or_stand_in(None)?,
            ip_forwarding: located(Place::UNREADABLE, false),
        })
    })
}

fn interface_keys(
    fields: &mut Fields<'_>,
    place: Place,
    name: Located<NodeName>,
) -> Option<NetworkInterface> {
    let subnet = fields.required("subnet", reference);
    let private_ip_address = fields.required("privateIPAddress", address);
    let ip_forwarding = fields.optional("ipForwarding", boolean);
    Some(NetworkInterface {
        name,
        subnet: subnet?,
        private_ip_address: private_ip_address?,
        ip_forwarding: ip_forwarding.unwrap_or(located(place, false)),
    })
}
