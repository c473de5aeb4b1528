//! The propagation of one prefix from its sources.

use std::mem;
use std::sync::Arc;

use crate::addresses::Prefix;
use crate::routing::bgp::advertisement::Advertisement;
use crate::routing::bgp::rib::{self, Learned};
use crate::routing::bgp::{Originated, Speakers, passing};
use crate::routing::index::Number;
use crate::topology::SessionId;

/// Which end of which session.
type End = (SessionId, usize);

/// How the advertisements of a prefix propagated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Propagation {
    /// What the ends of sessions received, in order.
    received: Vec<(End, Advertisement)>,
    /// Every speaker that had or received the prefix at any time, in order. Sessions of other speakers had no effect.
    pub(super) reached: Vec<Number>,
}

impl Propagation {
    /// What an end of a session received.
    pub(super) fn received(&self, session: SessionId, listener: usize) -> Option<&Advertisement> {
        let place = self
            .received
            .binary_search_by_key(&(session, listener), |(end, _)| *end)
            .ok()?;
        Some(&self.received[place].1)
    }
}

/// The outcome for a prefix: how it propagated, and what each speaker learned in the end.
pub(super) struct Found {
    pub(super) prefix: Prefix,
    pub(super) propagation: Propagation,
    pub(super) learned: Vec<(Number, Arc<[Learned]>)>,
}

/// Propagates prefixes, one after the other. Its state is empty between two of them.
pub(super) struct Trace<'a> {
    speakers: Speakers<'a>,
    rounds: usize,
    /// By session: what its ends received.
    received: Vec<[Option<Advertisement>; 2]>,
    /// By speaker: what it learned.
    ribs: Vec<Vec<Learned>>,
    /// By speaker: what it originates.
    originated: Vec<Vec<Originated>>,
    /// By speaker: whether it had or received the prefix at any time.
    is_reached: Vec<bool>,
    reached: Vec<Number>,
    receivers: Vec<End>,
    /// Whether some prefix did not converge.
    is_not_converged: bool,
    /// The first speaker that keeps changing, with its prefix, if one can be named.
    changing: Option<(Number, Prefix)>,
    /// All speakers by name, computed on first use.
    by_name: Vec<Number>,
}

impl<'a> Trace<'a> {
    pub(super) fn new(speakers: Speakers<'a>, rounds: usize) -> Self {
        let count = speakers.index.numbered.len();
        Self {
            speakers,
            rounds,
            received: vec![[None, None]; speakers.topology.sessions.len()],
            ribs: vec![Vec::new(); count],
            originated: vec![Vec::new(); count],
            is_reached: vec![false; count],
            reached: Vec::new(),
            receivers: Vec::new(),
            is_not_converged: false,
            changing: None,
            by_name: Vec::new(),
        }
    }

    /// If some prefix did not converge: a speaker that keeps changing its best path, if one can be named, and the prefix.
    pub(super) fn not_converged(&self) -> Option<(Option<Number>, Prefix)> {
        let found = self
            .changing
            .map(|(speaker, prefix)| (Some(speaker), prefix));
        self.is_not_converged
            .then(|| found.unwrap_or((None, Prefix::ALL_IPV4)))
    }

    /// Propagates the prefix that all of these sources originate.
    pub(super) fn propagate(&mut self, sources: &[(Number, Originated)]) -> Found {
        let prefix = sources[0].1.prefix;
        for (speaker, own) in sources {
            self.originated[speaker.0].push(*own);
            self.reach(*speaker);
        }
        let mut changed = self.reached.clone();
        let mut converged = false;
        for _ in 0..self.rounds {
            changed = self.advertise(&changed, prefix);
            converged = changed.is_empty();
            if converged {
                break;
            }
            for speaker in &changed {
                self.ribs[speaker.0] = self.decide(*speaker, prefix);
            }
        }
        if !converged && !self.one_by_one(prefix) {
            let changing = self.still_changing(prefix).map(|speaker| (speaker, prefix));
            self.changing = self.changing.into_iter().chain(changing).min();
            self.is_not_converged = true;
        }
        self.take(prefix)
    }

    fn reach(&mut self, speaker: Number) {
        if !mem::replace(&mut self.is_reached[speaker.0], true) {
            self.reached.push(speaker);
        }
    }

    /// Lets the changed speakers advertise to their neighbors. Returns the neighbors that received a change, in order.
    fn advertise(&mut self, changed: &[Number], prefix: Prefix) -> Vec<Number> {
        let speakers = self.speakers;
        let mut listeners = Vec::new();
        for speaker in changed {
            let sessions = speakers.index.sessions[speaker.0].iter();
            let live = sessions.filter(|(id, _)| speakers.live[id.0]);
            listeners.extend(live.filter_map(|end| self.advertise_one(*speaker, *end, prefix)));
        }
        listeners.sort_unstable();
        listeners.dedup();
        for speaker in &listeners {
            self.reach(*speaker);
        }
        listeners
    }

    /// Lets a speaker advertise to one neighbor. Returns the neighbor if it received a change.
    fn advertise_one(&mut self, speaker: Number, (id, end): End, prefix: Prefix) -> Option<Number> {
        let (originated, rib) = (&self.originated[speaker.0], &self.ribs[speaker.0]);
        let advertisement = self.speakers.advertised((id, end), prefix, originated, rib);
        let listener = 1 - end;
        let received = &mut self.received[id.0][listener];
        if *received == advertisement {
            return None;
        }
        if received.is_none() {
            self.receivers.push((id, listener));
        }
        *received = advertisement;
        Some(self.speakers.index.ends[id.0][listener])
    }

    /// The paths that a speaker accepts among those that it received, best first.
    fn decide(&self, speaker: Number, prefix: Prefix) -> Vec<Learned> {
        let speakers = self.speakers;
        let context = speakers.context();
        let originates = self.originated[speaker.0]
            .iter()
            .any(|own| own.behind.is_none());
        let mut learned = Vec::new();
        for (id, end) in &speakers.index.sessions[speaker.0] {
            if let Some(advertisement) = &self.received[id.0][*end]
                && let Ok(set) =
                    passing::accepted(context, (*id, *end), (prefix, advertisement), || originates)
            {
                learned.push(advertisement.learned(speakers.topology, (*id, *end), set));
            }
        }
        if speakers
            .index
            .speaker(speakers.index.numbered[speaker.0].node)
            .uses_med()
        {
            rib::compare_meds(&mut learned);
        }
        rib::sort(&mut learned, speakers.topology);
        learned
    }

    /// Lets the speakers advertise one after the other, sorted by name. Two speakers that would keep changing because
    /// of each other when both advertise at once then reach one of the stable states.
    fn one_by_one(&mut self, prefix: Prefix) -> bool {
        let Speakers {
            topology, index, ..
        } = self.speakers;
        if self.by_name.is_empty() {
            self.by_name = (0..index.numbered.len()).map(Number).collect();
            let name = |number: &Number| topology.speaker_name(index.numbered[number.0]);
            self.by_name.sort_by_key(name);
        }
        let order = self.by_name.clone();
        (0..self.rounds).any(|_| {
            let mut receivers = 0;
            for speaker in &order {
                receivers += self.advertise_alone(*speaker, prefix);
            }
            receivers == 0
        })
    }

    /// Lets one speaker advertise. Returns how many neighbors received a change.
    fn advertise_alone(&mut self, speaker: Number, prefix: Prefix) -> usize {
        let listeners = self.advertise(&[speaker], prefix);
        for listener in &listeners {
            self.ribs[listener.0] = self.decide(*listener, prefix);
        }
        listeners.len()
    }

    /// A speaker whose best path changes in the next round.
    fn still_changing(&mut self, prefix: Prefix) -> Option<Number> {
        let all = self.reached.clone();
        let receivers = self.advertise(&all, prefix);
        receivers
            .into_iter()
            .find(|speaker| self.decide(*speaker, prefix) != self.ribs[speaker.0])
    }

    /// Takes the outcome out and empties the state.
    fn take(&mut self, prefix: Prefix) -> Found {
        let mut received = Vec::with_capacity(self.receivers.len());
        self.receivers.sort_unstable();
        self.receivers.dedup();
        for (id, listener) in self.receivers.drain(..) {
            let advertisement = self.received[id.0][listener].take();
            received.extend(advertisement.map(|advertisement| ((id, listener), advertisement)));
        }
        let mut reached = mem::take(&mut self.reached);
        reached.sort_unstable();
        let mut learned = Vec::with_capacity(reached.len());
        for speaker in &reached {
            self.is_reached[speaker.0] = false;
            self.originated[speaker.0].clear();
            let rib = &mut self.ribs[speaker.0];
            if !rib.is_empty() {
                learned.push((*speaker, rib.drain(..).collect()));
            }
        }
        Found {
            prefix,
            propagation: Propagation { received, reached },
            learned,
        }
    }
}
