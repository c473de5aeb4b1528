//! `lab`: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    netns_lab::cli::run()
}
