//! Sessions: their timers, and those that do not come from a connection in the file.

use std::collections::BTreeSet;
use std::{net::Ipv4Addr, time::Duration};

use ipnet::Ipv4Net;

use crate::names::NodeName;
use crate::onpremises::device::lower::policy;
use crate::topology::builder::Builder;
use crate::topology::model::{
    GatewayId, InterfaceId, LinkId, NodeId, Policy, Session, SessionEnd, SessionKind,
};

/// The hold timer of a BGP speaker, at Azure's gateways (vpn-gateway-vpn-faq) and at everybody who uses the same
/// timers.
const BGP_HOLD_TIME: Duration = Duration::from_mins(3);

/// The detection time on a circuit's link: three times BFD's 300 ms (expressroute-bfd).
const BFD: Duration = Duration::from_millis(900);

/// The detection time between an MSEE and an `ExpressRoute` gateway, which do not use BFD with each other
/// (expressroute-bfd): up to about a minute.
const GATEWAY_CONVERGENCE: Duration = Duration::from_mins(1);

/// The dead peer detection time of IKE, for tunnels without BGP (vpn-gateway-vpn-faq).
const DEAD_PEER_DETECTION: Duration = Duration::from_secs(45);

/// A session before its timer is known.
pub(crate) struct NewSession<'a> {
    pub(crate) name: &'a NodeName,
    pub(crate) kind: SessionKind,
    /// The link between its two interfaces, if there is one.
    pub(crate) link: Option<LinkId>,
    /// Every other carrier.
    pub(crate) others: Vec<LinkId>,
    pub(crate) ends: [SessionEnd; 2],
}

/// A speaker with itself as next hop, and without a policy.
pub(crate) fn plain_end(node: NodeId, interface: InterfaceId, address: Ipv4Addr) -> SessionEnd {
    SessionEnd {
        node,
        interface,
        next_hop: Some(address),
        source: address,
        networks: Vec::new(),
        peer_address: None,
        policy: Policy::default(),
    }
}

const fn detection(kind: SessionKind) -> Duration {
    match kind {
        SessionKind::StaticTunnel => DEAD_PEER_DETECTION,
        SessionKind::PrivatePeering | SessionKind::GlobalReach => BFD,
        SessionKind::GatewayConnection { .. } => GATEWAY_CONVERGENCE,
        SessionKind::Tunnel
        | SessionKind::Instances
        | SessionKind::Coexistence
        | SessionKind::Wan
        | SessionKind::Site => BGP_HOLD_TIME,
    }
}

impl Builder<'_> {
    pub(crate) fn add_session(&mut self, new: NewSession<'_>) {
        self.topology.sessions.push(Session {
            name: new.name.clone(),
            kind: new.kind,
            link: new.link,
            carriers: new.link.into_iter().chain(new.others).collect(),
            detection: detection(new.kind),
            ends: new.ends,
        });
    }

    /// The iBGP sessions: those of a network's gateways, which Azure creates by itself, and those of a site's routers.
    pub(crate) fn internal_sessions(&mut self) {
        for gateway in self.topology.gateways.clone() {
            for pair in pairs(&gateway.instances) {
                self.add_bridge_session(&gateway.name, SessionKind::Instances, pair);
            }
        }
        for vnet in self.topology.virtual_networks.clone() {
            let gateways = vnet.vpn_gateway.zip(vnet.express_route_gateway);
            for pair in gateways.map_or_else(Vec::new, |ids| self.across_gateways(ids)) {
                self.add_bridge_session(&vnet.name, SessionKind::Coexistence, pair);
            }
        }
        let sites = self.spec.sites.iter().zip(self.topology.sites.clone());
        for (_, resolved) in sites.filter(|(site, _)| site.ibgp) {
            for pair in pairs(&resolved.routers) {
                self.add_site_session(&resolved.name, pair);
            }
        }
    }

    /// Every instance of a VPN gateway with the `ExpressRoute` gateway.
    fn across_gateways(&self, (vpn, circuits): (GatewayId, GatewayId)) -> Vec<[NodeId; 2]> {
        let [vpn, circuits] = [vpn, circuits].map(|id| &self.topology.gateway(id).instances);
        vpn.iter()
            .flat_map(|instance| circuits.iter().map(|circuit| [*instance, *circuit]))
            .collect()
    }

    /// A session between two nodes on one network's bridge.
    fn add_bridge_session(&mut self, name: &NodeName, kind: SessionKind, nodes: [NodeId; 2]) {
        let ends = nodes.map(|node| {
            let nic = self.topology.nic(node);
            let address = self.topology.node(node).address;
            nic.zip(address)
                .map(|(nic, address)| plain_end(node, nic, address))
                .expect("every gateway stands on its network's bridge")
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

    /// The links of the machines between two gateways of a network.
    fn links_of_relays(&self, [a, b]: &[SessionEnd; 2]) -> BTreeSet<LinkId> {
        let toward = |from: &SessionEnd, to: &SessionEnd| {
            let relays = self.topology.relays(from.node, to.source, |_| true);
            relays.unwrap_or_default().into_iter()
        };
        let relays = toward(a, b).chain(toward(b, a));
        let interfaces = relays.filter_map(|node| self.topology.nic(node));
        interfaces.map(|nic| self.link_of(nic)).collect()
    }

    /// A session between two routers with one ASN. A router without any address has none.
    fn add_site_session(&mut self, name: &NodeName, [first, second]: [NodeId; 2]) {
        let [asn, other] = [first, second].map(|node| self.topology.node(node).asn);
        if asn.is_none() || asn != other {
            return;
        }
        let ends = self
            .site_end(first, second)
            .zip(self.site_end(second, first));
        if let Some((first, second)) = ends {
            self.add_session(NewSession {
                name,
                kind: SessionKind::Site,
                link: None,
                others: Vec::new(),
                ends: [first, second],
            });
        }
    }

    fn site_end(&self, router: NodeId, neighbour: NodeId) -> Option<SessionEnd> {
        let [name, neighbour] =
            [router, neighbour].map(|node| self.topology.node(node).name.as_str());
        let (interface, first) = self.topology.interfaces_of(router).next()?;
        let own = self.topology.node(router).address;
        let address = own.or_else(|| first.addresses.first().map(Ipv4Net::addr))?;
        Some(SessionEnd {
            next_hop: None,
            policy: policy(self.device_named(name), neighbour),
            ..plain_end(router, interface, address)
        })
    }
}

/// Every pair of them, in order.
fn pairs(nodes: &[NodeId]) -> impl Iterator<Item = [NodeId; 2]> {
    nodes.iter().enumerate().flat_map(|(index, first)| {
        let others = nodes[index + 1..].iter();
        others.map(|second| [*first, *second])
    })
}
