//! The path of one packet through the tables, with the decision of each node.

use crate::addresses::Address;
use crate::network::State;
use crate::routing::{Action, Origin, Reason, Route};
use crate::topology::{InterfaceId, NodeId, Topology};
use crate::verify::why::choice::choice;
use crate::verify::why::course::Course;
use crate::verify::why::inspection::Inspection;
use crate::verify::why::passage::Passage;
use crate::verify::why::{Cause, Loss, Step, Way, mistake};

/// What a packet is for.
#[derive(Clone, Copy)]
pub(super) enum Purpose<'a> {
    /// An echo request, the first packet of a flow.
    Request,
    /// The echo reply.
    Reply {
        /// The path of the requests.
        of: &'a Way,
    },
    /// The error of a router at which a request has expired.
    Error {
        /// The path of the requests.
        of: &'a Way,
        /// The position of the router on it.
        at: usize,
    },
}

/// Follows a packet from a node, with its source and destination.
pub(super) fn travel(
    state: &State<'_>,
    from: NodeId,
    (source, destination): (Address, Address),
    purpose: Purpose<'_>,
) -> Way {
    let mut course = Course::of(state, from, (source, destination), purpose);
    let by_routes = course.loss(state);
    let (stopped, translations, untold, fans) = {
        let mut inspection = Inspection::new(state, &course, purpose);
        let mut passage = Passage {
            state,
            sent_from: source,
            source,
            destination,
        };
        let nodes = &course.nodes;
        let stopped = (0..nodes.len()).find_map(|position| {
            passage.destination = course.destination_at(position);
            let cause = passage
                .on_arrival(nodes, position)
                .or_else(|| inspection.at(position, &mut passage.source))
                .or_else(|| passage.on_leaving(nodes, position))?;
            Some((position, cause))
        });
        let Inspection {
            translations,
            untold,
            fans,
            ..
        } = inspection;
        (stopped, translations, untold, fans)
    };
    let loss = match stopped {
        Some((position, cause)) => {
            course.nodes.truncate(position + 1);
            Some(Loss::new(state, course.nodes[position], cause))
        }
        None => by_routes,
    };
    Way {
        source,
        destination,
        steps: steps(state, &course, source, loss.is_none()),
        loss,
        delay: course.delay(),
        translations,
        untold,
        fans,
    }
}

/// The decision of each node on a path.
fn steps(state: &State<'_>, course: &Course, source: Address, is_delivered: bool) -> Vec<Step> {
    let last = course.nodes.len() - 1;
    let routes = |position, node| {
        let own = Some(source).filter(|_| position == 0);
        state.tables.of(node).routes_from(&state.topology, own)
    };
    let nodes = course.nodes.iter().copied().enumerate();
    let steps = nodes.map(|(position, node)| Step {
        node,
        choice: choice(routes(position, node), course.destination_at(position))
            .filter(|_| !is_delivered || position < last),
    });
    steps.collect()
}

/// Follows an answer to the probing node. A closer node may have the same address.
pub(super) fn travel_back(
    state: &State<'_>,
    from: NodeId,
    addresses: (Address, Address),
    (asker, purpose): (NodeId, Purpose<'_>),
) -> Way {
    let mut way = travel(state, from, addresses, purpose);
    let last = way.last();
    if way.is_delivered() && last != asker {
        way.loss = Some(Loss::plain(last, Cause::AnothersAddress { meant: asker }));
    }
    way
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
    pub(super) fn at_the_end(
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

    /// Whether a firewall loses the packet and tells its sender.
    pub(crate) const fn is_rejected(&self) -> bool {
        matches!(
            self.cause,
            Cause::Firewall {
                is_rejected: true,
                ..
            }
        )
    }

    pub(super) fn plain(node: NodeId, cause: Cause) -> Self {
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
