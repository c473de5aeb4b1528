//! The `expressRouteCircuits` section.

use crate::addresses::Prefix;
use crate::azure::circuit::model::{CircuitLink, ExpressRouteCircuit};
use crate::azure::facts::limits::CIRCUIT_BANDWIDTHS;
use crate::findings::{Finding, Located, Rule};
use crate::units::Bandwidth;
use crate::yaml::fields::Decoder;
use crate::yaml::numbers::whole;
use crate::yaml::stand_in::{Numbers, StandIn};
use crate::yaml::tree::{Key, Node};
use crate::yaml::values::{duration, flag, node_name, prefix_of_length, reference};

impl StandIn for CircuitLink {
    fn stand_in(numbers: &mut Numbers) -> Option<Self> {
        Some(Self {
            peer_address_prefix: StandIn::stand_in(numbers)?,
            customer_edge: Some(StandIn::stand_in(numbers)?),
            enabled: true,
            microsoft_peer_address_prefix: None,
        })
    }
}

/// An entry of `expressRouteCircuits`.
pub(crate) fn circuit(d: &mut Decoder, key: &Key, node: &Node) -> Option<ExpressRouteCircuit> {
    let name = node_name(d, key);
    d.mapping(node, key.place, "a circuit", |fields| {
        let bandwidth = fields.required("bandwidthInMbps", bandwidth);
        let primary = fields.required("primary", circuit_link);
        let secondary = fields.required("secondary", circuit_link);
        let round_trip_time = fields.optional("rtt", duration);
        Some(ExpressRouteCircuit {
            name: name?,
            bandwidth: bandwidth?,
            links: [primary?, secondary?],
            round_trip_time: round_trip_time.unwrap_or_default(),
        })
    })
}

fn circuit_link(d: &mut Decoder, node: &Node) -> Option<CircuitLink> {
    d.mapping(node, node.place, "a circuit's link", |fields| {
        let peer_address_prefix = fields.required("peerAddressPrefix", link_prefix);
        let customer_edge = fields.optional("customerEdge", reference);
        let enabled = fields.optional("enabled", flag);
        let microsoft_peer_address_prefix =
            fields.optional("microsoftPeerAddressPrefix", link_prefix);
        Some(CircuitLink {
            peer_address_prefix: peer_address_prefix?,
            customer_edge,
            enabled: enabled.unwrap_or(true),
            microsoft_peer_address_prefix,
        })
    })
}

fn link_prefix(d: &mut Decoder, node: &Node) -> Option<Located<Prefix>> {
    prefix_of_length(d, node, 30, "a circuit's links are")
}

/// The bandwidth of a circuit.
fn bandwidth(d: &mut Decoder, node: &Node) -> Option<Bandwidth> {
    let number: u32 = whole(d, node, "a bandwidth in Mbit/s", 1..=u32::MAX)?;
    if CIRCUIT_BANDWIDTHS.contains(&number) {
        return Bandwidth::from_megabits_per_second(number);
    }
    let known = CIRCUIT_BANDWIDTHS.map(|known| known.to_string());
    let message = format!("there is no circuit of {number} Mbit/s");
    d.report(
        Finding::new(Rule::WRONG_VALUE, node.place, message)
            .with_help(format!("Azure has {}", known.join(", "))),
    );
    None
}
