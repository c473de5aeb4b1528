//! A shell in its own machine, which runs a document's commands.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use crate::boot::machine;
use crate::document::{Command, Document, Part};
use crate::said::agrees;

/// The text that the shell prints after each command, followed by the exit code.
const END: &str = "-- the command above ended with ";

/// The repository's own scripts, which build it or run these tests: only their existence is tested.
const OWN: &str = "./scripts/";

/// Runs a document's commands one after the other, and returns the differences in their output.
pub(crate) fn run(document: &Document) -> Vec<String> {
    let printed = session(&script(document));
    let mut rest = printed.as_str();
    let mut differences = Vec::new();
    for command in document.commands() {
        let Some((said, after)) = rest.split_once(END) else {
            differences.push(format!(
                "line {}: `{}` did not end\n{rest}",
                command.line, command.words
            ));
            break;
        };
        let (code, after) = after.split_once('\n').unwrap_or((after, ""));
        rest = after;
        let said: Vec<String> = said.lines().map(str::to_owned).collect();
        if !is_right(command, &said, code) {
            differences.push(format!(
                "line {}: `{}` ended with {code} and printed\n    {}",
                command.line,
                command.words,
                said.join("\n    ")
            ));
        }
    }
    differences
}

fn is_right(command: &Command, said: &[String], code: &str) -> bool {
    match &command.prints {
        Some(documented) => {
            // Exit code 1 is a valid answer, such as an unreachable destination; other codes need a documented error.
            let may_fail = documented.iter().any(|line| line.starts_with("error"));
            agrees(said, documented) && (may_fail || matches!(code, "0" | "1"))
        }
        None => code == "0",
    }
}

fn script(document: &Document) -> String {
    let mut script = String::new();
    for part in &document.parts {
        match part {
            Part::File { name, text } => {
                let _ = writeln!(script, "cat >{name} <<'THE END'\n{text}THE END");
            }
            Part::Command(Command { words, .. }) => {
                let words = words.trim_start_matches("sudo ");
                let words = match words.split_whitespace().next() {
                    Some(own) if own.starts_with(OWN) => {
                        format!("test -x {}/{own}", env!("CARGO_MANIFEST_DIR"))
                    }
                    _ => words.to_owned(),
                };
                let _ = writeln!(script, "{words}\necho \"{END}$?\"");
            }
        }
    }
    script
}

/// The output of the shell and its programs, in a new folder.
pub(crate) fn session(script: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_lab"));
    let path = format!(
        "{}:{}",
        program.parent().expect("a folder").display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let name = format!(
        "lab-docs-{}-{:?}",
        std::process::id(),
        std::thread::current().id()
    );
    let folder = std::env::temp_dir().join(name.replace(['(', ')'], ""));
    fs::create_dir(&folder).expect("a folder for the documents' files");
    let mut child = machine()
        .args(["bash", "-c", "exec 2>&1; cd \"$0\"; source /dev/stdin"])
        .arg(&folder)
        .env("PATH", path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("util-linux's unshare");
    let mut input = child.stdin.take().expect("a pipe");
    input
        .write_all(script.as_bytes())
        .expect("the shell reads its script");
    drop(input);
    let output = child.wait_with_output().expect("a child can be waited for");
    fs::remove_dir_all(&folder).expect("the documents' files");
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}
