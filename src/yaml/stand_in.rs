//! Values in place of those that could not be read, so that the rest of a resource is still checked.
//!
//! A stand-in exists only after a finding about the value, and no lab is built of it. Its place is
//! [`Place::UNREADABLE`], and no two stand-ins of a file are equal: no rule finds two of them the same. Findings about a
//! stand-in are left out.

use crate::addresses::{Address, Prefix};
use crate::findings::{Located, Place};
use crate::names::{LabName, NodeName};
use crate::units::{Asn, Bandwidth, Share};

/// The first character of names that stand for others. A lab file has no control characters in names.
const MARK: char = '\0';

/// The length of the prefixes: that of a circuit's links, so that they have addresses for both ends.
const LENGTH: u8 = 30;

/// The largest number of a stand-in: all their addresses are in 0.0.0.0/8, which nothing in a lab has.
const LARGEST: u32 = (1 << 22) - 1;

/// A type that may have stand-ins.
pub(crate) trait StandIn: Sized {
    /// The stand-in of a number. By default there is none, and what needs the value is left out.
    fn stand_in(_: &mut Numbers) -> Option<Self> {
        None
    }
}

/// The numbers of a file's stand-ins.
#[derive(Debug, Default)]
pub(crate) struct Numbers(u32);

impl Numbers {
    fn next(&mut self) -> u32 {
        self.0 = (self.0 + 1).min(LARGEST);
        self.0
    }
}

/// Whether a text has a name in it that stands for one that could not be read.
pub(crate) fn mentions_stand_in(text: &str) -> bool {
    text.contains(MARK)
}

const fn unreadable<T>(value: T) -> Located<T> {
    Located {
        value,
        place: Place::UNREADABLE,
    }
}

fn address(number: u32) -> Address {
    let [a, b, c, d] = (number * 4).to_be_bytes();
    Address::v4(a, b, c, d)
}

impl StandIn for Located<String> {
    fn stand_in(numbers: &mut Numbers) -> Option<Self> {
        Some(unreadable(format!("{MARK}{}", numbers.next())))
    }
}

impl StandIn for Located<Address> {
    fn stand_in(numbers: &mut Numbers) -> Option<Self> {
        Some(unreadable(address(numbers.next())))
    }
}

impl StandIn for Located<Prefix> {
    fn stand_in(numbers: &mut Numbers) -> Option<Self> {
        Some(unreadable(Prefix::new(address(numbers.next()), LENGTH)?))
    }
}

impl StandIn for Located<Asn> {
    fn stand_in(numbers: &mut Numbers) -> Option<Self> {
        Some(unreadable(Asn::new(u32::MAX - numbers.next())?))
    }
}

impl StandIn for Located<LabName> {
    fn stand_in(_: &mut Numbers) -> Option<Self> {
        Some(unreadable(LabName::new("unreadable").ok()?))
    }
}

impl StandIn for Located<NodeName> {
    fn stand_in(numbers: &mut Numbers) -> Option<Self> {
        let name = format!("unreadable-{}", numbers.next());
        Some(unreadable(NodeName::new(&name).ok()?))
    }
}

impl StandIn for Bandwidth {
    fn stand_in(_: &mut Numbers) -> Option<Self> {
        Self::from_megabits_per_second(1_000)
    }
}

impl<T: StandIn> StandIn for [T; 2] {
    fn stand_in(numbers: &mut Numbers) -> Option<Self> {
        Some([T::stand_in(numbers)?, T::stand_in(numbers)?])
    }
}

impl<T: StandIn> StandIn for Vec<T> {
    fn stand_in(numbers: &mut Numbers) -> Option<Self> {
        Some(vec![T::stand_in(numbers)?])
    }
}

impl<T> StandIn for Option<T> {
    fn stand_in(_: &mut Numbers) -> Option<Self> {
        Some(None)
    }
}

/// Types without stand-ins.
macro_rules! no_stand_in {
    ($($kind:ty),+ $(,)?) => { $(impl $crate::yaml::stand_in::StandIn for $kind {})+ };
}
pub(crate) use no_stand_in;

no_stand_in!(
    (),
    bool,
    u8,
    u32,
    std::time::Duration,
    Share,
    Located<bool>,
    String
);
