//! Proves a lab's expectations, without failures and step by step, and judges the observations.

use crate::cli::verify::progress::Progress;
use crate::engine::{self, EngineError, Gate, InForce, Told, Up};
use crate::report::storyboard::StepOutages;
use crate::report::verification::{Checked, STEADY};
use crate::report::why;
use crate::routing::{self, Failures, Tables};
use crate::topology::{Expectation, LinkId, NodeId, Step, Topology};
use crate::verify::why::{Network, explain};
use crate::verify::{Disturbances, Judgement, Observation, ProbeCount, Setting, Verdict};

/// The results of the proof.
pub(super) struct Proved<'a> {
    pub(super) results: Vec<Checked<'a>>,
    pub(super) probes: ProbeCount,
    pub(super) outages: Vec<StepOutages>,
}

/// Proves all expectations of a lab; those of storyboards only if requested.
pub(super) fn prove<'a>(
    up: &'a Up,
    is_steady_only: bool,
    gate: &Gate,
    progress: &mut Progress,
) -> Result<Proved<'a>, EngineError> {
    let mut proved = steady(up, progress)?;
    if !is_steady_only {
        storyboards(up, &mut proved, gate, progress)?;
    }
    Ok(proved)
}

/// A lab in some state.
struct State<'a> {
    storyboard: Option<String>,
    name: String,
    topology: &'a Topology,
    tables: &'a Tables,
    failures: &'a Failures,
    /// The routes without failures.
    whole: &'a Tables,
    disturbances: &'a Disturbances,
}

/// Every expectation, in the lab's present state.
fn steady<'a>(up: &'a Up, progress: &mut Progress) -> Result<Proved<'a>, EngineError> {
    let topology = &up.lab.topology;
    let InForce {
        tables,
        failures,
        disturbances,
    } = engine::in_force(up)?;
    let state = State {
        storyboard: None,
        name: STEADY.to_owned(),
        topology,
        tables: &tables,
        failures: &failures,
        whole: &up.lab.tables,
        disturbances: &disturbances,
    };
    let expectations = &topology.expectations;
    progress.state(STEADY, expectations.len());
    let mut watch = |event: engine::Progress<'_>| progress.hear(event);
    let (observations, probes) = engine::observations(up, &tables, expectations, &mut watch)?;
    let seen = expectations.iter().zip(observations);
    Ok(Proved {
        results: seen.map(|(it, seen)| state.checked(it, seen)).collect(),
        probes,
        outages: Vec::new(),
    })
}

/// Every step of every storyboard, with its outage.
fn storyboards<'a>(
    up: &'a Up,
    proved: &mut Proved<'a>,
    gate: &Gate,
    progress: &mut Progress,
) -> Result<(), EngineError> {
    let broken = engine::broken(up);
    if !broken.is_empty() {
        proved.results.extend(untold(up, &broken));
        return Ok(());
    }
    // A step's failures are intended; there are no others when it starts.
    let impaired = Disturbances {
        impaired: engine::in_force(up)?.disturbances.impaired,
        ..Disturbances::default()
    };
    let mut watch = |event: engine::Progress<'_>| progress.hear(event);
    for storyboard in &up.lab.topology.storyboards {
        for told in engine::tell(up, storyboard, gate, &mut watch)? {
            proved.outages.push(cost(up, &told));
            proved.probes += told.probes;
            proved.results.extend(judged(up, &impaired, told));
        }
    }
    Ok(())
}

/// The steps' expectations, all skipped, if the lab has failures before the start.
fn untold<'a>(up: &'a Up, broken: &[String]) -> Vec<Checked<'a>> {
    let why = format!(
        "a storyboard begins with a whole lab, but {} failed already: `lab heal --all`",
        broken.join(" and ")
    );
    let mut results = Vec::new();
    for storyboard in &up.lab.topology.storyboards {
        for step in &storyboard.steps {
            let skipped = step.expectations.iter().map(|expectation| Checked {
                storyboard: Some(storyboard.name.to_string()),
                state: step.name.to_string(),
                expectation,
                judgement: Judgement::skipped(why.clone()),
                observation: Observation::default(),
                equal_cost: Vec::new(),
                why: None,
            });
            results.extend(skipped);
        }
    }
    results
}

fn judged<'a>(up: &Up, disturbances: &Disturbances, told: Told<'a>) -> Vec<Checked<'a>> {
    let state = State {
        storyboard: Some(told.storyboard.name.to_string()),
        name: told.step.name.to_string(),
        topology: &up.lab.topology,
        tables: &told.tables,
        failures: &told.failures,
        whole: &told.tables,
        disturbances,
    };
    let seen = told.step.expectations.iter().zip(told.observations);
    seen.map(|(it, seen)| state.checked(it, seen)).collect()
}

impl State<'_> {
    fn checked<'a>(&self, expectation: &'a Expectation, observation: Observation) -> Checked<'a> {
        let setting = Setting {
            topology: self.topology,
            tables: self.tables,
            whole: self.whole,
            disturbances: self.disturbances,
        };
        let judgement = setting.judge(expectation, &observation);
        let has_failed = judgement.verdict == Verdict::Fail;
        Checked {
            storyboard: self.storyboard.clone(),
            state: self.name.clone(),
            expectation,
            equal_cost: self.equal_cost(expectation),
            why: has_failed.then(|| self.why(expectation)).flatten(),
            judgement,
            observation,
        }
    }

    fn why(&self, expectation: &Expectation) -> Option<why::Why> {
        let Self {
            topology,
            tables,
            failures,
            disturbances,
            ..
        } = *self;
        let network = Network {
            topology,
            tables,
            failures,
            disturbances,
        };
        let destination = topology.node(expectation.to).address?;
        let why = explain(network, expectation.from, destination);
        Some(why::report(topology, expectation.from, &why))
    }

    fn equal_cost(&self, expectation: &Expectation) -> Vec<String> {
        let Expectation { from, to, .. } = *expectation;
        let name = |node: NodeId| self.topology.node(node).name.to_string();
        let nodes = self.topology.node(to).address.map(|destination| {
            routing::equal_cost_nodes(self.topology, self.tables, from, destination)
        });
        nodes.into_iter().flatten().map(name).collect()
    }
}

fn cost(up: &Up, told: &Told<'_>) -> StepOutages {
    let names = |links: &[LinkId]| {
        let names = links.iter().map(|link| &up.lab.topology.link(*link).name);
        names.cloned().collect()
    };
    let Step {
        fault,
        blackhole,
        heal,
        ..
    } = told.step;
    StepOutages {
        storyboard: told.storyboard.name.to_string(),
        step: told.step.name.to_string(),
        fault: names(fault),
        blackhole: names(blackhole),
        heal: names(heal),
        paths: told.outages.clone(),
    }
}
