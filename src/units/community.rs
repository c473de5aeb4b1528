//! BGP communities (RFC 1997).

use std::fmt;
use std::str::FromStr;

/// A community: a tag that a route carries from one autonomous system to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Community(u32);

/// The names of the well-known communities.
const WELL_KNOWN: [(&str, Community); 3] = [
    ("no-export", Community::NO_EXPORT),
    ("no-advertise", Community::NO_ADVERTISE),
    ("local-as", Community::LOCAL_AS),
];

impl Community {
    /// A route that stays in its autonomous system (RFC 1997, `NO_EXPORT`).
    pub const NO_EXPORT: Self = Self(0xFFFF_FF01);

    /// A route that stays with its receiver (RFC 1997, `NO_ADVERTISE`).
    pub const NO_ADVERTISE: Self = Self(0xFFFF_FF02);

    /// A route that stays in its autonomous system, without the others of a confederation (RFC 1997,
    /// `NO_EXPORT_SUBCONFED`). A lab has no confederations.
    pub const LOCAL_AS: Self = Self(0xFFFF_FF03);

    /// The autonomous system that gives the community its meaning, and the value.
    #[must_use]
    pub const fn halves(self) -> [u16; 2] {
        let [a, b, c, d] = self.0.to_be_bytes();
        [u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])]
    }
}

impl fmt::Display for Community {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((name, _)) = WELL_KNOWN.iter().find(|(_, known)| known == self) {
            return f.write_str(name);
        }
        let [asn, value] = self.halves();
        write!(f, "{asn}:{value}")
    }
}

impl FromStr for Community {
    type Err = ();

    /// `ASN:VALUE`, each from 0 to 65535, or the name of a well-known community in any case.
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut known = WELL_KNOWN.iter();
        if let Some((_, known)) = known.find(|(name, _)| name.eq_ignore_ascii_case(text)) {
            return Ok(*known);
        }
        let (asn, value) = text.split_once(':').ok_or(())?;
        let half = |text: &str| {
            let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let number = text.parse().ok().filter(|_| is_number);
            number.map(u16::to_be_bytes).ok_or(())
        };
        let ([a, b], [c, d]) = (half(asn)?, half(value)?);
        Ok(Self(u32::from_be_bytes([a, b, c, d])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_community_is_read_as_it_is_written() {
        for text in ["65001:100", "0:0", "65535:0", "no-export", "no-advertise"] {
            assert_eq!(
                text.parse::<Community>().map(|read| read.to_string()),
                Ok(text.to_owned())
            );
        }
        let number = "65535:65281".parse::<Community>();
        assert_eq!(number, Ok(Community::NO_EXPORT));
        assert_eq!("NO-EXPORT".parse(), Ok(Community::NO_EXPORT));
    }

    #[test]
    fn what_is_no_community_is_refused() {
        for text in [
            "", "1", "65536:1", "1:65536", "1:", ":1", "1:2:3", "+1:2", "a:b",
        ] {
            assert_eq!(text.parse::<Community>(), Err(()), "{text}");
        }
    }
}
