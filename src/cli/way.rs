//! A traced path through a running lab. Its silent hops come from the routes.

use crate::engine::{self, EngineError, TraceRun, Up};
use crate::report::path::Path;
use crate::verify::Observation;
use crate::verify::why::explain;

/// The traced path with its silent hops.
pub(super) fn seen(up: &Up, run: TraceRun, observation: &Observation) -> Result<Path, EngineError> {
    let why = explain(&engine::state(up)?, run.from, run.destination);
    Ok(Path::measured(&up.lab.topology, &why, observation))
}
