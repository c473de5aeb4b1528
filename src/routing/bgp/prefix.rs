//! The advertisements of one prefix, from its sources to where they end.

use std::mem;
use std::sync::Arc;

use ipnet::Ipv4Net;

use crate::routing::bgp::advertisement::Advertisement;
use crate::routing::bgp::rib::{self, Learned};
use crate::routing::bgp::{Originated, Speakers, passing};
use crate::topology::{NodeId, SessionId};

/// Which end of which session.
type End = (SessionId, usize);

/// How the advertisements of a prefix went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Propagation {
    /// What the ends of sessions are told, in order.
    told: Vec<(End, Advertisement)>,
    /// Every node that ever knew or heard of the prefix, in order: nobody else's sessions were looked at.
    pub(super) reached: Vec<NodeId>,
}

impl Propagation {
    /// What an end of a session is told.
    pub(super) fn told(&self, session: SessionId, listener: usize) -> Option<&Advertisement> {
        let place = self
            .told
            .binary_search_by_key(&(session, listener), |(end, _)| *end)
            .ok()?;
        Some(&self.told[place].1)
    }
}

/// What came of a prefix: how it went, and what each node learned in the end.
pub(super) struct Found {
    pub(super) prefix: Ipv4Net,
    pub(super) propagation: Propagation,
    pub(super) learned: Vec<(NodeId, Arc<[Learned]>)>,
}

/// Follows prefixes, one after the other. What it keeps is empty between two of them.
pub(super) struct Trace<'a> {
    speakers: Speakers<'a>,
    rounds: usize,
    /// By session: what its ends are told.
    told: Vec<[Option<Advertisement>; 2]>,
    /// By node: what it learned.
    ribs: Vec<Vec<Learned>>,
    /// By node: what it is the source of.
    originated: Vec<Vec<Originated>>,
    /// By node: it ever knew or heard of the prefix.
    is_reached: Vec<bool>,
    reached: Vec<NodeId>,
    heard: Vec<End>,
    /// Some prefix did not settle.
    is_unsettled: bool,
    /// The first node that still changes, with its prefix, where one can be named.
    changing: Option<(NodeId, Ipv4Net)>,
    /// All speakers by their names, once that is asked for.
    by_name: Vec<NodeId>,
}

impl<'a> Trace<'a> {
    pub(super) fn new(speakers: Speakers<'a>, rounds: usize) -> Self {
        let nodes = speakers.topology.nodes.len();
        Self {
            speakers,
            rounds,
            told: vec![[None, None]; speakers.topology.sessions.len()],
            ribs: vec![Vec::new(); nodes],
            originated: vec![Vec::new(); nodes],
            is_reached: vec![false; nodes],
            reached: Vec::new(),
            heard: Vec::new(),
            is_unsettled: false,
            changing: None,
            by_name: Vec::new(),
        }
    }

    /// A node that still changes its mind, where one can be named, and about what, if anything did not settle.
    pub(super) fn unsettled(&self) -> Option<(Option<NodeId>, Ipv4Net)> {
        let found = self.changing.map(|(node, prefix)| (Some(node), prefix));
        self.is_unsettled.then(|| found.unwrap_or_default())
    }

    /// Follows the prefix that all of these sources have.
    pub(super) fn follow(&mut self, sources: &[(NodeId, Originated)]) -> Found {
        let prefix = sources[0].1.prefix;
        for (node, own) in sources {
            self.originated[node.0].push(*own);
            self.reach(*node);
        }
        let mut changed = self.reached.clone();
        let mut settled = false;
        for _ in 0..self.rounds {
            changed = self.tell(&changed, prefix);
            settled = changed.is_empty();
            if settled {
                break;
            }
            for node in &changed {
                self.ribs[node.0] = self.decide(*node, prefix);
            }
        }
        if !settled && !self.one_by_one(prefix) {
            let changing = self.still_changing(prefix).map(|node| (node, prefix));
            self.changing = self.changing.into_iter().chain(changing).min();
            self.is_unsettled = true;
        }
        self.take(prefix)
    }

    fn reach(&mut self, node: NodeId) {
        if !mem::replace(&mut self.is_reached[node.0], true) {
            self.reached.push(node);
        }
    }

    /// Has the speakers that changed tell their neighbours. Returns who heard something new, in order.
    fn tell(&mut self, changed: &[NodeId], prefix: Ipv4Net) -> Vec<NodeId> {
        let speakers = self.speakers;
        let mut listeners = Vec::new();
        for node in changed {
            let sessions = speakers.index.sessions[node.0].iter();
            let live = sessions.filter(|(id, _)| speakers.live[id.0]);
            listeners.extend(live.filter_map(|end| self.tell_one(*node, *end, prefix)));
        }
        listeners.sort_unstable();
        listeners.dedup();
        for node in &listeners {
            self.reach(*node);
        }
        listeners
    }

    /// Has a speaker tell one neighbour. Returns that, where it heard something new.
    fn tell_one(&mut self, node: NodeId, (id, end): End, prefix: Ipv4Net) -> Option<NodeId> {
        let (originated, rib) = (&self.originated[node.0], &self.ribs[node.0]);
        let advertisement = self.speakers.told((id, end), prefix, originated, rib);
        let listener = 1 - end;
        let told = &mut self.told[id.0][listener];
        if *told == advertisement {
            return None;
        }
        if told.is_none() {
            self.heard.push((id, listener));
        }
        *told = advertisement;
        Some(self.speakers.topology.session(id).ends[listener].node)
    }

    /// What a node makes of everything that it is told.
    fn decide(&self, node: NodeId, prefix: Ipv4Net) -> Vec<Learned> {
        let speakers = self.speakers;
        let context = speakers.context();
        let originates = self.originated[node.0]
            .iter()
            .any(|own| own.behind.is_none());
        let mut learned = Vec::new();
        for (id, end) in &speakers.index.sessions[node.0] {
            if let Some(advertisement) = &self.told[id.0][*end]
                && passing::accepted(
                    context,
                    (*id, *end),
                    (prefix, &advertisement.as_path),
                    || originates,
                )
                .is_ok()
            {
                learned.push(advertisement.learned(speakers.topology, *id, *end));
            }
        }
        rib::sort(&mut learned, speakers.topology);
        learned
    }

    /// Lets the speakers speak one after the other, by their names. Two that change their minds about each
    /// other at the same time, for ever, find one of the states in which both are content.
    fn one_by_one(&mut self, prefix: Ipv4Net) -> bool {
        let topology = self.speakers.topology;
        if self.by_name.is_empty() {
            self.by_name = (0..topology.nodes.len()).map(NodeId).collect();
            self.by_name.sort_by_key(|node| &topology.node(*node).name);
        }
        let order = self.by_name.clone();
        (0..self.rounds).any(|_| {
            let mut heard = 0;
            for node in &order {
                heard += self.speak(*node, prefix);
            }
            heard == 0
        })
    }

    /// Lets one speaker speak. Returns how many heard something new.
    fn speak(&mut self, node: NodeId, prefix: Ipv4Net) -> usize {
        let listeners = self.tell(&[node], prefix);
        for listener in &listeners {
            self.ribs[listener.0] = self.decide(*listener, prefix);
        }
        listeners.len()
    }

    /// A node that decides otherwise in the next round.
    fn still_changing(&mut self, prefix: Ipv4Net) -> Option<NodeId> {
        let all = self.reached.clone();
        let heard = self.tell(&all, prefix);
        heard
            .into_iter()
            .find(|node| self.decide(*node, prefix) != self.ribs[node.0])
    }

    /// Takes what was found, and leaves nothing behind.
    fn take(&mut self, prefix: Ipv4Net) -> Found {
        let mut told = Vec::with_capacity(self.heard.len());
        self.heard.sort_unstable();
        self.heard.dedup();
        for (id, listener) in self.heard.drain(..) {
            let advertisement = self.told[id.0][listener].take();
            told.extend(advertisement.map(|advertisement| ((id, listener), advertisement)));
        }
        let mut reached = mem::take(&mut self.reached);
        reached.sort_unstable();
        let mut learned = Vec::with_capacity(reached.len());
        for node in &reached {
            self.is_reached[node.0] = false;
            self.originated[node.0].clear();
            let rib = &mut self.ribs[node.0];
            if !rib.is_empty() {
                learned.push((*node, rib.drain(..).collect()));
            }
        }
        Found {
            prefix,
            propagation: Propagation { told, reached },
            learned,
        }
    }
}
