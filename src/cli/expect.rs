//! `lab expect`

use std::path::Path;

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::outfile::Outfile;
use crate::cli::output::{self, visible};
use crate::cli::recording::{Recording, read_trace};
use crate::cli::which::Which;
use crate::engine::{self, EngineError, Up};
use crate::lab::{have_same_paths, with_expectations};
use crate::recorded::RecordedHop;
use crate::report::expect::{PathNow, Section, Seen, intent, section};
use crate::topology::Topology;
use crate::yaml::Source;

/// Print the paths of a lab as they are now as the section `expect` of its file, or write them into it: by real packets
/// on a running lab, or by the routes only with `--file`.
#[derive(Debug, Args)]
pub(super) struct Expect {
    /// The running lab, or its file; not needed if only one is up.
    #[arg(conflicts_with_all = ["lab", "file"])]
    name: Option<String>,
    #[command(flatten)]
    which: Which,
    /// Record only whether each destination answers, with sets of machines.
    #[arg(long)]
    intent: bool,
    /// Print what recorded traces show instead, as expectations: the output of tracert, traceroute, tracepath or
    /// `mtr --report`. A recording is SENDER=FILE or SENDER,DESTINATION=FILE.
    #[arg(long, value_name = "RECORDING", num_args = 1.., conflicts_with_all = ["write", "intent"])]
    from: Vec<String>,
    /// Write the section into the lab file, in place of an earlier one. Everything else in the file stays as it is.
    #[arg(long, conflicts_with = "down")]
    write: bool,
}

/// The paths of a lab, and its file.
struct Recorded {
    topology: Topology,
    paths: Vec<PathNow>,
    file: String,
}

/// An opened lab file.
struct Target {
    source: Source,
    outfile: Outfile,
}

impl Expect {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        if !self.from.is_empty() {
            return self.of_recordings();
        }
        if let Some(file) = self.which.file() {
            let target = self.target(file)?;
            let state = self.which.state()?;
            let recorded = Recorded {
                paths: engine::paths_by_routes(&state),
                topology: state.topology.into_owned(),
                file: file.to_owned(),
            };
            return self.tell(&recorded, target);
        }
        let (up, file) = self.running()?;
        let target = self.target(&file)?;
        if let Some(target) = &target {
            is_as_built(&up, &target.source)?;
        }
        let recorded = Recorded {
            paths: engine::paths_by_probes(&up)?,
            topology: up.lab.topology,
            file,
        };
        self.tell(&recorded, target)
    }

    /// Prints recorded traces as expectations of a lab, running or not.
    fn of_recordings(&self) -> Result<Exit, CommandError> {
        let topology = match (self.which.file(), &self.name) {
            (Some(file), _) => engine::load(file)?.topology,
            (None, Some(name)) if engine::running(Some(name)).is_err() => {
                engine::load(name)?.topology
            }
            _ => self.running()?.0.lab.topology,
        };
        let mut paths = Vec::new();
        for argument in &self.from {
            let recording = Recording::of(argument)?;
            let trace = read_trace(&recording)?;
            let (from, to) = recording.ends(&topology, &trace)?;
            let reached = topology
                .node(to)
                .address
                .is_some_and(|to| trace.is_reached(to));
            let hop = |hop: &RecordedHop| hop.addresses.iter().map(ToString::to_string).collect();
            let seen = if reached {
                Seen::Hops(trace.hops.iter().map(hop).collect())
            } else {
                Seen::Unreachable
            };
            paths.push(PathNow { from, to, seen });
        }
        output::text(&section(&topology, &paths).text)?;
        Ok(Exit::Done)
    }

    /// The running lab, and its file: the given file, or the one from which the lab was created.
    fn running(&self) -> Result<(Up, String), CommandError> {
        let Some(name) = &self.name else {
            let lab = self.which.lab();
            engine::enter_user_namespace(lab)?;
            let up = engine::running(lab)?;
            let file = up.lab.source.file.clone();
            return Ok((up, file));
        };
        let is_in_catalogue = is_in_catalogue(name);
        let loaded = if is_in_catalogue {
            None
        } else {
            match engine::load(name) {
                Err(EngineError::NoSuchLab { .. }) => None,
                loaded => Some(loaded?),
            }
        };
        let lab = loaded.as_ref();
        let lab = lab.map_or(name.as_str(), |lab| lab.topology.name.as_str());
        engine::enter_user_namespace(Some(lab))?;
        let up = engine::running(Some(lab))?;
        let Some(loaded) = loaded else {
            let file = up.lab.source.file.clone();
            return Ok((up, file));
        };
        is_unchanged(&up, &loaded.source)?;
        Ok((up, name.clone()))
    }

    /// The file to write, opened before anything is probed; `None` if no file is written.
    fn target(&self, file: &str) -> Result<Option<Target>, CommandError> {
        if !self.write {
            return Ok(None);
        }
        if is_in_catalogue(file) {
            return Err(CommandError::OfTheCatalogue {
                lab: file.to_owned(),
            });
        }
        let source = engine::source(file)?;
        let outfile = Outfile::open(Path::new(file)).map_err(|error| unwritable(file, error))?;
        Ok(Some(Target { source, outfile }))
    }

    fn tell(&self, recorded: &Recorded, target: Option<Target>) -> Result<Exit, CommandError> {
        let Recorded {
            topology,
            paths,
            file,
        } = recorded;
        let Section { text, count } = if self.intent {
            intent(topology, paths)
        } else {
            section(topology, paths)
        };
        let Some(Target { source, outfile }) = target else {
            output::text(&text)?;
            return Ok(Exit::Done);
        };
        let edited = edited(source, &text, paths.len())?;
        outfile
            .write(&edited)
            .map_err(|error| unwritable(file, error))?;
        let [paths, file] = [format!("{} paths", paths.len()), visible(file)];
        output::line(&format!(
            "wrote {paths} in {count} expectations to the section `expect` of {file}; `lab verify {file}` proves them"
        ))?;
        Ok(Exit::Done)
    }
}

/// The text of a lab file with a new section `expect`. An error if this section does not resolve to the same number of
/// paths.
fn edited(source: Source, section: &str, paths: usize) -> Result<String, CommandError> {
    let Source { file, text } = source;
    let edited = with_expectations(&text, section);
    let edited = edited.ok_or_else(|| CommandError::Uneditable { file: file.clone() })?;
    let read = engine::load_text(Source {
        file: file.clone(),
        text: edited.clone(),
    });
    if read?.topology.expectations.len() == paths {
        Ok(edited)
    } else {
        Err(CommandError::Uneditable { file })
    }
}

fn is_in_catalogue(name: &str) -> bool {
    let mut catalogue = engine::CATALOGUE.iter();
    catalogue.any(|(known, _)| *known == name)
}

/// Refuses to record the paths of a lab whose state differs from its file.
fn is_as_built(up: &Up, source: &Source) -> Result<(), CommandError> {
    is_unchanged(up, source)?;
    let failed = engine::broken(up);
    if failed.is_empty() {
        return Ok(());
    }
    Err(CommandError::HasFailures {
        lab: up.folder.lab().to_string(),
        failed: failed.join(", "),
    })
}

/// Refuses a file other than the one from which the running lab was created.
fn is_unchanged(up: &Up, source: &Source) -> Result<(), CommandError> {
    if have_same_paths(&up.lab.source.text, &source.text) {
        return Ok(());
    }
    Err(CommandError::ChangedSince {
        lab: up.folder.lab().to_string(),
        file: source.file.clone(),
    })
}

fn unwritable(file: &str, source: std::io::Error) -> CommandError {
    CommandError::File {
        action: "write",
        file: file.to_owned(),
        source,
    }
}
