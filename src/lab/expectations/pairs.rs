//! The ordered pairs of machines of the expectations.
//!
//! An expectation may name sets. Its pairs consist of one machine from each set, but never of the same machine twice.
//! If several expectations name a pair, the most specific one applies: a machine's own name is more specific than a
//! list or the name of a network or site, and these are more specific than `"*"`.

use std::collections::BTreeMap;

use crate::addresses::Address;
use crate::findings::Located;
use crate::lab::model::{Ends, Expectation, Spec, StepExpectations};

/// Every machine and host of a lab file, and the names that stand for several of them.
pub(crate) struct Machines<'a> {
    all: Vec<(&'a str, Address)>,
    /// The position of each machine, by name.
    positions: BTreeMap<&'a str, usize>,
    /// The positions of the machines or hosts of each virtual network or site, by name.
    groups: BTreeMap<&'a str, Vec<usize>>,
}

/// The machines of one end of an expectation.
struct Chosen {
    positions: Vec<usize>,
    /// How specific the names are: 2 for a machine's own name, 0 for `"*"`.
    narrowness: u8,
}

/// An expectation for one of its pairs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair<'a> {
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    pub(crate) expectation: &'a Expectation,
    /// Whether the expectation names both machines themselves.
    pub(crate) is_explicit: bool,
}

/// The pairs of a list of expectations.
pub(crate) struct Pairs<'a> {
    /// Each pair with the expectation that applies to it, in the order of the file.
    pub(crate) all: Vec<Pair<'a>>,
    /// Pairs for which an earlier expectation is equally specific.
    pub(crate) repeated: Vec<Pair<'a>>,
}

/// The list of the lab's own expectations, and the list of each step that has some.
pub(crate) fn lists(spec: &Spec) -> impl Iterator<Item = &[Expectation]> {
    let steps = spec
        .storyboards
        .iter()
        .flat_map(|storyboard| &storyboard.steps);
    let own = steps.filter_map(|step| match &step.expect {
        StepExpectations::Own(list) => Some(list.as_slice()),
        StepExpectations::Steady => None,
    });
    std::iter::once(spec.expectations.as_slice()).chain(own)
}

impl<'a> Machines<'a> {
    /// The machines of a lab file; none if it has no expectations.
    pub(crate) fn of(spec: &'a Spec) -> Self {
        let mut machines = Self {
            all: Vec::new(),
            positions: BTreeMap::new(),
            groups: BTreeMap::new(),
        };
        // They are not needed.
        if lists(spec).all(<[_]>::is_empty) {
            return machines;
        }
        for vnet in &spec.resources.virtual_networks {
            let own = vnet.virtual_machines.iter();
            let own = own.map(|machine| {
                let address = machine.primary().private_ip_address.value;
                (machine.name.value.as_str(), address)
            });
            machines.add(vnet.name.value.as_str(), own);
        }
        for site in &spec.resources.sites {
            let own = site.hosts.iter();
            let own = own.map(|host| (host.name.value.as_str(), host.address.value.addr()));
            machines.add(site.name.value.as_str(), own);
        }
        machines
    }

    fn add(&mut self, group: &'a str, machines: impl Iterator<Item = (&'a str, Address)>) {
        let group = self.groups.entry(group).or_default();
        for machine in machines {
            let position = self.all.len();
            self.all.push(machine);
            self.positions.entry(machine.0).or_insert(position);
            group.push(position);
        }
    }

    /// The names of machines, hosts, virtual networks and sites.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        let machines = self.all.iter().map(|(name, _)| *name);
        machines.chain(self.groups.keys().copied())
    }

    pub(crate) fn knows(&self, name: &str) -> bool {
        self.positions.contains_key(name) || self.groups.contains_key(name)
    }

    /// Whether a name is a machine's or host's own.
    pub(crate) fn is_machine(&self, name: &str) -> bool {
        self.positions.contains_key(name)
    }

    /// Whether an expectation has any pair.
    pub(crate) fn has_pair(&self, expectation: &Expectation) -> bool {
        couples(&self.ends(expectation)).next().is_some()
    }

    pub(crate) fn address_of(&self, name: &str) -> Option<Address> {
        Some(self.all[*self.positions.get(name)?].1)
    }

    /// The maximum number of pairs of an expectation.
    pub(crate) fn count(&self, expectation: &Expectation) -> u64 {
        let [from, to] = [&expectation.from, &expectation.to].map(|ends| match ends {
            Ends::One(name) => self.named(name).len(),
            Ends::Several(_, names) => names.iter().map(|name| self.named(name).len()).sum(),
            Ends::All(_) => self.all.len(),
        });
        (from as u64).saturating_mul(to as u64)
    }

    fn named(&self, name: &Located<String>) -> &[usize] {
        let name = name.value.as_str();
        match self.positions.get(name) {
            Some(position) => std::slice::from_ref(position),
            None => self.groups.get(name).map_or(&[], Vec::as_slice),
        }
    }

    fn chosen(&self, ends: &Ends) -> Chosen {
        match ends {
            Ends::One(name) => Chosen {
                positions: self.named(name).to_vec(),
                narrowness: if self.positions.contains_key(name.value.as_str()) {
                    2
                } else {
                    1
                },
            },
            Ends::Several(_, names) => {
                let mut positions: Vec<usize> = Vec::new();
                positions.extend(names.iter().flat_map(|name| self.named(name)));
                let mut seen = vec![false; self.all.len()];
                positions.retain(|position| !std::mem::replace(&mut seen[*position], true));
                Chosen {
                    positions,
                    narrowness: 1,
                }
            }
            Ends::All(_) => Chosen {
                positions: (0..self.all.len()).collect(),
                narrowness: 0,
            },
        }
    }

    /// The pairs of a list of expectations. Unknown names have none.
    pub(crate) fn pairs(&self, list: &'a [Expectation]) -> Pairs<'a> {
        let chosen: Vec<[Chosen; 2]> = list.iter().map(|one| self.ends(one)).collect();
        let Holding {
            by_couple,
            repeated,
        } = Holding::of(&chosen);
        let pair = |(from, to): Couple, index: usize| Pair {
            from: self.all[from].0,
            to: self.all[to].0,
            expectation: &list[index],
            is_explicit: narrowness(&chosen[index]) == 4,
        };
        let mut all = Vec::with_capacity(by_couple.len());
        for (index, ends) in chosen.iter().enumerate() {
            let held = couples(ends).filter(|couple| by_couple[couple].1 == index);
            all.extend(held.map(|couple| pair(couple, index)));
        }
        let repeated = repeated.into_iter();
        let repeated = repeated.map(|(couple, index)| pair(couple, index));
        Pairs {
            all,
            repeated: repeated.collect(),
        }
    }

    fn ends(&self, expectation: &Expectation) -> [Chosen; 2] {
        [self.chosen(&expectation.from), self.chosen(&expectation.to)]
    }
}

/// The positions of two machines.
type Couple = (usize, usize);

/// Which expectation applies to each pair.
struct Holding {
    /// How specific the expectation is, and its index.
    by_couple: BTreeMap<Couple, (u8, usize)>,
    /// Pairs for which an earlier expectation is equally specific, with the index of the later one.
    repeated: Vec<(Couple, usize)>,
}

impl Holding {
    fn of(chosen: &[[Chosen; 2]]) -> Self {
        let named = chosen.iter().enumerate().flat_map(|(index, ends)| {
            let narrowness = narrowness(ends);
            couples(ends).map(move |couple| (couple, (narrowness, index)))
        });
        let mut by_couple: BTreeMap<Couple, (u8, usize)> = BTreeMap::new();
        let mut repeated = Vec::new();
        for (couple, (narrowness, index)) in named {
            let holder = by_couple.entry(couple).or_insert((narrowness, index));
            if narrowness > holder.0 {
                *holder = (narrowness, index);
            } else if narrowness == holder.0 && holder.1 != index {
                repeated.push((couple, index));
            }
        }
        // Not a repetition if a more specific expectation overrides both.
        repeated.retain(|(couple, index)| by_couple[couple].0 == narrowness(&chosen[*index]));
        Self {
            by_couple,
            repeated,
        }
    }
}

fn narrowness([from, to]: &[Chosen; 2]) -> u8 {
    from.narrowness + to.narrowness
}

/// The pairs of two ends, in order, each once.
fn couples([from, to]: &[Chosen; 2]) -> impl Iterator<Item = Couple> {
    from.positions.iter().flat_map(|from| {
        let others = to.positions.iter().filter(move |to| *to != from);
        others.map(move |to| (*from, *to))
    })
}

impl Ends {
    /// All names.
    pub(crate) fn names(&self) -> &[Located<String>] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(_, names) => names,
            Self::All(_) => &[],
        }
    }

    /// The only name; `None` for a list or `"*"`.
    pub(crate) fn only(&self) -> Option<&Located<String>> {
        match self {
            Self::One(name) => Some(name),
            Self::Several(..) | Self::All(_) => None,
        }
    }

    /// The place in the file.
    pub(crate) fn place(&self) -> crate::findings::Place {
        match self {
            Self::One(name) => name.place,
            Self::Several(place, _) | Self::All(place) => *place,
        }
    }
}
