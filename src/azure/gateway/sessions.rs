//! The BGP sessions between the gateways of a network. Azure creates them without a connection.

use std::collections::BTreeSet;

use crate::azure::source::Builder;
use crate::names::NodeName;
use crate::topology::sessions::{NewSession, pairs, plain_end};
use crate::topology::{GatewayId, LinkId, SessionEnd, SessionKind, SpeakerId};

impl Builder<'_> {
    /// Adds the iBGP sessions between a network's gateways, which Azure creates by itself.
    pub(crate) fn gateway_sessions(&mut self) {
        for gateway in self.topology.gateways.clone() {
            for pair in pairs(&gateway.instances) {
                let pair = pair.map(SpeakerId::from);
                self.add_bridge_session(&gateway.name, SessionKind::Instances, pair);
            }
        }
        for vnet in self.topology.virtual_networks.clone() {
            let gateways = vnet.vpn_gateway.zip(vnet.express_route_gateway);
            for pair in gateways.map_or_else(Vec::new, |ids| self.across_gateways(ids)) {
                self.add_bridge_session(&vnet.name, SessionKind::Coexistence, pair);
            }
        }
    }

    /// Every instance of the VPN gateway paired with those of the `ExpressRoute` gateway.
    fn across_gateways(&self, (vpn, circuits): (GatewayId, GatewayId)) -> Vec<[SpeakerId; 2]> {
        let [vpn, circuits] = [vpn, circuits].map(|id| {
            let nodes = self.topology.gateway(id).instances.iter();
            let speakers = nodes.flat_map(|node| self.topology.speakers_at(*node));
            speakers.collect::<Vec<_>>()
        });
        vpn.iter()
            .flat_map(|instance| circuits.iter().map(|circuit| [*instance, *circuit]))
            .collect()
    }

    /// A session between two nodes on the bridge of a network.
    fn add_bridge_session(&mut self, name: &NodeName, kind: SessionKind, speakers: [SpeakerId; 2]) {
        let ends = speakers.map(|SpeakerId { node, instance }| {
            let nic = self.topology.nic(node);
            let address = self.topology.node(node).address;
            nic.zip(address)
                .map(|(nic, address)| SessionEnd {
                    instance,
                    ..plain_end(node, nic, address)
                })
                .expect("every gateway is connected to its network's bridge")
        });
        let own = ends.each_ref().map(|end| self.link_of(end.interface));
        let others = own.into_iter().chain(self.links_of_relays(&ends)).collect();
        self.add_session(NewSession {
            name,
            kind,
            link: None,
            others,
            ends,
        });
    }

    /// The links of the machines that forward between two gateways of a network.
    fn links_of_relays(&self, [a, b]: &[SessionEnd; 2]) -> BTreeSet<LinkId> {
        let toward = |from: &SessionEnd, to: &SessionEnd| {
            let relays = self.topology.relays(from.node, to.source, |_| true);
            relays.unwrap_or_default().into_iter()
        };
        let relays = toward(a, b).chain(toward(b, a));
        let interfaces = relays.filter_map(|node| self.topology.nic(node));
        interfaces.map(|nic| self.link_of(nic)).collect()
    }
}
