//! Creates a node with its network interfaces for each virtual machine.

use std::borrow::Cow;
use std::time::Duration;

use crate::addresses::Prefix;
use crate::azure::facts::addresses::subnet_gateway;
use crate::azure::references::machine_of;
use crate::azure::source::Builder;
use crate::azure::virtual_machine::model::{NetworkInterface, VirtualMachine};
use crate::azure::virtual_network::lower::{in_subnet, subnet_named};
use crate::azure::virtual_network::model::VirtualNetwork;
use crate::topology::builder::NewInterface;
use crate::topology::{InterfaceId, Nic, NodeId, Role, VnetId};

impl Builder<'_> {
    /// A virtual machine of a network.
    pub(crate) fn add_virtual_machine(
        &mut self,
        id: VnetId,
        vnet: &VirtualNetwork,
        machine: &VirtualMachine,
    ) {
        let mut interfaces = machine.network_interfaces.iter();
        let role = Role::VirtualMachine {
            vnet: id,
            forwards: interfaces.any(|interface| interface.ip_forwarding.value),
        };
        let address = machine.primary().private_ip_address.value;
        let node = self.add_node(machine.name.value.clone(), role, Some(address));
        for interface in &machine.network_interfaces {
            self.add_machine_nic(node, (id, vnet), interface);
        }
        self.configure(node, &machine.device);
        self.add_tunnel_sources(node, &machine.device);
    }

    fn add_machine_nic(
        &mut self,
        node: NodeId,
        (id, vnet): (VnetId, &VirtualNetwork),
        interface: &NetworkInterface,
    ) {
        let (subnet, prefix) = subnet_named(vnet, &interface.subnet.value);
        let nic = Nic {
            name: interface.name.value.clone(),
            vnet: id,
            subnet,
            subnet_gateway: subnet_gateway(prefix),
            forwards: interface.ip_forwarding.value,
        };
        let address = in_subnet(interface.private_ip_address.value, prefix);
        self.add_nic(node, nic, address);
    }

    /// A network interface of a machine or gateway, on its network's bridge. Its link has the name of the node; those
    /// of further interfaces also have the interface's name. The node's operating system numbers its interfaces: eth0,
    /// eth1.
    pub(crate) fn add_nic(&mut self, node: NodeId, nic: Nic, address: Prefix) {
        let segment = self.topology.vnet(nic.vnet).segment;
        let number = self.topology.nics(node).count();
        let owner = &self.topology.node(node).name;
        let (link, name) = match number {
            0 => (owner.to_string(), Cow::Borrowed("eth0")),
            _ => (
                format!("{owner}-{}", nic.name),
                format!("eth{number}").into(),
            ),
        };
        let interface = NewInterface::unadvertised(node, &name, address);
        let interface = self.attach(link, interface, segment, Duration::ZERO);
        self.interface_mut(interface).nic = Some(nic);
    }

    /// The network interface with that name: a machine's, or MACHINE/INTERFACE. The rules ensure that it exists.
    pub(crate) fn nic_named(&self, name: &str) -> InterfaceId {
        let node = self.node_named(machine_of(name));
        let wanted = name.split_once('/').map(|(_, interface)| interface);
        let mut nics = self.topology.nics(node);
        nics.find(|(_, nic)| wanted.is_none_or(|wanted| nic.name.as_str() == wanted))
            .map(|(id, _)| id)
            .expect("the rules refuse unknown network interfaces")
    }
}
