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

impl NftError {
    /// The error with the first line of what nft says.
    pub(super) fn in_one_line(self) -> Self {
        match self {
            Self::NotRun { .. } => self,
            Self::Refused { said } => Self::Refused {
                said: said.lines().next().unwrap_or_default().to_owned(),
            },
        }
    }
}

/// Carries out commands in one transaction: all or none of them.
pub(super) fn run(commands: &[Value]) -> Result<(), NftError> {
    let text = json!({ "nftables": commands }).to_string();
    let done = asked(&["-j", "-f", "-"], text.as_bytes());
    done.map(drop).map_err(NftError::in_one_line)
}

/// Carries out a text in one transaction: all or none of it.
pub(super) fn run_text(text: &str) -> Result<(), NftError> {
    asked(&["-f", "-"], text.as_bytes()).map(drop)
}

/// Every object of the calling thread's namespace, as libnftables-json(5) describes them.
pub(super) fn list() -> Result<Value, NftError> {
    let listed = asked(&["-j", "list", "ruleset"], &[])?;
    Ok(serde_json::from_slice(&listed).unwrap_or_default())
}

/// What nft says about a place of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The line of the text, from 1; `None` if nft names none.
    pub line: Option<usize>,
    /// What is wrong.
    pub said: String,
}

/// What nft says about a text that it refused.
///
/// # Errors
///
/// The error, if nft could not be run.
pub(super) fn complaints(error: NftError) -> Result<Vec<Complaint>, NftError> {
    match error {
        NftError::NotRun { .. } => Err(error),
        NftError::Refused { said } => {
            let found: Vec<Complaint> = said.lines().filter_map(complaint).collect();
            if found.is_empty() {
                let said = said.lines().next().unwrap_or_default().to_owned();
                return Ok(vec![Complaint { line: None, said }]);
            }
            Ok(found)
        }
    }
}

/// Reads `/dev/stdin:3:5-12: Error: syntax error, unexpected string`.
fn complaint(line: &str) -> Option<Complaint> {
    let (place, said) = line.split_once(": Error: ")?;
    let mut parts = place.rsplit(':');
    let _columns = parts.next();
    Some(Complaint {
        line: parts.next().and_then(|line| line.parse().ok()),
        said: said.trim_end().to_owned(),
    })
}

/// The standard output of nft.
fn asked(arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, NftError> {
    let program = programs::named("nft");
    let output = output_of(&program, arguments, input);
    let output = output.map_err(|source| NftError::NotRun { program, source })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(NftError::Refused { said })
}

#[expect(
    clippy::disallowed_methods,
    reason = "only nft changes packet filters; it runs once for a node that has some"
)]
fn output_of(
    program: &OsString,
    arguments: &[&str],
    input: &[u8],
) -> io::Result<std::process::Output> {
    let mut nft = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = nft.stdin.take() {
        // A program that ends before it has read everything says why in its message.
        _ = stdin.write_all(input);
    }
    nft.wait_with_output()
}
