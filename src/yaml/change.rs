//! The difference of two documents, as changes that a person makes to the first.

use crate::findings::Place;
use crate::yaml::alias::Aliases;
use crate::yaml::tree::{Key, Kind, Node};

/// A change of one value of a document.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    /// Where the value is.
    pub(crate) path: Vec<Step>,
    /// What is done.
    pub(crate) action: Action,
    /// How many steps of the path lead to a value that is there already: for an addition, the one that it is added to.
    pub(crate) there: usize,
    /// The place of that value's key, or of the value itself in a list.
    place: Place,
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

/// The changes from one document, which has a text, to another, in the order of the first. `None` if an alias repeats
/// what they change, so that the text cannot be edited at one place alone.
pub(crate) fn changes(text: &str, old: &Node, new: &Node) -> Option<Vec<Change>> {
    let mut comparison = Comparison {
        aliases: Aliases::of(text, old),
        path: Vec::new(),
        place: old.place,
        found: Vec::new(),
        is_writable: true,
    };
    comparison.values(old, new);
    let is_repeated = |change: &Change| change.is_repeated(old, comparison.aliases);
    let is_writable = comparison.is_writable && !comparison.found.iter().any(is_repeated);
    is_writable.then_some(comparison.found)
}

/// A comparison of two documents at some value.
struct Comparison<'a> {
    aliases: Aliases<'a>,
    path: Vec<Step>,
    /// The place of the value's key, or of the value itself in a list.
    place: Place,
    found: Vec<Change>,
    /// No key is removed that a merge key brings.
    is_writable: bool,
}

impl Comparison<'_> {
    fn values(&mut self, old: &Node, new: &Node) {
        if old.is_same(new) {
            return;
        }
        // What an alias stands for is written elsewhere, for others too.
        if self.aliases.is_elsewhere(old.place, self.place) {
            self.note(Action::Replace);
            return;
        }
        // An item of a list is changed as a whole, as its lines alone do not say which item they belong to.
        let may_enter = !matches!(self.path.last(), Some(Step::Item(_)));
        match (&old.kind, &new.kind) {
            (Kind::Mapping(olds), Kind::Mapping(news)) if may_enter => self.entries(olds, news),
            (Kind::Null, Kind::Mapping(news)) if may_enter => self.entries(&[], news),
            (Kind::Null, Kind::Sequence(_)) => self.note(Action::Add),
            (Kind::Sequence(olds), Kind::Sequence(news)) => {
                let mut changed = olds.iter().filter(|old| !contains(news, old));
                if changed.any(|old| self.aliases.is_elsewhere(old.place, self.place)) {
                    self.note(Action::Replace);
                } else {
                    self.items(olds, news);
                }
            }
            _ => self.note(Action::Replace),
        }
    }

    fn entries(&mut self, olds: &Entries, news: &Entries) {
        let (there, place) = (self.path.len(), self.place);
        for (key, old) in olds {
            let new = of_key(news, &key.text);
            if new.is_some_and(|new| old.is_same(new)) {
                continue;
            }
            let step = Step::Key(key.text.clone());
            // A key of its own takes the place of one that a merge key brings.
            match (self.aliases.is_elsewhere(key.place, place), new) {
                (true, Some(_)) => self.at(step, place, |inner| inner.added(there)),
                (true, None) => self.is_writable = false,
                (false, Some(new)) => self.at(step, key.place, |inner| inner.values(old, new)),
                (false, None) => {
                    self.at(step, key.place, |inner| inner.note(Action::Remove));
                }
            }
        }
        let added = news.iter();
        for (key, _) in added.filter(|(key, _)| of_key(olds, &key.text).is_none()) {
            let step = Step::Key(key.text.clone());
            self.at(step, place, |inner| inner.added(there));
        }
    }

    fn items(&mut self, olds: &[Node], news: &[Node]) {
        if news.len() < olds.len() {
            self.removed(olds, news);
            return;
        }
        for (index, (old, new)) in olds.iter().zip(news).enumerate() {
            self.at(Step::Item(index), old.place, |inner| inner.values(old, new));
        }
        if news.len() > olds.len() {
            self.note(Action::Add);
        }
    }

    /// The items of a list that a shorter one lacks.
    fn removed(&mut self, olds: &[Node], news: &[Node]) {
        let removed = olds.iter().enumerate();
        for (index, old) in removed.filter(|(_, old)| !contains(news, old)) {
            let step = Step::Item(index);
            self.at(step, old.place, |inner| inner.note(Action::Remove));
        }
    }

    /// Compares what is one step farther inside.
    fn at(&mut self, step: Step, place: Place, compare: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.place, place);
        self.path.push(step);
        compare(self);
        self.path.pop();
        self.place = outer;
    }

    /// Notes a value of a new key; `there` steps lead to the mapping that is there already.
    fn added(&mut self, there: usize) {
        self.note(Action::Add);
        if let Some(change) = self.found.last_mut() {
            change.there = there;
        }
    }

    fn note(&mut self, action: Action) {
        self.found.push(Change {
            path: self.path.clone(),
            action,
            there: self.path.len(),
            place: self.place,
        });
    }
}

/// The value of a key.
fn of_key<'n>(entries: &'n Entries, key: &str) -> Option<&'n Node> {
    let mut entries = entries.iter();
    let found = entries.find(|(known, _)| known.text == key);
    found.map(|(_, value)| value)
}

fn contains(items: &[Node], item: &Node) -> bool {
    items.iter().any(|one| one.is_same(item))
}

impl Change {
    /// Whether an alias repeats the value that is changed, or a value around it. An alias itself may be replaced.
    fn is_repeated(&self, document: &Node, aliases: Aliases<'_>) -> bool {
        let mut value = document;
        for (index, step) in self.path.iter().take(self.there).enumerate() {
            let inner = match step {
                Step::Key(key) => value.get(key),
                Step::Item(index) => value.items().get(*index),
            };
            let Some(inner) = inner else {
                return false;
            };
            let is_last = index + 1 == self.path.len();
            if is_last && aliases.is_elsewhere(inner.place, self.place) {
                return false;
            }
            if aliases.repeat(inner) {
                return true;
            }
            value = inner;
        }
        // A merge key repeats the values of a mapping without the mapping.
        let entries = value.entries().iter();
        let mut own = entries.filter(|(key, _)| !aliases.is_elsewhere(key.place, value.place));
        self.there < self.path.len() && own.any(|(_, entry)| aliases.repeat(entry))
    }
}

/// A path in words: keys with points between them, and items with their numbers from 0.
pub(crate) fn in_words(path: &[Step]) -> String {
    path.iter().fold(String::new(), |path, step| match step {
        Step::Key(key) if path.is_empty() => key.clone(),
        Step::Key(key) => format!("{path}.{key}"),
        Step::Item(index) => format!("{path}[{index}]"),
    })
}

#[cfg(test)]
pub(crate) mod tests;
