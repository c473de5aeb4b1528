//! Every command of the documents is run, in the order in which it stands there, and has to print what is printed there.
//!
//! Each document has a machine of its own, in which one shell runs its commands. A `console` block holds commands behind `#`
//! or `$` and what they print, with `...` for lines that are left out; a `sh` block holds commands that have to succeed; a
//! `yaml` block whose first line is a comment with a file's name is that file. Times and rates may be others than printed.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests that start programs"
)]

mod action;
#[path = "../crash/boot.rs"]
mod boot;
mod document;
mod said;
mod session;

use document::Document;
use session::run;

/// Runs a document's commands, and tells of all that went otherwise.
#[track_caller]
fn prove(file: &str) {
    let path = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("a document of the repository");
    let document = Document::read(&text);
    let commands = document.commands().count();
    assert!(commands > 0, "{file} has no commands");
    let differences = run(&document);
    println!(
        "{file}: {commands} commands, {} of them otherwise",
        differences.len()
    );
    assert!(differences.is_empty(), "{file}\n{}", differences.join("\n"));
}

#[test]
fn the_readmes_commands_print_what_it_says() {
    prove("README.md");
}

#[test]
fn the_guides_commands_print_what_it_says() {
    prove("labs/README.md");
}
