//! The common configuration of routers and network virtual appliances.

use std::collections::BTreeSet;

use crate::addresses::{Address, Prefix};
use crate::findings::Located;
use crate::onpremises::device::model::{Device, StaticNextHop};
use crate::topology::builder::Builder;
use crate::topology::{NodeId, Policy, StaticRoute};

/// What the routers of sites need from the rest of a lab.
pub(crate) trait Around {
    /// A device's policy for one neighbor. The rules ensure that the device exists.
    fn policy(&self, device: &str, neighbour: &str) -> Policy;

    /// Whether circuits carry all of a device's tunnels with a source address, so that this one needs no link to the
    /// internet.
    fn stays_off_the_internet(&self, device: &str, source: Address) -> bool;
}

impl<S: Around> Builder<S> {
    /// Gives a device the source addresses of its tunnels, each on a link to the internet, except where circuits carry
    /// all of the tunnels.
    pub(crate) fn add_tunnel_sources(&mut self, node: NodeId, device: &Device) {
        let name = self.topology.node(node).name.to_string();
        let mut seen = BTreeSet::new();
        let sources = device.tunnel_ends().map(|end| end.source_address.value);
        for source in sources.filter(|source| seen.insert(*source)) {
            if !self.source.stays_off_the_internet(&name, source) {
                self.add_public_address(node, source);
            }
        }
    }
}

impl<S> Builder<S> {
    /// Configures a node from its device in the file, without its tunnels.
    pub(crate) fn configure(&mut self, node: NodeId, device: &Device) {
        let configured = self.node_mut(node);
        configured.asn = device.asn.map(|asn| asn.value).or(configured.asn);
        let own = device.advertise.iter().map(|prefix| prefix.value);
        configured.advertise.extend(own);
        configured.transit = device.transit;
        configured.firewall = device.firewall.as_ref().map(|it| it.value.clone());
        let routes = device.routes.iter();
        configured.static_routes = routes
            .filter_map(|route| match &route.next_hop {
                StaticNextHop::Address(via) => Some(StaticRoute {
                    prefix: route.address_prefix.value,
                    via: via.value,
                }),
                StaticNextHop::Connection(_) => None,
            })
            .collect();
    }
}

/// A device's policy for one neighbor.
pub(crate) fn policy(device: &Device, neighbour: &str) -> Policy {
    let usual = Policy::default();
    Policy {
        weight: usual.weight,
        local_preference: set_for(&device.local_preference, neighbour)
            .unwrap_or(usual.local_preference),
        prepend: set_for(&device.as_path_prepend, neighbour).unwrap_or(usual.prepend),
        import: set_for(&device.import, neighbour),
        export: set_for(&device.export, neighbour),
    }
}

fn set_for<T: Clone>(settings: &[(Located<String>, T)], neighbour: &str) -> Option<T> {
    settings
        .iter()
        .find(|(name, _)| name.value == neighbour)
        .map(|(_, value)| value.clone())
}

/// The prefixes of a device's static routes into the tunnels of a connection.
pub(crate) fn routes_into(device: &Device, connection: &str) -> Vec<Prefix> {
    let routes = device.routes.iter();
    routes
        .filter(|route| match &route.next_hop {
            StaticNextHop::Connection(name) => name.value == connection,
            StaticNextHop::Address(_) => false,
        })
        .map(|route| route.address_prefix.value)
        .collect()
}
