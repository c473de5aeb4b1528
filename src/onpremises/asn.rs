//! The autonomous system numbers that Azure and IANA reserve.

use crate::findings::{Finding, Located, Rule};
use crate::units::Asn;
use crate::yaml::fields::Decoder;
use crate::yaml::numbers::any_asn;
use crate::yaml::tree::Node;

const RESERVED_ASN: Rule = Rule::new("reserved-asn");

/// The autonomous system number of a site, router or network virtual appliance.
///
/// ExpressRoute reserves 65515 to 65520 (expressroute-routing), a VPN gateway also those of Azure's public services
/// (vpn-gateway-bgp-overview).
pub(crate) fn asn(d: &mut Decoder, node: &Node) -> Option<Located<Asn>> {
    let asn = any_asn(d, node)?;
    let help = "use a private one, 64512 to 65514 or 65521 to 65534 (expressroute-routing, \
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
    let help = "use a private one, 64512 to 65516 or 65521 to 65534 (vpn-gateway-bgp-overview)";
    match asn.value.get() {
        8074 | 8075 | 12076 | 65517..=65520 => reserved(d, asn, "Azure", help),
        number if is_reserved_by_iana(number) => reserved(d, asn, "IANA", help),
        _ => Some(asn),
    }
}

/// The ASNs that vpn-gateway-bgp-overview lists as reserved by IANA. The document has 429496729, which probably means
/// 4294967295, the last number (RFC 7300). Neither is accepted.
fn is_reserved_by_iana(number: u32) -> bool {
    matches!(number, 23456 | 64496..=64511 | 65535..=65551 | 429_496_729 | u32::MAX)
}

fn reserved<T>(d: &mut Decoder, asn: Located<Asn>, by: &str, help: &str) -> Option<T> {
    let message = format!("AS number {} is reserved by {by}", asn.value);
    d.report(Finding::new(RESERVED_ASN, asn.place, message).with_help(help));
    None
}
