//! Values that are numbers: autonomous systems, preferences, sizes.

use std::ops::RangeInclusive;

use crate::findings::{Finding, Located};
use crate::units::{Asn, Bandwidth, Ttl};
use crate::yaml::fields::Decoder;
use crate::yaml::tree::{Kind, Node};
use crate::yaml::values::located;

/// Bandwidths of ExpressRoute circuits, in Mbit/s, as Azure sells them.
const CIRCUIT_BANDWIDTHS: [u32; 8] = [50, 100, 200, 500, 1000, 2000, 5000, 10000];

/// The autonomous system number of a site, router or network virtual appliance.
///
/// ExpressRoute reserves 65515 to 65520 (expressroute-routing), a VPN gateway also those of Azure's public services
/// (vpn-gateway-bgp-overview).
pub(crate) fn asn(d: &mut Decoder, node: &Node) -> Option<Located<Asn>> {
    let asn = any_asn(d, node)?;
    let help = "take a private one, 64512 to 65514 or 65521 to 65534 (expressroute-routing, \
                vpn-gateway-bgp-overview)";
    match asn.value.get() {
        8074 | 8075 | 12076 | 65515..=65520 => reserved(d, asn, "Azure", help),
        number if is_reserved_by_iana(number) => reserved(d, asn, "IANA", help),
        _ => Some(asn),
    }
}

/// An autonomous system number that is allowed for a gateway in Azure (vpn-gateway-bgp-overview).
pub(crate) fn gateway_asn(d: &mut Decoder, node: &Node) -> Option<Located<Asn>> {
    let asn = any_asn(d, node)?;
    let help = "take a private one, 64512 to 65516 or 65521 to 65534 (vpn-gateway-bgp-overview)";
    match asn.value.get() {
        8074 | 8075 | 12076 | 65517..=65520 => reserved(d, asn, "Azure", help),
        number if is_reserved_by_iana(number) => reserved(d, asn, "IANA", help),
        _ => Some(asn),
    }
}

/// The numbers that vpn-gateway-bgp-overview lists as IANA's. It prints 429496729, but surely means 4294967295, the
/// last number (RFC 7300): neither is accepted.
fn is_reserved_by_iana(number: u32) -> bool {
    matches!(number, 23456 | 64496..=64511 | 65535..=65551 | 429_496_729 | u32::MAX)
}

fn reserved<T>(d: &mut Decoder, asn: Located<Asn>, by: &str, help: &str) -> Option<T> {
    let message = format!("AS number {} is reserved by {by}", asn.value);
    d.report(Finding::new("reserved-asn", asn.place, message).with_help(help));
    None
}

fn any_asn(d: &mut Decoder, node: &Node) -> Option<Located<Asn>> {
    let number: u32 = whole(d, node, "an AS number", 1..=u32::MAX)?;
    Asn::new(number).map(|asn| located(node.place, asn))
}

/// A BGP local preference.
pub(crate) fn local_preference(d: &mut Decoder, node: &Node) -> Option<u32> {
    whole(d, node, "a local preference", 0..=u32::MAX)
}

/// How many extra times an ASN is in an AS path.
pub(crate) fn prepended(d: &mut Decoder, node: &Node) -> Option<u8> {
    whole(d, node, "how many times to prepend", 1..=10)
}

/// The weight of a circuit's connection, with Azure's limits (expressroute-optimize-routing).
pub(crate) fn routing_weight(d: &mut Decoder, node: &Node) -> Option<u32> {
    whole(d, node, "a routing weight", 0..=32_000)
}

/// The number of scale units of an `ExpressRoute` gateway (expressroute-about-virtual-network-gateways).
pub(crate) fn scale_units(d: &mut Decoder, node: &Node) -> Option<u8> {
    whole(d, node, "a number of scale units", 1..=40)
}

/// A TTL.
pub(crate) fn ttl(d: &mut Decoder, node: &Node) -> Option<Ttl> {
    whole(d, node, "a TTL", 1..=u8::MAX).and_then(Ttl::new)
}

/// How many packets may be in transit or queued on a link. A million full frames are more than cross any link on Earth
/// at 10 Gbit/s.
pub(crate) fn queue(d: &mut Decoder, node: &Node) -> Option<u32> {
    whole(d, node, "a number of packets", 1..=1_000_000)
}

/// The bandwidth of a circuit.
pub(crate) fn bandwidth(d: &mut Decoder, node: &Node) -> Option<Bandwidth> {
    let number: u32 = whole(d, node, "a bandwidth in Mbit/s", 1..=u32::MAX)?;
    if CIRCUIT_BANDWIDTHS.contains(&number) {
        return Bandwidth::from_megabits_per_second(number);
    }
    let known = CIRCUIT_BANDWIDTHS.map(|known| known.to_string());
    let message = format!("there is no circuit of {number} Mbit/s");
    d.report(
        Finding::new("wrong-value", node.place, message)
            .with_help(format!("Azure has {}", known.join(", "))),
    );
    None
}

fn whole<T>(d: &mut Decoder, node: &Node, expected: &str, range: RangeInclusive<T>) -> Option<T>
where
    T: TryFrom<i128> + PartialOrd + std::fmt::Display,
{
    let (from, to) = (range.start(), range.end());
    let Kind::Integer(number) = node.kind else {
        return d.wrong_type(node, &format!("{expected}, from {from} to {to}"));
    };
    match T::try_from(number) {
        Ok(value) if range.contains(&value) => Some(value),
        _ => d.wrong_value(
            node.place,
            format!("expected {expected}, from {from} to {to}, found {number}"),
        ),
    }
}
