//! Rules for the content of route tables, and for their subnets.

use std::collections::BTreeMap;

use crate::addresses::Prefix;
use crate::azure::facts::limits::MOST_ROUTES;
use crate::azure::gateway::rules::vpn_gateway_of;
use crate::azure::resources::Resources;
use crate::azure::route_table::model::RouteTable;
use crate::azure::virtual_network::model::{Subnet, VirtualNetwork};
use crate::findings::{Finding, Located, Place, Rule, no_such};
use crate::topology::GATEWAY_SUBNET;

const ROUTE_TWICE: Rule = Rule::new("route-twice");
const TOO_MANY_ROUTES: Rule = Rule::new("too-many-routes");
const GATEWAY_DEFAULT_ROUTE: Rule = Rule::new("gateway-default-route");
const GATEWAY_PROPAGATION: Rule = Rule::new("gateway-propagation");

/// A subnet with a route table.
pub(crate) struct Use<'a> {
    /// The subnet's network.
    pub(crate) vnet: &'a VirtualNetwork,
    /// The subnet.
    pub(crate) subnet: &'a Subnet,
    /// The table's name, and its place.
    pub(crate) name: &'a Located<String>,
    /// The table, if it exists.
    pub(crate) table: Option<&'a RouteTable>,
}

/// Every subnet with a route table, in the order of the file.
pub(crate) fn uses(spec: &Resources) -> impl Iterator<Item = Use<'_>> {
    let subnets = spec.virtual_networks.iter().flat_map(|vnet| {
        let subnets = vnet.subnets.iter();
        subnets.map(move |subnet| (vnet, subnet))
    });
    subnets.filter_map(|(vnet, subnet)| {
        let name = subnet.route_table.as_ref()?;
        let mut tables = spec.route_tables.iter();
        Some(Use {
            vnet,
            subnet,
            name,
            table: tables.find(|table| table.name.value.as_str() == name.value),
        })
    })
}

/// A subnet's route table must exist. A table without subnets is allowed.
pub(crate) fn exist(spec: &Resources) -> Vec<Finding> {
    let unknown = uses(spec).filter(|using| using.table.is_none());
    unknown
        .map(|using| {
            let tables = spec.route_tables.iter();
            no_such(
                "route table",
                using.name,
                tables.map(|table| table.name.value.as_str()),
            )
        })
        .collect()
}

/// A table may have only one route per prefix (virtual-networks-udr-overview).
pub(crate) fn have_one_route_to_a_prefix(spec: &Resources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for table in &spec.route_tables {
        let mut seen: BTreeMap<Prefix, (&str, Place)> = BTreeMap::new();
        for route in &table.routes {
            let prefix = route.address_prefix;
            if let Some((other, first)) = seen.get(&prefix.value) {
                let message = format!("route `{other}` already has the prefix {}", prefix.value);
                findings.push(
                    Finding::new(ROUTE_TWICE, prefix.place, message)
                        .with_other(*first, "the first one")
                        .with_help("a route table has at most one route to each prefix"),
                );
            } else {
                seen.insert(prefix.value, (route.name.value.as_str(), prefix.place));
            }
        }
    }
    findings
}

/// A table must not have more routes than Azure allows.
pub(crate) fn have_room(spec: &Resources) -> Vec<Finding> {
    let excess = spec
        .route_tables
        .iter()
        .filter_map(|table| Some((table, table.routes.get(MOST_ROUTES)?)));
    excess
        .map(|(table, route)| {
            let message = format!(
                "route table `{}` may have at most {MOST_ROUTES} routes and has {}",
                table.name.value,
                table.routes.len()
            );
            Finding::new(TOO_MANY_ROUTES, route.name.place, message).with_help(
                "summarize adjacent prefixes into shorter ones (azure-subscription-service-limits)",
            )
        })
        .collect()
}

/// Without the system's default route, a VPN gateway does not reach its management service
/// (virtual-networks-udr-overview; vpn-gateway-vpn-faq).
pub(crate) fn leave_vpn_gateways_their_default_route(spec: &Resources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for using in uses(spec).filter(|using| using.subnet.name.value == GATEWAY_SUBNET) {
        let vnet = using.vnet.name.value.as_str();
        let Some((table, gateway)) = using.table.zip(vpn_gateway_of(spec, vnet)) else {
            continue;
        };
        let mut routes = table.routes.iter();
        let Some(route) = routes.find(|route| route.address_prefix.value.prefix_len() == 0) else {
            continue;
        };
        let message = format!(
            "`{}` would stop working: route `{}` of this table redirects 0.0.0.0/0 in the {GATEWAY_SUBNET} of `{vnet}`",
            gateway.name.value, route.name.value
        );
        findings.push(
            Finding::new(GATEWAY_DEFAULT_ROUTE, using.name.place, message).with_help(
                "give the GatewaySubnet a table of its own, with routes to the prefixes that an appliance inspects (virtual-networks-udr-overview)",
            ),
        );
    }
    findings
}

/// The subnet of gateways needs the routes that the gateways learn (virtual-networks-udr-overview).
pub(crate) fn leave_gateways_their_learned_routes(spec: &Resources) -> Vec<Finding> {
    let deaf = uses(spec).filter(|using| {
        let table = using.table;
        using.subnet.name.value == GATEWAY_SUBNET
            && table.is_some_and(|table| table.disable_bgp_route_propagation.value)
    });
    deaf.map(|using| {
        let message = format!(
            "the gateways of `{}` would stop working: this table disables the propagation of their learned routes to their {GATEWAY_SUBNET}",
            using.vnet.name.value
        );
        Finding::new(GATEWAY_PROPAGATION, using.name.place, message).with_help(
            "leave `disableBgpRoutePropagation` out of a table of the GatewaySubnet (virtual-networks-udr-overview)",
        )
    })
    .collect()
}
