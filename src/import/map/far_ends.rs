//! Who is at the other end of a connection to a local network gateway.

use super::Import;
use super::sites::{LocalGateway, tunnel};
use crate::import::id::Id;
use crate::import::resource::Resource;
use crate::import::text::{Map, Value};

impl Import<'_> {
    /// The VPN gateway that has the address of a local network gateway.
    pub(super) fn gateway_at(&self, local: &LocalGateway) -> Option<Id> {
        let address = local.address.as_deref()?;
        let found = self.resources.of("virtualNetworkGateways").find(|gateway| {
            self.is_placed(&gateway.id) && self.public_addresses_of(gateway).contains(&address)
        });
        found.map(|one| one.id.clone())
    }

    /// The machine whose interface has the public address of a local network gateway: a branch in a virtual network.
    fn machine_at(&self, local: &LocalGateway) -> Option<Id> {
        let address = local.address.as_deref()?;
        let interface = self.resources.of("networkInterfaces").find(|interface| {
            let configurations = interface.view().list("ipConfigurations");
            let mut public = configurations.filter_map(|one| one.reference("publicIPAddress"));
            public.any(|id| self.public_address(&id) == Some(address))
        })?;
        let machine = self.machines.owners.get(interface.id.key())?;
        self.machines
            .placed
            .contains_key(machine.key())
            .then(|| machine.clone())
    }

    /// The name of the device of a connection: one of the hand-written part, a machine, or a router of a new site.
    pub(super) fn device_of(
        &mut self,
        connection: &Resource,
        name: &str,
        resource: &Resource,
        local: &LocalGateway,
    ) -> String {
        if let Some(device) = self.device_by_hand(name) {
            return device;
        }
        if let Some(machine) = self.machine_at(local) {
            return self.machine_as_device(&machine, local);
        }
        if let Some(device) = self.devices.get(resource.id.key()) {
            return device.clone();
        }
        let gateway = connection.view().reference("virtualNetworkGateway1");
        let routes = gateway
            .map(|gateway| self.behind(&gateway))
            .unwrap_or_default();
        let device = self.device_site(resource, local, (name, &routes));
        self.devices
            .insert(resource.id.key().to_owned(), device.clone());
        device
    }

    /// Gives a machine the tunnel and the ASN that a local network gateway states.
    fn machine_as_device(&mut self, machine: &Id, local: &LocalGateway) -> String {
        let Some(placed) = self.machines.placed.get(machine.key()) else {
            return machine.name().to_owned();
        };
        let networks = self.document.at("virtualNetworks").at(&placed.network);
        let map = networks.at("virtualMachines").at(&placed.name);
        if map.get("tunnel").is_none() {
            let peer = local.bgp.and_then(|(_, peer)| peer);
            if let Some((asn, _)) = local.bgp {
                map.set("asn", asn);
            }
            map.set("tunnel", tunnel(local, peer));
            let behind: Vec<String> = local.networks().iter().map(ToString::to_string).collect();
            if local.bgp.is_some() && !behind.is_empty() {
                map.set("advertise", Value::texts(behind));
            }
            make_forward(map);
        }
        placed.name.clone()
    }
}

/// A device forwards, whether its interface's configuration in Azure allows it or not.
fn make_forward(machine: &mut Map) {
    if machine.get("networkInterfaces").is_none() && machine.get("ipForwarding").is_none() {
        machine.choose("ipForwarding", true);
    }
}
