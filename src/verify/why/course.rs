//! The nodes that a packet would pass by the routes, with the translations of its destination on the way.

use std::time::Duration;

use crate::addresses::Address;
use crate::network::State;
use crate::routing::{End, Sender, Walk, walk};
use crate::topology::{InterfaceId, NodeId};
use crate::verify::why::travel::Purpose;
use crate::verify::why::{Cause, Loss, Translation};

/// The path of a packet by the routes.
pub(super) struct Course {
    /// The nodes, the sender first.
    pub(super) nodes: Vec<NodeId>,
    /// For each step to the next node: the interface by which the packet leaves, and that by which it arrives.
    pub(super) doors: Vec<[InterfaceId; 2]>,
    /// For each step, the delay of its links.
    delays: Vec<Duration>,
    /// The position where each destination begins to count, in order, from 0 on.
    destinations: Vec<(usize, Address)>,
    end: End,
}

impl Course {
    /// The course of a packet. An answer goes to the translated source of the requests, and each node that has translated
    /// it undoes that.
    pub(super) fn of(
        state: &State<'_>,
        from: NodeId,
        (source, destination): (Address, Address),
        purpose: Purpose<'_>,
    ) -> Self {
        let walk_from = |sender: Sender, to| walk(&state.topology, &state.tables, sender, to);
        let mut course = Self::starting(
            walk_from(Sender::answering(from, source), destination),
            destination,
        );
        for Translation { node, from, .. } in undone(purpose).iter().rev() {
            if !course.turn_at(*node) {
                break;
            }
            course.destinations.push((course.nodes.len() - 1, *from));
            let further = walk_from(Sender::from(*node), *from);
            course.nodes.extend(&further.nodes[1..]);
            course.doors.extend(further.doors);
            course.delays.extend(further.delays);
            course.end = further.end;
        }
        if course.end == End::Loops {
            course.cut_loop();
        }
        course
    }

    fn starting(walk: Walk, destination: Address) -> Self {
        Self {
            nodes: walk.nodes,
            doors: walk.doors,
            delays: walk.delays,
            destinations: vec![(0, destination)],
            end: walk.end,
        }
    }

    /// Ends the course at a node, if it comes there.
    fn turn_at(&mut self, node: NodeId) -> bool {
        let start = self.start();
        let mut further = self.nodes[start..].iter();
        let Some(distance) = further.position(|one| *one == node) else {
            return false;
        };
        self.nodes.truncate(start + distance + 1);
        self.doors.truncate(start + distance);
        self.delays.truncate(start + distance);
        true
    }

    /// The position where the present destination begins to count.
    fn start(&self) -> usize {
        self.destinations[self.destinations.len() - 1].0
    }

    /// Ends a loop at the first node that appears for the second time.
    fn cut_loop(&mut self) {
        let nodes = &self.nodes[self.start()..];
        let is_again = |position: &usize| nodes[..*position].contains(&nodes[*position]);
        let again = (0..nodes.len()).find(is_again).unwrap_or(nodes.len() - 1);
        self.nodes.truncate(self.start() + again + 1);
    }

    /// The destination with which a packet leaves the node at a position.
    pub(super) fn destination_at(&self, position: usize) -> Address {
        let begun = self.destinations.iter().rev();
        let mut begun = begun.filter(|(start, _)| *start <= position);
        let (_, destination) = begun.next().unwrap_or(&self.destinations[0]);
        *destination
    }

    /// The delay of its links.
    pub(super) fn delay(&self) -> Duration {
        self.delays.iter().sum()
    }

    /// Whether a packet arrives, as far as the routes decide.
    pub(super) fn is_delivered(&self) -> bool {
        self.end == End::Delivered
    }

    /// Where and why the routes lose a packet.
    pub(super) fn loss(&self, state: &State<'_>) -> Option<Loss> {
        let at = self.nodes.len() - 1;
        let last = self.nodes[at];
        match self.end {
            End::Delivered => None,
            End::Dropped => {
                let arrived = self
                    .doors
                    .get(at.wrapping_sub(1))
                    .map(|[_, entered]| *entered);
                let destination = self.destination_at(at);
                Some(Loss::at_the_end(state, last, arrived, destination))
            }
            End::Loops => Some(Loss::plain(last, Cause::Loop)),
        }
    }
}

/// The translations that the answer to a packet undoes, in the order of the packet.
fn undone(purpose: Purpose<'_>) -> &[Translation] {
    match purpose {
        Purpose::Request => &[],
        Purpose::Reply { of } => &of.translations,
        Purpose::Error { of, at } => {
            let before = |it: &&Translation| {
                let mut steps = of.steps.iter();
                steps
                    .position(|step| step.node == it.node)
                    .is_some_and(|own| own < at)
            };
            let count = of.translations.iter().take_while(before).count();
            &of.translations[..count]
        }
    }
}
