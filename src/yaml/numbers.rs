//! Values that are numbers.

use std::ops::RangeInclusive;

use crate::findings::Located;
use crate::units::{Asn, Ttl};
use crate::yaml::fields::Decoder;
use crate::yaml::tree::{Kind, Node};
use crate::yaml::values::located;

/// An autonomous system number.
pub(crate) fn any_asn(d: &mut Decoder, node: &Node) -> Option<Located<Asn>> {
    let number: u32 = whole(d, node, "an AS number", 1..=u32::MAX)?;
    Asn::new(number).map(|asn| located(node.place, asn))
}

/// The MTU of a tunnel, from what every host must take (RFC 791, section 3.1) to Ethernet's.
pub(crate) fn tunnel_mtu(d: &mut Decoder, node: &Node) -> Option<u16> {
    whole(d, node, "an MTU", 576..=1500)
}

/// A BGP local preference.
pub(crate) fn local_preference(d: &mut Decoder, node: &Node) -> Option<u32> {
    whole(d, node, "a local preference", 0..=u32::MAX)
}

/// A `MULTI_EXIT_DISC` (RFC 4271, section 4.3).
pub(crate) fn med(d: &mut Decoder, node: &Node) -> Option<u32> {
    whole(d, node, "a MED", 0..=u32::MAX)
}

/// The length of an IPv4 prefix.
pub(crate) fn prefix_length(d: &mut Decoder, node: &Node) -> Option<u8> {
    whole(d, node, "a prefix length", 0..=32)
}

/// How often an ASN is prepended to an AS path.
pub(crate) fn prepended(d: &mut Decoder, node: &Node) -> Option<u8> {
    whole(d, node, "how many times to prepend", 1..=10)
}

/// A TTL.
pub(crate) fn ttl(d: &mut Decoder, node: &Node) -> Option<Ttl> {
    whole(d, node, "a TTL", 1..=u8::MAX).and_then(Ttl::new)
}

/// How many packets may be in transit or queued on a link. A million full frames are more than any link on Earth holds
/// in transit at 10 Gbit/s.
pub(crate) fn queue(d: &mut Decoder, node: &Node) -> Option<u32> {
    whole(d, node, "a number of packets", 1..=1_000_000)
}

/// A whole number in a range.
pub(crate) fn whole<T>(
    d: &mut Decoder,
    node: &Node,
    expected: &str,
    range: RangeInclusive<T>,
) -> Option<T>
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
