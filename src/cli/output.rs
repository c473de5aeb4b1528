//! Results on standard output, and their formats.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use clap::{ArgMatches, Args, ValueEnum};
use rustix::termios::tcgetwinsize;
use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::terminal;
use crate::report::failure::Failure;
use crate::report::results::SCHEMA_VERSION;
use crate::report::{Rows, tsv};

/// The format of a result.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Format {
    /// Print the result as JSON, like `-o json`.
    #[arg(long, conflicts_with = "output")]
    json: bool,
    /// The format of the result.
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Output>,
    /// Begin with a row of the columns' names; for `-o tsv`.
    #[arg(long, requires = "output")]
    header: bool,
}

/// The formats, with az's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// For people; the default.
    Table,
    /// As JSON.
    Json,
    /// Tab-separated rows.
    Tsv,
}

impl Format {
    /// Whether the output is for people, so that it may be printed incrementally.
    pub(super) fn is_for_people(self) -> bool {
        !self.json && matches!(self.output, None | Some(Output::Table))
    }

    /// Prints a result with a schema of this program, as text for people or in a format for programs.
    pub(super) fn print(
        self,
        value: &impl Serialize,
        people: impl FnOnce() -> String,
    ) -> io::Result<()> {
        self.print_value(value, people, versioned)
    }

    /// Prints a result with a schema of this program, with rows of its own as tab-separated values.
    pub(super) fn print_with_rows(
        self,
        value: &impl Serialize,
        rows: impl FnOnce() -> Rows,
        people: impl FnOnce() -> String,
    ) -> io::Result<()> {
        match self.output {
            Some(Output::Tsv) => text(&rows().text(self.header)),
            _ => self.print(value, people),
        }
    }

    /// Prints a result with a schema of az, which has no version.
    pub(super) fn print_as_az(
        self,
        value: &impl Serialize,
        people: impl FnOnce() -> String,
    ) -> io::Result<()> {
        self.print_value(value, people, |value| value)
    }

    fn print_value(
        self,
        value: &impl Serialize,
        people: impl FnOnce() -> String,
        whole: fn(Value) -> Value,
    ) -> io::Result<()> {
        match self.output {
            Some(Output::Tsv) => text(&tsv(&serde_json::to_value(value)?, self.header)),
            _ if self.is_for_people() => self::people(&people()),
            _ => json(&whole(serde_json::to_value(value)?)),
        }
    }
}

/// An object gets the version of its schema. A list stays as it is.
pub(super) fn versioned(value: Value) -> Value {
    let Value::Object(fields) = value else {
        return value;
    };
    let version = ("schemaVersion".to_owned(), SCHEMA_VERSION.into());
    Value::Object([version].into_iter().chain(fields).collect())
}

/// Whether results are printed as JSON. Errors are then also printed as JSON.
static IS_JSON: AtomicBool = AtomicBool::new(false);

/// Stores whether a command prints its results as JSON, according to its arguments.
pub(super) fn note_format(matches: &ArgMatches) {
    let is_json = matches.subcommand().is_some_and(|(_, of)| {
        let flag = of.try_get_one::<bool>("json");
        let output = of.try_get_one::<Output>("output");
        matches!(flag, Ok(Some(true))) || matches!(output, Ok(Some(Output::Json)))
    });
    IS_JSON.store(is_json, Ordering::Relaxed);
}

/// Prints an error to standard output if results are JSON.
pub(super) fn error(failure: impl FnOnce() -> Failure) -> io::Result<()> {
    if !IS_JSON.load(Ordering::Relaxed) {
        return Ok(());
    }
    json(&versioned(json!({ "error": failure() })))
}

/// External text, such as a file's name, on one line. Escapes characters that control a terminal or change how other
/// characters are displayed.
pub(super) fn visible(text: &str) -> String {
    spelled_out(text, |_| false)
}

/// Whole lines for people, which may contain external text.
pub(super) fn printable(lines: &str) -> String {
    spelled_out(lines, |c| matches!(c, '\n' | '\t'))
}

fn spelled_out(text: &str, stays: impl Fn(char) -> bool) -> String {
    // Characters that change the text direction (Unicode, Bidi_Control), and line separators.
    let turns = |c| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if (c.is_control() || turns(c)) && !stays(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Writes whole lines for people.
pub(super) fn people(lines: &str) -> io::Result<()> {
    text(&terminal::shown(&printable(lines)))
}

/// Writes text.
pub(super) fn text(text: &str) -> io::Result<()> {
    bytes(text.as_bytes())
}

/// Writes bytes, such as an image.
pub(super) fn bytes(bytes: &[u8]) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(bytes)?;
    output.flush()
}

/// Writes lines about a result to standard error, where programs that read the result do not see them.
pub(super) fn beside(lines: &str) {
    // If this write fails, the result is still complete.
    let _ = io::stderr().write_all(printable(lines).as_bytes());
}

/// Writes a line.
pub(super) fn line(line: &str) -> io::Result<()> {
    text(&format!("{line}\n"))
}

/// Writes a value as JSON.
pub(super) fn json(value: &impl Serialize) -> io::Result<()> {
    line(&serde_json::to_string_pretty(value)?)
}

/// Ends the progress line on a terminal, before another thread ends the process.
pub(super) fn leave_progress() {
    let mut terminal = io::stderr();
    if terminal.is_terminal() {
        // If this write fails, there was no progress line.
        let _ = writeln!(terminal);
    }
}

/// The width of standard output in columns.
pub(super) fn width() -> usize {
    match tcgetwinsize(io::stdout()) {
        Ok(size) if size.ws_col > 0 => size.ws_col.into(),
        _ => WIDTH_ELSEWHERE,
    }
}

/// The width if standard output is not a terminal: files and logs allow long lines.
const WIDTH_ELSEWHERE: usize = 160;

/// The current time, for the few places of the command line that measure durations.
#[expect(
    clippy::disallowed_methods,
    reason = "commands report how long they took"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_have_a_version_and_lists_have_none() {
        let object = versioned(json!({"lab": "a"}));
        assert_eq!(object.to_string(), r#"{"schemaVersion":1,"lab":"a"}"#);
        assert_eq!(versioned(json!([1])), json!([1]));
    }

    #[test]
    fn what_commands_a_terminal_is_spelled_out() {
        let name = "a\u{1b}[31m\nb\u{9b}\u{202e}é.yaml";
        assert_eq!(visible(name), "a\\u{1b}[31m\\nb\\u{9b}\\u{202e}é.yaml");
        assert_eq!(printable("a\tb\n\u{7}"), "a\tb\n\\u{7}");
    }
}
