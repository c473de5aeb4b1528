//! The expressions of templates: `[concat(parameters('a'), '-x').b[0]]`.

/// How deep expressions may be nested.
const DEEPEST: usize = 64;

/// A parsed expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expression {
    /// A text in quotes.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A call of a function. The name is in lower case; that of a user function has its namespace: `ns.name`.
    Call(String, Vec<Self>),
    /// A member of an object, or an item of a list.
    Member(Box<Self>, Box<Self>),
}

/// The expression in a text of a template. `None` for a text that is none, as one that begins with `[[`.
///
/// # Errors
///
/// What is wrong in the expression.
pub(crate) fn parse(text: &str) -> Option<Result<Expression, String>> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    if inner.starts_with('[') {
        return None;
    }
    let mut parser = Parser { rest: inner };
    Some(parser.whole())
}

/// The text that a text without an expression means: `[[a]` is `[a]`.
pub(crate) fn unescaped(text: &str) -> &str {
    if text.starts_with("[[") {
        &text[1..]
    } else {
        text
    }
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn whole(&mut self) -> Result<Expression, String> {
        let expression = self.expression(0)?;
        self.rest = self.rest.trim_start();
        if self.rest.is_empty() {
            return Ok(expression);
        }
        Err(format!("`{}` follows its end", self.rest))
    }

    /// Whether the next character is this one, which is then taken.
    fn takes(&mut self, character: char) -> bool {
        let rest = self.rest.trim_start();
        let found = rest.strip_prefix(character);
        self.rest = found.unwrap_or(rest);
        found.is_some()
    }

    fn expression(&mut self, depth: usize) -> Result<Expression, String> {
        if depth > DEEPEST {
            return Err(format!("it is nested deeper than {DEEPEST}"));
        }
        let mut one = self.primary(depth)?;
        for _ in 0..DEEPEST {
            let key = if self.takes('.') {
                Expression::Text(self.name()?)
            } else if self.takes('[') {
                let key = self.expression(depth + 1)?;
                self.expect(']')?;
                key
            } else {
                return Ok(one);
            };
            one = Expression::Member(Box::new(one), Box::new(key));
        }
        Err(format!("it has more than {DEEPEST} members in a row"))
    }

    fn expect(&mut self, character: char) -> Result<(), String> {
        if self.takes(character) {
            return Ok(());
        }
        Err(format!("`{character}` is missing before `{}`", self.rest))
    }

    fn primary(&mut self, depth: usize) -> Result<Expression, String> {
        if self.takes('\'') {
            return self.text();
        }
        if self
            .rest
            .starts_with(|one: char| one == '-' || one.is_ascii_digit())
        {
            return self.number();
        }
        let mut name = self.name()?;
        while self.takes('.') {
            name = format!("{name}.{}", self.name()?);
        }
        self.expect('(')?;
        let mut arguments = Vec::new();
        if self.takes(')') {
            return Ok(Expression::Call(name.to_ascii_lowercase(), arguments));
        }
        loop {
            arguments.push(self.expression(depth + 1)?);
            if self.takes(')') {
                return Ok(Expression::Call(name.to_ascii_lowercase(), arguments));
            }
            self.expect(',')?;
        }
    }

    fn text(&mut self) -> Result<Expression, String> {
        let mut text = String::new();
        loop {
            let (part, rest) = self.rest.split_once('\'').ok_or("a text has no end")?;
            text.push_str(part);
            self.rest = rest;
            match self.rest.strip_prefix('\'') {
                Some(rest) => self.rest = rest,
                None => return Ok(Expression::Text(text)),
            }
            text.push('\'');
        }
    }

    fn number(&mut self) -> Result<Expression, String> {
        let is_in = |one: char| one == '-' || one.is_ascii_digit();
        let end = self.rest.find(|one| !is_in(one)).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        let parsed = number.parse().map(Expression::Number);
        parsed.map_err(|_| format!("`{number}` is no number"))
    }

    fn name(&mut self) -> Result<String, String> {
        let rest = self.rest.trim_start();
        let is_in =
            |one: char| one == '_' || one == '-' || one == '$' || one.is_ascii_alphanumeric();
        let end = rest.find(|one| !is_in(one)).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        self.rest = rest;
        if name.is_empty() {
            return Err(format!("a name is missing before `{rest}`"));
        }
        Ok(name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_calls_and_members_are_read() {
        let text = Expression::Text;
        let call = Expression::Call(
            "concat".to_owned(),
            vec![text("it's".to_owned()), Expression::Number(-1)],
        );
        let member = Expression::Member(Box::new(call), Box::new(text("b".to_owned())));
        let whole = Expression::Member(Box::new(member), Box::new(Expression::Number(0)));
        assert_eq!(parse("[Concat('it''s', -1).b[0]]"), Some(Ok(whole)));
        assert_eq!(parse("[[no]"), None);
        assert_eq!(unescaped("[[no]"), "[no]");
    }

    #[test]
    fn damaged_expressions_are_errors_and_never_panics() {
        for bad in [
            "[]", "[a(]", "[a('x]", "[a(1,)]", "[a() b]", "[é()]", "[1-2]",
        ] {
            assert!(matches!(parse(bad), Some(Err(_))), "{bad}");
        }
        let deep = format!("[{}{}]", "a(".repeat(100_000), ")".repeat(100_000));
        assert!(matches!(parse(&deep), Some(Err(_))));
    }
}
