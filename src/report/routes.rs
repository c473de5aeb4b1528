//! What `lab routes` prints: a network interface's effective routes as az lists them, and every other node's own
//! routing table.

mod columns;
mod instances;
mod nics;

use std::iter;

use serde::Serialize;

use crate::addresses::{Address, Prefix};
use crate::report::origins::{self, DROPPED};
use crate::routing::{Origin, Route, Rule, Standing, Tables, as_path};
use crate::topology::{InterfaceId, NodeId, Policy, Topology, UserNextHop};
use columns::{effective_table, system_table};
pub use instances::{Instance, routes_of};
pub use nics::{NicRoutes, Nics, of_nic};

/// A node's routes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Routes {
    /// The routes of a virtual machine, or of one of its network interfaces.
    Effective(Effective),
    /// The routes of a virtual machine with several network interfaces.
    Nics(Nics),
    /// The routes of any other node.
    System {
        /// The routes.
        value: Vec<SystemRoute>,
    },
    /// The routes of an active-active gateway.
    Instances {
        /// One entry per instance.
        instances: Vec<Instance>,
    },
}

/// The routes of a virtual machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Effective {
    /// The routes of its network interface, in the shape of `az network nic show-effective-route-table`.
    pub value: Vec<EffectiveRoute>,
    /// The routes of an appliance's operating system, which Azure does not know.
    #[serde(rename = "ownSystem", skip_serializing_if = "Vec::is_empty")]
    pub own_system: Vec<SystemRoute>,
}

/// A route of a network interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EffectiveRoute {
    /// `Default`, `VirtualNetworkGateway` or `User`.
    pub source: Source,
    /// Whether packets take it.
    pub state: State,
    /// The destination prefix; always one.
    pub address_prefix: Vec<String>,
    /// The next hop type in Azure's words.
    pub next_hop_type: &'static str,
    /// The addresses of the next hops, if Azure shows any.
    pub next_hop_ip_address: Vec<Address>,
    /// A user-defined route's name.
    pub name: Option<String>,
    /// Whether the subnet's route table disables the propagation of gateway routes.
    pub disable_bgp_route_propagation: bool,
}

/// The source of a route in Azure, in the order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Source {
    /// A system route.
    Default,
    /// A virtual network gateway.
    VirtualNetworkGateway,
    /// A route table.
    User,
}

/// Whether packets take a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum State {
    /// Packets take the route.
    Active,
    /// Packets do not take the route.
    Invalid,
}

/// A route in a node's own routing table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SystemRoute {
    /// The destination prefix.
    pub prefix: String,
    /// The next hops (ECMP); empty for a route that drops packets.
    pub next_hops: Vec<SystemHop>,
    /// Its origin.
    pub origin: String,
    /// The AS path, as az joins it; null for a route that was not learned.
    pub as_path: Option<String>,
    /// The weight of the session; null for a route that was not learned.
    pub weight: Option<u32>,
    /// The local preference; null for a route that was not learned by BGP.
    pub local_preference: Option<u32>,
    /// Whether packets take it.
    pub state: State,
    /// Why it is inactive; null for an active route.
    pub beaten_by: Option<Beaten>,
}

/// A next hop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SystemHop {
    /// The neighbor's address; null if the next hop is the destination itself or the far end of a tunnel.
    pub address: Option<Address>,
    /// The outgoing interface.
    pub interface: String,
    /// The neighbor; null if the next hop is the destination itself.
    pub node: Option<String>,
    /// The text for people.
    #[serde(skip)]
    shown: String,
}

/// The rule by which another route won.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Beaten {
    /// The rule.
    pub rule: String,
    /// The document with this rule.
    pub source: &'static str,
}

impl From<Rule> for Beaten {
    fn from(rule: Rule) -> Self {
        Self {
            rule: rule.to_string(),
            source: rule.source(),
        }
    }
}

/// A node's routes.
#[must_use]
pub fn routes(topology: &Topology, tables: &Tables, node: NodeId) -> Routes {
    let table = tables.of(node);
    let is_machine = topology.node(node).role.is_machine();
    let Some((primary, _)) = topology.nics(node).next().filter(|_| is_machine) else {
        let all = table.routes.iter();
        return Routes::System {
            value: all.map(|one| system_route(topology, one)).collect(),
        };
    };
    let own_system = table.routes.iter();
    let own_system = own_system
        .filter(|route| kind(&route.origin).is_none())
        .map(|route| system_route(topology, route));
    if table.nics.is_empty() {
        return Routes::Effective(Effective {
            value: effective_routes(topology, primary, &table.routes),
            own_system: own_system.collect(),
        });
    }
    let all = table.nics.iter();
    Routes::Nics(Nics {
        network_interfaces: all.map(|one| nics::nic_routes(topology, one)).collect(),
        own_system: nics::os_routes(topology, table, node)
            .into_iter()
            .chain(own_system)
            .collect(),
    })
}

/// The effective routes of a network interface, in Azure's order.
fn effective_routes(
    topology: &Topology,
    nic: InterfaceId,
    routes: &[Route],
) -> Vec<EffectiveRoute> {
    let nic = topology.interface(nic).nic.as_ref();
    let subnet = nic.and_then(|nic| topology.vnet(nic.vnet).subnets.get(nic.subnet));
    let table = subnet.and_then(|subnet| subnet.route_table);
    let propagates = table.is_none_or(|id| topology.route_table(id).propagates);
    let mut of_nic: Vec<(Source, Prefix, EffectiveRoute)> = routes
        .iter()
        .filter_map(|route| Some((effective_route(route, propagates)?, route.prefix)))
        .map(|(route, prefix)| (route.source, prefix, route))
        .collect();
    of_nic.sort_by_key(|(source, prefix, _)| (*source, *prefix));
    of_nic.into_iter().map(|(_, _, route)| route).collect()
}

/// Source and type of a network interface's route; `None` for a route that Azure does not know.
fn kind(origin: &Origin) -> Option<(Source, &'static str)> {
    Some(match origin {
        Origin::VnetLocal => (Source::Default, "VnetLocal"),
        Origin::VnetPeering { is_global, .. } if *is_global => {
            (Source::Default, "VNetGlobalPeering")
        }
        Origin::VnetPeering { .. } => (Source::Default, "VNetPeering"),
        Origin::InterfaceEndpoint => (Source::Default, "InterfaceEndpoint"),
        Origin::ServiceEndpoint { .. } => (Source::Default, "VirtualNetworkServiceEndpoint"),
        Origin::Internet => (Source::Default, "Internet"),
        Origin::Reserved => (Source::Default, "None"),
        Origin::VirtualNetworkGateway { .. } => {
            (Source::VirtualNetworkGateway, "VirtualNetworkGateway")
        }
        Origin::User { next_hop, .. } => (
            Source::User,
            match next_hop {
                UserNextHop::VirtualAppliance(_) => "VirtualAppliance",
                UserNextHop::VirtualNetworkGateway => "VirtualNetworkGateway",
                UserNextHop::VnetLocal => "VnetLocal",
                UserNextHop::Internet => "Internet",
                UserNextHop::None => "None",
            },
        ),
        _ => return None,
    })
}

/// Azure lists the interface's active routes, and those that a user-defined route or a gateway's route made inactive.
/// Routes that a gateway did not select never reach the interface. Azure does not see the routes of an appliance's
/// operating system.
fn effective_route(route: &Route, propagates: bool) -> Option<EffectiveRoute> {
    let (source, next_hop_type) = kind(&route.origin)?;
    let state = match route.standing {
        Standing::Active | Standing::Inactive(Rule::AdministrativeDistance) => State::Active,
        Standing::Inactive(Rule::UserRoute | Rule::GatewayOverSystem) => State::Invalid,
        Standing::Inactive(_) => return None,
    };
    let name = match &route.origin {
        Origin::User { name, .. } => Some(name.to_string()),
        _ => None,
    };
    Some(EffectiveRoute {
        source,
        state,
        address_prefix: vec![route.prefix.to_string()],
        next_hop_type,
        next_hop_ip_address: route.listed.to_vec(),
        name,
        disable_bgp_route_propagation: !propagates,
    })
}

/// A route with the details of a routing table.
pub(super) fn system_route(topology: &Topology, route: &Route) -> SystemRoute {
    let is_learned = matches!(
        route.origin,
        Origin::Bgp(_) | Origin::VirtualNetworkGateway { .. }
    );
    let next_hops = origins::hops(topology, route);
    let next_hops = next_hops.iter().map(|hop| SystemHop {
        address: hop.next.via,
        interface: hop.interface(),
        node: hop.node().map(|node| topology.node(node).name.to_string()),
        shown: hop.shown(),
    });
    let local_preference = match &route.origin {
        Origin::Bgp(bgp) => Some(bgp.local_preference),
        _ => None,
    };
    let (state, beaten_by) = match route.standing {
        Standing::Active => (State::Active, None),
        Standing::Inactive(rule) => (State::Invalid, Some(rule.into())),
    };
    SystemRoute {
        prefix: route.prefix.to_string(),
        next_hops: next_hops.collect(),
        origin: origins::name(&route.origin),
        as_path: is_learned.then(|| as_path(route.origin.as_path())),
        weight: is_learned.then(|| route.origin.weight()),
        local_preference,
        state,
        beaten_by,
    }
}

impl SystemRoute {
    /// All next hops in one cell.
    pub(super) fn shown_hops(&self) -> String {
        let hops: Vec<&str> = self
            .next_hops
            .iter()
            .map(|hop| hop.shown.as_str())
            .collect();
        if hops.is_empty() {
            DROPPED.to_owned()
        } else {
            hops.join(" | ")
        }
    }

    /// Its origin, with the AS path and the attributes that affect its preference.
    pub(super) fn described(&self) -> String {
        let path = self.as_path.as_deref().filter(|path| !path.is_empty());
        let weight = self.weight.filter(|weight| *weight > 0);
        let preference = self
            .local_preference
            .filter(|preference| *preference != Policy::USUAL_PREFERENCE);
        let parts = [
            path.map(|path| format!("AS path {path}")),
            weight.map(|weight| format!("weight {weight}")),
            preference.map(|preference| format!("local preference {preference}")),
        ];
        let all = iter::once(self.origin.clone()).chain(parts.into_iter().flatten());
        all.collect::<Vec<_>>().join(", ")
    }
}

/// A node's routes in columns.
#[must_use]
pub fn text(routes: &Routes) -> String {
    match routes {
        Routes::System { value } if value.is_empty() => {
            "The node has no routes: it holds bridges and forwards nothing.\n".to_owned()
        }
        Routes::System { value } => system_table(value),
        Routes::Instances { instances } => {
            let tables = instances.iter().map(Instance::text);
            tables.collect::<Vec<_>>().join("\n")
        }
        Routes::Nics(nics) => nics.text(),
        Routes::Effective(Effective { value, own_system }) if own_system.is_empty() => {
            effective_table(value)
        }
        Routes::Effective(Effective { value, own_system }) => format!(
            "{}\nRoutes of the appliance's own system:\n\n{}",
            effective_table(value),
            system_table(own_system)
        ),
    }
}

#[cfg(test)]
mod tests;
