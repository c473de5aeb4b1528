//! Virtual machines and their network interfaces, in a lab file.

use crate::addresses::Address;
use crate::findings::Located;
use crate::names::NodeName;
use crate::onpremises::device::model::Device;

/// A virtual machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualMachine {
    /// Its key under `virtualMachines`.
    pub name: Located<NodeName>,
    /// Its network interfaces, at least one, the primary one first: `networkInterfaces`, or the only one, whose keys
    /// are those of the machine itself.
    pub network_interfaces: Vec<NetworkInterface>,
    /// Its configuration as a router with tunnels.
    pub device: Device,
}

impl VirtualMachine {
    /// The interface that has the machine's default gateway and the address of its name.
    ///
    /// # Panics
    ///
    /// If the machine has no interface: none that was decoded.
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
    /// Its key under `networkInterfaces`; `eth0` if it is written in the machine's own keys.
    pub name: Located<NodeName>,
    /// `subnet`: the name of one of the network's subnets.
    pub subnet: Located<String>,
    /// `privateIPAddress`.
    pub private_ip_address: Located<Address>,
    /// `ipForwarding`: the interface accepts and sends packets that are not its own, and the machine routes them: a
    /// network virtual appliance. Default false.
    pub ip_forwarding: Located<bool>,
}
