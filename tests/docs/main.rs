//! Runs every command of the documents in order, and compares its output with the documented one.
//!
//! Each document has its own machine, in which one shell runs its commands. A `console` block holds commands after `#`
//! or `$` and their output, with `...` for omitted lines; a `sh` block holds commands that must succeed; a `yaml` block
//! whose first line is a comment with a file name is that file. Times and rates may differ.
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

/// Runs a document's commands, and reports all differences.
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
