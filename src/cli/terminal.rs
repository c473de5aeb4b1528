//! Text for people on a terminal: fits its width, its colours and its characters.

mod columns;
mod fit;
mod paint;

use std::env;
use std::io::{self, IsTerminal};
use std::sync::OnceLock;

use clap::ValueEnum;
use rustix::termios::tcgetwinsize;

/// When output is coloured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless the environment variable `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The user's choice.
static COLOR: OnceLock<Color> = OnceLock::new();

/// How text is displayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    /// The width in columns; `None` if lines may have any length.
    width: Option<usize>,
    is_coloured: bool,
    /// Whether the locale has characters outside ASCII.
    is_unicode: bool,
}

/// Stores the user's choice of colour.
pub(super) fn choose(color: Color) {
    // There is only one command line, so this is called once.
    let _ = COLOR.set(color);
}

/// Whether standard error is coloured.
pub(super) fn colours_errors() -> bool {
    is_coloured(&io::stderr())
}

/// Text for people, adapted to standard output. If that is not a terminal, the text stays as it is, except for colours
/// that the user requests.
pub(super) fn shown(text: &str) -> String {
    let output = io::stdout();
    let is_terminal = output.is_terminal();
    let columns = tcgetwinsize(&output)
        .ok()
        .map(|size| usize::from(size.ws_col));
    let look = Look {
        width: columns.filter(|columns| is_terminal && *columns > 0),
        is_coloured: is_coloured(&output),
        is_unicode: !is_terminal || is_utf8(|name| env::var_os(name)?.into_string().ok()),
    };
    look.shown(text)
}

impl Look {
    fn shown(self, text: &str) -> String {
        let text = if self.is_unicode {
            text.to_owned()
        } else {
            text.chars().map(ascii).collect()
        };
        let text = match self.width {
            Some(width) => fit::fitted(&text, width),
            None => text,
        };
        if self.is_coloured {
            paint::painted(&text, self.is_unicode)
        } else {
            text
        }
    }
}

fn is_coloured(stream: &impl IsTerminal) -> bool {
    match COLOR.get().copied().unwrap_or_default() {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            let is_unwanted = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            stream.is_terminal() && !is_unwanted
        }
    }
}

/// Whether the locale uses UTF-8. The first of these variables that is set decides (POSIX, section 8.2).
fn is_utf8(variable: impl Fn(&str) -> Option<String>) -> bool {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter();
    let mut set = names.filter_map(variable).filter(|value| !value.is_empty());
    let locale = set.next().unwrap_or_default().to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// The character itself, or an ASCII character of the same width.
const fn ascii(c: char) -> char {
    match c {
        '·' => '.',
        '✓' => '+',
        '✗' => 'x',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_names_the_locale() {
        let with = |all: &'static [(&str, &str)]| {
            is_utf8(|name| {
                let mut found = all.iter().filter(|(known, _)| *known == name);
                found.next().map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(with(&[("LANG", "de_DE.UTF-8")]));
        assert!(with(&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8")]));
        assert!(!with(&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")]));
        assert!(!with(&[]));
    }

    #[test]
    fn a_terminal_without_these_characters_gets_others_and_no_terminal_gets_the_text() {
        let text = "a  ·  ✓ holds\n";
        let look = Look {
            width: None,
            is_coloured: false,
            is_unicode: false,
        };
        assert_eq!(look.shown(text), "a  .  + holds\n");
        let plain = Look {
            is_unicode: true,
            ..look
        };
        assert_eq!(plain.shown(text), text);
    }
}
