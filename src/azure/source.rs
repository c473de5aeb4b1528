//! The input from which a topology is created, and intermediate results.

use std::collections::{BTreeMap, BTreeSet};

use crate::addresses::Address;
use crate::azure::circuit::underlay::{MicrosoftPeering, stays_off_the_internet};
use crate::azure::gateway::subnet::addresses_in_file;
use crate::azure::resources::Resources;
use crate::onpremises::device::lower::Around;
use crate::onpremises::device::model::Device;
use crate::topology::{NodeId, VnetId};

/// Creates a topology from a lab file's resources.
pub(crate) type Builder<'a> = crate::topology::builder::Builder<Source<'a>>;

/// The resources of a lab file, and intermediate results.
pub(crate) struct Source<'a> {
    pub(crate) resources: &'a Resources,
    /// The names under `impairments`. The tunnels that are impaired need a link across the internet.
    pub(crate) impaired: BTreeSet<&'a str>,
    /// The BGP addresses of VPN gateways' instances.
    pub(crate) bgp_addresses: BTreeMap<NodeId, Address>,
    /// Links of circuits that also lead to public addresses.
    pub(crate) microsoft_peerings: Vec<MicrosoftPeering>,
    /// The addresses in each `GatewaySubnet`: those of gateways' instances and those that the file states.
    pub(crate) given: BTreeSet<(&'a str, Address)>,
    vnets: BTreeMap<&'a str, VnetId>,
    devices: BTreeMap<&'a str, &'a Device>,
}

impl<'a> Source<'a> {
    pub(crate) fn new(resources: &'a Resources, impaired: BTreeSet<&'a str>) -> Self {
        let vnets = resources.virtual_networks.iter();
        Self {
            resources,
            impaired,
            bgp_addresses: BTreeMap::new(),
            microsoft_peerings: Vec::new(),
            given: addresses_in_file(resources),
            vnets: (0..)
                .map(VnetId)
                .zip(vnets)
                .map(|(id, vnet)| (vnet.name.value.as_str(), id))
                .collect(),
            devices: devices_by_name(resources),
        }
    }
}

impl Around for Source<'_> {
    fn devices(&self) -> impl Iterator<Item = (&str, &Device)> {
        self.devices.iter().map(|(name, device)| (*name, *device))
    }

    fn stays_off_the_internet(&self, device: &str, source: Address) -> bool {
        stays_off_the_internet(self.resources, (device, self.devices[device]), source)
    }
}

impl<'a> Builder<'a> {
    /// The virtual network with that name. The rules ensure that it exists.
    pub(crate) fn vnet_named(&self, name: &str) -> VnetId {
        self.source.vnets[name]
    }

    /// The router or appliance with that name. The rules ensure that it exists.
    pub(crate) fn device_named(&self, name: &str) -> &'a Device {
        self.source.devices[name]
    }
}

/// The routers and appliances of a file.
fn devices_by_name(spec: &Resources) -> BTreeMap<&str, &Device> {
    let networks = spec.virtual_networks.iter();
    let machines = networks
        .flat_map(|vnet| &vnet.virtual_machines)
        .map(|machine| (machine.name.value.as_str(), &machine.device));
    let routers = spec.sites.iter().flat_map(|site| &site.routers);
    let routers = routers.map(|router| (router.name.value.as_str(), &router.device));
    machines.chain(routers).collect()
}
