//! Numbers with a unit, valid by construction.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

mod community;
mod duration;
mod impairment;

pub use community::Community;
pub use duration::{milliseconds, parse_duration, parse_patience};
pub use impairment::{Impairment, ImpairmentChange, Share};

/// A number and its noun: `1 route`, `2 routes`.
#[must_use]
pub fn counted(number: usize, word: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {word}{ending}")
}

/// A capacity in bits per second, never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64")]
pub struct Bandwidth(u64);

/// A message may contain any number; a link accepts only the rates that a lab file may have.
impl TryFrom<u64> for Bandwidth {
    type Error = &'static str;

    fn try_from(bits: u64) -> Result<Self, Self::Error> {
        if (SLOWEST..=FASTEST).contains(&bits) {
            Ok(Self(bits))
        } else {
            Err("a link carries 8000 to 1000000000000 bits a second")
        }
    }
}

/// The units of a rate in `tc`, the largest first, and their bits per second.
const RATE_UNITS: [(&str, u64); 4] = [
    ("gbit", 1_000_000_000),
    ("mbit", 1_000_000),
    ("kbit", 1_000),
    ("bit", 1),
];

/// The highest rate of a link: 1 Tbit/s, above any port in Azure.
const FASTEST: u64 = 1_000_000_000_000;

/// The lowest rate of a link: a full frame takes 1.5 s.
const SLOWEST: u64 = 8_000;

impl Bandwidth {
    /// The most time that a link with a rate catches up after its carrier was delayed, because it had no processor: the
    /// bytes for this time may then leave at once. Virtual machines lose their processors for some 10 ms.
    pub const CATCH_UP: Duration = Duration::from_millis(20);

    /// A capacity of `megabits` million bits per second; `None` for zero.
    #[must_use]
    pub const fn from_megabits_per_second(megabits: u32) -> Option<Self> {
        if megabits == 0 {
            None
        } else {
            Some(Self(megabits as u64 * 1_000_000))
        }
    }

    /// A capacity of that many bits per second; `None` for zero.
    #[must_use]
    pub const fn from_bits_per_second(bits: u64) -> Option<Self> {
        if bits == 0 { None } else { Some(Self(bits)) }
    }

    /// Bits per second.
    #[must_use]
    pub const fn bits_per_second(self) -> u64 {
        self.0
    }

    /// Whole bytes that pass in some time.
    #[must_use]
    pub fn bytes_in(self, time: Duration) -> u64 {
        let bytes = u128::from(self.0) * time.as_nanos() / 8_000_000_000;
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }

    /// How long that many bytes take.
    #[must_use]
    pub fn time_for(self, bytes: u64) -> Duration {
        let nanoseconds = u128::from(bytes) * 8_000_000_000 / u128::from(self.0);
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    }

    /// The rate of whole frames for full IP packets at this rate: a capacity counts packets, but queues also count each
    /// Ethernet header (14 of 1,514 bytes).
    #[must_use]
    pub fn framed(self) -> Self {
        let bits = u128::from(self.0) * 1_514 / 1_500;
        Self(u64::try_from(bits).unwrap_or(u64::MAX))
    }

    /// Reads a rate from a lab file or the command line, in the units of `tc`: `100mbit`, `1.5gbit`.
    ///
    /// # Errors
    ///
    /// A sentence that shows the format of a rate.
    pub fn parse(text: &str) -> Result<Self, String> {
        let number_ends = text
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(number_ends);
        let unit = unit.trim();
        let Some((_, bits_each)) = RATE_UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(if unit.is_empty() && !number.is_empty() {
                format!("`{text}` has no unit: write `{text}mbit`, or kbit or gbit")
            } else if number.is_empty() {
                format!("`{text}` is not a rate: write it like `100mbit` or `1.5gbit`")
            } else {
                format!("`{unit}` is not a unit of rates: write kbit, mbit or gbit")
            });
        };
        let value: f64 = number
            .parse()
            .map_err(|_| format!("`{text}` is not a rate: write it like `100mbit` or `1.5gbit`"))?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "what does not fit is out of the range that is asked for next"
        )]
        let bits = (value * *bits_each as f64).round() as u64;
        if (SLOWEST..=FASTEST).contains(&bits) {
            Ok(Self(bits))
        } else {
            Err(format!(
                "`{text}` is out of range: a link carries 8kbit to 1000gbit"
            ))
        }
    }

    /// The rate in the format of `tc`, which [`Bandwidth::parse`] reads.
    #[must_use]
    pub fn tc_text(self) -> String {
        let mut units = RATE_UNITS.iter();
        let fitting = units.find(|(_, bits_each)| self.0.is_multiple_of(*bits_each));
        fitting.map_or_else(String::new, |(name, bits_each)| {
            format!("{}{name}", self.0 / bits_each)
        })
    }
}

/// In the format of Azure's documents: `650 Mbit/s`, `1 Gbit/s`.
impl fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, bits_each) = match self.0 {
            whole if whole.is_multiple_of(1_000_000_000) => ("Gbit/s", 1e9),
            1_000_000.. => ("Mbit/s", 1e6),
            _ => ("kbit/s", 1e3),
        };
        #[expect(
            clippy::cast_precision_loss,
            reason = "no rate is near 2^53 bits a second"
        )]
        let value = self.0 as f64 / bits_each;
        write!(f, "{value} {unit}")
    }
}

/// An IPv4 TTL, 1 to 255 (RFC 791, section 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ttl(u8);

impl Ttl {
    /// The largest TTL.
    pub const MOST: Self = Self(255);

    /// The initial TTL of machines (RFC 1700, and Linux).
    pub const MACHINES: Self = Self(64);

    /// A TTL of `hops`; `None` for zero, which no sender may use.
    #[must_use]
    pub const fn new(hops: u8) -> Option<Self> {
        if hops == 0 { None } else { Some(Self(hops)) }
    }

    /// The number of hops.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Ttl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An autonomous system number (RFC 6793), never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asn(u32);

impl Asn {
    /// The ASN of every MSEE (Microsoft Enterprise Edge router).
    pub const MSEE: Self = Self(12076);

    /// The default ASN of every Azure gateway.
    pub const AZURE_GATEWAY: Self = Self(65515);

    /// An ASN; `None` for zero, which is reserved (RFC 7607).
    #[must_use]
    pub const fn new(number: u32) -> Option<Self> {
        if number == 0 {
            None
        } else {
            Some(Self(number))
        }
    }

    /// The number itself.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Whether the ASN is in a range for private use (RFC 6996).
    #[must_use]
    pub const fn is_private(self) -> bool {
        matches!(self.0, 64512..=65534 | 4_200_000_000..=4_294_967_294)
    }
}

impl fmt::Display for Asn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_needs_its_unit_and_a_range() {
        let read = |text| Bandwidth::parse(text).map(Bandwidth::bits_per_second);
        assert_eq!(read("100mbit"), Ok(100_000_000));
        assert_eq!(read("1.5gbit"), Ok(1_500_000_000));
        assert_eq!(read("64 kbit"), Ok(64_000));
        for wrong in [
            "5", "5mbps", "0mbit", "1kbit", "1001gbit", "gbit", "-1mbit", "1..2mbit", "",
        ] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
        let again = ["1gbit", "1500mbit", "64kbit", "8001bit"];
        assert_eq!(
            again.map(|text| Bandwidth::parse(text).unwrap().tc_text()),
            again
        );
    }

    #[test]
    fn a_message_says_no_rate_that_there_is_not() {
        let read = |text| serde_json::from_str::<Bandwidth>(text);
        assert_eq!(read("8000").unwrap().bits_per_second(), 8_000);
        for wrong in ["0", "7999", "1000000000001", "-1", "8000.5"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_rate_is_told_as_documents_do() {
        let told = |text| Bandwidth::parse(text).unwrap().to_string();
        assert_eq!(
            [
                "650mbit", "1gbit", "1250mbit", "64kbit", "8001bit", "10gbit"
            ]
            .map(told),
            [
                "650 Mbit/s",
                "1 Gbit/s",
                "1250 Mbit/s",
                "64 kbit/s",
                "8.001 kbit/s",
                "10 Gbit/s"
            ]
        );
    }

    #[test]
    fn bytes_and_time_go_by_the_rate() {
        let rate = Bandwidth::from_megabits_per_second(100).unwrap();
        assert_eq!(rate.bytes_in(Duration::from_millis(1)), 12_500);
        assert_eq!(rate.time_for(12_500), Duration::from_millis(1));
        // A full packet takes as long with its frame as alone.
        let frame = rate.framed().time_for(1_514).as_nanos();
        assert!(frame.abs_diff(rate.time_for(1_500).as_nanos()) <= 1);
    }

    #[test]
    fn private_as_numbers_are_those_of_rfc_6996() {
        let is_private = |number| Asn::new(number).unwrap().is_private();
        assert!(is_private(65515) && is_private(64512) && is_private(4_200_000_000));
        assert!(!is_private(12076) && !is_private(65535) && !is_private(64511));
    }
}
