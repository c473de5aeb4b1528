//! Virtual machines and their network interfaces in a lab file.

use crate::addresses::Address;
use crate::findings::Located;
use crate::names::NodeName;
use crate::onpremises::device::model::Device;

/// A virtual machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualMachine {
    /// Its key under `virtualMachines`.
    pub name: Located<NodeName>,
    /// Its network interfaces, at least one, the primary one first: `networkInterfaces`, or a single one with the keys
    /// of the machine itself.
    pub network_interfaces: Vec<NetworkInterface>,
    /// Its configuration as a router with tunnels.
    pub device: Device,
}

impl VirtualMachine {
    /// The interface with the machine's default gateway. The machine's name means its address.
    ///
    /// # Panics
    ///
    /// If the machine has no interface. A decoded machine always has one.
    #[must_use]
    pub fn primary(&self) -> &NetworkInterface {
        self.network_interfaces
            .first()
            .expect("a decoded machine has a network interface")
    }
}

/// A network interface of a virtual machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkInterface {
    /// Its key under `networkInterfaces`; `eth0` if the machine itself has the interface's keys.
    pub name: Located<NodeName>,
    /// `subnet`: the name of one of the network's subnets.
    pub subnet: Located<String>,
    /// `privateIPAddress`.
    pub private_ip_address: Located<Address>,
    /// `ipForwarding`: the interface accepts and sends packets that are not its own, and the machine routes them as a
    /// network virtual appliance. Default false.
    pub ip_forwarding: Located<bool>,
}
