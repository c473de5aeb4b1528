//! One packet's path through the tables, with the decision of each node.

use std::net::Ipv4Addr;

use crate::network::State;
use crate::routing::{Action, End, Origin, Reason, walk};
use crate::topology::NodeId;
use crate::verify::why::choice::choice;
use crate::verify::why::passage::Passage;
use crate::verify::why::{Cause, Loss, Step, Way, mistake};

/// Follows a packet from a node, with its source and destination.
pub(super) fn travel(
    state: &State<'_>,
    from: NodeId,
    (source, destination): (Ipv4Addr, Ipv4Addr),
) -> Way {
    let walk = walk(&state.topology, &state.tables, from, destination);
    let mut nodes = walk.nodes;
    let by_routes = match walk.end {
        End::Delivered => None,
        End::Dropped => {
            let last = nodes[nodes.len() - 1];
            Some(Loss::at_the_end(state, last, from == last, destination))
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
    let steps = nodes.into_iter().enumerate().map(|(position, node)| Step {
        node,
        choice: choice(state.tables.of(node), destination)
            .filter(|_| !is_delivered || position < last),
    });
    Way {
        source,
        destination,
        steps: steps.collect(),
        loss,
    }
}

/// Follows an answer to the probing node. A nearer node may have the same address.
pub(super) fn travel_back(
    state: &State<'_>,
    from: NodeId,
    addresses: (Ipv4Addr, Ipv4Addr),
    asker: NodeId,
) -> Way {
    let mut way = travel(state, from, addresses);
    let last = way.last();
    if way.is_delivered() && last != asker {
        way.loss = Some(Loss::plain(last, Cause::AnothersAddress { meant: asker }));
    }
    way
}

/// The position of the first node that appears in a walk for the second time; the last if none does.
fn first_return(nodes: &[NodeId]) -> usize {
    let is_again = |position: &usize| nodes[..*position].contains(&nodes[*position]);
    (0..nodes.len()).find(is_again).unwrap_or(nodes.len() - 1)
}

impl Loss {
    /// The loss of a packet at the last node of its routes, which may be its sender.
    fn at_the_end(state: &State<'_>, node: NodeId, is_sender: bool, destination: Ipv4Addr) -> Self {
        let topology = &*state.topology;
        if !is_sender && !topology.node(node).role.forwards() {
            return Self::plain(node, Cause::NotARouter);
        }
        let route = state.tables.of(node).lookup(destination);
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
        // At the origin of a route, it is not missing.
        absences.retain(|absence| absence.reason != Reason::SplitHorizon);
        let mistake = match &cause {
            Cause::NoRoute {
                dropped_by: Some(route),
                ..
            } if matches!(route.origin, Origin::User { .. }) => {
                mistake::of_route(&state.topology, node, route)
            }
            // A session that is down is reason enough.
            _ if absences
                .iter()
                .any(|absence| absence.reason == Reason::SessionDown) =>
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
