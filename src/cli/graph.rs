//! `lab graph`

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::addresses::Address;
use crate::cli::exit::{CommandError, Exit};
use crate::cli::outfile::Outfile;
use crate::cli::{output, render, way};
use crate::engine::{self, EngineError, Lab, TraceRun, Up};
use crate::network::State;
use crate::report::path;
use crate::report::picture::{self, Picture};
use crate::store::Folder;
use crate::topology::{NodeId, Topology};
use crate::units::Ttl;
use crate::verify::why::explain;

/// The maximum number of hops of a traced path, as in tracert.
const MOST_HOPS: u8 = 30;
/// How long to wait for each hop.
const WAIT: Duration = Duration::from_millis(500);

/// Draw a lab: regions, virtual networks, gateways, circuits, tunnels and sites, and of a running lab what is down. It
/// needs neither a running lab nor root.
#[derive(Debug, Args)]
pub(super) struct Graph {
    /// The lab: a name in the catalogue, or a path to a lab file.
    #[arg(required_unless_present = "lab", value_name = "LAB")]
    name: Option<String>,
    /// A running lab.
    #[arg(long, conflicts_with = "name")]
    lab: Option<String>,
    /// The file to write; its extension sets the format.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The format, if the extension does not set it.
    #[arg(long)]
    format: Option<Format>,
    /// Write names only, without addresses and labels, for a picture that is narrow enough for a document.
    #[arg(long)]
    compact: bool,
    /// Draw the path between two nodes over it, traced if the lab is up and otherwise computed from the routes.
    #[arg(long, num_args = 2, value_names = ["FROM", "TO"])]
    path: Option<Vec<String>>,
    /// Draw the return path too.
    #[arg(long, requires = "path")]
    back: bool,
}

/// The format of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// An image, for browsers and documents.
    Svg,
    /// An image of pixels, twice as large as the SVG, for programs that read no SVG. It needs rsvg-convert.
    Png,
    /// A document of one page. It needs rsvg-convert.
    Pdf,
    /// A standalone page, with effective routes, zoom, light and dark mode.
    Html,
    /// A Mermaid flowchart.
    Mermaid,
    /// A graph for Graphviz.
    Dot,
    /// A drawing to be edited in draw.io (diagrams.net).
    Drawio,
}

/// The subject of the picture.
struct Subject {
    topology: Topology,
    up: Option<Up>,
}

impl Graph {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let format = self.format()?;
        let subject = self.subject()?;
        let mut picture = if self.compact {
            picture::compact(&subject.topology)
        } else {
            picture::picture(&subject.topology)
        };
        if let Some(up) = &subject.up {
            let disturbances = engine::state(up)?.disturbances;
            picture = picture.with_failures(&subject.topology, &disturbances);
        }
        if let Some([from, to]) = self.path.as_deref() {
            picture.paths = self.paths(&subject, [from, to])?;
        }
        let content = written(&picture, &subject, format)?;
        match &self.output {
            Some(file) => Outfile::open(file)
                .and_then(|outfile| outfile.write(&content))
                .map_err(|source| CommandError::File {
                    action: "write",
                    file: file.display().to_string(),
                    source,
                })?,
            None => output::bytes(&content)?,
        }
        Ok(Exit::Done)
    }

    fn format(&self) -> Result<Format, CommandError> {
        match (self.format, &self.output) {
            (Some(format), _) => Ok(format),
            (None, Some(file)) => Format::of(file).ok_or_else(|| CommandError::NoFormat {
                file: file.display().to_string(),
            }),
            (None, None) => Ok(Format::Svg),
        }
    }

    /// The lab to draw. It has its current state if it is up and a path is requested, or if it is given by name.
    fn subject(&self) -> Result<Subject, CommandError> {
        if let Some(name) = self.lab.as_deref() {
            return Subject::running(name);
        }
        let name = self.name.as_deref().unwrap_or_default();
        let Lab {
            topology, source, ..
        } = engine::load(name)?;
        // A name that is neither in the catalogue nor that of a file is the name of a running lab.
        let is_running_name = name != "-" && source.file != name;
        if (self.path.is_some() || is_running_name) && Folder::of(&topology.name).exists() {
            return Subject::running(topology.name.as_str());
        }
        Ok(Subject { topology, up: None })
    }

    fn paths(
        &self,
        subject: &Subject,
        [from, to]: [&String; 2],
    ) -> Result<Vec<path::Path>, CommandError> {
        let topology = &subject.topology;
        let sender = engine::find(topology, from)?;
        let destination = engine::address(topology, sender, to)?;
        let mut paths = vec![subject.path(sender, destination)?];
        if self.back {
            let receiver = engine::find(topology, to)?;
            let home = engine::address(topology, receiver, from)?;
            paths.push(subject.path(receiver, home)?);
        }
        Ok(paths)
    }
}

impl Subject {
    fn running(name: &str) -> Result<Self, CommandError> {
        engine::enter_user_namespace(Some(name))?;
        let up = engine::running(Some(name))?;
        Ok(Self {
            topology: up.lab.topology.clone(),
            up: Some(up),
        })
    }

    fn path(&self, from: NodeId, destination: Address) -> Result<path::Path, CommandError> {
        if let Some(up) = &self.up {
            let run = TraceRun {
                from,
                destination,
                most_hops: Ttl::new(MOST_HOPS).unwrap_or(Ttl::MOST),
                patience: WAIT,
            };
            let observation = engine::trace(up, run)?;
            return Ok(way::seen(up, run, &observation)?);
        }
        let why = explain(&self.state()?, from, destination);
        Ok(path::Path::planned(&self.topology, &why))
    }

    fn state(&self) -> Result<State<'_>, EngineError> {
        if let Some(up) = &self.up {
            return engine::state(up);
        }
        let topology = Cow::Borrowed(&self.topology);
        let (failures, disturbances) = Default::default();
        Ok(State::solve(topology, failures, disturbances)?)
    }
}

impl Format {
    /// The format for a file extension.
    fn of(file: &Path) -> Option<Self> {
        let ending = file.extension()?.to_str()?.to_ascii_lowercase();
        Some(match ending.as_str() {
            "svg" => Self::Svg,
            "png" => Self::Png,
            "pdf" => Self::Pdf,
            "html" | "htm" => Self::Html,
            "mmd" | "mermaid" => Self::Mermaid,
            "dot" | "gv" => Self::Dot,
            "drawio" | "xml" => Self::Drawio,
            _ => return None,
        })
    }
}

fn written(picture: &Picture, subject: &Subject, format: Format) -> Result<Vec<u8>, CommandError> {
    let text = match format {
        Format::Svg => picture::svg(picture),
        Format::Png => return render::convert(&picture::svg(picture), &["--zoom", "2"]),
        Format::Pdf => return render::convert(&picture::svg(picture), &["--format", "pdf"]),
        Format::Mermaid => picture::mermaid(picture),
        Format::Dot => picture::dot(picture),
        Format::Drawio => picture::drawio(picture),
        Format::Html => {
            let tables = subject.state()?.tables;
            picture::html(picture, &picture::route_details(&subject.topology, &tables))
        }
    };
    Ok(text.into_bytes())
}
