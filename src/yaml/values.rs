//! Reads the values of keys: names, addresses, prefixes, durations.

use std::time::Duration;

use crate::addresses::{Address, Prefix, is_ipv6};
use crate::findings::{Finding, Located, Place, Rule, near};
use crate::names::{LabName, NameError, NodeName};
use crate::units::{Bandwidth, Community, Share, parse_duration};
use crate::yaml::fields::{Decoder, meant_or_known, quoted};
use crate::yaml::tree::{Key, Kind, Node};

const WRONG_NAME: Rule = Rule::new("wrong-name");
const UNKNOWN_VALUE: Rule = Rule::new("unknown-value");
const HOST_BITS: Rule = Rule::new("host-bits");
const IPV6: Rule = Rule::new("ipv6");

/// The maximum length in bytes of a number with its unit. A finding does not print a longer one.
const LONGEST_MEASURE_TEXT: usize = 40;

/// A text with at least one character and no control characters.
fn text<'n>(d: &mut Decoder, node: &'n Node, expected: &str) -> Option<&'n str> {
    let Kind::Text(text) = &node.kind else {
        return d.wrong_type(node, expected);
    };
    if text.is_empty() || text.chars().any(char::is_control) {
        let message = format!("expected {expected}, found {}", quoted(text));
        return d.wrong_value(node.place, message);
    }
    Some(text)
}

/// A text that is a name. A name that looks like a number or like `true` needs quotes.
pub(crate) fn name<'n>(d: &mut Decoder, node: &'n Node, expected: &str) -> Option<&'n str> {
    if !matches!(
        node.kind,
        Kind::Integer(_) | Kind::Float(_) | Kind::Boolean(_)
    ) {
        return text(d, node, expected);
    }
    let message = format!("expected {expected}, found {}", node.kind.described());
    d.report(
        Finding::new(Rule::WRONG_TYPE, node.place, message)
            .with_help("write such a name in quotes"),
    );
    None
}

/// The name of another part of the lab file.
pub(crate) fn reference(d: &mut Decoder, node: &Node) -> Option<Located<String>> {
    let value = name(d, node, "a name")?.to_owned();
    Some(located(node.place, value))
}

/// A key that is a name, but not the name of a node.
pub(crate) fn key_text(d: &mut Decoder, key: &Key) -> Located<String> {
    if key.text.is_empty() || key.text.chars().any(char::is_control) {
        let message = format!("expected a name, found {}", quoted(&key.text));
        d.wrong_value::<()>(key.place, message);
        return unreadable(d, NodeName::in_place_of(&key.text).to_string());
    }
    located(key.place, key.text.clone())
}

/// A key that is the name of a node.
pub(crate) fn node_name(d: &mut Decoder, key: &Key) -> Option<Located<NodeName>> {
    let name = named(d, key.place, NodeName::new(&key.text));
    name.or_else(|| Some(unreadable(d, NodeName::in_place_of(&key.text))))
}

/// A name in place of a key that is none: what is in it is checked all the same.
fn unreadable<T>(d: &mut Decoder, name: T) -> Located<T> {
    d.miss_anything();
    located(Place::UNREADABLE, name)
}

/// A value that is a name in the same form as a node's name.
pub(crate) fn plain_name(d: &mut Decoder, node: &Node) -> Option<Located<NodeName>> {
    let plain = NodeName::new(name(d, node, "a name")?);
    named(d, node.place, plain)
}

/// The name of the lab.
pub(crate) fn lab_name(d: &mut Decoder, node: &Node) -> Option<Located<LabName>> {
    let lab = LabName::new(name(d, node, "the lab's name")?);
    named(d, node.place, lab)
}

fn named<T>(d: &mut Decoder, place: Place, name: Result<T, NameError>) -> Option<Located<T>> {
    match name {
        Ok(name) => Some(located(place, name)),
        Err(error) => {
            d.report(Finding::new(WRONG_NAME, place, error.to_string()));
            None
        }
    }
}

/// Terms of the Azure portal for which Azure Resource Manager has other words.
const PORTAL_WORDS: [(&str, &str); 4] = [
    ("Virtual network", "VnetLocal"),
    ("Site-to-site (IPsec)", "IPsec"),
    ("Site-to-site", "IPsec"),
    ("VNet-to-VNet", "Vnet2Vnet"),
];

/// The allowed word for a term of the Azure portal, in any spelling.
fn in_the_portal<'a>(found: &str, words: &[&'a str]) -> Option<&'a str> {
    let letters = |text: &str| -> String {
        let letters = text.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|letter| letter.to_ascii_lowercase()).collect()
    };
    let wanted = letters(found);
    let mut known = PORTAL_WORDS.iter();
    let known = known.find(|(word, _)| letters(word) == wanted);
    let known = known.map(|(_, meant)| *meant);
    let mut words = words.iter().copied();
    words.find(|word| Some(*word) == known || letters(word) == wanted)
}

/// One of a few words, each with its meaning.
pub(crate) fn choice<T: Copy>(
    d: &mut Decoder,
    node: &Node,
    options: &[(&'static str, T)],
) -> Option<T> {
    choice_advising(d, node, options, |_| true)
}

/// The same, where findings advise only some of the words.
pub(crate) fn choice_advising<T: Copy>(
    d: &mut Decoder,
    node: &Node,
    options: &[(&'static str, T)],
    is_advised: impl Fn(&str) -> bool,
) -> Option<T> {
    let words = options.iter().map(|(word, _)| *word);
    let words: Vec<_> = words.filter(|word| is_advised(word)).collect();
    let found = text(d, node, &format!("`{}`", words.join("` or `")))?;
    if let Some((_, value)) = options.iter().find(|(word, _)| *word == found) {
        return Some(*value);
    }
    let message = format!("{} is not known here", quoted(found));
    let meant = in_the_portal(found, &words).or_else(|| near(found, words.iter().copied()));
    d.report(
        Finding::new(UNKNOWN_VALUE, node.place, message).with_help(meant_or_known(
            meant,
            "known here",
            &words,
        )),
    );
    None
}

/// `true` or `false`.
pub(crate) fn boolean(d: &mut Decoder, node: &Node) -> Option<Located<bool>> {
    match node.kind {
        Kind::Boolean(value) => Some(located(node.place, value)),
        Kind::Text(ref text) if let Some(value) = old_boolean(text) => {
            let message = format!("expected true or false, found {}", quoted(text));
            let finding = Finding::new(Rule::WRONG_TYPE, node.place, message);
            d.report(finding.with_label(format!("write `{value}`")));
            None
        }
        _ => d.wrong_type(node, "true or false"),
    }
}

/// What a word means that was a boolean in YAML 1.1 and is text in YAML 1.2.
fn old_boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "on" | "y" => Some(true),
        "no" | "off" | "n" => Some(false),
        _ => None,
    }
}

/// `true` or `false`, without its place.
pub(crate) fn flag(d: &mut Decoder, node: &Node) -> Option<bool> {
    Some(boolean(d, node)?.value)
}

/// An IPv4 address.
pub(crate) fn address(d: &mut Decoder, node: &Node) -> Option<Located<Address>> {
    let found = text(d, node, "an IPv4 address")?;
    let value: Option<Address> = found.parse().ok();
    if let Some(value) = value.filter(|value| value.is_ipv4()) {
        return Some(located(node.place, value));
    }
    let message = format!("{} is not an IPv4 address", quoted(found));
    no_address(d, node, found, message)
}

/// An address with its prefix length, as an interface has.
pub(crate) fn interface_address(d: &mut Decoder, node: &Node) -> Option<Located<Prefix>> {
    slashed(
        d,
        node,
        "an address and its prefix length, such as 10.2.30.10/25",
    )
}

/// Two addresses.
pub(crate) fn two_addresses(d: &mut Decoder, node: &Node) -> Option<[Located<Address>; 2]> {
    d.pair(node, "a list of two addresses", address)
}

/// The addresses of the two ends of a link.
pub(crate) fn link_addresses(d: &mut Decoder, node: &Node) -> Option<[Located<Prefix>; 2]> {
    let expected = "a list of two addresses with their prefix lengths";
    d.pair(node, expected, interface_address)
}

/// The prefix of a network, without host bits.
pub(crate) fn prefix(d: &mut Decoder, node: &Node) -> Option<Located<Prefix>> {
    let found = slashed(d, node, "a prefix, such as 10.10.30.0/24")?;
    let network = found.value.trunc();
    if network == found.value {
        return Some(found);
    }
    d.report(
        Finding::new(
            HOST_BITS,
            found.place,
            format!("{} has host bits set", found.value),
        )
        .with_help(format!("did you mean {network}?")),
    );
    None
}

/// A BGP community.
pub(crate) fn community(d: &mut Decoder, node: &Node) -> Option<Community> {
    let expected = "a community, such as 65001:100, no-export or no-advertise";
    let found = text(d, node, expected)?;
    found.parse().ok().or_else(|| {
        let message = format!("{} is not a community", quoted(found));
        let finding = Finding::new(Rule::WRONG_VALUE, node.place, message);
        d.report(finding.with_help(
            "write ASN:VALUE, each from 0 to 65535, or no-export, no-advertise or local-as (RFC 1997)",
        ));
        None
    })
}

/// A list of prefixes, which may be empty.
pub(crate) fn prefixes(d: &mut Decoder, node: &Node) -> Option<Vec<Located<Prefix>>> {
    d.list(node, "a list of prefixes", prefix)
}

/// A prefix of a fixed length, required by `whose`.
pub(crate) fn prefix_of_length(
    d: &mut Decoder,
    node: &Node,
    length: u8,
    whose: &str,
) -> Option<Located<Prefix>> {
    let found = prefix(d, node)?;
    if found.value.prefix_len() == length {
        return Some(found);
    }
    let message = format!("{} is not a /{length}, as {whose}", found.value);
    d.wrong_value(found.place, message)
}

fn slashed(d: &mut Decoder, node: &Node, expected: &str) -> Option<Located<Prefix>> {
    let found = text(d, node, expected)?;
    let value: Option<Prefix> = found.parse().ok();
    if let Some(value) = value.filter(|value| value.addr().is_ipv4()) {
        return Some(located(node.place, value));
    }
    let message = format!("expected {expected}, found {}", quoted(found));
    no_address(d, node, found, message)
}

/// Reports a text that is no IPv4 address or prefix. Azure supports IPv6 in dual-stack networks
/// (virtual-network/ip-services/ipv6-overview); only this message says that labs do not support it yet.
fn no_address<T>(d: &mut Decoder, node: &Node, found: &str, message: String) -> Option<T> {
    if !is_ipv6(found) {
        return d.wrong_value(node.place, message);
    }
    let message = format!("{} is IPv6, which labs do not have yet", quoted(found));
    d.report(
        Finding::new(IPV6, node.place, message)
            .with_help("leave it out: a network of Azure with IPv6 has IPv4 as well"),
    );
    None
}

/// A duration with its unit.
pub(crate) fn duration(d: &mut Decoder, node: &Node) -> Option<Duration> {
    measured(d, node, ["duration", "2ms"], parse_duration)
}

/// A rate with its unit.
pub(crate) fn rate(d: &mut Decoder, node: &Node) -> Option<Bandwidth> {
    measured(d, node, ["rate", "100mbit"], Bandwidth::parse)
}

/// A share of packets, in percent.
pub(crate) fn share(d: &mut Decoder, node: &Node) -> Option<Share> {
    measured(d, node, ["share of packets", "1%"], Share::parse)
}

/// A number with its unit. A number without a unit is read as text, so that the unit's parser can name the missing
/// unit.
fn measured<T>(
    d: &mut Decoder,
    node: &Node,
    [what, example]: [&str; 2],
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Option<T> {
    let found = match &node.kind {
        Kind::Text(text) => text.clone(),
        Kind::Integer(number) => number.to_string(),
        Kind::Float(number) => number.to_string(),
        _ => return d.wrong_type(node, &format!("a {what}, such as {example}")),
    };
    let parsed = if found.len() > LONGEST_MEASURE_TEXT {
        Err(format!("{} is not a {what}", quoted(&found)))
    } else {
        parse(&found)
    };
    parsed.map_or_else(|message| d.wrong_value(node.place, message), Some)
}

/// A value and its place.
pub(crate) fn located<T>(place: Place, value: T) -> Located<T> {
    Located { value, place }
}

#[cfg(test)]
mod tests {
    use super::in_the_portal;

    #[test]
    fn words_of_the_portal_stand_for_those_of_resource_manager() {
        let next_hops = ["VirtualAppliance", "VirtualNetworkGateway", "VnetLocal"];
        let connections = ["ExpressRoute", "Vnet2Vnet", "IPsec"];
        for (found, words, meant) in [
            ("VirtualNetwork", &next_hops[..], Some("VnetLocal")),
            ("Virtual network", &next_hops, Some("VnetLocal")),
            ("Virtual appliance", &next_hops, Some("VirtualAppliance")),
            (
                "Virtual network gateway",
                &next_hops,
                Some("VirtualNetworkGateway"),
            ),
            ("VNet Local", &next_hops, Some("VnetLocal")),
            ("Site-to-site (IPsec)", &connections, Some("IPsec")),
            ("VNet-to-VNet", &connections, Some("Vnet2Vnet")),
            ("Virtual network", &connections, None),
            ("VPN", &["Vpn", "ExpressRoute"], Some("Vpn")),
            ("VirtualNetworks", &next_hops, None),
        ] {
            assert_eq!(in_the_portal(found, words), meant, "{found}");
        }
    }
}
