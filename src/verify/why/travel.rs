//! The path of one packet through the tables, with the decision of each node.

use crate::addresses::Address;
use crate::network::State;
use crate::routing::{Action, End, Origin, Reason, Route, Sender, walk};
use crate::topology::{InterfaceId, NodeId, Topology};
use crate::verify::why::choice::choice;
use crate::verify::why::passage::Passage;
use crate::verify::why::{Cause, Loss, Step, Way, mistake};

/// Follows a packet from a node, with its source and destination.
pub(super) fn travel(
    state: &State<'_>,
    from: NodeId,
    (source, destination): (Address, Address),
) -> Way {
    let sender = Sender::answering(from, source);
    let walk = walk(&state.topology, &state.tables, sender, destination);
    let arrived = walk.crossed.last();
    let arrived = arrived.and_then(|left| state.topology.across(*left));
    let mut nodes = walk.nodes;
    let by_routes = match walk.end {
        End::Delivered => None,
        End::Dropped => {
            let last = nodes[nodes.len() - 1];
            let arrived = arrived.filter(|_| from != last);
            Some(Loss::at_the_end(state, last, arrived, destination))
        }
        End::Loops => {
            nodes.truncate(first_return(&nodes) + 1);
            let again = nodes[nodes.len() - 1];
            Some(Loss::plain(again, Cause::Loop))
        }
    };
    let passage = Passage {
        state,
        source,
        destination,
    };
    let loss = match passage.stopped(&nodes) {
        Some((position, cause)) => {
            nodes.truncate(position + 1);
            Some(Loss::new(state, nodes[position], cause))
        }
        None => by_routes,
    };
    let is_delivered = loss.is_none();
    let last = nodes.len() - 1;
    let routes = |position, node| {
        let own = Some(source).filter(|_| position == 0);
        state.tables.of(node).routes_from(&state.topology, own)
    };
    let steps = nodes.into_iter().enumerate().map(|(position, node)| Step {
        node,
        choice: choice(routes(position, node), destination)
            .filter(|_| !is_delivered || position < last),
    });
    Way {
        source,
        destination,
        steps: steps.collect(),
        loss,
    }
}

/// Follows an answer to the probing node. A closer node may have the same address.
pub(super) fn travel_back(
    state: &State<'_>,
    from: NodeId,
    addresses: (Address, Address),
    asker: NodeId,
) -> Way {
    let mut way = travel(state, from, addresses);
    let last = way.last();
    if way.is_delivered() && last != asker {
        way.loss = Some(Loss::plain(last, Cause::AnothersAddress { meant: asker }));
    }
    way
}

/// The position of the first node that appears for the second time in a walk; the last position if none does.
fn first_return(nodes: &[NodeId]) -> usize {
    let is_again = |position: &usize| nodes[..*position].contains(&nodes[*position]);
    (0..nodes.len()).find(is_again).unwrap_or(nodes.len() - 1)
}

/// Whether the node, or one of the two interfaces that a packet would cross, does not forward.
fn drops_what_it_forwards(
    topology: &Topology,
    node: NodeId,
    arrived: InterfaceId,
    route: Option<&Route>,
) -> bool {
    let leaving = route.and_then(|route| match &route.action {
        Action::Forward(hops) => hops.first(),
        Action::Fabric(hop) => Some(hop),
        Action::Drop => None,
    });
    let passed = leaving
        .map(|hop| hop.interface)
        .into_iter()
        .chain([arrived]);
    let mut passed = passed.map(|interface| topology.interface(interface));
    !topology.node(node).role.forwards() || passed.any(|interface| !interface.forwards())
}

impl Loss {
    /// The loss of a packet at the last node of its path. `arrived` is the interface through which it arrived; `None`
    /// at the sender.
    fn at_the_end(
        state: &State<'_>,
        node: NodeId,
        arrived: Option<InterfaceId>,
        destination: Address,
    ) -> Self {
        let topology = &*state.topology;
        let route = state.tables.of(node).lookup(destination);
        if arrived.is_some_and(|arrived| drops_what_it_forwards(topology, node, arrived, route)) {
            return Self::plain(node, Cause::NotARouter);
        }
        let nic = topology.nic(node);
        let link = nic.and_then(|nic| topology.interface(nic).link);
        let cause = match (route, link) {
            (Some(route), _) if matches!(route.action, Action::Forward(_)) => Cause::NobodyThere {
                route: route.clone(),
            },
            (None, Some(link)) if state.failures.links.contains(&link) => Cause::LinkDown { link },
            _ => Cause::NoRoute {
                destination,
                dropped_by: route.cloned(),
            },
        };
        let mistake = match &cause {
            Cause::NobodyThere { route } => {
                mistake::of_system_route(state, node, route, destination)
            }
            _ => None,
        };
        let loss = Self::new(state, node, cause);
        Self {
            mistake: mistake.or(loss.mistake),
            ..loss
        }
    }

    fn plain(node: NodeId, cause: Cause) -> Self {
        Self {
            node,
            cause,
            absences: Vec::new(),
            mistake: None,
        }
    }

    /// A loss, with all nodes that have the missing route.
    fn new(state: &State<'_>, node: NodeId, cause: Cause) -> Self {
        let wanted = match &cause {
            Cause::NoRoute { destination, .. } => *destination,
            Cause::UnknownSource { source } => *source,
            _ => return Self::plain(node, cause),
        };
        let mut absences = state.tables.absence(&state.topology, node, wanted);
        // The route is not missing at its origin.
        absences.retain(|absence| absence.reason != Reason::SplitHorizon);
        let mistake = match &cause {
            Cause::NoRoute {
                dropped_by: Some(route),
                ..
            } if matches!(route.origin, Origin::User { .. }) => {
                mistake::of_route(&state.topology, node, route)
            }
            // The session that is down already explains the loss.
            _ if absences.iter().any(|absence| {
                matches!(absence.reason, Reason::SessionDown | Reason::SessionShut)
            }) =>
            {
                None
            }
            _ => mistake::of_peering(&state.topology, node, wanted),
        };
        Self {
            node,
            cause,
            absences,
            mistake,
        }
    }
}
