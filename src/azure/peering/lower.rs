//! Creates peerings of virtual networks.

use crate::addresses::Prefix;
use crate::azure::peering::model;
use crate::azure::source::Builder;
use crate::azure::virtual_network::lower::subnet_named;
use crate::azure::virtual_network::model::VirtualNetwork;
use crate::topology::builder::{FABRIC, NewInterface};
use crate::topology::{HalfPeering, Link, LinkKind, Peering, Port, Role, VnetId};
use crate::units::Impairment;

impl Builder<'_> {
    pub(crate) fn add_peering(&mut self, local: VnetId, half: &model::Peering) {
        let remote = self.vnet_named(&half.remote_virtual_network.value);
        let networks = &self.source.resources.virtual_networks;
        let Some(other) = other_half(&networks[local.0], &networks[remote.0]) else {
            let transit = half.allow_gateway_transit.value || half.use_remote_gateways.value;
            let half = HalfPeering { remote, transit };
            let network = &mut self.topology.virtual_networks[local.0];
            network.initiated.push(half);
            return;
        };
        let peering = Peering {
            remote,
            prefixes: shown_prefixes(&networks[remote.0], other),
            is_global: networks[local.0].location.value != networks[remote.0].location.value,
            takes_forwarded: half.allow_forwarded_traffic.value,
            gives_access: half.allow_virtual_network_access.value,
            offers_transit: half.allow_gateway_transit.value,
            gives_transit: half.allow_gateway_transit.value && other.use_remote_gateways.value,
            uses_remote_gateways: half.use_remote_gateways.value
                && other.allow_gateway_transit.value,
        };
        self.topology.virtual_networks[local.0]
            .peerings
            .push(peering);
        if local < remote {
            self.join_bridges(local, remote);
        }
    }

    /// Connects two bridges by a wire between isolated ports: one hop without a router.
    fn join_bridges(&mut self, a: VnetId, b: VnetId) {
        let fabric = self.common_node(FABRIC, Role::Fabric);
        let [name_a, name_b] = [a, b].map(|id| self.topology.vnet(id).name.to_string());
        let ends = [format!("{name_a}-{name_b}"), format!("{name_b}-{name_a}")]
            .map(|name| self.add_interface(NewInterface::bare(fabric, &name)));
        let name = format!("{name_a}-{name_b}");
        self.add_link(Link {
            name,
            ends,
            directions: [Impairment::default(); 2],
            kind: LinkKind::Wire,
        });
        let segments = [a, b].map(|id| self.topology.vnet(id).segment);
        for (port, (own, peer)) in ends
            .into_iter()
            .zip([(segments[0], segments[1]), (segments[1], segments[0])])
        {
            self.interface_mut(port).port = Some(Port {
                segment: own,
                isolated: true,
            });
            self.topology.segments[own.0].peerings.push((port, peer));
        }
    }
}

fn other_half<'a>(
    local: &VirtualNetwork,
    remote: &'a VirtualNetwork,
) -> Option<&'a model::Peering> {
    let local_name = local.name.value.as_str();
    let mut halves = remote.peerings.iter();
    halves.find(|half| half.remote_virtual_network.value == local_name)
}

/// The part of a network that is visible to the peer.
fn shown_prefixes(vnet: &VirtualNetwork, half: &model::Peering) -> Vec<Prefix> {
    match &half.local_subnet_names {
        Some(names) => names
            .iter()
            .map(|name| subnet_named(vnet, &name.value).1)
            .collect(),
        None => vnet
            .address_prefixes
            .iter()
            .map(|prefix| prefix.value)
            .collect(),
    }
}
