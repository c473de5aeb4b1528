//! IP addresses and prefixes of either family. Labs have IPv4 only: a lab file with IPv6 is refused when it is read.
//!
//! An IPv4 address is kept as its IPv4-mapped IPv6 address (RFC 4291, section 2.5.5.2), in two words and without a
//! family: comparing two addresses takes no branch on the family, and IPv4 addresses differ in one word only.

mod arithmetic;
mod text;

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::num::NonZero;

pub use text::SyntaxError;
pub(crate) use text::{is_ipv6, is_ipv6_address};

/// The upper word of every IPv4 address.
const IPV4_UPPER: NonZero<u64> = NonZero::<u64>::MIN;

/// The lower word of 0.0.0.0.
const IPV4_LOWER: u64 = 0xffff_0000_0000;

/// The length of the prefix of all IPv4 addresses, as IPv6 addresses.
const IPV4_LENGTH: u8 = 96;

/// The length of a prefix of one address, as an IPv6 address.
const HOST_LENGTH: u8 = 128;

/// An IPv4 or IPv6 address. IPv4 addresses are in the order of their numbers, and so are IPv6 addresses.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Address {
    // First, because IPv4 addresses differ in it.
    lower: u64,
    /// The upper 64 bits plus one, so that an `Option` takes no more room.
    upper: NonZero<u64>,
}

/// An address and a prefix length: a network, or an interface's address and its network. They are in the order of their
/// addresses, and of their lengths where the addresses are equal.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Prefix {
    address: Address,
    /// The length, as that of an IPv6 prefix.
    length: u8,
}

impl Address {
    /// 0.0.0.0.
    pub const IPV4_UNSPECIFIED: Self = Self::v4(0, 0, 0, 0);

    /// An IPv4 address of four numbers.
    #[must_use]
    pub const fn v4(a: u8, b: u8, c: u8, d: u8) -> Self {
        // `From` is not const.
        let number = u32::from_be_bytes([a, b, c, d]) as u64;
        Self {
            lower: IPV4_LOWER | number,
            upper: IPV4_UPPER,
        }
    }

    /// An IPv6 address. `None` for one that no node can have: an IPv4-mapped one, or one of `ffff:ffff:ffff:ffff::/64`.
    #[must_use]
    pub fn from_ipv6(address: Ipv6Addr) -> Option<Self> {
        let found = Self::of_bits(address.to_bits())?;
        (!found.is_ipv4()).then_some(found)
    }

    /// Whether it is an IPv4 address.
    #[must_use]
    #[inline]
    pub const fn is_ipv4(self) -> bool {
        self.lower >> 32 == IPV4_LOWER >> 32 && self.upper.get() == IPV4_UPPER.get()
    }

    /// The IPv4 address; `None` for an IPv6 address.
    #[must_use]
    #[inline]
    pub const fn ipv4(self) -> Option<Ipv4Addr> {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the number of an IPv4 address is in the lower half"
        )]
        let number = self.lower as u32;
        if self.is_ipv4() {
            Some(Ipv4Addr::from_bits(number))
        } else {
            None
        }
    }

    /// The IPv4 address, where only IPv4 is implemented.
    ///
    /// # Panics
    ///
    /// If it is an IPv6 address, which no lab has.
    #[must_use]
    pub const fn expect_ipv4(self) -> Ipv4Addr {
        self.ipv4().expect("a lab has no IPv6 addresses")
    }

    /// Whether it is a link-local address: of 169.254.0.0/16 or `fe80::/10`.
    #[must_use]
    pub fn is_link_local(self) -> bool {
        match self.ipv4() {
            Some(address) => address.is_link_local(),
            None => self.ipv6().is_unicast_link_local(),
        }
    }

    /// Whether it is a loopback address: of 127.0.0.0/8, or `::1`.
    #[must_use]
    pub fn is_loopback(self) -> bool {
        match self.ipv4() {
            Some(address) => address.is_loopback(),
            None => self.ipv6().is_loopback(),
        }
    }

    /// The IPv6 address, which is IPv4-mapped for an IPv4 address.
    fn ipv6(self) -> Ipv6Addr {
        Ipv6Addr::from_bits(self.bits())
    }

    fn bits(self) -> u128 {
        u128::from(self.upper.get() - 1) << 64 | u128::from(self.lower)
    }

    /// The IPv6 address of a number; the last one before it if no node can have that one.
    fn nearest_ipv6(bits: u128) -> Self {
        match Self::of_bits(bits) {
            Some(address) if address.is_ipv4() => Self {
                lower: IPV4_LOWER - 1,
                ..address
            },
            Some(address) => address,
            None => Self {
                lower: u64::MAX,
                upper: NonZero::<u64>::MAX,
            },
        }
    }

    fn of_bits(bits: u128) -> Option<Self> {
        #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
        let (upper, lower) = ((bits >> 64) as u64, bits as u64);
        let upper = NonZero::new(upper.checked_add(1)?)?;
        Some(Self { lower, upper })
    }
}

impl From<Ipv4Addr> for Address {
    #[inline]
    fn from(address: Ipv4Addr) -> Self {
        Self {
            lower: IPV4_LOWER | u64::from(address.to_bits()),
            upper: IPV4_UPPER,
        }
    }
}

impl From<[u8; 4]> for Address {
    fn from([a, b, c, d]: [u8; 4]) -> Self {
        Self::v4(a, b, c, d)
    }
}

impl Ord for Address {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        if self.upper == other.upper {
            self.lower.cmp(&other.lower)
        } else {
            self.upper.cmp(&other.upper)
        }
    }
}

impl PartialOrd for Address {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Prefix {
    /// The prefix of all IPv4 addresses, 0.0.0.0/0.
    pub const ALL_IPV4: Self = Self {
        address: Address::IPV4_UNSPECIFIED,
        length: IPV4_LENGTH,
    };

    /// The IPv4 prefix of four numbers and a length.
    ///
    /// # Panics
    ///
    /// If the length is over 32.
    #[must_use]
    pub const fn v4([a, b, c, d]: [u8; 4], length: u8) -> Self {
        assert!(length <= HOST_LENGTH - IPV4_LENGTH, "an IPv4 prefix");
        Self {
            address: Address::v4(a, b, c, d),
            length: IPV4_LENGTH + length,
        }
    }

    /// An address and its prefix length; `None` if the address has fewer bits.
    #[must_use]
    pub fn new(address: Address, length: u8) -> Option<Self> {
        let before = if address.is_ipv4() { IPV4_LENGTH } else { 0 };
        let length = length.checked_add(before)?;
        (length <= HOST_LENGTH).then_some(Self { address, length })
    }

    /// The address, including its host bits.
    #[must_use]
    #[inline]
    pub const fn addr(&self) -> Address {
        self.address
    }

    /// The prefix length.
    #[must_use]
    #[inline]
    pub const fn prefix_len(&self) -> u8 {
        if self.address.is_ipv4() {
            self.length - IPV4_LENGTH
        } else {
            self.length
        }
    }

    /// Whether it has one address only.
    #[must_use]
    #[inline]
    pub const fn is_host(&self) -> bool {
        self.length == HOST_LENGTH
    }

    /// How many bits of an address the prefix leaves open.
    #[must_use]
    #[inline]
    pub const fn host_bits(&self) -> u8 {
        HOST_LENGTH - self.length
    }

    /// Whether an address, or every address of another prefix, is of this one. The families have nothing in common.
    #[must_use]
    #[inline]
    pub fn contains<T: Copy + Into<Self>>(&self, other: &T) -> bool {
        let other: Self = (*other).into();
        if self.length < IPV4_LENGTH {
            return self.contains_of_ipv6(other);
        }
        self.length <= other.length
            && (self.address.lower ^ other.address.lower) >> (HOST_LENGTH - self.length) == 0
            && self.address.upper == other.address.upper
    }

    fn contains_of_ipv6(self, other: Self) -> bool {
        let different = self.address.bits() ^ other.address.bits();
        let outside = different & !self.open();
        self.length <= other.length && outside == 0 && !other.address.is_ipv4()
    }

    /// The prefix without host bits.
    #[must_use]
    #[inline]
    pub fn trunc(&self) -> Self {
        Self {
            address: self.network(),
            length: self.length,
        }
    }

    /// The first address.
    #[must_use]
    #[inline]
    pub fn network(&self) -> Address {
        let Address { lower, upper } = self.address;
        if self.length < IPV4_LENGTH {
            return self.with_host_bits(false);
        }
        let mask = u64::MAX << (HOST_LENGTH - self.length);
        Address {
            lower: lower & mask,
            upper,
        }
    }

    /// The last address: the broadcast address of an IPv4 network.
    #[must_use]
    #[inline]
    pub fn last(&self) -> Address {
        let Address { lower, upper } = self.address;
        if self.length < IPV4_LENGTH {
            return self.with_host_bits(true);
        }
        let mask = u64::MAX << (HOST_LENGTH - self.length);
        Address {
            lower: lower | !mask,
            upper,
        }
    }

    /// The open bits of an address, as those that are set.
    fn open(self) -> u128 {
        u128::MAX.unbounded_shr(u32::from(self.length))
    }

    fn with_host_bits(self, set: bool) -> Address {
        let bits = self.address.bits();
        let bits = if set {
            bits | self.open()
        } else {
            bits & !self.open()
        };
        Address::nearest_ipv6(bits)
    }
}

impl From<Address> for Prefix {
    #[inline]
    fn from(address: Address) -> Self {
        Self {
            address,
            length: HOST_LENGTH,
        }
    }
}

impl Ord for Prefix {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        let addresses = self.address.cmp(&other.address);
        if addresses.is_eq() {
            self.length.cmp(&other.length)
        } else {
            addresses
        }
    }
}

impl PartialOrd for Prefix {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
