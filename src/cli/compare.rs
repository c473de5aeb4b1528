//! `lab compare`

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::addresses::{Address, Prefix};
use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::Format;
use crate::cli::recording::{Recording, read_rows, read_trace};
use crate::cli::which::{nodes, speakers};
use crate::cli::{outfile, output};
use crate::engine;
use crate::network::State;
use crate::recorded::{Row, Table, rows};
use crate::report::compare::{Comparison, Part, rows_part, suite, text, trace_part};
use crate::report::junit::document;
use crate::report::learned::learned;
use crate::report::network_watcher::next_hop;
use crate::report::routes::{of_nic, routes_of};
use crate::report::why::{report, text as why_text};
use crate::topology::NodeId;
use crate::verify::why::explain;

/// The most lines of an explanation.
const MOST_LINES: usize = 12;

/// Compare what was recorded on Azure with a lab: tables of az row for row, traces hop for hop. It uses the lab's routes
/// only, and needs neither a running lab nor root. Exits with 1 if anything differs.
///
/// A recording is NAME=FILE, or FILE alone if it has the node's name, as `hub-vm.json`.
#[derive(Debug, Args)]
pub(super) struct Compare {
    /// The lab: a name in the catalogue, or a path to a lab file.
    lab: String,
    /// Effective routes of virtual machines, of `az network nic show-effective-route-table`; NAME is a machine or
    /// MACHINE/INTERFACE.
    #[arg(long, value_name = "RECORDING", num_args = 1..)]
    effective_routes: Vec<String>,
    /// Learned routes of gateways, of `az network vnet-gateway list-learned-routes`.
    #[arg(long, value_name = "RECORDING", num_args = 1..)]
    learned_routes: Vec<String>,
    /// Traces, of tracert, traceroute, tracepath or `mtr --report`; NAME is the sender, or SENDER,DESTINATION.
    #[arg(long, value_name = "RECORDING", num_args = 1..)]
    traceroute: Vec<String>,
    /// Next hops, of `az network watcher show-next-hop`; NAME is MACHINE,ADDRESS.
    #[arg(long, value_name = "RECORDING", num_args = 1..)]
    next_hop: Vec<String>,
    /// A link or a node of the lab that is down; may be repeated.
    #[arg(long, value_name = "LINK")]
    down: Vec<String>,
    /// Write the result as `JUnit` XML for CI systems; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    #[command(flatten)]
    format: Format,
}

impl Compare {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let state = engine::state_of_file(&self.lab, &self.down)?;
        let with = With { state: &state };
        let mut parts = Vec::new();
        for text in &self.effective_routes {
            parts.push(with.effective_routes(&Recording::of(text)?)?);
        }
        for text in &self.learned_routes {
            parts.push(with.learned_routes(&Recording::of(text)?)?);
        }
        for text in &self.traceroute {
            parts.push(with.trace(&Recording::of(text)?)?);
        }
        for text in &self.next_hop {
            parts.push(with.next_hop(&Recording::of(text)?)?);
        }
        if parts.is_empty() {
            return Err(CommandError::NoRecording);
        }
        let comparison = Comparison {
            lab: state.topology.name.to_string(),
            parts,
        };
        if let Some(file) = &self.junit {
            write_junit(file, &comparison)?;
        }
        let is_printed = self.junit.as_deref() != Some(Path::new("-"));
        if is_printed {
            self.format.print(&comparison, || text(&comparison))?;
        }
        Ok(if comparison.agrees() {
            Exit::Done
        } else {
            Exit::Unmet
        })
    }
}

/// The lab to compare with.
struct With<'a> {
    state: &'a State<'a>,
}

impl With<'_> {
    fn effective_routes(&self, recording: &Recording) -> Result<Part, CommandError> {
        let (topology, tables) = (&*self.state.topology, &self.state.tables);
        let name = &recording.name;
        let nic = engine::find_nic(topology, name)?;
        let (routes, node) = if let Some(nic) = nic {
            (of_nic(topology, tables, nic), topology.interface(nic).node)
        } else {
            let node = engine::find(topology, name)?;
            (routes_of(topology, tables, &[node]), node)
        };
        let recorded = read_rows(Table::EffectiveRoutes, recording)?;
        let lab = rows_of(Table::EffectiveRoutes, &serde_json::to_string(&routes)?);
        let what = format!("effective routes of {name}");
        Ok(rows_part(
            (what, &recording.file),
            (&recorded, &lab),
            |row| self.why_row(node, row.get(2)),
        ))
    }

    fn learned_routes(&self, recording: &Recording) -> Result<Part, CommandError> {
        let topology = &*self.state.topology;
        let speakers = speakers(topology, &recording.name)?;
        let learned = learned(topology, &self.state.tables, &speakers);
        let recorded = read_rows(Table::GatewayRoutes, recording)?;
        let lab = rows_of(Table::GatewayRoutes, &serde_json::to_string(&learned)?);
        let node = nodes(topology, &recording.name)
            .ok()
            .and_then(|nodes| nodes.first().copied());
        let what = format!("learned routes of {}", recording.name);
        let why = |row: &Row| node.map_or_else(Vec::new, |node| self.why_row(node, row.first()));
        Ok(rows_part((what, &recording.file), (&recorded, &lab), why))
    }

    fn next_hop(&self, recording: &Recording) -> Result<Part, CommandError> {
        let topology = &*self.state.topology;
        let (machine, to) = recording.pair()?;
        let node = engine::find(topology, machine)?;
        let to = engine::address(topology, node, to)?;
        let hop = next_hop(topology, &self.state.tables, node, to);
        let hop = hop.ok_or_else(|| CommandError::NotAMachine {
            name: machine.to_owned(),
            role: topology.node(node).role.title(),
        })?;
        let recorded = read_rows(Table::NextHop, recording)?;
        let lab = rows_of(Table::NextHop, &serde_json::to_string(&hop)?);
        let what = format!("next hop of {machine} to {to}");
        Ok(rows_part(
            (what, &recording.file),
            (&recorded, &lab),
            |_| self.why(node, to),
        ))
    }

    fn trace(&self, recording: &Recording) -> Result<Part, CommandError> {
        let topology = &*self.state.topology;
        let trace = read_trace(recording)?;
        let (from, to) = recording.ends(topology, &trace)?;
        let path = engine::path_by_routes(self.state, from, to);
        let [sender, receiver] = [from, to].map(|node| topology.node(node).name.to_string());
        let destination = topology.node(to).address;
        let mut trace = trace;
        if !destination.is_some_and(|address| trace.is_reached(address))
            && trace.destination.is_some()
        {
            // What answered before the destination was lost is no answer of it.
            trace.hops.clear();
        }
        let what = format!("trace from {sender} to {receiver}");
        let name = |address: Address| {
            topology
                .owner(from, address)
                .map(|node| topology.node(node).name.to_string())
        };
        let mut part = trace_part((what, &recording.file), &trace, &path.seen, name);
        if let (Some(first), Some(destination)) = (part.differences.first_mut(), destination) {
            first.why = self.why(from, destination);
        }
        Ok(part)
    }

    /// Why a node sends as it does to a prefix: to a node in it, or else to its first address.
    fn why_row(&self, node: NodeId, prefix: Option<&String>) -> Vec<String> {
        let prefix = prefix.and_then(|text| text.parse::<Prefix>().ok());
        prefix.map_or_else(Vec::new, |prefix| {
            let mut nodes = self.state.topology.nodes.iter();
            let there = nodes.find_map(|node| node.address.filter(|one| prefix.contains(one)));
            self.why(node, there.unwrap_or_else(|| prefix.first_host()))
        })
    }

    fn why(&self, node: NodeId, to: Address) -> Vec<String> {
        let topology = &*self.state.topology;
        let why = explain(self.state, node, to);
        let text = why_text(&report(topology, node, &why));
        let lines = text.lines().filter(|line| !line.is_empty());
        lines.take(MOST_LINES).map(str::to_owned).collect()
    }
}

/// The lab's own rows, read as the recorded ones are.
fn rows_of(table: Table, json: &str) -> Vec<Row> {
    rows(table, json).unwrap_or_default()
}

fn write_junit(file: &Path, comparison: &Comparison) -> Result<(), CommandError> {
    let name = format!("lab {}", comparison.lab);
    let text = document(&name, &[suite(comparison)], Duration::ZERO)?;
    if file == Path::new("-") {
        return Ok(output::text(&text)?);
    }
    outfile::write(file, &text)
}
