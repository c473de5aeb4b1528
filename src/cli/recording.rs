//! Recordings that commands are given: NAME=FILE, or a file that has the name of a node.

use std::path::Path;

use crate::cli::exit::CommandError;
use crate::engine;
use crate::recorded::{RecordedError, RecordedTrace, Row, Table, rows, trace};
use crate::topology::{NodeId, Topology};

/// The largest recording, in bytes.
const LARGEST: usize = 1 << 25;

/// A recording.
pub(super) struct Recording {
    /// What it is about: a node, or two names with a comma between them.
    pub(super) name: String,
    /// Its file.
    pub(super) file: String,
    text: String,
}

impl Recording {
    /// Reads the recording that an argument names.
    pub(super) fn of(argument: &str) -> Result<Self, CommandError> {
        let (name, file) = match argument.split_once('=') {
            Some((name, file)) if !name.contains('/') || !Path::new(argument).exists() => {
                (name.to_owned(), file)
            }
            _ => {
                let stem = Path::new(argument).file_stem().unwrap_or_default();
                (stem.to_string_lossy().into_owned(), argument)
            }
        };
        Ok(Self {
            name,
            file: file.to_owned(),
            text: engine::read_output(file, LARGEST)?,
        })
    }

    /// The two names.
    pub(super) fn pair(&self) -> Result<(&str, &str), CommandError> {
        self.name
            .split_once(',')
            .ok_or_else(|| CommandError::NoPair {
                name: self.name.clone(),
                file: self.file.clone(),
            })
    }

    /// The ends of a trace: its sender, and its destination by name, by its own first line or by its last hop.
    pub(super) fn ends(
        &self,
        topology: &Topology,
        trace: &RecordedTrace,
    ) -> Result<(NodeId, NodeId), CommandError> {
        let (from, to) = match self.name.split_once(',') {
            Some((from, to)) => (from, Some(to)),
            None => (self.name.as_str(), None),
        };
        let from = engine::find(topology, from)?;
        if let Some(to) = to {
            return Ok((from, engine::find(topology, to)?));
        }
        let last = || {
            trace
                .hops
                .last()
                .and_then(|hop| hop.addresses.first().copied())
        };
        let address = trace.destination.or_else(last);
        let to = address.and_then(|address| topology.owner(from, address));
        let to = to.ok_or_else(|| CommandError::NoDestination {
            file: self.file.clone(),
            address: address.map_or_else(|| "no address".to_owned(), |address| address.to_string()),
        })?;
        Ok((from, to))
    }
}

/// The rows of a recording.
pub(super) fn read_rows(table: Table, recording: &Recording) -> Result<Vec<Row>, CommandError> {
    rows(table, &recording.text).map_err(|source| unread(recording, source))
}

/// The hops of a recording.
pub(super) fn read_trace(recording: &Recording) -> Result<RecordedTrace, CommandError> {
    trace(&recording.text).map_err(|source| unread(recording, source))
}

fn unread(recording: &Recording, source: RecordedError) -> CommandError {
    CommandError::Recorded {
        file: recording.file.clone(),
        source,
    }
}
