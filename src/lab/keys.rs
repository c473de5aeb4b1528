//! The meaning of each key of a lab file: the parts of its description, each of which stands beside the code that reads
//! it. A test compares them with the keys that the decoder reads.

use std::sync::LazyLock;

use crate::lab::kinds::KINDS;
use crate::lab::{expectations, impairments, storyboards};
use crate::yaml::keys;

pub use crate::yaml::keys::{Key, Mapping, Needed, Scalar, Shape};

/// The name of the lab file itself in findings.
pub const ROOT: &str = "a lab file";

/// Every mapping of a lab file, the file itself first.
///
/// # Panics
///
/// If the description is invalid. It is a part of the program, and tests read it.
#[must_use]
pub fn mappings() -> Vec<Mapping> {
    let kinds = KINDS.iter().map(|kind| kind.keys);
    let mut parts = vec![include_str!("keys.yaml")];
    parts.extend(kinds.filter(|keys| !keys.is_empty()));
    parts.extend([impairments::KEYS, expectations::KEYS, storyboards::KEYS]);
    keys::read(&parts).expect("tests read the description, which is a part of the program")
}

/// The keys that a word stands for which people have for them, such as `vnet`. Letters' case is ignored.
#[must_use]
pub fn meant_by(word: &str) -> Vec<&'static str> {
    static MAPPINGS: LazyLock<Vec<Mapping>> = LazyLock::new(mappings);
    let keys = MAPPINGS.iter().flat_map(|mapping| &mapping.keys);
    let meant = keys.filter(|key| key.also.iter().any(|also| also.eq_ignore_ascii_case(word)));
    meant.map(|key| key.name.as_str()).collect()
}

/// What Azure has and labs have not, each with words that people have for it.
const NOT_MODELLED: &[(&str, &[&str])] = &[
    (
        "network security groups",
        &["nsg", "nsgs", "networkSecurityGroups", "securityRules"],
    ),
    (
        "Azure Route Server",
        &["routeServer", "routeServers", "ars"],
    ),
    (
        "Azure Virtual WAN",
        &["virtualWan", "virtualWans", "vwan", "virtualHubs"],
    ),
    (
        "private and service endpoints",
        &["privateEndpoints", "privateEndpoint", "serviceEndpoints"],
    ),
    ("NAT gateways", &["natGateway", "natGateways"]),
    ("IPv6", &["ipv6"]),
];

/// What a word stands for that labs do not have; `None` for any other word. Letters' case is ignored.
#[must_use]
pub fn not_modelled(word: &str) -> Option<&'static str> {
    let mut all = NOT_MODELLED.iter();
    let (what, _) =
        all.find(|(_, words)| words.iter().any(|also| also.eq_ignore_ascii_case(word)))?;
    Some(what)
}
