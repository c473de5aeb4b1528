//! The commands of a document.

use std::path::Path;

/// The parts of a document to run, in order.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub(crate) parts: Vec<Part>,
}

/// A command, or a file for commands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part {
    File { name: String, text: String },
    Command(Command),
}

/// A command.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Command {
    /// Its line in the document, counted from 1.
    pub(crate) line: usize,
    pub(crate) words: String,
    /// Its documented output; `None` if it only must succeed.
    pub(crate) prints: Option<Vec<String>>,
}

impl Document {
    /// Reads a Markdown text.
    pub(crate) fn read(text: &str) -> Self {
        let mut document = Self::default();
        let mut block: Option<(&str, usize, Vec<&str>)> = None;
        for (number, line) in (1..).zip(text.lines()) {
            match (line.trim_start().strip_prefix("```"), &mut block) {
                (Some(language), None) => block = Some((language.trim(), number + 1, Vec::new())),
                (Some(_), Some((language, first, lines))) => {
                    document.take(language, *first, lines);
                    block = None;
                }
                (None, Some((_, _, lines))) => lines.push(line),
                (None, None) => {}
            }
        }
        document
    }

    fn take(&mut self, language: &str, first: usize, lines: &[&str]) {
        match language {
            "console" => self.take_session(first, lines),
            "sh" => {
                let lines = (first..).zip(lines);
                let commands =
                    lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
                self.parts.extend(commands.map(|(line, words)| {
                    Part::Command(Command {
                        line,
                        words: (*words).to_owned(),
                        prints: None,
                    })
                }));
            }
            "yaml" => self.parts.extend(file(lines)),
            _ => {}
        }
    }

    fn take_session(&mut self, first: usize, lines: &[&str]) {
        for (line, text) in (first..).zip(lines) {
            let words = text.strip_prefix("# ").or_else(|| text.strip_prefix("$ "));
            match (words, self.parts.last_mut()) {
                (Some(words), _) => self.parts.push(Part::Command(Command {
                    line,
                    words: words.to_owned(),
                    prints: Some(Vec::new()),
                })),
                (
                    None,
                    Some(Part::Command(Command {
                        prints: Some(prints),
                        ..
                    })),
                ) => {
                    prints.push((*text).to_owned());
                }
                (None, _) => panic!("line {line}: a console block begins with a command"),
            }
        }
    }

    pub(crate) fn commands(&self) -> impl Iterator<Item = &Command> {
        self.parts.iter().filter_map(|part| match part {
            Part::Command(command) => Some(command),
            Part::File { .. } => None,
        })
    }
}

/// The file in a block whose first line names it.
fn file(lines: &[&str]) -> Option<Part> {
    let name = lines.first()?.strip_prefix("# ")?;
    let is_yaml = Path::new(name)
        .extension()
        .is_some_and(|extension| extension == "yaml");
    let is_name = is_yaml && !name.contains(' ');
    is_name.then(|| Part::File {
        name: name.to_owned(),
        text: lines.join("\n") + "\n",
    })
}

#[test]
fn commands_files_and_what_is_printed_are_told_apart() {
    let text = "a\n```yaml\n# a.yaml\nname: a\n```\n```console\n# lab ls\nno lab is up\n\n$ true\n```\n```sh\nfalse # never\n# a word\n```\n```text\n# no\n```\n";
    let command = |line, words: &str, prints: Option<&[&str]>| {
        let prints = prints.map(|prints| prints.iter().map(|&line| line.to_owned()).collect());
        Part::Command(Command {
            line,
            words: words.to_owned(),
            prints,
        })
    };
    let parts = Document::read(text).parts;
    let file = Part::File {
        name: "a.yaml".to_owned(),
        text: "# a.yaml\nname: a\n".to_owned(),
    };
    assert_eq!(
        parts,
        [
            file,
            command(7, "lab ls", Some(&["no lab is up", ""])),
            command(10, "true", Some(&[])),
            command(13, "false # never", None),
        ]
    );
}
