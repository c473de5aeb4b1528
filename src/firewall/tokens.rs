//! Words and marks of nftables text (nft(8), "Lexical conventions").

/// A token and its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    /// Its line in the text, from 1.
    pub(super) line: usize,
}

/// The kinds of token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A word: a keyword, a name, an address, a number, an operator.
    Word(String),
    /// A text in quotes.
    Quoted(String),
    /// `{`.
    Open,
    /// `}`.
    Close,
    /// `,`.
    Comma,
    /// The end of a statement: `;` or the end of a line.
    End,
}

impl TokenKind {
    /// The text of a word or of a quoted text.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Word(text) | Self::Quoted(text) => Some(text),
            Self::Open | Self::Close | Self::Comma | Self::End => None,
        }
    }

    /// Whether it is a certain word.
    pub(super) fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own == word)
    }
}

/// The characters that are tokens or part of an operator, and so end a word.
const MARKS: &[char] = &['{', '}', ',', ';', '"', '#', '=', '!', '<', '>', '(', ')'];

/// The tokens of a text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let mut push = |kind| tokens.push(Token { kind, line });
        let length = match first {
            '\n' => {
                push(TokenKind::End);
                line += 1;
                1
            }
            '\\' if rest[1..].starts_with('\n') => {
                line += 1;
                2
            }
            '#' => rest.find('\n').unwrap_or(rest.len()),
            ';' => {
                push(TokenKind::End);
                1
            }
            '{' => {
                push(TokenKind::Open);
                1
            }
            '}' => {
                push(TokenKind::Close);
                1
            }
            ',' => {
                push(TokenKind::Comma);
                1
            }
            '"' => {
                let inside = rest[1..].split(['"', '\n']).next().unwrap_or_default();
                push(TokenKind::Quoted(inside.to_owned()));
                let end = 1 + inside.len();
                end + usize::from(rest[end..].starts_with('"'))
            }
            '=' | '!' | '<' | '>' | '(' | ')' => {
                let is_double = matches!(first, '=' | '!' | '<' | '>')
                    && (rest[1..].starts_with('=') || rest[1..].starts_with(first));
                let length = 1 + usize::from(is_double);
                push(TokenKind::Word(rest[..length].to_owned()));
                length
            }
            white if white.is_whitespace() => white.len_utf8(),
            _ => {
                let ends = |c: char| c.is_whitespace() || MARKS.contains(&c);
                let length = rest.find(ends).unwrap_or(rest.len());
                push(TokenKind::Word(rest[..length].to_owned()));
                length
            }
        };
        rest = &rest[length..];
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let tokens = tokens(text).into_iter();
        let tokens = tokens.map(|token| {
            let text = match token.kind {
                TokenKind::Word(word) => word,
                TokenKind::Quoted(text) => format!("{text:?}"),
                TokenKind::Open => "{".to_owned(),
                TokenKind::Close => "}".to_owned(),
                TokenKind::Comma => ",".to_owned(),
                TokenKind::End => ";".to_owned(),
            };
            format!("{}:{text}", token.line)
        });
        tokens.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_marks_and_lines_are_told_apart() {
        insta::assert_snapshot!(shown("ip saddr != {10.0.0.0/8,a-b} # no\n"), @r"1:ip 1:saddr 1:!= 1:{ 1:10.0.0.0/8 1:, 1:a-b 1:} 1:;");
        insta::assert_snapshot!(shown("iifname \"eth0\" \\\n accept; drop"), @r#"1:iifname 1:"eth0" 2:accept 2:; 2:drop"#);
        insta::assert_snapshot!(shown("\"open\nx=y \"\""), @r#"1:"open" 1:; 2:x 2:= 2:y 2:"""#);
        insta::assert_snapshot!(shown("meta mark and 0x1==\u{e9}\u{2028}"), @r"1:meta 1:mark 1:and 1:0x1 1:== 1:é");
    }
}
