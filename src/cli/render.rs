//! Converts an SVG to other image formats with rsvg-convert, a program of librsvg.

use std::io::{self, Write};
use std::process::{Command, Stdio};

use crate::cli::exit::CommandError;
use crate::kernel::programs;

const PROGRAM: &str = "rsvg-convert";

/// Converts an SVG: `arguments` set the format and the size.
///
/// # Errors
///
/// [`CommandError::NoRenderer`] without rsvg-convert, and [`CommandError::Render`] for its own errors.
#[expect(
    clippy::disallowed_methods,
    reason = "a renderer in this program would double its dependencies"
)]
pub(super) fn convert(svg: &str, arguments: &[&str]) -> Result<Vec<u8>, CommandError> {
    let started = Command::new(programs::named(PROGRAM))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut program = started.map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => CommandError::NoRenderer,
        _ => source.into(),
    })?;
    if let Some(mut input) = program.stdin.take() {
        // If rsvg-convert ends before it has read the input, it prints the reason.
        let _ = input.write_all(svg.as_bytes());
    }
    let output = program.wait_with_output()?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(CommandError::Render {
        said: said.trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_have_their_format_and_refusals_a_reason() {
        let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>";
        assert!(convert(svg, &["--zoom", "2"]).is_ok_and(|image| image.starts_with(b"\x89PNG")));
        assert!(convert(svg, &["--format", "pdf"]).is_ok_and(|image| image.starts_with(b"%PDF")));
        let refused = convert("no picture", &[]).unwrap_err().to_string();
        assert!(
            refused.len() > "rsvg-convert: ".len() && refused.starts_with("rsvg-convert: "),
            "{refused}"
        );
    }
}
