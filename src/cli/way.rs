//! A path through a running lab, by a trace and by what the routes say of its silent hops.

use crate::engine::{self, EngineError, TraceRun, Up};
use crate::report::path::Path;
use crate::verify::Observation;
use crate::verify::why::{Network, explain};

/// What a trace has seen of a path, and who did not answer it.
pub(super) fn seen(up: &Up, run: TraceRun, observation: &Observation) -> Result<Path, EngineError> {
    let topology = &up.lab.topology;
    let failures = engine::failures(up);
    let tables = engine::tables(up)?;
    let network = Network {
        topology,
        tables: &tables,
        failures: &failures,
    };
    let why = explain(network, run.from, run.destination);
    Ok(Path::measured(topology, &why, observation))
}
