//! The active route at a node, and the routes that lost against it.

use crate::addresses::Address;
use crate::routing::{Origin, Route};
use crate::verify::why::Choice;

/// The active route for a destination, the routes that lost against it, and the next shorter one.
pub(super) fn choice(routes: &[Route], destination: Address) -> Option<Choice> {
    let active = || routes.iter().filter(|route| route.is_active());
    let route = active()
        .filter(|route| route.prefix.contains(&destination))
        .max_by_key(|route| route.prefix.prefix_len())?;
    let same_prefix = routes.iter();
    let beaten = same_prefix.filter(|other| other.prefix == route.prefix && !other.is_active());
    let hides = |other: &&Route| {
        other.prefix.contains(&destination)
            && other.prefix.prefix_len() < route.prefix.prefix_len()
            && is_worth_naming(other)
            && came_otherwise(&route.origin, &other.origin)
    };
    let hidden = active()
        .filter(hides)
        .max_by_key(|other| other.prefix.prefix_len());
    Some(Choice {
        route: route.clone(),
        beaten: beaten.cloned().collect(),
        hidden: hidden.cloned(),
    })
}

/// Whether a route was learned or configured. Other routes exist on every node of the kind.
fn is_worth_naming(route: &Route) -> bool {
    match &route.origin {
        Origin::User { .. }
        | Origin::VirtualNetworkGateway { .. }
        | Origin::Bgp(_)
        | Origin::Network { .. }
        | Origin::VnetPeering { .. }
        | Origin::InterfaceEndpoint
        | Origin::ServiceEndpoint { .. } => true,
        Origin::Static => route.prefix.prefix_len() > 0,
        Origin::VnetLocal
        | Origin::Internet
        | Origin::Reserved
        | Origin::Connected
        | Origin::Igp
        | Origin::IgpDefault
        | Origin::Discard => false,
    }
}

/// Whether two routes have different origins.
fn came_otherwise(one: &Origin, other: &Origin) -> bool {
    match (one, other) {
        (
            Origin::VirtualNetworkGateway {
                gateway: one,
                as_path: path,
                ..
            },
            Origin::VirtualNetworkGateway {
                gateway: other,
                as_path: other_path,
                ..
            },
        ) => one != other || path != other_path,
        (Origin::Bgp(one), Origin::Bgp(other)) => one.neighbour != other.neighbour,
        (Origin::Network { connection: one }, Origin::Network { connection: other }) => {
            one != other
        }
        _ => true,
    }
}
