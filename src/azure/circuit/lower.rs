//! Creates circuits with their MSEEs, and their links to customer edges, gateways and each other.

use crate::addresses::{Address, Prefix};
use crate::azure::circuit::model::CircuitLink;
use crate::azure::circuit::model::ExpressRouteCircuit;
use crate::azure::circuit::model::msee_names;
use crate::azure::connection::model::Connection;
use crate::azure::facts::addresses::circuit_addresses;
use crate::azure::source::Builder;
use crate::names::NodeName;
use crate::topology::allocate;
use crate::topology::builder::NewInterface;
use crate::topology::sessions::{NewSession, plain_end};
use crate::topology::{Circuit, GatewayId, LinkId, NodeId, Role, SessionKind};
use crate::units::Asn;

/// The two links of a circuit, as they are called in the names of nodes and links.
pub(crate) const LEGS: [&str; 2] = ["primary", "secondary"];

/// Prefix length of each of the two Global Reach links in a /29.
const GLOBAL_REACH_LINK: u8 = 30;

/// What the two legs of a circuit's connection to a gateway have in common.
pub(crate) struct GatewayConnection<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) gateway: GatewayId,
    pub(crate) routing_weight: u32,
    pub(crate) bypasses_gateway: bool,
}

/// The addresses of an MSEE toward a network.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MseeAddresses {
    /// In its `GatewaySubnet`.
    pub(crate) endpoint: Address,
    /// In effective routes.
    pub(crate) shown: Address,
}

impl Builder<'_> {
    pub(crate) fn circuits(&mut self) {
        for circuit in &self.source.resources.express_route_circuits {
            let names = msee_names(circuit.name.value.as_str());
            let msees = [0, 1].map(|at| self.add_msee(&names[at], &circuit.links[at]));
            let legs = circuit.links.iter().zip(msees).zip(LEGS);
            let links = legs.filter_map(|((link, msee), leg)| {
                let edge = link.customer_edge.as_ref()?;
                Some(self.add_circuit_link(circuit, link, (msee, &edge.value), leg))
            });
            let links = links.collect();
            self.topology.circuits.push(Circuit {
                name: circuit.name.value.clone(),
                msees: msees.to_vec(),
                links,
                bandwidth: circuit.bandwidth,
            });
        }
    }

    fn add_circuit_link(
        &mut self,
        circuit: &ExpressRouteCircuit,
        link: &CircuitLink,
        (msee, edge_label): (NodeId, &str),
        leg: &str,
    ) -> LinkId {
        let name = &circuit.name.value;
        let prefix = link.peer_address_prefix.value;
        let [customer_address, msee_address] = circuit_addresses(prefix);
        let customer_edge = self.node_named(edge_label);
        let msee_label = self.topology.node(msee).name.to_string();
        let on_prefix = Prefix::new(customer_address, prefix.prefix_len())
            .expect("the prefix's own length is valid");
        let interfaces = self.add_wire(
            format!("{name}-{leg}"),
            [
                NewInterface::unadvertised(msee, edge_label, allocate::host_prefix(msee_address)),
                NewInterface::connected(customer_edge, &msee_label, on_prefix),
            ],
            circuit.round_trip_time / 2,
        );
        self.limit_circuit(interfaces, circuit.bandwidth);
        self.interface_mut(interfaces[1]).up = link.enabled;
        self.add_microsoft_peering(name.as_str(), link, interfaces);
        let ends = [
            plain_end(msee, interfaces[0], msee_address),
            plain_end(customer_edge, interfaces[1], customer_address),
        ];
        let link = self.link_of(interfaces[0]);
        self.add_session(NewSession {
            name,
            kind: SessionKind::PrivatePeering,
            link: Some(link),
            others: Vec::new(),
            ends,
        });
        link
    }

    /// An MSEE. If nobody is at the other end of its link, the MSEE has its address all the same.
    fn add_msee(&mut self, name: &str, link: &CircuitLink) -> NodeId {
        let [_, address] = circuit_addresses(link.peer_address_prefix.value);
        let name = NodeName::new(name).expect("the rules check the names of MSEEs");
        let id = self.add_node(name, Role::Msee, Some(address));
        let msee = self.node_mut(id);
        msee.asn = Some(Asn::MSEE);
        if link.customer_edge.is_none() {
            msee.loopback.push(address);
        }
        id
    }

    fn msees(&self, circuit: &str) -> [NodeId; 2] {
        msee_names(circuit).map(|name| self.node_named(&name))
    }

    /// Connects a circuit's two MSEEs to a gateway.
    pub(crate) fn add_gateway_connection(
        &mut self,
        connection: &GatewayConnection<'_>,
        circuit: &str,
        addresses: [MseeAddresses; 2],
    ) {
        let msees = self.msees(circuit);
        for ((msee, addresses), leg) in msees.into_iter().zip(addresses).zip(LEGS) {
            self.add_gateway_leg(connection, msee, addresses, leg);
        }
    }

    /// One MSEE and one gateway: the MSEE's interface on the network's bridge, for packets from the network, and the
    /// link to the gateway, for packets to the network. Every round trip crosses both, so each has half of the
    /// round-trip time.
    fn add_gateway_leg(
        &mut self,
        joined: &GatewayConnection<'_>,
        msee: NodeId,
        MseeAddresses { endpoint, shown }: MseeAddresses,
        leg: &str,
    ) {
        let name = &joined.connection.name.value;
        let delay = joined.connection.round_trip_time / 2;
        let gateway = self.topology.gateway(joined.gateway);
        let (vnet, gateway) = (self.topology.vnet(gateway.vnet), gateway.instances[0]);
        let (segment, vnet_name) = (vnet.segment, vnet.name.to_string());
        let on_bridge =
            NewInterface::unadvertised(msee, &vnet_name, allocate::host_prefix(endpoint));
        let on_bridge = self.attach(format!("{name}-{leg}-out"), on_bridge, segment, delay);
        let [msee_label, gateway_label] =
            [msee, gateway].map(|id| self.topology.node(id).name.to_string());
        let addresses = [0, 1].map(|end| {
            let owner = format!("{name}-{leg}-in/{end}");
            self.allocations.link_local(&owner)
        });
        let interfaces = self.add_wire(
            format!("{name}-{leg}-in"),
            [
                NewInterface::unadvertised(msee, &gateway_label, addresses[0]),
                NewInterface::unadvertised(gateway, &msee_label, addresses[1]),
            ],
            delay,
        );
        let mut ends = [
            plain_end(msee, interfaces[0], addresses[0].addr()),
            plain_end(gateway, interfaces[1], addresses[1].addr()),
        ];
        ends[0].source = endpoint;
        ends[1].policy.weight = joined.routing_weight;
        for speaker in self.topology.speakers_at(gateway) {
            ends[1].instance = speaker.instance;
            self.add_session(NewSession {
                name,
                kind: SessionKind::GatewayConnection {
                    endpoint,
                    shown,
                    leg: on_bridge,
                    bypasses_gateway: joined.bypasses_gateway,
                },
                link: Some(self.link_of(interfaces[0])),
                others: vec![self.link_of(on_bridge)],
                ends: ends.clone(),
            });
        }
    }

    /// Connects the primary MSEEs of two circuits, and the secondary ones. Those of the first circuit have the first
    /// usable address of their link, as a customer edge does.
    pub(crate) fn add_global_reach(
        &mut self,
        connection: &Connection,
        circuits: [&str; 2],
        prefix: Prefix,
    ) {
        let [first, second] = circuits.map(|circuit| self.msees(circuit));
        let links = prefix.subnets(GLOBAL_REACH_LINK);
        let pairs = first.into_iter().zip(second);
        for (((first, second), link), leg) in pairs.zip(links).zip(LEGS) {
            self.add_global_reach_link(connection, [first, second], link, leg);
        }
    }

    fn add_global_reach_link(
        &mut self,
        connection: &Connection,
        msees: [NodeId; 2],
        prefix: Prefix,
        leg: &str,
    ) {
        let name = &connection.name.value;
        let addresses = circuit_addresses(prefix);
        let labels = msees.map(|msee| self.topology.node(msee).name.to_string());
        let end = |own: usize| {
            let address = allocate::host_prefix(addresses[own]);
            NewInterface::unadvertised(msees[own], &labels[1 - own], address)
        };
        let ends = [end(0), end(1)];
        let delay = connection.round_trip_time / 2;
        let interfaces = self.add_wire(format!("{name}-{leg}"), ends, delay);
        self.add_session(NewSession {
            name,
            kind: SessionKind::GlobalReach,
            link: Some(self.link_of(interfaces[0])),
            others: Vec::new(),
            ends: [0, 1].map(|own| plain_end(msees[own], interfaces[own], addresses[own])),
        });
    }
}
