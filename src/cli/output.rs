//! Where results go: standard output, as text or as JSON.

use std::io::{self, Write};
use std::time::Instant;

use serde::Serialize;

/// Writes text.
pub(super) fn text(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(text.as_bytes())?;
    output.flush()
}

/// Writes a line.
pub(super) fn line(line: &str) -> io::Result<()> {
    text(&format!("{line}\n"))
}

/// Writes a value as JSON.
pub(super) fn json(value: &impl Serialize) -> io::Result<()> {
    line(&serde_json::to_string_pretty(value)?)
}

/// The time, for the few places of the command line that measure it.
#[expect(
    clippy::disallowed_methods,
    reason = "commands report how long they took"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}
