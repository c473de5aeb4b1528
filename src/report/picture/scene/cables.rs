//! The cables between boxes: circuits' links, connections, tunnels, peerings, and links on premises.

use std::collections::BTreeMap;

use crate::report::picture::scene::{BoxId, Cable, CableKind, Lane, Sketch, words};
use crate::topology::{
    InterfaceId, Link, LinkId, LinkKind, NodeId, Peering, Session, SessionKind, Topology, VnetId,
};

impl Sketch<'_> {
    pub(super) fn cables(&mut self) {
        self.circuit_links();
        self.sessions();
        self.tunnels();
        self.peerings();
        self.wires();
        self.lan_ports();
    }

    fn ends(&self, [a, b]: [NodeId; 2]) -> Option<[BoxId; 2]> {
        Some([*self.nodes.get(&a)?, *self.nodes.get(&b)?])
    }

    fn nodes_of(&self, link: &Link) -> [NodeId; 2] {
        link.ends.map(|end| self.topology.interface(end).node)
    }

    fn circuit_links(&mut self) {
        let topology = self.topology;
        let links = topology.circuits.iter();
        for id in links.flat_map(|circuit| circuit.links.iter().copied()) {
            let link = topology.link(id);
            let Some([msee, edge]) = self.ends(self.nodes_of(link)) else {
                continue;
            };
            let is_disabled = !topology.interface(link.ends[1]).up;
            let mut says = vec![prefix(topology, link.ends[1])];
            says.extend(words::does(topology, id));
            if is_disabled {
                says.push("disabled".to_owned());
            }
            let mut tip = words::link(topology, id);
            tip.extend(is_disabled.then(|| "disabled at the customer edge".to_owned()));
            self.cables.push(Cable {
                kind: CableKind::CircuitLink,
                label: vec![link.name.clone(), says.join(" · ")],
                is_named: true,
                over: None,
                lanes: vec![Lane {
                    name: link.name.clone(),
                    links: vec![link.name.clone()],
                    ends: [edge, msee],
                    is_disabled,
                    tip,
                }],
            });
        }
    }

    /// Connections of circuits with gateways and with each other: one cable each, with one line per MSEE.
    fn sessions(&mut self) {
        let topology = self.topology;
        let mut cables: BTreeMap<&str, Cable> = BTreeMap::new();
        let mut order = Vec::new();
        // The sessions of a gateway's instances with one MSEE use one link.
        let sessions = topology.sessions.iter();
        for session in sessions.filter(|session| session.ends.iter().all(|end| end.instance == 0)) {
            let kind = match session.kind {
                SessionKind::GatewayConnection { .. } => CableKind::Connection,
                SessionKind::GlobalReach => CableKind::GlobalReach,
                _ => continue,
            };
            let Some(lane) = self.session_lane(session) else {
                continue;
            };
            let name = session.name.as_str();
            let cable = cables.entry(name).or_insert_with(|| {
                order.push(name);
                Cable {
                    kind,
                    label: connection_label(topology, session),
                    is_named: true,
                    over: None,
                    lanes: Vec::new(),
                }
            });
            cable.lanes.push(lane);
        }
        self.cables
            .extend(order.iter().filter_map(|name| cables.remove(name)));
    }

    fn session_lane(&self, session: &Session) -> Option<Lane> {
        let ends = self.ends([session.ends[0].node, session.ends[1].node])?;
        let mut links = vec![session.link?];
        if let SessionKind::GatewayConnection { leg, .. } = session.kind {
            links.extend(self.topology.interface(leg).link);
        }
        let mut tip = vec![match session.kind {
            SessionKind::GlobalReach => format!("Global Reach {}", session.name),
            _ => format!("connection {}", session.name),
        }];
        if let SessionKind::GatewayConnection {
            endpoint,
            bypasses_gateway,
            ..
        } = session.kind
        {
            tip.push(format!("endpoint {endpoint} in the network"));
            tip.extend(bypasses_gateway.then(|| "FastPath: past the gateway".to_owned()));
        }
        let told = links
            .iter()
            .flat_map(|link| words::link(self.topology, *link));
        tip.extend(told);
        let links: Vec<String> = links
            .iter()
            .map(|link| self.topology.link(*link).name.clone())
            .collect();
        Some(Lane {
            name: links[0].clone(),
            links,
            ends,
            is_disabled: false,
            tip,
        })
    }

    fn tunnels(&mut self) {
        let topology = self.topology;
        let mut cables: Vec<(String, Cable)> = Vec::new();
        for (index, link) in topology.links.iter().enumerate() {
            let id = LinkId(index);
            if !matches!(link.kind, LinkKind::Tunnel { .. }) {
                continue;
            }
            let Some(ends) = self.ends(self.nodes_of(link)) else {
                continue;
            };
            let session = topology
                .sessions
                .iter()
                .find(|session| session.link == Some(id));
            let connection =
                session.map_or_else(|| link.name.clone(), |session| session.name.to_string());
            let lane = Lane {
                name: link.name.clone(),
                links: vec![link.name.clone()],
                ends,
                is_disabled: false,
                tip: words::link(topology, id),
            };
            if let Some((_, cable)) = cables.iter_mut().find(|(name, _)| *name == connection) {
                cable.lanes.push(lane);
                continue;
            }
            let cable = Cable {
                kind: CableKind::Tunnel,
                label: self.tunnel_label(&connection, id, session),
                is_named: true,
                over: self
                    .carrying_circuit(id)
                    .and_then(|circuit| self.microsoft.get(&circuit))
                    .and_then(|peering| self.boxes[peering.0].parent),
                lanes: vec![lane],
            };
            cables.push((connection, cable));
        }
        self.cables
            .extend(cables.into_iter().map(|(_, cable)| cable));
    }

    fn tunnel_label(&self, name: &str, id: LinkId, session: Option<&Session>) -> Vec<String> {
        let topology = self.topology;
        let roles = self
            .nodes_of(topology.link(id))
            .map(|node| &topology.node(node).role);
        let kind = if roles.iter().all(|role| role.is_vpn_gateway()) {
            "VNet-to-VNet"
        } else if roles.iter().any(|role| role.is_machine()) {
            "appliance tunnel"
        } else {
            "site-to-site VPN"
        };
        let is_static = session.is_some_and(|session| session.kind == SessionKind::StaticTunnel);
        let mut says = vec![kind.to_owned()];
        says.push(if is_static { "static" } else { "BGP" }.to_owned());
        says.extend(words::does(topology, id));
        let mut label = vec![name.to_owned(), says.join(" · ")];
        if let Some(circuit) = self.carrying_circuit(id) {
            label.push(format!("over {}", topology.circuits[circuit].name));
        }
        label
    }

    /// The circuit that carries a tunnel, by index; `None` for a tunnel over the internet.
    pub(super) fn carrying_circuit(&self, tunnel: LinkId) -> Option<usize> {
        let topology = self.topology;
        if !matches!(topology.link(tunnel).kind, LinkKind::Tunnel { .. }) {
            return None;
        }
        let mut sessions = topology.sessions.iter();
        let session = sessions.find(|session| session.link == Some(tunnel))?;
        topology.circuits.iter().position(|circuit| {
            let mut links = circuit.links.iter();
            links.any(|link| session.carriers.contains(link))
        })
    }

    fn peerings(&mut self) {
        let topology = self.topology;
        for (index, vnet) in topology.virtual_networks.iter().enumerate() {
            let own = VnetId(index);
            let halves = vnet.peerings.iter().filter(|half| own < half.remote);
            let cables: Vec<Cable> = halves.map(|half| self.peering(own, half)).collect();
            self.cables.extend(cables);
        }
    }

    fn peering(&self, own: VnetId, half: &Peering) -> Cable {
        let [vnet, remote] = [own, half.remote].map(|id| self.topology.vnet(id));
        let back = remote.peerings.iter().find(|other| other.remote == own);
        let (kind, words) = if half.is_global {
            (CableKind::GlobalPeering, "global peering")
        } else {
            (CableKind::Peering, "peering")
        };
        let transit = half.gives_transit || half.uses_remote_gateways;
        let mut label = vec![words.to_owned()];
        label.extend(transit.then(|| "gateway transit".to_owned()));
        let mut tip = vec![format!("{words} of {} and {}", vnet.name, remote.name)];
        tip.extend(flags(vnet.name.as_str(), half));
        tip.extend(back.and_then(|back| flags(remote.name.as_str(), back)));
        Cable {
            kind,
            label,
            is_named: false,
            over: None,
            lanes: vec![Lane {
                name: format!("{} {}", vnet.name, remote.name),
                links: vec![format!("{}-{}", vnet.name, remote.name)],
                ends: [self.vnets[&own], self.vnets[&half.remote]],
                is_disabled: false,
                tip,
            }],
        }
    }

    /// Links between routers, of one site or of two.
    fn wires(&mut self) {
        let topology = self.topology;
        for (index, link) in topology.links.iter().enumerate() {
            let nodes = self.nodes_of(link);
            let sites = nodes.map(|node| {
                let role = &topology.node(node).role;
                role.site().filter(|_| role.is_router())
            });
            let ([Some(a), Some(b)], LinkKind::Wire) = (sites, &link.kind) else {
                continue;
            };
            let is_port = link
                .ends
                .iter()
                .any(|end| topology.interface(*end).port.is_some());
            let Some(ends) = self.ends(nodes).filter(|_| !is_port) else {
                continue;
            };
            let mut says = vec![prefix(topology, link.ends[0])];
            says.extend(words::does(topology, LinkId(index)));
            let says = says.join(" · ");
            let is_named = a != b;
            let (kind, label) = if is_named {
                (CableKind::Wan, vec![link.name.clone(), says])
            } else {
                (CableKind::Link, vec![says])
            };
            self.cables.push(Cable {
                kind,
                label,
                is_named,
                over: None,
                lanes: vec![Lane {
                    name: link.name.clone(),
                    links: vec![link.name.clone()],
                    ends,
                    is_disabled: link.ends.iter().any(|end| !topology.interface(*end).up),
                    tip: words::link(topology, LinkId(index)),
                }],
            });
        }
    }

    fn lan_ports(&mut self) {
        for (segment, lan) in self.lans.clone() {
            let segment = self.topology.segment(segment);
            let members = segment.members.iter();
            let ports: Vec<Cable> = members
                .filter_map(|member| {
                    let is_holder = member.interface == segment.bridge;
                    self.lan_port(member.interface, is_holder, lan)
                })
                .collect();
            self.cables.extend(ports);
        }
    }

    /// The connection of an interface to a LAN: a link, except for the router that has the LAN.
    fn lan_port(&self, interface: InterfaceId, is_holder: bool, lan: BoxId) -> Option<Cable> {
        let topology = self.topology;
        let interface = topology.interface(interface);
        let end = *self.nodes.get(&interface.node)?;
        let node = &topology.node(interface.node).name;
        let link = interface.link.filter(|_| !is_holder);
        let links: Vec<String> = link
            .iter()
            .map(|link| topology.link(*link).name.clone())
            .collect();
        let tip = match link {
            Some(link) => words::link(topology, link),
            None => vec![format!("{node} holds the LAN")],
        };
        Some(Cable {
            kind: CableKind::Lan,
            label: link.map_or_else(Vec::new, |link| words::does(topology, link)),
            is_named: false,
            over: None,
            lanes: vec![Lane {
                name: links.first().cloned().unwrap_or_default(),
                links,
                ends: [end, lan],
                is_disabled: false,
                tip,
            }],
        })
    }
}

/// The prefix of an interface.
fn prefix(topology: &Topology, interface: InterfaceId) -> String {
    let mut addresses = topology.interface(interface).addresses.iter();
    addresses
        .next()
        .map_or_else(String::new, |address| address.trunc().to_string())
}

fn connection_label(topology: &Topology, session: &Session) -> Vec<String> {
    let name = session.name.to_string();
    let Some(link) = session.link else {
        return vec![name];
    };
    let mut says = Vec::new();
    if let SessionKind::GatewayConnection {
        leg,
        bypasses_gateway,
        ..
    } = session.kind
    {
        let out = topology.leaving(leg).delay;
        let back = topology.leaving(session.ends[0].interface).delay;
        let round_trip = out + back;
        says.extend((!round_trip.is_zero()).then(|| words::time(round_trip)));
        let weight = session.ends[1].policy.weight;
        says.extend((weight != 0).then(|| format!("weight {weight}")));
        says.extend(bypasses_gateway.then(|| "FastPath".to_owned()));
    } else {
        says.push("Global Reach".to_owned());
        says.extend(words::does(topology, link));
    }
    let mut label = vec![name];
    label.extend(words::joined(says.into_iter()));
    label
}

/// The flags of one half of a peering that differ from Azure's defaults.
fn flags(of: &str, half: &Peering) -> Option<String> {
    let mut set = Vec::new();
    let all = [
        (half.gives_transit, "allowGatewayTransit"),
        (half.uses_remote_gateways, "useRemoteGateways"),
        (half.takes_forwarded, "allowForwardedTraffic"),
        (!half.gives_access, "no allowVirtualNetworkAccess"),
    ];
    set.extend(
        all.iter()
            .filter(|(is_set, _)| *is_set)
            .map(|(_, flag)| *flag),
    );
    (!set.is_empty()).then(|| format!("{of}: {}", set.join(", ")))
}
