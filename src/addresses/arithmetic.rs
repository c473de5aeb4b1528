//! Addresses by their distance from another one, and the parts of a prefix.

use crate::addresses::{Address, Prefix};

impl Address {
    /// The address so far after this one; the last one of its family if there is none.
    #[must_use]
    pub fn saturating_add(self, distance: u64) -> Self {
        self.of_family(self.bits().saturating_add(u128::from(distance)))
    }

    /// The address so far before this one; the first one of its family if there is none.
    #[must_use]
    pub fn saturating_sub(self, distance: u64) -> Self {
        self.of_family(self.bits().saturating_sub(u128::from(distance)))
    }

    /// How far after another address of its family it is; 0 if it is before it.
    #[must_use]
    pub fn distance_from(self, first: Self) -> u128 {
        self.bits().saturating_sub(first.bits())
    }

    /// The address of a number, or the nearest one that is of the family of this one.
    fn of_family(self, bits: u128) -> Self {
        if !self.is_ipv4() {
            return Self::nearest_ipv6(bits);
        }
        let [first, last] = [Prefix::ALL_IPV4.network(), Prefix::ALL_IPV4.last()];
        Self::of_bits(bits.clamp(first.bits(), last.bits())).unwrap_or(self)
    }
}

impl Prefix {
    /// The addresses, in order.
    pub fn addresses(&self) -> impl Iterator<Item = Address> + use<> {
        let [first, last] = [self.network(), self.last()];
        let own = *self;
        let numbers = first.bits()..=last.bits();
        let addresses = numbers.filter_map(Address::of_bits);
        addresses.filter(move |address| own.contains(address))
    }

    /// The first address that a node may have: the second one, unless there are at most two.
    #[must_use]
    pub fn first_host(&self) -> Address {
        let first = self.network();
        if self.host_bits() > 1 {
            first.saturating_add(1)
        } else {
            first
        }
    }

    /// The prefixes of a length that it consists of, in order; none if the length is shorter than its own, or longer
    /// than an address.
    pub fn subnets(&self, length: u8) -> impl Iterator<Item = Self> + use<> {
        let first = Self::new(self.network(), length).filter(|first| self.contains(first));
        let last = self.last();
        std::iter::successors(first, move |before| {
            let next = before.last().bits().checked_add(1)?;
            let address = Address::of_bits(next).filter(|next| *next <= last)?;
            Some(Self { address, ..*before })
        })
    }

    /// How many addresses it has; at most `u64::MAX`.
    #[must_use]
    pub fn size(&self) -> u64 {
        1_u64
            .checked_shl(u32::from(self.host_bits()))
            .unwrap_or(u64::MAX)
    }
}
