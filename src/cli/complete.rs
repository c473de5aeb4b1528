//! Shell completion of the names of labs, nodes, links, keys, templates and results.
//!
//! The shell's script calls this program for every word. The words that are already typed determine the lab.

use std::ffi::OsStr;
use std::io;

use clap::{Arg, Command};
use clap_complete::engine::{
    ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter,
};
use clap_complete::env::{CompleteEnv, Shells};

use crate::cli::help;
use crate::engine::{self, Template};
use crate::lab::keys::mappings;
use crate::report::explain::names;
use crate::report::results;
use crate::topology::Topology;

/// The environment variable with which a shell's script requests candidates.
const VARIABLE: &str = "LAB_COMPLETE";

/// The kind of name that an argument takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    /// A lab of the catalogue, a lab that is up, or a file.
    Lab,
    /// A lab that is up.
    Running,
    /// A node.
    Node,
    /// A link.
    Link,
    /// A link, a node or a BGP session.
    Part,
    /// A key of a lab file.
    Key,
    /// A template of `lab init`.
    Template,
    /// A result with a schema.
    Result,
}

/// The arguments whose values are such names: the command, or `*` for all commands, and the argument.
const ARGUMENTS: &[(&str, &str, Named)] = &[
    ("*", "lab", Named::Running),
    ("*", "file", Named::Lab),
    ("*", "down", Named::Part),
    ("up", "lab", Named::Lab),
    ("plan", "lab", Named::Lab),
    ("validate", "files", Named::Lab),
    ("verify", "names", Named::Lab),
    ("graph", "name", Named::Lab),
    ("graph", "path", Named::Node),
    ("diff", "first", Named::Lab),
    ("diff", "second", Named::Lab),
    ("status", "name", Named::Running),
    ("matrix", "name", Named::Running),
    ("trace", "from", Named::Node),
    ("trace", "to", Named::Node),
    ("ping", "from", Named::Node),
    ("ping", "to", Named::Node),
    ("iperf", "from", Named::Node),
    ("iperf", "to", Named::Node),
    ("why", "from", Named::Node),
    ("why", "to", Named::Node),
    ("exec", "node", Named::Node),
    ("shell", "node", Named::Node),
    ("routes", "node", Named::Node),
    ("capture", "words", Named::Node),
    ("capture", "along", Named::Node),
    ("next-hop", "source", Named::Node),
    ("next-hop", "dest", Named::Node),
    ("test-connectivity", "source", Named::Node),
    ("test-connectivity", "dest", Named::Node),
    ("bgp-peers", "node", Named::Node),
    ("learned-routes", "gateway", Named::Node),
    ("advertised-routes", "gateway", Named::Node),
    ("advertised-routes", "peer", Named::Node),
    ("fault", "names", Named::Part),
    ("heal", "names", Named::Part),
    ("impair", "link", Named::Link),
    ("impair", "from", Named::Node),
    ("explain", "key", Named::Key),
    ("init", "template", Named::Template),
    ("schema", "result", Named::Result),
];

/// If a shell requests candidates, prints them and ends this process.
pub(super) fn answer_shell() {
    CompleteEnv::with_factory(command).var(VARIABLE).complete();
}

/// The script with which a shell requests candidates from this program.
pub(super) fn script(shell: &str) -> io::Result<String> {
    let shells = Shells::builtins();
    let known = shells.completer(shell);
    let known = known.ok_or_else(|| io::Error::other(format!("{shell} has no completions")))?;
    let mut text = Vec::new();
    known.write_registration(VARIABLE, "lab", "lab", "lab", &mut text)?;
    let mut text = String::from_utf8_lossy(&text).into_owned();
    if shell == "zsh" {
        // zsh runs a file in its functions folder as a function at the first completion.
        text += "[[ $funcstack[1] = _lab ]] && _clap_dynamic_completer_lab \"$@\"\n";
    }
    Ok(text)
}

/// The command line with candidates for its values.
pub(super) fn command() -> Command {
    let mut command = help::command();
    let names: Vec<String> = command
        .get_subcommands()
        .map(|one| one.get_name().to_owned())
        .collect();
    for name in names {
        command = command.mut_subcommand(&name, |one| {
            let of = name.clone();
            one.mut_args(|argument| completed(&of, argument))
        });
    }
    command
}

fn completed(command: &str, argument: Arg) -> Arg {
    let id = argument.get_id().to_string();
    let is_meant = |of: &str| {
        let mut known = ARGUMENTS.iter();
        known.find(|(name, argument, _)| *name == of && *argument == id)
    };
    match is_meant(command).or_else(|| is_meant("*")) {
        Some((.., named)) => argument.add(ArgValueCompleter::new(*named)),
        None => argument,
    }
}

impl ValueCompleter for Named {
    fn complete(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        let Some(typed) = current.to_str() else {
            return Vec::new();
        };
        let mut names = self.names();
        names.retain(|name| name.starts_with(typed));
        names.sort();
        names.dedup();
        let names = names.into_iter().map(CompletionCandidate::new);
        let files = (*self == Self::Lab).then(|| PathCompleter::file().complete(current));
        names.chain(files.into_iter().flatten()).collect()
    }
}

impl Named {
    fn names(self) -> Vec<String> {
        match self {
            Self::Lab => {
                let catalogue = engine::catalogue().map(|(name, _)| name.to_owned());
                catalogue.chain(engine::up_names()).collect()
            }
            Self::Running => engine::up_names(),
            Self::Node => of_labs(nodes),
            Self::Link => of_labs(links),
            Self::Part => [of_labs(links), of_labs(nodes), of_labs(sessions)].concat(),
            Self::Key => names(&mappings()).into_iter().map(str::to_owned).collect(),
            Self::Template => Template::names().map(str::to_owned).collect(),
            Self::Result => results::names(),
        }
    }
}

/// Names from the lab that an option on the typed command line names; otherwise from all running labs.
fn of_labs(names: fn(&Topology) -> Vec<String>) -> Vec<String> {
    let words: Vec<String> = std::env::args().collect();
    let labs = match after(&words, "--file").or_else(|| after(&words, "--lab")) {
        Some(lab) => vec![lab],
        None => engine::up_names(),
    };
    let topologies = labs.iter().filter_map(|lab| engine::glance(lab));
    topologies.flat_map(|topology| names(&topology)).collect()
}

/// The value of an option in a list of words.
fn after(words: &[String], option: &str) -> Option<String> {
    let start = format!("{option}=");
    let joined = words.iter().find_map(|word| word.strip_prefix(&start));
    let apart = || {
        let place = words.iter().position(|word| word == option)?;
        words.get(place + 1).map(String::as_str)
    };
    joined.or_else(apart).map(str::to_owned)
}

fn nodes(topology: &Topology) -> Vec<String> {
    let nodes = topology.nodes.iter().map(|node| node.name.to_string());
    let gateways = topology.gateways.iter();
    nodes
        .chain(gateways.map(|gateway| gateway.name.to_string()))
        .collect()
}

fn links(topology: &Topology) -> Vec<String> {
    topology
        .links
        .iter()
        .map(|link| link.name.clone())
        .collect()
}

fn sessions(topology: &Topology) -> Vec<String> {
    topology.session_names().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The candidates for the last word of a command line.
    fn candidates(words: &[&str]) -> String {
        let mut command = command();
        let words = words.iter().map(Into::into).collect::<Vec<_>>();
        let last = words.len() - 1;
        let found = clap_complete::engine::complete(&mut command, words, last, None).unwrap();
        let names = found
            .iter()
            .map(|one| one.get_value().to_string_lossy().into_owned());
        names.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_argument_of_the_table_is_one_of_its_command() {
        let command = help::command();
        for (name, argument, _) in ARGUMENTS.iter().filter(|(name, ..)| *name != "*") {
            let one = command.find_subcommand(name).expect(name);
            let mut ids = one.get_arguments().map(|known| known.get_id().as_str());
            assert!(ids.any(|id| id == *argument), "{name} {argument}");
        }
    }

    #[test]
    fn labs_keys_and_templates_are_completed() {
        assert_eq!(candidates(&["lab", "up", "hub-s"]), "hub-spoke");
        assert_eq!(
            candidates(&["lab", "explain", "virtualNetworkG"]),
            "virtualNetworkGateways"
        );
        assert_eq!(
            candidates(&["lab", "init", "--template", "exp"]),
            "expressroute"
        );
        assert_eq!(candidates(&["lab", "schema", "next"]), "next-hop");
        assert_eq!(candidates(&["lab", "statu"]), "status");
    }

    #[test]
    fn an_option_says_whose_nodes_are_meant() {
        let words = ["lab", "why", "--file", "hub-spoke"].map(str::to_owned);
        assert_eq!(after(&words, "--file").as_deref(), Some("hub-spoke"));
        assert_eq!(after(&words, "--lab"), None);
        let joined = ["lab", "trace", "--lab=two"].map(str::to_owned);
        assert_eq!(after(&joined, "--lab").as_deref(), Some("two"));
    }
}
