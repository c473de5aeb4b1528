//! What the firewalls on a path do with a packet, where that can be told from their text.

use std::collections::BTreeSet;

use crate::addresses::Address;
use crate::firewall::{Firewall, FlowState, Hook, Packet, Part, Ruling, Seen};
use crate::network::State;
use crate::routing::{Action, NextHop, walk};
use crate::topology::{InterfaceId, NodeId};
use crate::verify::why::answer::of_interface;
use crate::verify::why::course::Course;
use crate::verify::why::travel::Purpose;
use crate::verify::why::{Cause, Doubt, Translation, Untold};

/// The types of ICMP messages (RFC 792).
const ECHO_REPLY: u8 = 0;
const ECHO: u8 = 8;
const TIME_EXCEEDED: u8 = 11;

/// The inspection of a packet on its course.
pub(super) struct Inspection<'a> {
    state: &'a State<'a>,
    course: &'a Course,
    purpose: Purpose<'a>,
    /// The translations until now.
    pub(super) translations: Vec<Translation>,
    /// The first firewall whose effect cannot be told. The packet passes this and all later ones.
    pub(super) untold: Option<Untold>,
    /// Groups of nodes with equal firewalls, one of which the packet crosses.
    pub(super) fans: BTreeSet<BTreeSet<NodeId>>,
}

impl<'a> Inspection<'a> {
    pub(super) const fn new(
        state: &'a State<'a>,
        course: &'a Course,
        purpose: Purpose<'a>,
    ) -> Self {
        Self {
            state,
            course,
            purpose,
            translations: Vec::new(),
            untold: None,
            fans: BTreeSet::new(),
        }
    }

    /// Inspects the packet at a node, and changes its source if the node translates it. Returns why it is dropped.
    pub(super) fn at(&mut self, position: usize, source: &mut Address) -> Option<Cause> {
        let is_untold_before = match self.purpose {
            Purpose::Request => false,
            Purpose::Reply { of } | Purpose::Error { of, .. } => of.untold.is_some(),
        };
        if is_untold_before || self.untold.is_some() {
            return None;
        }
        let node = self.course.nodes[position];
        let cause = match &self.state.topology.node(node).firewall {
            Some(firewall) => self.passing(firewall, position, source),
            None => None,
        };
        if cause.is_none() {
            self.look_around(position, *source);
        }
        cause
    }

    fn doubt(&mut self, node: NodeId, doubt: Doubt) {
        self.untold.get_or_insert(Untold { node, doubt });
    }

    /// Passes the hooks of a node.
    fn passing(
        &mut self,
        firewall: &Firewall,
        position: usize,
        source: &mut Address,
    ) -> Option<Cause> {
        let node = self.course.nodes[position];
        let state = self.flow_state(node);
        for hook in self.hooks(position) {
            let packet = self.packet(*hook, position, *source);
            let packet = Packet { state, ..packet };
            let translated = match firewall.ruling(*hook, &packet) {
                Ruling::Passes { source } => source,
                Ruling::Dropped(rule) => return Some(dropped(rule, *hook, state, false)),
                Ruling::Rejected(rule) => return Some(dropped(rule, *hook, state, true)),
                Ruling::Untold(part) => {
                    self.doubt(node, Doubt::Part(part));
                    return None;
                }
            };
            let translated = translated.filter(|to| to != source);
            if let Some(part) = self.later(firewall, *hook, &packet, translated) {
                self.doubt(node, Doubt::Part(part));
                return None;
            }
            let Some(to) = translated else {
                continue;
            };
            let mut nics = self.state.topology.nics(node);
            if nics.any(|(_, nic)| !nic.forwards) {
                self.doubt(node, Doubt::WithoutForwarding);
                return None;
            }
            let from = *source;
            self.translations.push(Translation { node, from, to });
            *source = to;
        }
        None
    }

    /// The part of the text that does not let later requests of the flow pass, after the first reply.
    fn later(
        &self,
        firewall: &Firewall,
        hook: Hook,
        packet: &Packet<'_>,
        source_after: Option<Address>,
    ) -> Option<Part> {
        if !matches!(self.purpose, Purpose::Request) {
            return None;
        }
        let later = Packet {
            state: Some(FlowState::Established),
            source_after,
            ..*packet
        };
        match firewall.ruling(hook, &later) {
            Ruling::Passes { .. } => None,
            Ruling::Dropped(part) | Ruling::Rejected(part) | Ruling::Untold(part) => Some(part),
        }
    }

    /// The hooks that the packet passes at a node. Where the routes lose it, they decide.
    fn hooks(&self, position: usize) -> &'static [Hook] {
        let is_last = position + 1 >= self.course.nodes.len();
        match (position, is_last) {
            (0, true) => &[],
            (0, false) => &[Hook::Output, Hook::Postrouting],
            (_, true) if self.course.is_delivered() => &[Hook::Prerouting, Hook::Input],
            (_, true) => &[],
            (_, false) => &[Hook::Prerouting, Hook::Forward, Hook::Postrouting],
        }
    }

    /// The packet at a hook, without the state of its flow.
    fn packet(&self, hook: Hook, position: usize, source: Address) -> Packet<'a> {
        let topology = &self.state.topology;
        let named = |id: InterfaceId| Seen::Named(topology.interface(id).name.as_str());
        let doors = &self.course.doors;
        let entered = position.checked_sub(1).and_then(|before| doors.get(before));
        let entered = entered.map_or(Seen::Nothing, |[_, entered]| named(*entered));
        let leaves = doors
            .get(position)
            .map_or(Seen::Nothing, |[leaves, _]| named(*leaves));
        let (entered, leaves) = match hook {
            Hook::Prerouting | Hook::Input => (entered, Seen::Nothing),
            Hook::Forward => (entered, leaves),
            Hook::Output => (Seen::Nothing, leaves),
            // Linux tells rules there by which interface a packet came since version 5.7 only.
            Hook::Postrouting => (Seen::Untold, leaves),
        };
        let now = self.course.destination_at(position);
        let before = self.course.destination_at(position.saturating_sub(1));
        let arrives_with = if hook == Hook::Prerouting {
            before
        } else {
            now
        };
        Packet {
            source,
            destination: arrives_with,
            icmp_type: match self.purpose {
                Purpose::Request => ECHO,
                Purpose::Reply { .. } => ECHO_REPLY,
                Purpose::Error { .. } => TIME_EXCEEDED,
            },
            state: None,
            entered,
            leaves,
            masquerade: self.masquerade(position, now),
            source_after: None,
            destination_after: (arrives_with != now).then_some(now),
        }
    }

    /// The address that `masquerade` gives to packets at a node.
    fn masquerade(&self, position: usize, destination: Address) -> Option<Address> {
        let node = self.course.nodes[position];
        let [leaves, _] = self.course.doors.get(position)?;
        let hops = self.hops(node, destination);
        let hop = hops.iter().find(|hop| hop.interface == *leaves)?;
        of_interface(&self.state.topology, *hop, destination)
    }

    fn hops(&self, node: NodeId, destination: Address) -> Vec<NextHop> {
        let route = self.state.tables.of(node).lookup(destination);
        match route.map(|route| &route.action) {
            Some(Action::Forward(hops)) => hops.to_vec(),
            Some(Action::Fabric(_) | Action::Drop) | None => Vec::new(),
        }
    }

    /// The state of the packet's flow at a node, by connection tracking; `None` if that cannot be told.
    fn flow_state(&self, node: NodeId) -> Option<FlowState> {
        let (of, answer, until) = match self.purpose {
            Purpose::Request => return Some(FlowState::New),
            Purpose::Reply { of } => (of, FlowState::Established, of.steps.len()),
            Purpose::Error { of, at } => (of, FlowState::Related, at),
        };
        // Requests and answers of a flow cross the same one of several nodes if both choose among the same ones, since
        // the choice does not depend on the direction. Errors have other addresses, so that it does.
        let around = |fans: &BTreeSet<BTreeSet<NodeId>>| {
            let fans = fans.iter().filter(|fan| fan.contains(&node));
            fans.cloned().collect::<Vec<_>>()
        };
        let [there, back] = [&of.fans, &self.fans].map(around);
        let is_error = answer == FlowState::Related;
        if there != back || (is_error && !there.is_empty()) {
            return None;
        }
        match of.steps.iter().position(|step| step.node == node) {
            Some(position) if position <= until => Some(answer),
            // Other requests of the trace may have come so far.
            Some(_) => None,
            None => Some(FlowState::Invalid),
        }
    }

    /// Looks at the other equal-cost paths from a node. The kernel selects one for each flow.
    fn look_around(&mut self, position: usize, source: Address) {
        let topology = &self.state.topology;
        let node = self.course.nodes[position];
        let destination = self.course.destination_at(position);
        let own = Some(source).filter(|_| position == 0);
        let route = self
            .state
            .tables
            .of(node)
            .lookup_from(topology, own, destination);
        let Some(Action::Forward(hops)) = route.map(|route| &route.action) else {
            return;
        };
        let is_filtered = |node: NodeId| topology.node(node).firewall.is_some();
        if hops.len() < 2 || position + 1 >= self.course.nodes.len() {
            return;
        }
        let mut nodes = (0..topology.nodes.len()).map(NodeId);
        if !nodes.any(is_filtered) {
            return;
        }
        let next = hops.iter().filter_map(|hop| match hop.via {
            Some(via) => topology.owner(node, via),
            None => topology
                .across(hop.interface)
                .map(|far| topology.interface(far).node),
        });
        let next: BTreeSet<NodeId> = next.collect();
        let firewalls = |first: &NodeId| {
            let further = walk(topology, &self.state.tables, *first, destination).nodes;
            let further = further
                .into_iter()
                .skip(1)
                .filter(|node| is_filtered(*node));
            (&topology.node(*first).firewall, further.collect::<Vec<_>>())
        };
        let mut all = next.iter().map(firewalls);
        let Some(first) = all.next() else {
            return;
        };
        if all.any(|other| other != first) {
            self.doubt(node, Doubt::EqualCost);
        } else if first.0.is_some() && next.len() > 1 {
            self.fans.insert(next);
        }
    }
}

const fn dropped(rule: Part, hook: Hook, state: Option<FlowState>, is_rejected: bool) -> Cause {
    Cause::Firewall {
        rule,
        hook,
        is_rejected,
        state,
    }
}
