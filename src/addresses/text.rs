//! Addresses and prefixes as text, in the usual notation of each family; serialized, they are the same text.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{Ipv4Net, Ipv6Net};
use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

use crate::addresses::{Address, Prefix};

/// A text is not an address or not a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("invalid IP address syntax")]
pub struct SyntaxError;

/// Whether a text is an IPv6 address or prefix, even of an address that no node can have.
pub(crate) fn is_ipv6(text: &str) -> bool {
    is_ipv6_address(text) || text.parse::<Ipv6Net>().is_ok()
}

/// Whether a text is an IPv6 address, even one that no node can have.
pub(crate) fn is_ipv6_address(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

fn of(address: IpAddr) -> Result<Address, SyntaxError> {
    match address {
        IpAddr::V4(address) => Ok(address.into()),
        IpAddr::V6(address) => Address::from_ipv6(address).ok_or(SyntaxError),
    }
}

impl From<Address> for IpAddr {
    fn from(address: Address) -> Self {
        match address.ipv4() {
            Some(address) => Self::V4(address),
            None => Self::V6(address.ipv6()),
        }
    }
}

impl FromStr for Address {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        text.parse().map_err(|_| SyntaxError).and_then(of)
    }
}

impl FromStr for Prefix {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        let (address, length) = if let Ok(net) = text.parse::<Ipv4Net>() {
            (net.addr().into(), net.prefix_len())
        } else {
            let net: Ipv6Net = text.parse().map_err(|_| SyntaxError)?;
            (of(net.addr().into())?, net.prefix_len())
        };
        Self::new(address, length).ok_or(SyntaxError)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ipv4() {
            Some(address) => address.fmt(f),
            None => self.ipv6().fmt(f),
        }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.addr(), self.prefix_len())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Prefix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed(deserializer)
    }
}

impl<'de> Deserialize<'de> for Prefix {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed(deserializer)
    }
}

fn parsed<'de, T: FromStr<Err = SyntaxError>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let text = Cow::<str>::deserialize(deserializer)?;
    text.parse().map_err(D::Error::custom)
}
