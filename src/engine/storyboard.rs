//! Storyboards: failures on a running lab, with proofs and measurements during them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{io, thread};

use crate::control::LinkAction;
use crate::engine::progress::{Progress, Watch};
use crate::engine::prove::{base_id, initial_ttl, observations, socket_in};
use crate::engine::{EngineError, Up, client, fault, state};
use crate::network::{Disturbances, State};
use crate::probe::socket::{self, RawIcmp};
use crate::probe::train::{Line, Ping, Train};
use crate::topology::{NodeId, Parts, Step, Storyboard};
use crate::verify::{self, Observation, PathOutage, ProbeCount, Sent, outage};

/// Time between two pings of a train along a path, which measures outages. It is longer if there are so many paths that
/// all trains together would exceed a lab's probe rate.
const PING_INTERVAL: Duration = Duration::from_millis(10);

/// How long a train runs before a step acts, and after the network has converged.
const BEFORE_AND_AFTER: Duration = Duration::from_millis(200);

/// The shortest time between two queries for convergence, in seconds.
const SOON: f64 = 0.001;

/// The identifiers of trains, distinct from those of simultaneous probes.
const TRAIN_IDS: u16 = 0x4000;

/// The result of a step.
#[derive(Debug, Clone)]
pub struct StepResult<'a> {
    /// The storyboard.
    pub storyboard: &'a Storyboard,
    /// The step.
    pub step: &'a Step,
    /// The lab after the step. The step's own failures are intended, and do not count as disturbances.
    pub state: State<'a>,
    /// The observations of the probes, one for each expectation of the step.
    pub observations: Vec<Observation>,
    /// The number of probes.
    pub probes: ProbeCount,
    /// Pings lost meanwhile, on every path that the step expects to be open.
    pub outages: Vec<PathOutage>,
}

/// Every change that a storyboard makes to a lab passes this gate, until another thread closes it.
#[derive(Debug, Default)]
pub struct Gate(Mutex<Passage>);

#[derive(Debug, Default)]
struct Passage {
    is_closed: bool,
    is_broken: bool,
}

impl Gate {
    /// Closes the gate: later changes wait forever. Returns whether earlier ones have left failures.
    pub fn close(&self) -> bool {
        let mut passage = self.lock();
        passage.is_closed = true;
        passage.is_broken
    }

    /// Makes a change; `is_broken` says whether the lab has failures after it.
    fn pass<T>(&self, is_broken: bool, change: impl FnOnce() -> T) -> T {
        let mut passage = self.lock();
        if passage.is_closed {
            drop(passage);
            loop {
                thread::park();
            }
        }
        passage.is_broken |= is_broken;
        let changed = change();
        passage.is_broken = is_broken;
        changed
    }

    fn lock(&self) -> MutexGuard<'_, Passage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The failed links and BGP sessions of a lab. With any, no storyboard can start.
#[must_use]
pub fn broken(up: &Up) -> Vec<String> {
    client::ask(&up.folder).map_or_else(Vec::new, |supervisor| {
        let faults = supervisor.faults;
        let links = faults.down.into_iter().chain(faults.blackholed);
        links.chain(faults.shut).collect()
    })
}

/// Runs a storyboard step by step, and passes each result to `watch`. The lab is healed at the end, even after an
/// error.
///
/// # Errors
///
/// [`EngineError`]; a path that differs from its expectation is no error.
pub fn tell<'a>(
    up: &'a Up,
    storyboard: &'a Storyboard,
    gate: &Gate,
    watch: Watch<'_>,
) -> Result<Vec<StepResult<'a>>, EngineError> {
    let told: Result<Vec<StepResult<'a>>, EngineError> = storyboard
        .steps
        .iter()
        .map(|step| tell_step(up, (storyboard, step), gate, watch))
        .collect();
    let healed = gate.pass(false, || fault::heal_all(up));
    let told = told?;
    healed?;
    Ok(told)
}

fn tell_step<'a>(
    up: &'a Up,
    (storyboard, step): (&'a Storyboard, &'a Step),
    gate: &Gate,
    watch: Watch<'_>,
) -> Result<StepResult<'a>, EngineError> {
    watch(Progress::Step(storyboard, step));
    let pairs = open_paths(step);
    let train = depart(up, &pairs)?;
    pause(BEFORE_AND_AFTER);
    let began = train.elapsed();
    gate.pass(true, || act(up, step))?;
    settle(up, step, watch)?;
    pause(BEFORE_AND_AFTER);
    let pings = train.arrive()?;
    let outages = pairs
        .into_iter()
        .zip(pings)
        .map(|((from, to), pings)| PathOutage {
            from,
            to,
            outage: outage(&sent(&pings), began),
        })
        .collect();
    let state = undisturbed(state(up)?);
    let (observations, probes) = observations(up, &state, &step.expectations, watch)?;
    Ok(StepResult {
        storyboard,
        step,
        state,
        observations,
        probes,
        outages,
    })
}

/// A state in which only impairments count as disturbances.
fn undisturbed(state: State<'_>) -> State<'_> {
    State {
        disturbances: Disturbances {
            impaired: state.disturbances.impaired,
            ..Disturbances::default()
        },
        ..state
    }
}

/// The pairs of a step whose destination must answer.
fn open_paths(step: &Step) -> Vec<(NodeId, NodeId)> {
    let expected = step.expectations.iter();
    expected
        .filter(|expectation| expectation.is_reached())
        .map(|expectation| (expectation.from, expectation.to))
        .collect()
}

fn depart(up: &Up, pairs: &[(NodeId, NodeId)]) -> Result<Train, EngineError> {
    socket::allow_descriptors(pairs.len());
    let mut place: BTreeMap<NodeId, usize> = BTreeMap::new();
    let mut sources: Vec<RawIcmp> = Vec::new();
    let mut lines = Vec::new();
    for (from, to) in pairs {
        let source = if let Some(source) = place.get(from) {
            *source
        } else {
            sources.push(socket_in(up, *from)?);
            place.insert(*from, sources.len() - 1);
            sources.len() - 1
        };
        let to = up.lab.topology.node(*to);
        let destination = to.address.ok_or_else(|| EngineError::NoAddress {
            name: to.name.to_string(),
        })?;
        lines.push(Line {
            source,
            destination: destination.expect_ipv4(),
            ttl: initial_ttl(up, *from),
        });
    }
    let base_id = base_id().wrapping_add(TRAIN_IDS);
    let line_count = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    let interval = PING_INTERVAL.max(verify::pace(&up.lab.topology).gap * line_count);
    Ok(Train::depart(sources, lines, interval, base_id)?)
}

fn act(up: &Up, step: &Step) -> Result<(), EngineError> {
    let blackhole = Parts {
        links: step.blackhole.iter().copied().collect(),
        ..Parts::default()
    };
    let actions = [
        (&step.fault, LinkAction::Down),
        (&blackhole, LinkAction::Blackhole),
        (&step.heal, LinkAction::Healed),
    ];
    for (parts, action) in actions.into_iter().filter(|(parts, _)| !parts.is_empty()) {
        fault::act_on_parts(up, &up.lab.topology.names_of(parts), action)?;
    }
    Ok(())
}

/// Waits for the step's `wait` or, without one, until every session has detected the failure.
fn settle(up: &Up, step: &Step, watch: Watch<'_>) -> Result<(), EngineError> {
    if !step.wait.is_zero() {
        watch(Progress::Waiting(step.wait));
        pause(step.wait);
        return Ok(());
    }
    loop {
        let status = client::ask(&up.folder).ok_or_else(|| EngineError::NoSupervisor {
            lab: up.folder.lab().to_string(),
            source: io::ErrorKind::ConnectionRefused.into(),
        })?;
        let Some(later) = status.faults.later_ms else {
            return Ok(());
        };
        let later = Duration::from_secs_f64((later / 1e3).max(SOON));
        watch(Progress::Waiting(later));
        pause(later);
    }
}

fn sent(pings: &[Ping]) -> Vec<Sent> {
    let sent = |ping: &Ping| Sent {
        at: ping.sent,
        answered: ping.answered,
    };
    pings.iter().map(sent).collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a storyboard lets time pass: that is what it is about"
)]
fn pause(time: Duration) {
    thread::sleep(time);
}
