//! Solves and runs labs: all at the same time, so that one wait is enough for many.
#![expect(
    clippy::disallowed_methods,
    reason = "this waits for what other programs do"
)]

use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;
use std::ops::AddAssign;
use std::thread;
use std::time::Duration;

use netns_lab::routing::{Failures, Tables};
use netns_lab::topology::{SessionKind, Topology};

use crate::bird::Birds;
use crate::configuration::FIRST;
use crate::running::Running;

/// Time between two reads of all tables.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// A lab with the solver's tables.
#[derive(Debug)]
pub(crate) struct Lab {
    /// The name of the lab in failure reports, from which it can be recreated.
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) topology: Topology,
    pub(crate) failures: Failures,
    pub(crate) tables: Tables,
}

/// The number of compared objects.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) labs: usize,
    pub(crate) speakers: usize,
    pub(crate) sessions: BTreeMap<&'static str, usize>,
    pub(crate) routes: usize,
    /// Labs, by title, that BIRD had to be led to the solver's tables in, and that stayed there.
    pub(crate) ambiguous: Vec<String>,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: usize = self.sessions.values().sum();
        let kinds = self.sessions.iter();
        let kinds: Vec<String> = kinds
            .map(|(kind, count)| format!("{count} {kind}"))
            .collect();
        write!(
            f,
            "{} labs, {} speakers, {all} sessions ({}), {} routes",
            self.labs,
            self.speakers,
            kinds.join(", "),
            self.routes
        )?;
        for title in &self.ambiguous {
            write!(f, "\n  more than one outcome is stable: {title}")?;
        }
        Ok(())
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.labs += other.labs;
        self.speakers += other.speakers;
        self.routes += other.routes;
        self.ambiguous.extend(other.ambiguous);
        for (kind, count) in other.sessions {
            *self.sessions.entry(kind).or_default() += count;
        }
    }
}

impl Counts {
    fn count(&mut self, running: &Running<'_>) {
        self.labs += 1;
        self.speakers += running.speakers.len();
        self.routes += running.solved.len();
        if running.was_led() {
            self.ambiguous.push(running.lab.title.clone());
        }
        for session in &running.sessions {
            let kind = name_of(running.lab.topology.session(*session).kind);
            *self.sessions.entry(kind).or_default() += 1;
        }
    }
}

/// The name of a kind of session.
pub(crate) const fn name_of(kind: SessionKind) -> &'static str {
    match kind {
        SessionKind::Tunnel => "Tunnel",
        SessionKind::StaticTunnel => "StaticTunnel",
        SessionKind::PrivatePeering => "PrivatePeering",
        SessionKind::GatewayConnection { .. } => "GatewayConnection",
        SessionKind::GlobalReach => "GlobalReach",
        SessionKind::Instances => "Instances",
        SessionKind::Coexistence => "Coexistence",
        SessionKind::Wan => "Wan",
        SessionKind::Site => "Site",
    }
}

/// Runs the labs and compares BIRD's tables with the solver's. Returns what was compared and, for each lab that
/// differs, the details for debugging.
pub(crate) fn compare(labs: &[Lab]) -> (Counts, Vec<String>) {
    let mut counts = Counts::default();
    let mut disagreements = Vec::new();
    let mut running = configure_all(labs);
    if running.is_empty() {
        return (counts, disagreements);
    }
    let birds = Birds::start(running.iter().flat_map(Running::files));
    while !running.is_empty() {
        running.retain_mut(|lab| {
            match lab.look(&birds) {
                None => return true,
                Some(Ok(())) => counts.count(lab),
                Some(Err(why)) => disagreements.push(lab.report(&why)),
            }
            false
        });
        thread::sleep(LOOK_AGAIN);
    }
    (counts, disagreements)
}

fn configure_all(labs: &[Lab]) -> Vec<Running<'_>> {
    let mut free = FIRST.to_bits();
    let numbered = labs.iter().enumerate();
    let running = numbered.map(|(number, lab)| {
        let running = Running::new(number, lab, Ipv4Addr::from_bits(free));
        free += 2 * u32::try_from(running.sessions.len()).expect("a lab has few sessions");
        running
    });
    running.collect()
}
