//! The configuration that routers and network virtual appliances have in common.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

use crate::findings::Located;
use crate::lab::model::Spec;
use crate::onpremises::device::{Device, StaticNextHop};
use crate::topology::builder::Builder;
use crate::topology::{NodeId, Policy, StaticRoute};

impl<'a> Builder<'a> {
    /// Configures a node from its device in the file, except tunnels.
    pub(crate) fn configure(&mut self, node: NodeId, device: &Device) {
        let configured = self.node_mut(node);
        configured.asn = device.asn.map(|asn| asn.value).or(configured.asn);
        let own = device.advertise.iter().map(|prefix| prefix.value);
        configured.advertise.extend(own);
        configured.transit = device.transit;
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

    /// The router or appliance of a name in the file. The rules ensure that it exists.
    pub(crate) fn device_named(&self, name: &str) -> &'a Device {
        self.devices[name]
    }
}

/// The routers and appliances of a file.
pub(crate) fn devices_by_name(spec: &Spec) -> BTreeMap<&str, &Device> {
    let networks = spec.virtual_networks.iter();
    let machines = networks
        .flat_map(|vnet| &vnet.virtual_machines)
        .map(|machine| (machine.name.value.as_str(), &machine.device));
    let routers = spec.sites.iter().flat_map(|site| &site.routers);
    let routers = routers.map(|router| (router.name.value.as_str(), &router.device));
    machines.chain(routers).collect()
}

/// A device's policy for one neighbour.
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

/// The prefixes of a device's own static routes into a connection's tunnels.
pub(crate) fn routes_into(device: &Device, connection: &str) -> Vec<Ipv4Net> {
    let routes = device.routes.iter();
    routes
        .filter(|route| match &route.next_hop {
            StaticNextHop::Connection(name) => name.value == connection,
            StaticNextHop::Address(_) => false,
        })
        .map(|route| route.address_prefix.value)
        .collect()
}
