//! The difference of two documents as edits of the lines of the first one's text.
//!
//! A value in flow style cannot be extended by a line: the lines of the entry around it are replaced.

use crate::yaml::alias::Aliases;
use crate::yaml::change::{Action, Change, Step, changes, in_words};
use crate::yaml::position::{line_at, offset};
use crate::yaml::reading;
use crate::yaml::tree::{Key, Kind, Node};
use crate::yaml::write;

/// An edit of whole lines of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LineEdit {
    /// What is done.
    pub(crate) action: Action,
    /// The path, in words, to the mapping or list to which something is added, or to the replaced or removed value; empty
    /// for the document.
    pub(crate) path: String,
    /// The line after which lines are added, or the first that is replaced or removed; from 1.
    pub(crate) line: usize,
    /// The last line that is replaced or removed; `None` for an addition.
    pub(crate) last: Option<usize>,
    /// The lines to write or to remove, with their indentation.
    pub(crate) lines: Vec<String>,
}

/// The edits of a text that make one document another, in the order in which a person makes them: from the end of the
/// text, so that the numbers of the lines before an edit stay. `None` if the text cannot be edited by lines, as where an alias
/// repeats what would be edited.
pub(crate) fn line_edits(text: &str, old: &Node, new: &Node) -> Option<Vec<LineEdit>> {
    let written = Written {
        text,
        lines: text.lines().collect(),
        aliases: Aliases::of(text, old),
        old,
        new,
    };
    let mut edits: Vec<LineEdit> = Vec::new();
    for change in changes(text, old, new)? {
        let edit = written.edit(&change)?;
        let mut known = edits.iter_mut();
        if let Some(known) = known.find(|known| known.is_addition_to(&edit)) {
            known.lines.extend(edit.lines);
        } else if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    // What is added to an inner value comes before what is added to the outer one.
    edits.sort_by_key(|edit| (edit.line, edit.last.is_none()));
    edits.reverse();
    let edited = reading::read(&edited(text, &edits)).ok()?;
    has_same_values(&edited, new).then_some(edits)
}

/// A text after edits that are made one after the other.
fn edited(text: &str, edits: &[LineEdit]) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    for edit in edits {
        let range = match edit.last {
            Some(last) => edit.line.saturating_sub(1)..last,
            None => edit.line..edit.line,
        };
        let end = range.end.min(lines.len());
        let written = match edit.action {
            Action::Remove => &[][..],
            Action::Add | Action::Replace => &edit.lines,
        };
        lines.splice(
            range.start.min(end)..end,
            written.iter().map(String::as_str),
        );
    }
    lines.join("\n") + "\n"
}

impl LineEdit {
    /// Whether both add something to one value.
    fn is_addition_to(&self, other: &Self) -> bool {
        let place = |edit: &Self| (edit.action, edit.line, edit.path.clone());
        self.action == Action::Add && place(self) == place(other)
    }
}

/// Whether two values are equal, in whatever order mappings have their keys.
fn has_same_values(one: &Node, other: &Node) -> bool {
    match (&one.kind, &other.kind) {
        (Kind::Mapping(entries), Kind::Mapping(others)) => {
            let is_there = |(key, value): &(Key, Node)| {
                let mut others = others.iter();
                let found = others.find(|(other, _)| other.text == key.text);
                found.is_some_and(|(_, other)| has_same_values(value, other))
            };
            entries.len() == others.len() && entries.iter().all(is_there)
        }
        (Kind::Sequence(items), Kind::Sequence(others)) => {
            let mut pairs = items.iter().zip(others);
            items.len() == others.len() && pairs.all(|(one, other)| has_same_values(one, other))
        }
        _ => one.is_same(other),
    }
}

/// A document as it is written, and what it is to be.
struct Written<'a> {
    text: &'a str,
    lines: Vec<&'a str>,
    aliases: Aliases<'a>,
    old: &'a Node,
    new: &'a Node,
}

/// The first line of an entry or item, from 0, and its indentation in bytes.
#[derive(Clone, Copy)]
struct Start {
    line: usize,
    indentation: usize,
}

impl Written<'_> {
    fn edit(&self, change: &Change) -> Option<LineEdit> {
        let mut value = self.old;
        for (depth, step) in change.path.iter().enumerate() {
            if !self.is_block(value) {
                return self.replaced(change.path.get(..depth)?);
            }
            if depth == change.there {
                return self.added(change, value, step);
            }
            value = child(value, step)?;
        }
        let outer = change.path.split_last()?.1;
        match change.action {
            Action::Add if self.is_block(value) => self.items_added(change, value),
            Action::Add | Action::Replace => self.replaced(&change.path),
            Action::Remove if is_empty(at(self.new, outer)?) => self.replaced(outer),
            Action::Remove => self.removed(&change.path),
        }
    }

    /// Whether a mapping or list has a line for each entry or item.
    fn is_block(&self, value: &Node) -> bool {
        if is_empty(value) {
            return false;
        }
        let mut rest = self.text.get(offset(self.text, value.place)..);
        if let Some(anchored) = rest.filter(|rest| rest.starts_with('&')) {
            let rest_of_it = anchored.split_once(char::is_whitespace);
            rest = rest_of_it.map(|(_, rest)| rest.trim_start());
        }
        rest.is_some_and(|rest| !rest.starts_with(['{', '[']))
    }

    /// A key that is added to a mapping in block style.
    fn added(&self, change: &Change, mapping: &Node, step: &Step) -> Option<LineEdit> {
        let Step::Key(key) = step else {
            return None;
        };
        let entries = mapping.entries().iter();
        let mut own =
            entries.filter(|(key, _)| !self.aliases.is_elsewhere(key.place, mapping.place));
        let first = own.next().map_or(mapping.place, |(key, _)| key.place);
        let start = self.start(offset(self.text, first), "")?;
        let value = at(self.new, &change.path)?;
        let lines = write::entry_lines(key, value, start.indentation);
        let outer = change.path.get(..change.there)?;
        let after = if outer.is_empty() {
            self.lines.len()
        } else {
            self.end(start, |_| true) + 1
        };
        Some(addition(change, after, lines))
    }

    /// Items that are added to the end of a list in block style.
    fn items_added(&self, change: &Change, list: &Node) -> Option<LineEdit> {
        let first = list.items().first()?;
        let start = self.start(offset(self.text, first.place), "-")?;
        let items = at(self.new, &change.path)?.items().iter();
        let added = items.skip(list.items().len());
        let lines = added.flat_map(|item| write::item_lines(item, start.indentation));
        let after = self.end(start, |line| line.starts_with('-')) + 1;
        Some(addition(change, after, lines.collect()))
    }

    /// A value with a line of its own that is replaced.
    fn replaced(&self, path: &[Step]) -> Option<LineEdit> {
        let [start, end] = self.lines_of(path)?;
        let value = at(self.new, path)?;
        let lines = match path.last()? {
            Step::Key(key) => write::entry_lines(key, value, start.indentation),
            Step::Item(_) => write::item_lines(value, start.indentation),
        };
        Some(other(Action::Replace, path, [start.line, end.line], lines))
    }

    /// A value with lines of its own that is removed.
    fn removed(&self, path: &[Step]) -> Option<LineEdit> {
        let [start, end] = self.lines_of(path)?;
        let lines = self.lines.get(start.line..=end.line)?;
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        Some(other(Action::Remove, path, [start.line, end.line], lines))
    }

    /// The first and the last line of an entry or item of a value in block style.
    fn lines_of(&self, path: &[Step]) -> Option<[Start; 2]> {
        let (last, outer) = path.split_last()?;
        let outer = at(self.old, outer)?;
        let value = child(outer, last)?;
        let start = match last {
            Step::Key(key) => {
                let mut entries = outer.entries().iter();
                let (key, _) = entries.find(|(known, _)| known.text == *key)?;
                self.start(offset(self.text, key.place), "")?
            }
            Step::Item(_) => self.start(offset(self.text, value.place), "-")?,
        };
        // A list may have the indentation of its key.
        let has_items = matches!((last, &value.kind), (Step::Key(_), Kind::Sequence(_)));
        let line = self.end(start, |line| has_items && line.starts_with('-'));
        Some([start, Start { line, ..start }])
    }

    /// The line of an entry or item at a byte, which has only the indentation and a mark before it.
    fn start(&self, offset: usize, mark: &str) -> Option<Start> {
        let (number, start) = line_at(self.text, offset);
        let before = self.text.get(start..offset)?;
        let indentation = before.len() - before.trim_start_matches(' ').len();
        (before.trim() == mark).then_some(Start {
            line: number - 1,
            indentation,
        })
    }

    /// The last line, from 0, of what begins at a line. A line with the same indentation is part of it if `belongs` says so.
    fn end(&self, start: Start, belongs: impl Fn(&str) -> bool) -> usize {
        let mut last = start.line;
        let lines = self.lines.iter().enumerate().skip(start.line + 1);
        for (number, line) in lines {
            let content = line.trim_start_matches(' ');
            let indentation = line.len() - content.len();
            if content.trim().is_empty() || content.starts_with('#') {
                continue;
            }
            let is_inside = indentation > start.indentation
                || content.starts_with([']', '}'])
                || indentation == start.indentation && belongs(content);
            if !is_inside {
                break;
            }
            last = number;
        }
        last
    }
}

fn addition(change: &Change, after: usize, lines: Vec<String>) -> LineEdit {
    LineEdit {
        action: Action::Add,
        path: in_words(change.path.get(..change.there).unwrap_or_default()),
        line: after,
        last: None,
        lines,
    }
}

fn other(action: Action, path: &[Step], [first, last]: [usize; 2], lines: Vec<String>) -> LineEdit {
    LineEdit {
        action,
        path: in_words(path),
        line: first + 1,
        last: Some(last + 1),
        lines,
    }
}

fn is_empty(value: &Node) -> bool {
    value.entries().is_empty() && value.items().is_empty()
}

fn child<'n>(value: &'n Node, step: &Step) -> Option<&'n Node> {
    match step {
        Step::Key(key) => {
            let mut entries = value.entries().iter();
            entries
                .find(|(known, _)| known.text == *key)
                .map(|(_, value)| value)
        }
        Step::Item(index) => value.items().get(*index),
    }
}

fn at<'n>(document: &'n Node, path: &[Step]) -> Option<&'n Node> {
    path.iter().try_fold(document, child)
}

#[cfg(test)]
mod tests;
