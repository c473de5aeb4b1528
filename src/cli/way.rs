//! A path through a running lab, by a trace and by what the routes say of its silent hops.

use crate::engine::{self, EngineError, TraceRun, Up};
use crate::report::path::Path;
use crate::verify::Observation;
use crate::verify::why::explain;

/// What a trace has seen of a path, and who did not answer it.
pub(super) fn seen(up: &Up, run: TraceRun, observation: &Observation) -> Result<Path, EngineError> {
    let in_force = engine::in_force(up)?;
    let why = explain(in_force.network(up), run.from, run.destination);
    Ok(Path::measured(&up.lab.topology, &why, observation))
}
