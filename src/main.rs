//! `lab`: parses the arguments and returns the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    netns_lab::cli::run()
}
