//! The routes of a namespace, for comparison with the expected routes.

use std::collections::BTreeMap;
use std::fmt;

use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteFlags, RouteHeader, RouteMessage, RouteNextHop,
    RouteNextHopFlags, RouteProtocol, RouteType,
};

use crate::addresses::{Address, Prefix};
use crate::names::IfName;
use crate::plan::{Hop, Path, Protocol, RouteKey, Worded};
use crate::topology::NodeId;

/// Tables of `linux/rtnetlink.h`: the main table, and the local table.
const MAIN_TABLE: u32 = 254;
const LOCAL_TABLE: u32 = 255;

/// A route of a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveRoute {
    /// Its key.
    pub key: RouteKey,
    /// Its action.
    pub path: Path,
    /// Attributes that no route of a lab has, as `ip route` names them.
    pub oddities: Vec<String>,
    /// The request that removes it, and no other route to the same prefix.
    away: RouteMessage,
}

impl LiveRoute {
    /// The request that removes it.
    pub(super) fn away(&self) -> RouteNetlinkMessage {
        RouteNetlinkMessage::DelRoute(self.away.clone())
    }

    /// Whether adding the expected route with the same key replaces it. The kernel distinguishes routes to one prefix
    /// by their metric and type of service, which a lab's routes do not have.
    #[must_use]
    pub fn is_replaceable(&self) -> bool {
        let has_metric = |one: &RouteAttribute| matches!(one, RouteAttribute::Priority(_));
        self.away.header.tos == 0 && !self.away.attributes.iter().any(has_metric)
    }

    /// Whether it could be a lab's route. The kernel has at most one such route per key, unless a user has added
    /// another.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.oddities.is_empty()
    }

    /// Whether this is the expected route. The order of next hops does not matter.
    #[must_use]
    pub fn is(&self, path: &Path) -> bool {
        let sorted = |path: &Path| {
            let hop = |hop: &Hop| (hop.name.to_string(), hop.via, hop.on_link);
            let mut hops: Vec<_> = path.hops.iter().map(hop).collect();
            hops.sort();
            hops
        };
        self.oddities.is_empty()
            && (self.path.source, self.path.protocol) == (path.source, path.protocol)
            && sorted(&self.path) == sorted(path)
    }
}

impl fmt::Display for LiveRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            key,
            path,
            oddities,
            away: _,
        } = self;
        write!(f, "{}", Worded(key, path))?;
        oddities
            .iter()
            .try_for_each(|oddity| write!(f, " {oddity}"))
    }
}

/// The route in a message; `None` for a route to the namespace's own addresses, or a cached one.
pub(super) fn live_route(
    node: NodeId,
    route: &RouteMessage,
    names: &BTreeMap<u32, String>,
) -> Option<LiveRoute> {
    let header = &route.header;
    let table = table(route);
    let is_learned = header.flags.contains(RouteFlags::Cloned);
    if is_learned || table == LOCAL_TABLE {
        return None;
    }
    let find =
        |choose: fn(&RouteAttribute) -> Option<Address>| route.attributes.iter().find_map(choose);
    let destination = find(|attribute| match attribute {
        RouteAttribute::Destination(address) => ipv4(address),
        _ => None,
    });
    let source = find(|attribute| match attribute {
        RouteAttribute::PrefSource(address) => ipv4(address),
        _ => None,
    });
    let prefix = Prefix::new(
        destination.unwrap_or(Address::IPV4_UNSPECIFIED),
        header.destination_prefix_length,
    );
    let mut oddities = oddities(route);
    Some(LiveRoute {
        key: RouteKey {
            node,
            table: (table != MAIN_TABLE).then_some(table),
            prefix: prefix?,
        },
        path: Path {
            hops: hops(route, names, &mut oddities).into(),
            source,
            protocol: protocol(header.protocol),
        },
        oddities,
        away: away(route),
    })
}

/// The attributes that identify a route for removal. The next hops of a multipath route are left out, since some of
/// them may be dead.
fn away(route: &RouteMessage) -> RouteMessage {
    let mut away = RouteMessage::default();
    away.header = RouteHeader {
        flags: RouteFlags::empty(),
        ..route.header.clone()
    };
    let identifies = |attribute: &&RouteAttribute| {
        matches!(
            attribute,
            RouteAttribute::Destination(_)
                | RouteAttribute::Table(_)
                | RouteAttribute::Priority(_)
                | RouteAttribute::PrefSource(_)
                | RouteAttribute::Oif(_)
                | RouteAttribute::Gateway(_)
        )
    };
    away.attributes = route
        .attributes
        .iter()
        .filter(identifies)
        .cloned()
        .collect();
    away
}

fn table(route: &RouteMessage) -> u32 {
    let whole = route
        .attributes
        .iter()
        .find_map(|attribute| match attribute {
            RouteAttribute::Table(table) => Some(*table),
            _ => None,
        });
    whole.unwrap_or(route.header.table.into())
}

fn ipv4(address: &RouteAddress) -> Option<Address> {
    match address {
        RouteAddress::Inet(address) => Some((*address).into()),
        _ => None,
    }
}

/// The attributes that no route of a lab has.
fn oddities(route: &RouteMessage) -> Vec<String> {
    let mut oddities = Vec::new();
    let has_hops = route.attributes.iter().any(|attribute| {
        matches!(
            attribute,
            RouteAttribute::Oif(_) | RouteAttribute::MultiPath(_)
        )
    });
    match route.header.kind {
        RouteType::BlackHole => {}
        RouteType::Unicast if has_hops => {}
        kind => oddities.push(format!("type {kind:?}").to_lowercase()),
    }
    let metric = route
        .attributes
        .iter()
        .find_map(|attribute| match attribute {
            RouteAttribute::Priority(metric) if *metric != 0 => Some(format!("metric {metric}")),
            _ => None,
        });
    oddities.extend(metric);
    if route.header.flags.contains(RouteFlags::Dead) {
        oddities.push("dead".to_owned());
    }
    oddities
}

fn hops(
    route: &RouteMessage,
    names: &BTreeMap<u32, String>,
    oddities: &mut Vec<String>,
) -> Vec<Hop> {
    let via = |attributes: &[RouteAttribute]| {
        attributes.iter().find_map(|attribute| match attribute {
            RouteAttribute::Gateway(address) => ipv4(address),
            _ => None,
        })
    };
    let mut hops = Vec::new();
    for attribute in &route.attributes {
        match attribute {
            RouteAttribute::Oif(index) => {
                let on_link = route.header.flags.contains(RouteFlags::Onlink);
                hops.extend(hop(names, *index, via(&route.attributes), on_link));
            }
            RouteAttribute::MultiPath(next) => {
                let dead = next
                    .iter()
                    .filter(|hop| hop.flags.contains(RouteNextHopFlags::Dead));
                oddities.extend(dead.map(|_| "with a dead next hop".to_owned()));
                hops.extend(next.iter().filter_map(|next: &RouteNextHop| {
                    let on_link = next.flags.contains(RouteNextHopFlags::Onlink);
                    hop(names, next.interface_index, via(&next.attributes), on_link)
                }));
            }
            _ => {}
        }
    }
    hops
}

fn hop(
    names: &BTreeMap<u32, String>,
    index: u32,
    via: Option<Address>,
    on_link: bool,
) -> Option<Hop> {
    Some(Hop {
        name: IfName::new(names.get(&index)?).ok()?,
        via,
        on_link,
    })
}

fn protocol(protocol: RouteProtocol) -> Protocol {
    match protocol {
        RouteProtocol::Static => Protocol::Static,
        RouteProtocol::Bgp => Protocol::Bgp,
        RouteProtocol::Ospf => Protocol::Ospf,
        RouteProtocol::Kernel => Protocol::Kernel,
        other => Protocol::Other(other.into()),
    }
}
