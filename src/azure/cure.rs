//! What is known of a path that does not work, for the kinds of resource that propose edits against it.

use crate::addresses::{Address, Prefix};
use crate::onpremises::device::cure::{Gap, Range};
use crate::topology::{NodeId, SiteId, Topology, UserNextHop, VirtualNetwork, VnetId};
use crate::yaml::tree::Node;

/// A path on which packets are lost, in one direction or in both.
pub(crate) struct DeadEnd<'a> {
    /// The lab.
    pub(crate) topology: &'a Topology,
    /// Its document with short forms written out and defaults filled in.
    pub(crate) document: &'a Node,
    /// The sender and the destination, each with its address.
    pub(crate) ends: [(NodeId, Address); 2],
    /// The node that loses the packets.
    pub(crate) lost_at: NodeId,
    /// The user-defined routes on the path, each with its table.
    pub(crate) routes: Vec<[String; 2]>,
    /// The peering that keeps packets out: the network that they would leave, the other one, and the flag that is off
    /// on its side.
    pub(crate) kept_out: Option<(VnetId, VnetId, &'static str)>,
    /// Where a missing route is not propagated.
    pub(crate) gaps: Vec<Gap>,
    /// Links on the path that lose every packet because the file says so.
    pub(crate) lossy: Vec<String>,
}

impl DeadEnd<'_> {
    /// A network.
    pub(crate) fn vnet(&self, id: VnetId) -> &VirtualNetwork {
        self.topology.vnet(id)
    }

    /// The name of a network.
    pub(crate) fn name(&self, id: VnetId) -> String {
        self.vnet(id).name.to_string()
    }

    /// The networks of the two ends, as far as they are in virtual networks.
    pub(crate) fn networks(&self) -> [Option<VnetId>; 2] {
        self.ends.map(|(node, _)| self.topology.network_of(node))
    }

    /// The two networks, if both ends are in different ones.
    pub(crate) fn two_networks(&self) -> Option<[VnetId; 2]> {
        match self.networks() {
            [Some(near), Some(far)] if near != far => Some([near, far]),
            _ => None,
        }
    }

    /// The addresses at the two ends: of the networks, and of the LANs of sites.
    pub(crate) fn ranges(&self) -> Vec<Range> {
        let ends = self.ends.into_iter().zip(self.networks());
        let ranges = ends.filter_map(|((node, address), network)| {
            let prefix = match network {
                Some(network) => {
                    let mut prefixes = self.vnet(network).prefixes.iter().copied();
                    prefixes.find(|prefix| prefix.contains(&address))
                }
                None => self.site_of(node).map(|(_, prefix)| prefix),
            };
            Some(Range {
                prefix: prefix?,
                is_of_site: network.is_none(),
            })
        });
        ranges.collect()
    }

    /// The site of a node, and the prefix of its LAN.
    pub(crate) fn site_of(&self, node: NodeId) -> Option<(SiteId, Prefix)> {
        let topology = self.topology;
        let site = topology.node(node).role.site()?;
        let mut interfaces = topology.interfaces_of(node);
        let prefix = interfaces.find_map(|(_, interface)| interface.addresses.first().copied())?;
        Some((site, prefix.trunc()))
    }

    /// Whether the peering of two networks works.
    pub(crate) fn are_peered(&self, one: VnetId, other: VnetId) -> bool {
        let mut peerings = self.vnet(one).peerings.iter();
        peerings.any(|peering| peering.remote == other)
    }

    /// All networks.
    pub(crate) fn all(&self) -> impl Iterator<Item = VnetId> + use<> {
        (0..self.topology.virtual_networks.len()).map(VnetId)
    }

    /// The networks that are peered with both, or are one of them and peered with the other.
    pub(crate) fn between(&self, [near, far]: [VnetId; 2]) -> Vec<VnetId> {
        let touches = |hub: VnetId, end: VnetId| hub == end || self.are_peered(hub, end);
        let hubs = self.all();
        hubs.filter(|hub| touches(*hub, near) && touches(*hub, far))
            .collect()
    }

    /// The networks whose gateways a network may use, if it has none and uses no others.
    pub(crate) fn possible_hubs(&self, network: VnetId) -> Vec<VnetId> {
        let peerings = &self.vnet(network).peerings;
        let uses_one = peerings.iter().any(|peering| peering.uses_remote_gateways);
        if uses_one || self.has_gateway(network) {
            return Vec::new();
        }
        peerings.iter().map(|peering| peering.remote).collect()
    }

    /// The addresses of the appliances to which the user-defined routes of the path lead.
    pub(crate) fn next_hops(&self) -> Vec<Address> {
        let tables = self.topology.route_tables.iter();
        let routes = tables.flat_map(|table| table.routes.iter().map(move |route| (table, route)));
        let used = routes.filter(|(table, route)| {
            let mut names = self.routes.iter();
            names.any(|[of, name]| *of == table.name.as_str() && *name == route.name.as_str())
        });
        let hops = used.filter_map(|(_, route)| match route.next_hop {
            UserNextHop::VirtualAppliance(address) => Some(address),
            UserNextHop::VirtualNetworkGateway
            | UserNextHop::VnetLocal
            | UserNextHop::Internet
            | UserNextHop::None => None,
        });
        hops.collect()
    }

    /// Whether a network has a gateway.
    pub(crate) fn has_gateway(&self, id: VnetId) -> bool {
        let network = self.vnet(id);
        network.vpn_gateway.is_some() || network.express_route_gateway.is_some()
    }
}
