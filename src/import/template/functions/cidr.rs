//! Functions of prefixes (template-functions-cidr).

use serde_json::{Value, json};

use super::{argument, text, whole};
use crate::addresses::{Address, Prefix};
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

/// An IPv4 prefix.
fn prefix(value: &Value) -> Result<Prefix, Failure> {
    let written = text(value);
    let parsed = written.parse::<Prefix>().ok();
    let parsed = parsed.filter(|prefix| prefix.addr().is_ipv4() && written.contains('/'));
    let bad = || wrong(&format!("`{written}` is no IPv4 prefix"));
    parsed.map(|prefix| prefix.trunc()).ok_or_else(bad)
}

/// The part of a prefix with a length and a number.
fn subnet(values: &[Value]) -> Result<Value, Failure> {
    let of = prefix(argument(values, 0))?;
    let length = whole("cidrSubnet", argument(values, 1))?;
    let number = whole("cidrSubnet", argument(values, 2))?;
    let bad = || wrong("`cidrSubnet` has no such part of the prefix");
    let length = u8::try_from(length).ok();
    let length = length.filter(|length| (of.prefix_len()..=32).contains(length));
    let length = length.ok_or_else(bad)?;
    let number = u64::try_from(number).map_err(|_| bad())?;
    if number >= 1_u64 << (length - of.prefix_len()) {
        return Err(bad());
    }
    let address = of.network().saturating_add(number << (32 - length));
    Ok(json!(format!("{address}/{length}")))
}

/// A usable address of a prefix: number 0 is the one after the network's own.
fn host(values: &[Value]) -> Result<Value, Failure> {
    let of = prefix(argument(values, 0))?;
    let number = whole("cidrHost", argument(values, 1))?;
    let bad = || wrong("`cidrHost` has no such address in the prefix");
    let number = u64::try_from(number).map_err(|_| bad())?;
    let [first, last] = usable(of);
    let wanted = first.saturating_add(number);
    if wanted > last || number > u64::from(u32::MAX) {
        return Err(bad());
    }
    Ok(json!(wanted.to_string()))
}

/// The first and the last usable address of a prefix.
fn usable(of: Prefix) -> [Address; 2] {
    if of.prefix_len() >= 31 {
        return [of.network(), of.last()];
    }
    [of.network().saturating_add(1), of.last().saturating_sub(1)]
}

fn parse(values: &[Value]) -> Result<Value, Failure> {
    let of = prefix(argument(values, 0))?;
    let [first, last] = usable(of).map(|address| address.to_string());
    let size = 1_u64 << (32 - of.prefix_len());
    let mask = Address::v4(255, 255, 255, 255).saturating_sub(size - 1);
    Ok(json!({
        "network": of.network().to_string(),
        "netmask": mask.to_string(),
        "broadcast": of.last().to_string(),
        "firstUsable": first,
        "lastUsable": last,
        "cidr": of.prefix_len(),
    }))
}
