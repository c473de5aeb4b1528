//! The `routeTables` section: user-defined routes.

use crate::addresses::Address;
use crate::azure::route_table::model::{RouteTable, UserRoute};
use crate::findings::{Finding, Located, Place, Rule};
use crate::topology::UserNextHop;
use crate::yaml::fields::{Decoder, Fields};
use crate::yaml::stand_in::no_stand_in;
use crate::yaml::tree::{Key, Kind, Node};
use crate::yaml::values::{address, boolean, choice, located, node_name, prefix};

const SYSTEM_NEXT_HOP: Rule = Rule::new("system-next-hop");

#[derive(Debug, Clone, Copy)]
enum NextHopType {
    VirtualAppliance,
    Other(UserNextHop),
}

no_stand_in!(Located<NextHopType>);

const NEXT_HOP_TYPES: [(&str, NextHopType); 5] = [
    ("VirtualAppliance", NextHopType::VirtualAppliance),
    (
        "VirtualNetworkGateway",
        NextHopType::Other(UserNextHop::VirtualNetworkGateway),
    ),
    ("VnetLocal", NextHopType::Other(UserNextHop::VnetLocal)),
    ("Internet", NextHopType::Other(UserNextHop::Internet)),
    ("None", NextHopType::Other(UserNextHop::None)),
];

/// Next-hop types that Azure displays but that no user-defined route may have (virtual-networks-udr-overview).
const AZURES_OWN_TYPES: [&str; 4] = [
    "VNetPeering",
    "VirtualNetworkPeering",
    "VNetGlobalPeering",
    "VirtualNetworkServiceEndpoint",
];

/// An entry of `routeTables`.
pub(crate) fn route_table(d: &mut Decoder, key: &Key, node: &Node) -> Option<RouteTable> {
    let name = node_name(d, key);
    d.mapping(node, key.place, "a route table", |fields| {
        let disable = fields.optional("disableBgpRoutePropagation", boolean);
        let routes = fields.named("routes", "routes", user_route);
        Some(RouteTable {
            name: name?,
            disable_bgp_route_propagation: disable.unwrap_or(located(key.place, false)),
            routes,
        })
    })
}

fn user_route(d: &mut Decoder, key: &Key, node: &Node) -> Option<UserRoute> {
    let name = node_name(d, key);
    d.mapping(node, key.place, "a route", |fields| {
        let address_prefix = fields.required("addressPrefix", prefix);
        let next_hop = user_next_hop(fields, key.place);
        Some(UserRoute {
            name: name?,
            address_prefix: address_prefix?,
            next_hop: next_hop?,
        })
    })
}

fn user_next_hop(fields: &mut Fields<'_>, route: Place) -> Option<Located<UserNextHop>> {
    let address_place = fields.place_of("nextHopIpAddress");
    let may_be_misspelt = address_place.is_none() && fields.has_unknown_key();
    // The type is chosen by the address.
    let next_hop_type = if may_be_misspelt {
        fields.if_given("nextHopType", next_hop_type)
    } else {
        fields.required("nextHopType", next_hop_type)
    };
    let next_hop_address = fields.optional("nextHopIpAddress", next_hop_address);
    let d = &mut *fields.decoder;
    let Located { value, place } = next_hop_type?;
    match (value, address_place) {
        // A finding about an appliance is always about its address, so it has the place of the address.
        (NextHopType::VirtualAppliance, Some(_)) => {
            let Located { value, place } = next_hop_address?;
            Some(located(place, UserNextHop::VirtualAppliance(value)))
        }
        (NextHopType::VirtualAppliance, None) if may_be_misspelt => None,
        (NextHopType::VirtualAppliance, None) => {
            let message = "a route to a VirtualAppliance needs `nextHopIpAddress`";
            d.report(Finding::new(Rule::MISSING_KEY, route, message));
            None
        }
        (NextHopType::Other(_), Some(place)) => {
            let message = "only a route to a VirtualAppliance has a `nextHopIpAddress`";
            let help = "leave it out, or write `nextHopType: VirtualAppliance`";
            d.report(Finding::new(Rule::WRONG_VALUE, place, message).with_help(help));
            None
        }
        (NextHopType::Other(next_hop), None) => Some(located(place, next_hop)),
    }
}

/// An address. Names were replaced by addresses before, except those of what has no address.
fn next_hop_address(d: &mut Decoder, node: &Node) -> Option<Located<Address>> {
    let found = address(d, node);
    if let (None, Kind::Text(name), Some(finding)) = (&found, &node.kind, d.findings.last_mut()) {
        finding.set_missing(name);
    }
    found
}

fn next_hop_type(d: &mut Decoder, node: &Node) -> Option<Located<NextHopType>> {
    if let Kind::Text(text) = &node.kind
        && AZURES_OWN_TYPES.contains(&text.as_str())
    {
        let message = format!("no user-defined route has the next-hop type `{text}`");
        let help = "Azure makes these routes itself, out of peerings and service endpoints \
                    (virtual-networks-udr-overview)";
        d.report(Finding::new(SYSTEM_NEXT_HOP, node.place, message).with_help(help));
        return None;
    }
    let found = choice(d, node, &NEXT_HOP_TYPES)?;
    Some(located(node.place, found))
}
