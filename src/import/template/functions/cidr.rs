//! Functions of prefixes (template-functions-cidr).

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::{argument, text, whole};
use crate::import::template::scope::{Failure, wrong};

/// Calls a function of prefixes; `None` for another one.
pub(super) fn call(name: &str, values: &[Value]) -> Option<Result<Value, Failure>> {
    match name {
        "cidrsubnet" => Some(subnet(values)),
        "cidrhost" => Some(host(values)),
        "parsecidr" => Some(parse(values)),
        _ => None,
    }
}

/// The first address of a prefix, and its length.
fn prefix(value: &Value) -> Result<(u32, u32), Failure> {
    let written = text(value);
    let bad = || wrong(&format!("`{written}` is no IPv4 prefix"));
    let (address, length) = written.split_once('/').ok_or_else(bad)?;
    let address: Ipv4Addr = address.parse().map_err(|_| bad())?;
    let length: u32 = length.parse().map_err(|_| bad())?;
    let mask = mask(length).ok_or_else(bad)?;
    Ok((address.to_bits() & mask, length))
}

fn mask(length: u32) -> Option<u32> {
    match length {
        0 => Some(0),
        1..=32 => Some(u32::MAX << (32 - length)),
        _ => None,
    }
}

/// The part of a prefix with a length and a number.
fn subnet(values: &[Value]) -> Result<Value, Failure> {
    let (network, of) = prefix(argument(values, 0))?;
    let length = whole("cidrSubnet", argument(values, 1))?;
    let number = whole("cidrSubnet", argument(values, 2))?;
    let bad = || wrong("`cidrSubnet` has no such part of the prefix");
    let length = u32::try_from(length)
        .ok()
        .filter(|length| (of..=32).contains(length))
        .ok_or_else(bad)?;
    let number = u64::try_from(number).map_err(|_| bad())?;
    if number >= 1_u64 << (length - of) {
        return Err(bad());
    }
    let start = u64::from(network) + (number << (32 - length));
    let start = u32::try_from(start).map_err(|_| bad())?;
    Ok(json!(format!("{}/{length}", Ipv4Addr::from_bits(start))))
}

/// A usable address of a prefix: number 0 is the one after the network's own.
fn host(values: &[Value]) -> Result<Value, Failure> {
    let (network, length) = prefix(argument(values, 0))?;
    let number = whole("cidrHost", argument(values, 1))?;
    let bad = || wrong("`cidrHost` has no such address in the prefix");
    let number = u64::try_from(number).map_err(|_| bad())?;
    let (first, last) = if length >= 31 {
        (0, (1_u64 << (32 - length)) - 1)
    } else {
        (1, (1_u64 << (32 - length)) - 2)
    };
    let place = number
        .checked_add(first)
        .filter(|place| *place <= last)
        .ok_or_else(bad)?;
    let address = u32::try_from(u64::from(network) + place).map_err(|_| bad())?;
    Ok(json!(Ipv4Addr::from_bits(address).to_string()))
}

fn parse(values: &[Value]) -> Result<Value, Failure> {
    let (network, length) = prefix(argument(values, 0))?;
    let mask = mask(length).unwrap_or_default();
    let last = network | !mask;
    let [first_usable, last_usable] = if length >= 31 {
        [network, last]
    } else {
        [network + 1, last - 1]
    };
    let written = |bits: u32| Ipv4Addr::from_bits(bits).to_string();
    Ok(json!({
        "network": written(network),
        "netmask": written(mask),
        "broadcast": written(last),
        "firstUsable": written(first_usable),
        "lastUsable": written(last_usable),
        "cidr": length,
    }))
}
