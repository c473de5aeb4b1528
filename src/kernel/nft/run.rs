//! Runs nft with commands in JSON.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::kernel::programs;

/// Why nft did not carry commands out.
#[derive(Debug, thiserror::Error)]
pub enum NftError {
    /// It cannot be run.
    #[error("cannot run {}: {source}", program.display())]
    NotRun {
        /// The program.
        program: OsString,
        /// The system's reason.
        source: io::Error,
    },
    /// It refused the commands.
    #[error("{}", if said.is_empty() { "nft failed without a message" } else { said })]
    Refused {
        /// Its message.
        said: String,
    },
}

/// Carries out commands in one transaction: all or none of them.
pub(super) fn run(commands: &[Value]) -> Result<(), NftError> {
    let program = programs::named("nft");
    let text = json!({ "nftables": commands }).to_string();
    let output = output_of(&program, text.as_bytes());
    let output = output.map_err(|source| NftError::NotRun { program, source })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or_default().to_owned();
    Err(NftError::Refused { said })
}

#[expect(
    clippy::disallowed_methods,
    reason = "only nft changes packet filters; it runs once for a node that has some"
)]
fn output_of(program: &OsString, input: &[u8]) -> io::Result<std::process::Output> {
    let mut nft = Command::new(program)
        .args(["-j", "-f", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = nft.stdin.take() {
        // A program that ends before it has read everything says why in its message.
        _ = stdin.write_all(input);
    }
    nft.wait_with_output()
}
