//! Site-to-site tunnels: between every instance of one end and every instance of the other.

use crate::addresses::{Address, Prefix};
use crate::azure::circuit::microsoft::Transported;
use crate::azure::connection::ends::chosen;
use crate::azure::connection::model::{Connection, ConnectionKind};
use crate::azure::facts::addresses::is_tunnel_bgp_address;
use crate::azure::source::Builder;
use crate::onpremises::device::lower::routes_into;
use crate::topology::allocate;
use crate::topology::builder::NewInterface;
use crate::topology::internet::{Crossing, tunnel_across};
use crate::topology::sessions::NewSession;
use crate::topology::{GatewayId, Link, LinkId, LinkKind, NodeId, Policy, SessionEnd, SessionKind};
use crate::units::{Impairment, Ttl};

/// An end of a connection, or one of its two instances, before it has an interface.
#[derive(Clone)]
pub(crate) struct TunnelEnd {
    node: NodeId,
    public: Address,
    /// The address of its tunnel interfaces; `None` for a link-local address that the lab chooses.
    address: Option<Address>,
    /// Its BGP address.
    bgp_address: Option<Address>,
    inner_ttl: Option<Ttl>,
    mtu: Option<u16>,
    networks: Vec<Prefix>,
}

/// One of the two sides of a connection.
pub(crate) enum Side<'a> {
    /// Instances of a gateway, each with the end of its tunnels' names.
    Instances(Vec<(String, TunnelEnd)>),
    /// A router or a virtual machine.
    Device(&'a str),
}

impl Side<'_> {
    /// The ends of the names of its tunnels, one for each of its ends.
    fn endings(&self) -> Vec<String> {
        match self {
            Self::Instances(instances) => {
                let endings = instances.iter().map(|(ending, _)| ending.clone());
                endings.collect()
            }
            Self::Device(_) => vec![String::new()],
        }
    }
}

/// What the tunnels of a connection have in common.
pub(crate) struct Tunnels<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) speaks_bgp: bool,
    /// The circuit that carries them; `None` for the internet.
    pub(crate) transport: Option<Transport<'a>>,
}

/// A circuit that carries tunnels.
#[derive(Clone, Copy)]
pub(crate) struct Transport<'a> {
    pub(crate) circuit: &'a str,
    /// Its private peering carries them, and not its Microsoft peering.
    pub(crate) is_private: bool,
}

impl Builder<'_> {
    /// Two gateways. Without BGP, each has static routes to the ranges of the other (vpn-gateway-vpn-faq).
    pub(crate) fn vnet_to_vnet_sides<'s>(
        &self,
        kind: &ConnectionKind,
        [a, b]: [GatewayId; 2],
        speaks_bgp: bool,
    ) -> [Side<'s>; 2] {
        let beyond = |gateway| {
            if speaks_bgp {
                Vec::new()
            } else {
                self.ranges_behind(gateway)
            }
        };
        [
            Side::Instances(self.gateway_ends(kind, a, &beyond(b))),
            Side::Instances(self.gateway_ends(kind, b, &beyond(a))),
        ]
    }

    /// The ranges of a gateway's network, and of the networks that use the gateway by peering.
    fn ranges_behind(&self, gateway: GatewayId) -> Vec<Prefix> {
        let vnet = self.topology.vnet(self.topology.gateway(gateway).vnet);
        let transit = vnet.peerings.iter().filter(|peering| peering.gives_transit);
        let transit = transit.flat_map(|peering| &peering.prefixes);
        vnet.prefixes.iter().chain(transit).copied().collect()
    }

    /// The instances of a gateway that have tunnels of a connection, with the prefixes behind the other side.
    pub(crate) fn gateway_ends(
        &self,
        kind: &ConnectionKind,
        gateway: GatewayId,
        networks: &[Prefix],
    ) -> Vec<(String, TunnelEnd)> {
        let publics: Vec<Address> = self.public_addresses(gateway).collect();
        let gateway = self.topology.gateway(gateway);
        let count = gateway.instances.len();
        let end = |index: usize| {
            let (node, public) = (&gateway.instances[index], publics[index]);
            let bgp_address = self.source.bgp_addresses.get(node).copied();
            let ending = if count == 1 {
                String::new()
            } else {
                format!("-in{index}")
            };
            let end = TunnelEnd {
                node: *node,
                public,
                address: bgp_address.filter(|address| is_tunnel_bgp_address(*address)),
                bgp_address,
                inner_ttl: None,
                mtu: None,
                networks: networks.to_vec(),
            };
            (ending, end)
        };
        let chosen = chosen(kind, gateway.name.as_str(), count);
        chosen.into_iter().map(end).collect()
    }

    /// A router or appliance as an end of a connection's tunnel.
    fn device_end(&self, connection: &str, tunnel: &str, name: &str) -> TunnelEnd {
        let device = self.device_named(name);
        let tunnel = device
            .tunnel_end(connection, tunnel)
            .expect("the rules require a tunnel of a device");
        TunnelEnd {
            node: self.node_named(name),
            public: tunnel.source_address.value,
            address: Some(tunnel.address.value),
            bgp_address: Some(tunnel.bgp_address().value),
            inner_ttl: tunnel.inner_ttl,
            mtu: tunnel.mtu,
            networks: routes_into(device, connection),
        }
    }

    /// Tunnels have the name of their connection, followed by the instances that they connect.
    pub(crate) fn add_tunnels(&mut self, tunnels: &Tunnels<'_>, [near, far]: &[Side<'_>; 2]) {
        let connection = tunnels.connection.name.value.as_str();
        for (index, one) in near.endings().into_iter().enumerate() {
            for (other_index, other) in far.endings().into_iter().enumerate() {
                let name = format!("{connection}{one}{other}");
                let end = |side: &Side<'_>, index: usize| match side {
                    Side::Instances(instances) => self.at_its_address(tunnels, &instances[index].1),
                    Side::Device(device) => self.device_end(connection, &name, device),
                };
                let ends = [end(near, index), end(far, other_index)];
                self.add_tunnel(tunnels, &name, ends);
            }
        }
    }

    /// An instance of a gateway as an end. Over private peering, its address in the `GatewaySubnet` is that of
    /// encrypted packets.
    fn at_its_address(&self, tunnels: &Tunnels<'_>, end: &TunnelEnd) -> TunnelEnd {
        let is_private = tunnels.transport.is_some_and(|it| it.is_private);
        let private = self.topology.node(end.node).address;
        TunnelEnd {
            public: private.filter(|_| is_private).unwrap_or(end.public),
            ..end.clone()
        }
    }

    /// Gives a node its BGP address on its loopback, unless the tunnel or another interface has it, and the source
    /// address of tunnels that a circuit carries. Those of a gateway are already there.
    fn add_addresses(&mut self, tunnels: &Tunnels<'_>, end: &TunnelEnd) {
        let bgp = end.bgp_address.filter(|bgp| Some(*bgp) != end.address);
        let outer = tunnels.transport.map(|_| end.public);
        for address in bgp.into_iter().chain(outer) {
            self.add_loopback(end.node, address);
        }
    }

    /// Gives a node an address on its loopback, unless an interface has it.
    fn add_loopback(&mut self, node: NodeId, address: Address) {
        let topology = &self.topology;
        let own = topology.interfaces_of(node);
        let own = own.flat_map(|(_, interface)| &interface.addresses);
        let has_it = own.map(Prefix::addr).any(|own| own == address);
        if !has_it && !topology.node(node).loopback.contains(&address) {
            self.node_mut(node).loopback.push(address);
        }
    }

    fn add_tunnel(&mut self, tunnels: &Tunnels<'_>, name: &str, ends: [TunnelEnd; 2]) {
        for end in &ends {
            self.add_addresses(tunnels, end);
        }
        let addresses = [0, 1].map(|end| {
            let given = ends[end].address.map(allocate::host_prefix);
            given.unwrap_or_else(|| self.allocations.link_local(&format!("{name}/{end}")))
        });
        let interfaces =
            [(&ends[0], addresses[0]), (&ends[1], addresses[1])].map(|(end, address)| {
                self.add_interface(NewInterface::unadvertised(end.node, name, address))
            });
        let port = self.allocations.tunnel_port(name);
        let link = self.add_link(Link {
            name: name.to_owned(),
            ends: interfaces,
            directions: [Impairment::default(); 2],
            kind: LinkKind::Tunnel {
                public: ends.each_ref().map(|end| end.public),
                port,
                inner_ttl: ends.each_ref().map(|end| end.inner_ttl),
                mtu: ends.each_ref().map(|end| end.mtu),
                selectors: tunnels.connection.selectors(),
            },
        });
        let others = self.carry(tunnels, link, &ends);
        let kind = if tunnels.speaks_bgp {
            SessionKind::Tunnel
        } else {
            SessionKind::StaticTunnel
        };
        let peers =
            [&ends[1], &ends[0]].map(|other| other.bgp_address.filter(|_| tunnels.speaks_bgp));
        let [a, b] = ends;
        let end = |end: TunnelEnd, index: usize| SessionEnd {
            node: end.node,
            instance: 0,
            interface: interfaces[index],
            next_hop: None,
            source: addresses[index].addr(),
            networks: end.networks,
            peer_address: peers[index],
            policy: Policy::default(),
        };
        self.add_session(NewSession {
            name: &tunnels.connection.name.value,
            kind,
            link: Some(link),
            others,
            ends: [end(a, 0), end(b, 1)],
        });
    }

    /// Whether the file impairs a tunnel's packets on the internet. The path across the internet must then be a link.
    fn is_impaired(&self, tunnels: &Tunnels<'_>, tunnel: &str) -> bool {
        let names = [tunnels.connection.name.value.as_str(), tunnel];
        let mut impaired = self.source.impaired.iter();
        impaired.any(|link| {
            names.contains(link) || tunnel_across(link).is_some_and(|name| names.contains(&name))
        })
    }

    /// Creates the path of a tunnel's packets. Returns all links of the path.
    fn carry(
        &mut self,
        tunnels: &Tunnels<'_>,
        tunnel: LinkId,
        ends: &[TunnelEnd; 2],
    ) -> Vec<LinkId> {
        let tunnel = &self.topology.link(tunnel).name.clone();
        let round_trip_time = tunnels.connection.round_trip_time;
        let nodes = ends.each_ref().map(|end| end.node);
        let public = ends.each_ref().map(|end| end.public);
        if let Some(transport) = tunnels.transport {
            let transported = Transported {
                circuit: transport.circuit,
                tunnel,
                round_trip_time,
                nodes,
                public,
            };
            return if transport.is_private {
                self.cross_private_peering(&transported)
            } else {
                self.cross_circuit(&transported)
            };
        }
        let access = [0, 1].map(|end| self.internet_access(nodes[end], public[end]));
        self.cross_internet(&Crossing {
            tunnel,
            round_trip_time,
            is_apart: self.is_impaired(tunnels, tunnel),
            access,
            public,
        })
    }
}
