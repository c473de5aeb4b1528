//! The connected parts of a lab.

use std::collections::BTreeMap;

/// Disjoint sets of names that can be merged.
#[derive(Default)]
pub(crate) struct Groups<'a> {
    numbers: BTreeMap<&'a str, usize>,
    /// For each number: its parent, another number of the same group, or itself.
    parents: Vec<usize>,
}

impl<'a> Groups<'a> {
    /// The number of a name's group. A new name gets a new group.
    pub(crate) fn of(&mut self, name: &'a str) -> usize {
        let next = self.parents.len();
        let number = *self.numbers.entry(name).or_insert(next);
        if number == next {
            self.parents.push(next);
        }
        self.first(number)
    }

    /// Merges the groups of two names.
    pub(crate) fn join(&mut self, a: &'a str, b: &'a str) {
        let [a, b] = [self.of(a), self.of(b)];
        self.parents[a.max(b)] = a.min(b);
    }

    fn first(&mut self, mut number: usize) -> usize {
        while self.parents[number] != number {
            self.parents[number] = self.parents[self.parents[number]];
            number = self.parents[number];
        }
        number
    }
}
