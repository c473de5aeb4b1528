//! What joins networks: circuits with their MSEEs, connections, tunnels and the lab's internet.

use std::{net::Ipv4Addr, time::Duration};

use ipnet::Ipv4Net;

use crate::names::NodeName;
use crate::spec::model::{self, ConnectionKind};
use crate::topology::allocate;
use crate::topology::builder::{Builder, INTERNET, NewInterface, msee_names};
use crate::topology::carriers::detection;
use crate::topology::model::{
    InterfaceId, InternetPath, Link, LinkId, LinkKind, NodeId, Role, Session, SessionEnd,
    SessionKind, VnetId,
};
use crate::units::{Asn, Ttl};

/// What BGP prefers routes by where nothing else is said (RFC 4271, section 5.1.5; every vendor's default).
const DEFAULT_LOCAL_PREFERENCE: u32 = 100;

/// The first tunnel's UDP port, `WireGuard`'s usual one; each tunnel of a lab has its own.
const FIRST_TUNNEL_PORT: u16 = 51820;

/// The two links of a circuit, as their nodes and links are called.
const LEGS: [&str; 2] = ["primary", "secondary"];

/// A tunnel's end before it has an interface.
struct TunnelEnd {
    node: NodeId,
    public: Ipv4Addr,
    address: Ipv4Net,
    inner_ttl: Option<Ttl>,
    local_preference: u32,
}

impl Builder<'_> {
    pub(super) fn circuits(&mut self) {
        for circuit in &self.spec.express_route_circuits {
            let names = msee_names(circuit.name.value.as_str());
            for ((link, msee), leg) in circuit.links.iter().zip(names).zip(LEGS) {
                self.add_circuit_link(circuit, link, &msee, leg);
            }
        }
    }

    fn add_circuit_link(
        &mut self,
        circuit: &model::ExpressRouteCircuit,
        link: &model::CircuitLink,
        msee: &str,
        leg: &str,
    ) {
        let delay = circuit.round_trip_time / 2;
        let circuit = &circuit.name.value;
        let [customer_address, msee_address] = circuit_addresses(link.peer_address_prefix.value);
        let msee_name =
            NodeName::new(msee).expect("the rules have seen that the MSEE's name is valid");
        let msee = self.add_node(msee_name, Role::Msee, Some(msee_address));
        self.node_mut(msee).asn = Some(Asn::MSEE);
        let customer_edge = self.node_named(&link.customer_edge.value);
        let [msee_label, edge_label] =
            [msee, customer_edge].map(|id| self.topology.node(id).name.to_string());
        let on_prefix = |address| {
            Ipv4Net::new(address, link.peer_address_prefix.value.prefix_len())
                .expect("the prefix's own length is valid")
        };
        let interfaces = self.add_wire(
            format!("{circuit}-{leg}"),
            [
                NewInterface::unadvertised(msee, &edge_label, allocate::host_prefix(msee_address)),
                NewInterface::connected(customer_edge, &msee_label, on_prefix(customer_address)),
            ],
            delay,
        );
        self.interface_mut(interfaces[1]).up = link.enabled;
        let preference = self.local_preference(&link.customer_edge.value, circuit.as_str());
        let end = |(node, interface), address, local_preference| SessionEnd {
            node,
            interface,
            next_hop: Some(address),
            source: address,
            local_preference,
        };
        let ends = [
            end(
                (msee, interfaces[0]),
                msee_address,
                DEFAULT_LOCAL_PREFERENCE,
            ),
            end((customer_edge, interfaces[1]), customer_address, preference),
        ];
        self.add_session(circuit, SessionKind::PrivatePeering, ends);
    }

    fn local_preference(&self, router: &str, neighbour: &str) -> u32 {
        self.spec
            .sites
            .iter()
            .flat_map(|site| &site.routers)
            .filter(|candidate| candidate.name.value.as_str() == router)
            .flat_map(|router| &router.local_preference)
            .find(|(name, _)| name.value == neighbour)
            .map_or(DEFAULT_LOCAL_PREFERENCE, |(_, preference)| *preference)
    }

    fn add_session(&mut self, name: &NodeName, kind: SessionKind, ends: [SessionEnd; 2]) {
        let link = self.link_of(ends[0].interface);
        self.topology.sessions.push(Session {
            name: name.clone(),
            kind,
            link: Some(link),
            carriers: Vec::new(),
            detection: detection(kind),
            ends,
        });
    }

    fn link_of(&self, interface: InterfaceId) -> LinkId {
        self.topology
            .interface(interface)
            .link
            .expect("a session's interface is an end of a link")
    }

    pub(super) fn connections(&mut self) {
        for connection in &self.spec.connections {
            self.add_connection(connection);
        }
    }

    fn add_connection(&mut self, connection: &model::Connection) {
        match &connection.kind {
            ConnectionKind::ExpressRoute {
                gateway,
                circuit,
                endpoints,
            } => {
                let gateway = self.node_named(&gateway.value);
                let msees = msee_names(&circuit.value).map(|name| self.node_named(&name));
                for ((msee, endpoint), leg) in msees.into_iter().zip(endpoints).zip(LEGS) {
                    self.add_circuit_connection(connection, [msee, gateway], endpoint.value, leg);
                }
            }
            ConnectionKind::VnetToVnet { gateways } => {
                let ends = gateways
                    .each_ref()
                    .map(|gateway| self.gateway_end(&gateway.value));
                self.add_tunnel(connection, ends);
            }
            ConnectionKind::IpSec { gateway, device } => {
                let device = self.device_end(connection, &device.value);
                let ends = [self.gateway_end(&gateway.value), device];
                self.add_tunnel(connection, ends);
            }
        }
    }

    /// One MSEE and one gateway: the MSEE's leg on the network's bridge, which is where the
    /// network's packets go, and the link to the gateway, which is how packets come back. Every
    /// round trip uses one of each, so each takes half of its time.
    fn add_circuit_connection(
        &mut self,
        connection: &model::Connection,
        [msee, gateway]: [NodeId; 2],
        endpoint: Ipv4Addr,
        leg: &str,
    ) {
        let delay = connection.round_trip_time / 2;
        let name = &connection.name.value;
        let vnet = self.vnet_of(gateway);
        let segment = self.topology.vnet(vnet).segment;
        let vnet_name = self.topology.vnet(vnet).name.to_string();
        let on_bridge =
            NewInterface::unadvertised(msee, &vnet_name, allocate::host_prefix(endpoint));
        self.attach(format!("{name}-{leg}-out"), on_bridge, segment, delay);
        let [msee_label, gateway_label] =
            [msee, gateway].map(|id| self.topology.node(id).name.to_string());
        let addresses = [self.link_local.next(), self.link_local.next()];
        let interfaces = self.add_wire(
            format!("{name}-{leg}-in"),
            [
                NewInterface::unadvertised(msee, &gateway_label, addresses[0]),
                NewInterface::unadvertised(gateway, &msee_label, addresses[1]),
            ],
            delay,
        );
        let end = |index: usize, node, source| SessionEnd {
            node,
            interface: interfaces[index],
            next_hop: Some(addresses[index].addr()),
            source,
            local_preference: DEFAULT_LOCAL_PREFERENCE,
        };
        let ends = [end(0, msee, endpoint), end(1, gateway, addresses[1].addr())];
        self.add_session(name, SessionKind::GatewayConnection { endpoint }, ends);
    }

    fn vnet_of(&self, gateway: NodeId) -> VnetId {
        match self.topology.node(gateway).role {
            Role::VpnGateway { vnet } | Role::ExpressRouteGateway { vnet } => vnet,
            _ => unreachable!("the rules have seen that a connection names a gateway"),
        }
    }

    fn gateway_end(&mut self, name: &str) -> TunnelEnd {
        let gateway = self
            .spec
            .virtual_network_gateways
            .iter()
            .find(|gateway| gateway.name.value.as_str() == name);
        let Some(model::GatewayKind::Vpn {
            public_ip_address, ..
        }) = gateway.map(|gateway| &gateway.kind)
        else {
            unreachable!("the rules have seen that a tunnel ends at a VPN gateway");
        };
        TunnelEnd {
            node: self.node_named(name),
            public: public_ip_address.value,
            address: self.link_local.next(),
            inner_ttl: None,
            local_preference: DEFAULT_LOCAL_PREFERENCE,
        }
    }

    fn device_end(&self, connection: &model::Connection, name: &str) -> TunnelEnd {
        let tunnel = self
            .spec
            .sites
            .iter()
            .flat_map(|site| &site.routers)
            .find(|router| router.name.value.as_str() == name)
            .and_then(|router| router.tunnel.as_ref())
            .expect("the rules have seen that a device has a tunnel");
        TunnelEnd {
            node: self.node_named(name),
            public: tunnel.source_address.value,
            address: allocate::host_prefix(tunnel.address.value),
            inner_ttl: tunnel.inner_ttl,
            local_preference: self.local_preference(name, connection.name.value.as_str()),
        }
    }

    fn add_tunnel(&mut self, connection: &model::Connection, ends: [TunnelEnd; 2]) {
        let name = &connection.name.value;
        let tunnels = self
            .topology
            .links
            .iter()
            .filter(|link| matches!(link.kind, LinkKind::Tunnel { .. }))
            .count();
        let interfaces = ends.each_ref().map(|end| {
            self.add_interface(NewInterface::unadvertised(
                end.node,
                name.as_str(),
                end.address,
            ))
        });
        self.add_link(Link {
            name: name.to_string(),
            ends: interfaces,
            delay: Duration::ZERO,
            kind: LinkKind::Tunnel {
                public: ends.each_ref().map(|end| end.public),
                port: FIRST_TUNNEL_PORT
                    + u16::try_from(tunnels).expect("the rules have seen fewer tunnels than ports"),
                inner_ttl: ends.each_ref().map(|end| end.inner_ttl),
            },
        });
        if !connection.round_trip_time.is_zero() {
            self.add_internet_path(
                connection,
                ends.each_ref().map(|end| (end.node, end.public)),
            );
        }
        let [a, b] = ends;
        let end = |end: TunnelEnd, interface| SessionEnd {
            node: end.node,
            interface,
            next_hop: None,
            source: end.address.addr(),
            local_preference: end.local_preference,
        };
        self.add_session(
            name,
            SessionKind::Tunnel,
            [end(a, interfaces[0]), end(b, interfaces[1])],
        );
    }

    /// Gives a node its public address, on an interface toward the internet.
    pub(super) fn add_public_address(&mut self, node: NodeId, address: Ipv4Addr) {
        let internet = self.common_node(INTERNET, Role::Internet);
        let name = self.topology.node(node).name.to_string();
        let access = self.link_local.next();
        self.add_wire(
            format!("internet-{name}"),
            [
                NewInterface::unadvertised(node, "pub0", allocate::host_prefix(address)),
                NewInterface::unadvertised(internet, &name, access),
            ],
            Duration::ZERO,
        );
    }

    fn add_internet_path(
        &mut self,
        connection: &model::Connection,
        tunnel: [(NodeId, Ipv4Addr); 2],
    ) {
        let internet = self.common_node(INTERNET, Role::Internet);
        let name = connection.name.value.as_str();
        let labels = [format!("{name}-a"), format!("{name}-b")];
        let ends = labels
            .each_ref()
            .map(|label| NewInterface::bare(internet, label));
        let interfaces = self.add_wire(
            format!("internet-{name}"),
            ends,
            connection.round_trip_time / 2,
        );
        let access = tunnel.map(|(node, public)| self.internet_access(node, public));
        self.topology.internet_paths.push(InternetPath {
            link: self.link_of(interfaces[0]),
            access,
            public: tunnel.map(|(_, public)| public),
        });
    }

    /// The internet's interface toward a node's public address.
    fn internet_access(&self, node: NodeId, public: Ipv4Addr) -> InterfaceId {
        self.topology
            .interfaces_of(node)
            .find(|(_, interface)| {
                interface
                    .addresses
                    .iter()
                    .any(|address| address.addr() == public)
            })
            .and_then(|(id, _)| self.topology.across(id))
            .expect("a tunnel's end has its public address on an interface toward the internet")
    }
}

/// The customer's and Microsoft's address on a link: the first and the second usable one
/// (expressroute-routing, "IP addresses used for Azure private peering").
pub(super) fn circuit_addresses(prefix: Ipv4Net) -> [Ipv4Addr; 2] {
    let network = prefix.network().to_bits();
    [1, 2].map(|offset| Ipv4Addr::from_bits(network.saturating_add(offset)))
}
