//! A lab with running speakers, from their start until the comparison with the solver's tables is decided.
//!
//! If speakers prefer each other's routes to their own, more than one outcome is stable (RFC 4264), and the outcome
//! depends on timing; the solver has one of them. To test that it is stable, speakers with another outcome are led: for
//! a while each accepts of every prefix only the solver's best path, so no other outcome is possible. Released again,
//! they stay there if it is stable.
#![expect(
    clippy::disallowed_methods,
    reason = "this waits for what other programs do"
)]

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use netns_lab::topology::SessionId;

use crate::bird::Birds;
use crate::configuration::{Configured, configure, led};
use crate::contest::Lab;
use crate::table::{Held, differences, printed, solved};

/// How long tables must be unchanged to count as settled. Advertisements take milliseconds between speakers, without
/// delays (BIRD makes no pauses between them).
const QUIET: Duration = Duration::from_millis(600);

/// How long tables that differ from the solver's must be unchanged to count as BIRD's final result.
const LAST_WORD: Duration = Duration::from_millis(1500);

/// How long a lab may take to come up, or to settle: far longer than needed on a busy machine.
const PATIENCE: Duration = Duration::from_secs(40);

/// A lab with running speakers.
pub(crate) struct Running<'a> {
    pub(crate) lab: &'a Lab,
    /// Its position in the list of labs, which is part of its BIRDs' names.
    number: usize,
    pub(crate) speakers: Vec<Configured>,
    pub(crate) sessions: Vec<SessionId>,
    pub(crate) solved: Held,
    /// BIRD's last tables, and since when they are unchanged.
    printed: Held,
    since: Instant,
    stage: Stage,
    stage_began: Instant,
}

/// The stage of a lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Some of its sessions are down.
    Starting,
    /// Every speaker follows its own policies.
    Free,
    /// Every speaker accepts only the solver's best paths.
    Led,
    /// Its own policies again, after that.
    Released,
}

/// The result for a lab: agreement, or the differences.
pub(crate) type Verdict = Result<(), String>;

impl<'a> Running<'a> {
    /// A lab before its start. Its session addresses begin at `first`.
    pub(crate) fn new(number: usize, lab: &'a Lab, first: Ipv4Addr) -> Self {
        let (speakers, sessions) = configure(lab, first);
        Self {
            solved: solved(&lab.topology, &lab.tables, &speakers),
            lab,
            number,
            speakers,
            sessions,
            printed: Held::new(),
            since: Instant::now(),
            stage: Stage::Starting,
            stage_began: Instant::now(),
        }
    }

    /// The names and configurations of its BIRDs.
    pub(crate) fn files(&self) -> impl Iterator<Item = (String, String)> {
        let speakers = self.speakers.iter().enumerate();
        speakers.map(|(index, speaker)| (self.called(index), speaker.text.clone()))
    }

    /// Whether its speakers needed to be led to the solver's tables.
    pub(crate) fn was_led(&self) -> bool {
        self.stage == Stage::Released
    }

    fn called(&self, speaker: usize) -> String {
        format!("{}-{speaker}", self.number)
    }

    fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.stage_began = Instant::now();
        self.since = Instant::now();
    }

    /// Checks the sessions until they are up, and the tables after that.
    pub(crate) fn look(&mut self, birds: &Birds) -> Option<Verdict> {
        let is_late = self.stage_began.elapsed() > PATIENCE;
        if self.stage == Stage::Starting {
            if self.is_up(birds) {
                self.enter(Stage::Free);
            }
            return is_late.then(|| Err("its sessions stay down".to_owned()));
        }
        self.read(birds);
        let is_same = self.printed == self.solved;
        let quiet = self.since.elapsed();
        match self.stage {
            Stage::Led if quiet > QUIET || is_late => self.release(birds),
            Stage::Free | Stage::Released if is_same && quiet > QUIET => return Some(Ok(())),
            Stage::Free if !is_same && quiet > LAST_WORD || is_late => self.lead(birds),
            Stage::Released if !is_same && quiet > LAST_WORD || is_late => {
                let lines = differences(&self.solved, &self.printed);
                return Some(Err(lines.join("\n")));
            }
            _ => {}
        }
        None
    }

    fn is_up(&self, birds: &Birds) -> bool {
        let mut speakers = self.speakers.iter().enumerate();
        speakers.all(|(index, configured)| {
            let answer = birds.ask(&self.called(index), "show protocols");
            answer.matches("Established").count() == configured.speaker.ends.len()
        })
    }

    fn read(&mut self, birds: &Birds) {
        let speakers = self.speakers.iter().enumerate();
        let now: Held = speakers
            .flat_map(|(index, configured)| {
                let answer = birds.ask(&self.called(index), "show route table master4 all");
                printed(&self.lab.topology, configured, &answer)
            })
            .collect();
        if now != self.printed {
            self.printed = now;
            self.since = Instant::now();
        }
    }

    fn lead(&mut self, birds: &Birds) {
        for (index, configured) in self.speakers.iter().enumerate() {
            let text = led(&self.lab.topology, configured, &self.solved);
            birds.configure(&self.called(index), &text);
        }
        self.enter(Stage::Led);
    }

    fn release(&mut self, birds: &Birds) {
        for (index, configured) in self.speakers.iter().enumerate() {
            birds.configure(&self.called(index), &configured.text);
        }
        self.enter(Stage::Released);
    }

    /// A result with everything needed to recreate the lab.
    pub(crate) fn report(&self, why: &str) -> String {
        let Lab { title, text, .. } = self.lab;
        format!("--- {title}\n{text}\n{why}\n")
    }
}
