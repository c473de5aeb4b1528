//! Exit codes and errors.

mod reporting;

use std::io;
use std::process::ExitCode;

use crate::engine::{EngineError, Unfinished};
use crate::findings::Finding;
use crate::import::ImportError;
use crate::names::NameError;
use crate::recorded::RecordedError;
use crate::yaml::Source;

/// The result of a command for other programs, ordered from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exit {
    /// The command succeeded.
    Done,
    /// An expectation failed or a target was not reached.
    Unmet,
    /// The input was wrong.
    BadInput,
    /// The system refused the operation: permissions, the kernel, or leftovers of other labs.
    Refused,
    /// A signal ended the command, and everything that it had begun is removed. Shells use this code for Ctrl-C.
    Interrupted,
}

impl Exit {
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Unmet => 1,
            Self::BadInput => 2,
            Self::Refused => 3,
            Self::Interrupted => 130,
        }
    }

    /// The result of a process of this program. A killed process counts as refused.
    pub(super) const fn of_code(code: Option<i32>) -> Self {
        match code {
            Some(0) => Self::Done,
            Some(1) => Self::Unmet,
            Some(2) => Self::BadInput,
            Some(130) => Self::Interrupted,
            _ => Self::Refused,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommandError {
    /// A use case failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The files could not be imported.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// There is nothing to compare.
    #[error(
        "nothing to compare with the lab: give a recording, such as `--effective-routes hub-vm.json`; `lab compare --help` lists the kinds"
    )]
    NoRecording,
    /// A recording of another form.
    #[error("{file} cannot be compared")]
    Recorded {
        /// The file.
        file: String,
        /// The reason.
        #[source]
        source: RecordedError,
    },
    /// A recording that needs two names.
    #[error("`{name}` is one name; write MACHINE,ADDRESS={file}")]
    NoPair {
        /// The name.
        name: String,
        /// The file.
        file: String,
    },
    /// A trace to nobody.
    #[error(
        "{file} is a trace to {address}, which nothing in the lab has; write SENDER,DESTINATION={file}"
    )]
    NoDestination {
        /// The file.
        file: String,
        /// The address.
        address: String,
    },
    /// The file that was to be built has errors.
    #[error("{} is not a lab", .0.file)]
    NotBuilt(Source, Vec<Finding>),
    /// The lab's supervisor could not build it.
    #[error("{}", reasons.join(": "))]
    Unbuilt {
        /// The reasons, outermost first.
        reasons: Vec<String>,
        /// Whether the input is wrong.
        is_bad_input: bool,
    },
    /// The node has no BGP neighbors.
    #[error("`{name}` does not speak BGP; name a gateway, an MSEE or a router that does")]
    NotASpeaker {
        /// The name that was given.
        name: String,
    },
    /// The BGP speaker has no such neighbor.
    #[error("{name} has no neighbour `{peer}`; it has {peers}")]
    NoSuchPeer {
        /// The BGP speaker.
        name: String,
        /// The name that was given.
        peer: String,
        /// Its neighbors.
        peers: String,
    },
    /// The command is only for Azure network interfaces, and the node has none.
    #[error(
        "{name} is a {role}; only virtual machines have these next hops; `lab routes {name}` shows its routes"
    )]
    NotAMachine {
        /// The name that was given.
        name: String,
        /// The kind of node.
        role: &'static str,
    },
    /// No lab file has this key.
    #[error("no lab file has a key `{key}`{}; `lab explain` shows the sections", near.as_ref().map(|near| format!(", did you mean `{near}`?")).unwrap_or_default())]
    NoSuchKey {
        /// The key that was given.
        key: String,
        /// The most similar key.
        near: Option<String>,
    },
    /// A feature of Azure that labs do not support.
    #[error("lab files do not support {what}; `lab explain` lists what they support")]
    NotModelled {
        /// The feature.
        what: &'static str,
    },
    /// The file already exists, and would be overwritten.
    #[error("{file} already exists, and `lab init` never overwrites a file; name another file")]
    AlreadyThere {
        /// The file.
        file: String,
    },
    /// The name of the file cannot be the name of a lab.
    #[error(
        "{file} cannot be a lab's file, because the lab gets the file's name: use letters, digits, - and _, as in my-lab.yaml"
    )]
    NoLabsName {
        /// The file.
        file: String,
        /// The reason.
        #[source]
        source: NameError,
    },
    /// The file's extension belongs to no known format.
    #[error(
        "{file} has no extension of a known format; end it with .svg, .png, .pdf, .html, .mmd, .dot or .drawio, or give --format"
    )]
    NoFormat {
        /// The file.
        file: String,
    },
    /// PNG and PDF need a program that is not installed.
    #[error(
        "there is no `rsvg-convert` on this machine, which PNG and PDF need: install it, on Debian by `apt-get install librsvg2-bin`"
    )]
    NoRenderer,
    /// The error message of rsvg-convert.
    #[error("rsvg-convert: {said}")]
    Render {
        /// The message.
        said: String,
    },
    /// A value that cannot be written as JSON.
    #[error("cannot write a result as JSON")]
    Unprintable(#[from] serde_json::Error),
    /// The output is a terminal, which cannot show packets.
    #[error(
        "packets cannot be shown on a terminal: `| wireshark -k -i -` shows them as they arrive, `-w FILE` saves them"
    )]
    Terminal,
    /// A file cannot be used.
    #[error("cannot {action} `{file}`")]
    File {
        /// What was attempted.
        action: &'static str,
        /// The file.
        file: String,
        /// The error of the file system.
        source: io::Error,
    },
    /// The file to compare with is not a result of `lab verify --json`.
    #[error(
        "`{file}` is not an output of `lab verify --json`: it differs at line {line}, column {column}"
    )]
    NoBaseline {
        /// The file.
        file: String,
        /// The line of the first difference from such a result. The content of the file is not printed.
        line: usize,
        /// The column of the first difference.
        column: usize,
    },
    /// The file to compare with is a result of another lab.
    #[error("{file} is about the lab {of}, not about {lab}; `lab diff` compares two labs")]
    OtherLab {
        /// The file.
        file: String,
        /// Its lab.
        of: String,
        /// The lab that is verified.
        lab: String,
    },
    /// Expectations cannot be written to a lab of the catalogue.
    #[error(
        "{lab} is a lab of the catalogue and has no file to write to: `lab init my-lab.yaml --template {lab}` writes a copy"
    )]
    OfTheCatalogue {
        /// The lab.
        lab: String,
    },
    /// A lab file changed after the running lab was created from it.
    #[error(
        "{file} is not what lab {lab} was built from, so its paths may be others: `lab up {file}` applies the changes, and `lab expect --file {file}` asks the routes"
    )]
    ChangedSince {
        /// The lab.
        lab: String,
        /// The file.
        file: String,
    },
    /// The paths of a lab with failures may differ from those that its file expects.
    #[error(
        "{failed} of lab {lab} failed, so its paths are not those without failures: `lab heal --all`, or leave out --write to print the section"
    )]
    HasFailures {
        /// The lab.
        lab: String,
        /// The failed links.
        failed: String,
    },
    /// A section of a lab file cannot be replaced line by line.
    #[error(
        "cannot replace the section `expect` of {file} without changing other parts of the file: run `lab expect` without --write, and paste what it prints"
    )]
    Uneditable {
        /// The file.
        file: String,
    },
    /// The lab file has no expectations.
    #[error(
        "nothing was proved: lab {lab} expects no path{}; {}; --allow-empty accepts a lab without expectations",
        if *has_storyboards { " outside its storyboards, which run without --steady" } else { "" },
        if *has_changed {
            format!("its file has changed since, and `lab up {file}` applies it")
        } else {
            format!("`lab expect {file} --write` records its paths as they are now, and `lab verify {file}` then verifies them")
        }
    )]
    NothingExpected {
        /// The lab.
        lab: String,
        /// Its file.
        file: String,
        /// Whether the skipped storyboards of the lab have expectations.
        has_storyboards: bool,
        /// Whether the file has changed since the lab was built from it.
        has_changed: bool,
    },
    /// No expectation could be probed.
    #[error(
        "nothing was proved: {skipped} paths were skipped, so nothing was proved; --allow-empty accepts this"
    )]
    AllSkipped {
        /// The number of skipped paths.
        skipped: usize,
    },
    /// `lab verify` was interrupted, and the lab was already up before.
    #[error(
        "{why}: lab {lab} stays up{}",
        if *is_healed { ", and what the proof had failed is healed" } else { "" }
    )]
    Stopped {
        /// The lab.
        lab: String,
        /// The reason.
        why: Unfinished,
        /// Whether `lab verify` had failed links of the lab.
        is_healed: bool,
    },
    /// No lab was named, and there is no lab file here.
    #[error(
        "no lab was named, and there is no lab.yaml in this folder: name a lab, such as `lab {command} hub-spoke`, {otherwise}"
    )]
    NoLabHere {
        /// The command.
        command: &'static str,
        /// What else the user may do.
        otherwise: &'static str,
    },
    /// Several labs were compared with one earlier result.
    #[error(
        "--baseline works with one lab only: verify each lab separately, with its own earlier result"
    )]
    OneBaseline,
    /// Several results were requested on one output.
    #[error("only one result can go to standard output; write each other one to a file")]
    OneOutput,
    /// The output could not be written.
    #[error("cannot write the output")]
    Output(#[from] io::Error),
}
