//! The common configuration of routers and network virtual appliances.

use std::collections::BTreeSet;

use crate::addresses::{Address, Prefix};
use crate::onpremises::device::model::{Device, StaticNextHop};
use crate::onpremises::device::neighbours::{Peering, applying, ends_by_node, peerings};
use crate::topology::builder::Builder;
use crate::topology::{NodeId, Policy, SessionId, StaticRoute};

/// What the routers of sites need from the rest of a lab.
pub(crate) trait Around {
    /// The devices of the file, by name.
    fn devices(&self) -> impl Iterator<Item = (&str, &Device)>;

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

impl<S: Around> Builder<S> {
    /// Sets the policies of devices for their sessions, once all sessions are there.
    pub(crate) fn device_policies(&mut self) {
        let devices = self.source.devices();
        let devices: Vec<_> = devices.filter(|(_, device)| has_policy(device)).collect();
        if devices.is_empty() {
            return;
        }
        let ends = ends_by_node(&self.topology);
        let policies: Vec<(SessionId, usize, Policy)> = devices
            .into_iter()
            .flat_map(|(name, device)| {
                let own = &ends[self.node_named(name).0];
                let policies = policies(device, &peerings(&self.topology, own));
                let ends = own.iter().zip(policies);
                ends.map(|((id, end), policy)| (*id, *end, policy))
            })
            .collect();
        for (id, end, policy) in policies {
            self.topology.sessions[id.0].ends[end].policy = policy;
        }
    }
}

fn has_policy(device: &Device) -> bool {
    !device.local_preference.is_empty()
        || !device.as_path_prepend.is_empty()
        || !device.import.is_empty()
        || !device.export.is_empty()
}

/// A device's policies for its sessions.
fn policies(device: &Device, peerings: &[Peering<'_>]) -> Vec<Policy> {
    let preferences = applying(peerings, &device.local_preference);
    let prepends = applying(peerings, &device.as_path_prepend);
    let import = applying(peerings, &device.import);
    let export = applying(peerings, &device.export);
    let usual = Policy::default();
    let policy = |index: usize| Policy {
        weight: usual.weight,
        local_preference: *preferences[index].unwrap_or(&usual.local_preference),
        prepend: *prepends[index].unwrap_or(&usual.prepend),
        import: import[index].cloned(),
        export: export[index].cloned(),
    };
    (0..peerings.len()).map(policy).collect()
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
