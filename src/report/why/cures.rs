//! What makes a path work, for people and for programs.

use serde::Serialize;

use crate::report::wrap::wrapped;
use crate::units::counted;
use crate::verify::cure::{self, EditAction, Heals, Remedy};

/// The indentation of a cure. Its lines of YAML have that of the file.
const INDENT: usize = 2;

/// What to do with lines that begin no part of another section.
const ADD_AT_THE_END: &str = "add at the end of the lab file";

/// What makes a path work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cure {
    /// What it does, as a command to a person, without a full stop.
    pub what: String,
    /// The command that does it; null if the lab file is edited, or if a failure is left out of `--down`.
    pub command: Option<String>,
    /// The edits of the lab file, in the order in which they are made: from its end.
    pub edits: Vec<Edit>,
    /// How many hops the path then has.
    pub hops: usize,
    /// The paths that do not work any more then.
    pub cuts: Vec<Cut>,
    /// Whether it heals several links.
    #[serde(skip)]
    is_plural: bool,
}

/// A path between two machines that does not work any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cut {
    /// One machine.
    pub from: String,
    /// The other one.
    pub to: String,
}

/// An edit of whole lines of a lab file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Edit {
    /// `add`, `replace` or `remove`.
    pub action: &'static str,
    /// The path to the value to which something is added, or to the old value: keys with points between them, items of
    /// lists with their numbers from 0; empty for the whole file.
    pub path: String,
    /// The line of the file after which the lines are added, or the first that is replaced or removed.
    pub line: usize,
    /// The last line that is replaced or removed; null for an addition.
    pub last_line: Option<usize>,
    /// What to do with the lines, in words.
    #[serde(rename = "where")]
    pub place: String,
    /// The lines to write or to remove, with their indentation.
    pub lines: Vec<String>,
}

/// How a failure ends.
#[derive(Debug, Clone, Copy)]
pub enum Healing<'a> {
    /// By a command on the running lab, which has a name if the user gave one.
    Running(Option<&'a str>),
    /// By leaving it out of the options of `lab why`.
    Option,
}

/// The output for cures.
#[must_use]
pub fn cures(cures: &[cure::Cure], healing: Healing<'_>) -> Vec<Cure> {
    let one = |cure: &cure::Cure| {
        let (command, edits) = match &cure.remedy {
            Remedy::Edits(edits) => (None, edits.iter().map(edit).collect()),
            Remedy::Heals(heals) => (command(heals, healing), Vec::new()),
        };
        Cure {
            what: capitalised(&cure.what),
            command,
            edits,
            hops: cure.hops,
            is_plural: is_plural(&cure.remedy),
            cuts: cure.cuts.iter().map(cut).collect(),
        }
    };
    cures.iter().map(one).collect()
}

/// Words with a capital letter at the beginning.
fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn cut([from, to]: &[String; 2]) -> Cut {
    let [from, to] = [from, to].map(String::clone);
    Cut { from, to }
}

/// Whether several links are healed.
fn is_plural(remedy: &Remedy) -> bool {
    match remedy {
        Remedy::Heals(Heals::Parts(links)) => links.len() > 1,
        Remedy::Heals(Heals::Node(_)) => true,
        Remedy::Heals(Heals::Impairment(_)) | Remedy::Edits(_) => false,
    }
}

fn edit(edit: &cure::Edit) -> Edit {
    Edit {
        action: match edit.action {
            EditAction::Add => "add",
            EditAction::Replace => "replace",
            EditAction::Remove => "remove",
        },
        path: edit.path.clone(),
        line: edit.line,
        last_line: edit.last,
        place: place(edit),
        lines: edit.lines.clone(),
    }
}

/// What to do with the lines of an edit.
fn place(edit: &cure::Edit) -> String {
    let first = edit.line;
    let lines = match edit.last {
        Some(last) if last > first => format!("lines {first} to {last}"),
        _ => format!("line {first}"),
    };
    match edit.action {
        EditAction::Add if edit.path.is_empty() => ADD_AT_THE_END.to_owned(),
        EditAction::Add => format!("in the lab file, add to `{}` after {lines}", edit.path),
        EditAction::Replace => format!("in the lab file, replace {lines} by"),
        EditAction::Remove => format!("in the lab file, remove {lines}"),
    }
}

fn command(heals: &Heals, healing: Healing<'_>) -> Option<String> {
    let Healing::Running(lab) = healing else {
        return None;
    };
    let lab = lab.map_or_else(String::new, |lab| format!(" --lab {lab}"));
    Some(match heals {
        Heals::Parts(links) => format!("lab heal {}{lab}", links.join(" ")),
        Heals::Node(node) => format!("lab heal {node}{lab}"),
        Heals::Impairment(link) => format!("lab impair {link} --clear{lab}"),
    })
}

/// The section of an explanation that says what to do, for a path between two nodes; the lab file may expect that it does
/// not work.
#[must_use]
pub fn cures_text(cures: &[Cure], [from, to]: [&str; 2], is_expected: bool) -> String {
    let head = if is_expected {
        let expected = "The lab file expects this path to be unreachable.";
        format!("\nWhat to do\n{}", wrapped(expected, INDENT))
    } else {
        "\nWhat to do\n".to_owned()
    };
    if cures.is_empty() {
        let none = "No change that lab knows makes this path work.";
        return head + &wrapped(none, INDENT);
    }
    let all: Vec<String> = cures
        .iter()
        .enumerate()
        .map(|(index, cure)| {
            let number = match cures.len() {
                1 => String::new(),
                _ => format!("{}. ", index + 1),
            };
            let hops = counted(cure.hops, "hop");
            let outcome = format!("With this, {from} reaches {to} in {hops}, and back.");
            instructions(&number, cure) + &wrapped(&(outcome + &cut_text(&cure.cuts)), INDENT)
        })
        .collect();
    head + &all.join("\n")
}

/// The sentence for machines that do not reach each other any more.
fn cut_text(cuts: &[Cut]) -> String {
    let Some((Cut { from, to }, others)) = cuts.split_first() else {
        return String::new();
    };
    let others = match others.len() {
        0 => String::new(),
        number => format!(" and {}", counted(number, "more path")),
    };
    format!(" This cuts {from} to {to}{others}.")
}

/// What to write or to run.
fn instructions(number: &str, cure: &Cure) -> String {
    let what = format!("{number}{}", cure.what);
    if let Some(command) = &cure.command {
        return wrapped(&format!("{what}: `{command}`"), INDENT);
    }
    if cure.edits.is_empty() {
        let failure = if cure.is_plural { "them" } else { "it" };
        return wrapped(&format!("{what}: leave {failure} out of `--down`"), INDENT);
    }
    let parts = cure.edits.iter().enumerate().map(|(index, edit)| {
        let head = match index {
            0 => format!("{what}: {}", edit.place),
            _ => format!("and {}", edit.place),
        };
        // The lines can be copied as they are.
        wrapped(&head, INDENT) + "\n" + &edit.lines.join("\n") + "\n\n"
    });
    parts.collect()
}
