//! Suggests a command if the user types one that does not exist.

use clap::ArgMatches;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use crate::cli::help;

/// Words of other tools, each with the corresponding command of this program.
const SYNONYMS: &[(&str, &[&str])] = &[
    (
        "up",
        &["apply", "create", "deploy", "launch", "run", "start"],
    ),
    (
        "down",
        &["delete", "destroy", "remove", "rm", "stop", "teardown"],
    ),
    ("ls", &["labs", "list", "ps"]),
    ("status", &["info", "inspect", "links", "nodes", "state"]),
    ("trace", &["mtr", "traceroute", "tracert"]),
    ("verify", &["prove", "test"]),
    ("fault", &["break", "fail"]),
    ("heal", &["fix", "mend", "repair", "restore"]),
    ("impair", &["delay", "netem", "tc"]),
    ("graph", &["diagram", "draw", "picture", "topology"]),
    ("capture", &["pcap", "tcpdump"]),
    ("shell", &["attach", "connect", "console", "ssh"]),
    ("init", &["new"]),
    ("validate", &["check", "lint"]),
    ("routes", &["route", "show-effective-route-table"]),
    ("ui", &["open", "web"]),
];

/// The arguments of this process. clap prints its own messages, and exits with 2 if it cannot parse the arguments.
pub(super) fn matches() -> ArgMatches {
    let matches = help::command().try_get_matches();
    matches.unwrap_or_else(|error| with_hint(error).exit())
}

/// An error about an unknown command, extended with the probable intended command.
fn with_hint(mut error: Error) -> Error {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return error;
    }
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return error;
    };
    if let Some(command) = meant_by(word) {
        let meant = ContextValue::Strings(vec![command.to_owned()]);
        error.insert(ContextKind::SuggestedSubcommand, meant);
    }
    error
}

fn meant_by(word: &str) -> Option<&'static str> {
    let mut commands = SYNONYMS.iter();
    let (command, _) = commands.find(|(_, words)| words.contains(&word))?;
    Some(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(word: &str) -> String {
        let refused = help::command().try_get_matches_from(["lab", word]);
        with_hint(refused.unwrap_err()).to_string()
    }

    #[test]
    fn a_word_of_other_tools_has_the_command_of_this_one() {
        insta::assert_snapshot!(told("destroy"), @r"
        error: unrecognized subcommand 'destroy'

          tip: a similar subcommand exists: 'down'

        Usage: lab [OPTIONS] <COMMAND>

        For more information, try '--help'.
        ");
        for (word, command) in [
            ("list", "ls"),
            ("delete", "down"),
            ("start", "up"),
            ("stat", "status"),
        ] {
            let tip = format!("'{command}'");
            assert!(told(word).contains(&tip), "{word}: {}", told(word));
        }
        assert!(!told("frobnicate").contains("tip"));
    }

    #[test]
    fn the_words_are_no_commands_and_lead_to_some() {
        let command = help::command();
        for (meant, words) in SYNONYMS {
            assert!(command.find_subcommand(meant).is_some(), "{meant}");
            for word in *words {
                assert!(command.find_subcommand(word).is_none(), "{word}");
            }
        }
    }
}
