//! Replays every input in the fuzzing corpus through its target (`tests/fuzz`).
//!
//! Inputs that failed are fixed and added there, so that every test run repeats them.

#[expect(unreachable_pub, reason = "a library of its own, for the fuzzer")]
#[path = "fuzz/src/lib.rs"]
mod outside;

use std::fs;
use std::path::{Path, PathBuf};

/// The inputs of a target, sorted by name.
fn kept(target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzz/corpus")
        .join(target);
    let entries = fs::read_dir(&folder).expect("a target has a corpus");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a corpus is listed to its end").path())
        .collect();
    files.sort();
    assert!(files.len() >= 10, "{} is nearly empty", folder.display());
    files
}

/// Runs every input through its target. The last printed name is the one that fails.
#[expect(
    clippy::print_stdout,
    reason = "told where a test fails, and only there"
)]
fn replay(target: &str, take: fn(&[u8])) {
    for file in kept(target) {
        println!("{}", file.display());
        take(&fs::read(&file).expect("an input can be read"));
    }
}

#[test]
fn lab_files_are_labs_or_have_findings() {
    replay("lab_file", outside::lab_file);
}

#[test]
fn a_run_of_probes_takes_whatever_it_hears() {
    replay("replies", outside::replies);
}

#[test]
fn messages_say_what_they_said_or_nothing() {
    replay("control", outside::control);
}

#[test]
fn files_of_azures_tools_become_lab_files_or_errors() {
    replay("import", outside::import);
}
