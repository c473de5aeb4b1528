//! The difference of two documents, as changes that a person makes to the first.

use crate::findings::Place;
use crate::yaml::tree::{Key, Kind, Node};
use crate::yaml::write;

/// A change of one value of a document.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    /// Where the value is.
    pub(crate) path: Vec<Step>,
    /// What is done.
    pub(crate) action: Action,
    /// The value: the added or new one, or the removed one.
    value: Node,
    /// The place of the old value, or of the value to which something is added.
    pub(crate) place: Place,
}

/// What is done with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// A key is added to a mapping, or items to the end of a list.
    Add,
    /// The value is replaced.
    Replace,
    /// The key or the item is removed.
    Remove,
}

/// A step from a value to one inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// The value of a key.
    Key(String),
    /// An item of a list, counted from 0.
    Item(usize),
}

/// The entries of a mapping.
type Entries = [(Key, Node)];

/// The changes from one document to another, in the order of the first.
pub(crate) fn changes(old: &Node, new: &Node) -> Vec<Change> {
    let mut found = Vec::new();
    compare(old, new, &mut Vec::new(), &mut found);
    found
}

fn compare(old: &Node, new: &Node, path: &mut Vec<Step>, found: &mut Vec<Change>) {
    if old.is_same(new) {
        return;
    }
    let change = |action, value: &Node| Change {
        path: path.clone(),
        action,
        value: value.clone(),
        place: old.place,
    };
    match (&old.kind, &new.kind) {
        (Kind::Mapping(entries), Kind::Mapping(news)) if may_be_entered(path) => {
            compare_entries(old, (entries, news), path, found);
        }
        (Kind::Null, Kind::Mapping(news)) if may_be_entered(path) => {
            compare_entries(old, (&[], news), path, found);
        }
        (Kind::Null, Kind::Sequence(_)) => found.push(change(Action::Add, new)),
        (Kind::Sequence(items), Kind::Sequence(news)) => {
            compare_items((old, items), news, path, found);
        }
        _ => found.push(change(Action::Replace, new)),
    }
}

/// An item of a list is changed as a whole, as its lines alone do not say which item they belong to.
fn may_be_entered(path: &[Step]) -> bool {
    !matches!(path.last(), Some(Step::Item(_)))
}

fn compare_entries(
    within: &Node,
    (olds, news): (&Entries, &Entries),
    path: &mut Vec<Step>,
    found: &mut Vec<Change>,
) {
    let of_key = |entries: &Entries, key: &str| {
        let mut entries = entries.iter();
        let found = entries.find(|(known, _)| known.text == key);
        found.map(|(_, value)| value.clone())
    };
    for (key, old) in olds {
        path.push(Step::Key(key.text.clone()));
        match of_key(news, &key.text) {
            Some(new) => compare(old, &new, path, found),
            None => found.push(Change {
                path: path.clone(),
                action: Action::Remove,
                value: old.clone(),
                place: key.place,
            }),
        }
        path.pop();
    }
    for (key, new) in news {
        if of_key(olds, &key.text).is_none() {
            path.push(Step::Key(key.text.clone()));
            found.push(Change {
                path: path.clone(),
                action: Action::Add,
                value: new.clone(),
                place: within.place,
            });
            path.pop();
        }
    }
}

fn compare_items(
    (within, olds): (&Node, &[Node]),
    news: &[Node],
    path: &mut Vec<Step>,
    found: &mut Vec<Change>,
) {
    let is_kept = |old: &Node| news.iter().any(|new| old.is_same(new));
    if news.len() < olds.len() {
        for (index, old) in olds.iter().enumerate().filter(|(_, old)| !is_kept(old)) {
            path.push(Step::Item(index));
            found.push(Change {
                path: path.clone(),
                action: Action::Remove,
                value: old.clone(),
                place: old.place,
            });
            path.pop();
        }
        return;
    }
    for (index, (old, new)) in olds.iter().zip(news).enumerate() {
        path.push(Step::Item(index));
        compare(old, new, path, found);
        path.pop();
    }
    if let Some(added) = news.get(olds.len()..).filter(|added| !added.is_empty()) {
        found.push(Change {
            path: path.clone(),
            action: Action::Add,
            value: Node::added(within.place, Kind::Sequence(added.to_vec())),
            place: within.place,
        });
    }
}

impl Change {
    /// The lines to write or to remove, from the top of the document.
    pub(crate) fn lines(&self) -> Vec<String> {
        let text = write::write(&self.fragment());
        let lines = text.lines().filter(|line| !line.is_empty());
        lines.map(str::to_owned).collect()
    }

    /// The path in words: keys with points between them, and items with their numbers from 0.
    pub(crate) fn path_in_words(&self) -> String {
        self.path
            .iter()
            .fold(String::new(), |path, step| match step {
                Step::Key(key) if path.is_empty() => key.clone(),
                Step::Key(key) => format!("{path}.{key}"),
                Step::Item(index) => format!("{path}[{index}]"),
            })
    }

    /// A document with nothing but the value.
    fn fragment(&self) -> Node {
        let steps = self.path.iter().rev();
        steps.fold(self.value.clone(), |inner, step| {
            let place = inner.place;
            let kind = match step {
                Step::Key(text) => {
                    let text = text.clone();
                    Kind::Mapping(vec![(Key { place, text }, inner)])
                }
                Step::Item(_) => Kind::Sequence(vec![inner]),
            };
            Node::added(place, kind)
        })
    }
}

#[cfg(test)]
pub(crate) mod tests;
