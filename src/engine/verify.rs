//! Proves a lab's expectations, without failures and in each storyboard step, and judges the observations.

use std::collections::BTreeSet;

use crate::engine::matrix;
use crate::engine::progress::{Progress, Watch};
use crate::engine::prove::observations;
use crate::engine::{EngineError, Gate, StepResult, Up, broken, state, tell};
use crate::network::State;
use crate::report::storyboard::StepOutages;
use crate::report::verification::{Checked, OtherPath, STEADY};
use crate::report::why;
use crate::routing::{self, Tables};
use crate::topology::{Expectation, LinkId, NodeId, Step};
use crate::verify::why::explain;
use crate::verify::{InForce, Judgement, Observation, ProbeCount, Setting, Verdict};

/// The results of the proof.
#[derive(Debug, Clone)]
pub struct Verified<'a> {
    /// What was in force on top of the lab file before the first probe.
    pub in_force: Vec<InForce>,
    /// One entry per expectation.
    pub results: Vec<Checked<'a>>,
    /// How many probes it took.
    pub probes: ProbeCount,
    /// The outages of each storyboard step, in order.
    pub outages: Vec<StepOutages>,
    /// The paths of all pairs of which the lab file expects nothing; `None` if they were not probed.
    pub others: Option<Vec<OtherPath>>,
}

/// What a proof includes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// Whether the storyboards are run.
    pub storyboards: bool,
    /// Whether the pairs of which the lab file expects nothing are probed too.
    pub other_pairs: bool,
}

/// Proves all expectations of a lab in a scope. The lab is changed only through the gate.
///
/// # Errors
///
/// [`EngineError`]; a path that differs from its expectation is no error.
pub fn verify<'a>(
    up: &'a Up,
    scope: Scope,
    gate: &Gate,
    watch: Watch<'_>,
) -> Result<Verified<'a>, EngineError> {
    let mut verified = steady(up, watch)?;
    if scope.other_pairs {
        let (others, probes) = others(up, watch)?;
        verified.others = Some(others);
        verified.probes += probes;
    }
    if scope.storyboards {
        storyboards(up, &mut verified, gate, watch)?;
    }
    Ok(verified)
}

/// The results of one state.
struct Proof<'a> {
    storyboard: Option<String>,
    name: String,
    state: &'a State<'a>,
    /// The routes without failures.
    whole: &'a Tables,
}

/// Every expectation, in the lab's present state.
fn steady<'a>(up: &'a Up, watch: Watch<'_>) -> Result<Verified<'a>, EngineError> {
    let state = state(up)?;
    let proof = Proof {
        storyboard: None,
        name: STEADY.to_owned(),
        state: &state,
        whole: &up.lab.tables,
    };
    let expectations = &up.lab.topology.expectations;
    watch(Progress::Steady(expectations.len()));
    let (observations, probes) = observations(up, &state, expectations, watch)?;
    let seen = expectations.iter().zip(observations);
    Ok(Verified {
        in_force: InForce::of(&state.topology, &state.disturbances),
        results: seen.map(|(it, seen)| proof.checked(it, seen)).collect(),
        probes,
        outages: Vec::new(),
        others: None,
    })
}

/// Every pair of which the lab file expects nothing, in the lab's present state.
fn others(up: &Up, watch: Watch<'_>) -> Result<(Vec<OtherPath>, ProbeCount), EngineError> {
    let state = state(up)?;
    let expectations = up.lab.topology.expectations.iter();
    let expected: BTreeSet<(NodeId, NodeId)> = expectations.map(|it| (it.from, it.to)).collect();
    let mut pairs = matrix::all_pairs(&state.topology);
    pairs.retain(|pair| !expected.contains(pair));
    let predicted = matrix::to_be_probed(&state, &pairs);
    if predicted.is_empty() {
        return Ok((Vec::new(), ProbeCount::default()));
    }
    watch(Progress::Others(predicted.len()));
    let (observations, probes) = observations(up, &state, &predicted, watch)?;
    let seen = predicted.iter().zip(observations);
    let others = seen.map(|(predicted, observation)| OtherPath {
        from: predicted.from,
        to: predicted.to,
        observation,
        equal_cost: equal_cost(&state, predicted),
    });
    Ok((others.collect(), probes))
}

/// Every step of every storyboard, with its outage.
fn storyboards<'a>(
    up: &'a Up,
    verified: &mut Verified<'a>,
    gate: &Gate,
    watch: Watch<'_>,
) -> Result<(), EngineError> {
    let broken = broken(up);
    if !broken.is_empty() {
        verified.results.extend(untold(up, &broken));
        return Ok(());
    }
    for storyboard in &up.lab.topology.storyboards {
        for step in tell(up, storyboard, gate, watch)? {
            verified.outages.push(cost(up, &step));
            verified.probes += step.probes;
            verified.results.extend(judged(step));
        }
    }
    Ok(())
}

/// The steps' expectations, all skipped, if the lab has failures before the start.
fn untold<'a>(up: &'a Up, broken: &[String]) -> Vec<Checked<'a>> {
    let why = format!(
        "a storyboard starts from a lab without failures, but {} failed already: `lab heal --all`",
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

fn judged(step: StepResult<'_>) -> Vec<Checked<'_>> {
    let proof = Proof {
        storyboard: Some(step.storyboard.name.to_string()),
        name: step.step.name.to_string(),
        state: &step.state,
        whole: &step.state.tables,
    };
    let seen = step.step.expectations.iter().zip(step.observations);
    seen.map(|(it, seen)| proof.checked(it, seen)).collect()
}

impl Proof<'_> {
    fn checked<'a>(&self, expectation: &'a Expectation, observation: Observation) -> Checked<'a> {
        let setting = Setting {
            state: self.state,
            whole: self.whole,
        };
        let judgement = setting.judge(expectation, &observation);
        let has_failed = judgement.verdict == Verdict::Fail;
        Checked {
            storyboard: self.storyboard.clone(),
            state: self.name.clone(),
            expectation,
            equal_cost: equal_cost(self.state, expectation),
            why: has_failed.then(|| self.why(expectation)).flatten(),
            judgement,
            observation,
        }
    }

    fn why(&self, expectation: &Expectation) -> Option<why::Why> {
        let topology = &self.state.topology;
        let destination = topology.node(expectation.to).address?;
        let why = explain(self.state, expectation.from, destination);
        Some(why::report(topology, expectation.from, &why))
    }
}

fn equal_cost(state: &State<'_>, expectation: &Expectation) -> Vec<String> {
    let Expectation { from, to, .. } = *expectation;
    let State {
        topology, tables, ..
    } = state;
    let name = |node: NodeId| topology.node(node).name.to_string();
    let nodes = topology
        .node(to)
        .address
        .map(|destination| routing::equal_cost_nodes(topology, tables, from, destination));
    nodes.into_iter().flatten().map(name).collect()
}

fn cost(up: &Up, told: &StepResult<'_>) -> StepOutages {
    let topology = &up.lab.topology;
    let links = |links: &[LinkId]| {
        let names = links.iter().map(|link| &topology.link(*link).name);
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
        fault: topology.names_of(fault),
        blackhole: links(blackhole),
        heal: topology.names_of(heal),
        paths: told.outages.clone(),
    }
}
