//! What differs between a lab file and the network that was imported anew.

use std::collections::BTreeSet;

use crate::import::text::{Map, Value};

/// The sections that describe Azure. Sites are not compared, since Azure does not know them.
const SECTIONS: [&str; 6] = [
    "virtualNetworks",
    "routeTables",
    "loadBalancers",
    "virtualNetworkGateways",
    "expressRouteCircuits",
    "connections",
];

/// The mappings whose entries are resources: an entry of the lab file that the import does not have is a difference.
const OF_RESOURCES: [&str; 3] = ["subnets", "virtualMachines", "routes"];

/// What differs: in which place of the lab file, what it has and what Azure has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The path of the value, as `virtualNetworks.hub.addressPrefixes`.
    pub at: String,
    /// The value in the lab file; `None` if it is not there.
    pub lab: Option<String>,
    /// The value that was imported; `None` if it is not there.
    pub azure: Option<String>,
}

/// The differences between what was imported and a lab file with all of its defaults. Values that the import chose are
/// not compared.
pub(crate) fn drift(imported: &Map, lab: &Map) -> Vec<Difference> {
    let mut found = Vec::new();
    let none = Map::default();
    for section in SECTIONS {
        let [azure, lab] = [imported, lab].map(|side| side.map(section).unwrap_or(&none));
        compare_maps(azure, lab, section, true, &mut found);
    }
    found
}

fn compare_maps(
    azure: &Map,
    lab: &Map,
    at: &str,
    is_of_resources: bool,
    found: &mut Vec<Difference>,
) {
    for one in azure.entries().iter().filter(|one| !one.chosen) {
        let at = format!("{at}.{}", one.key);
        let is_of_resources = OF_RESOURCES.contains(&one.key.as_str());
        match (&one.value, lab.get(&one.key)) {
            (Value::Map(azure), Some(Value::Map(lab))) => {
                compare_maps(azure, lab, &at, is_of_resources, found);
            }
            (azure, lab) => found.extend(difference(azure, lab, at)),
        }
    }
    let only_here = lab
        .entries()
        .iter()
        .filter(|one| azure.get(&one.key).is_none());
    found.extend(only_here.filter(|_| is_of_resources).map(|one| Difference {
        at: format!("{at}.{}", one.key),
        lab: Some(shown(&one.value)),
        azure: None,
    }));
}

/// How a value differs; `None` if it is the same.
fn difference(azure: &Value, lab: Option<&Value>, at: String) -> Option<Difference> {
    // A subnet's prefix stands for the subnet.
    let lab = match (azure, lab) {
        (Value::Text(_), Some(Value::Map(map))) => map.get("addressPrefix").or(lab),
        _ => lab,
    };
    if lab.is_some_and(|lab| leaves(azure) == leaves(lab)) {
        return None;
    }
    Some(Difference {
        at,
        lab: lab.map(shown),
        azure: Some(shown(azure)),
    })
}

/// A value as texts without an order: the order of prefixes and peerings has no meaning.
fn leaves(value: &Value) -> BTreeSet<String> {
    match value {
        Value::List(items) => items.iter().map(shown).collect(),
        one => BTreeSet::from([shown(one)]),
    }
}

fn shown(value: &Value) -> String {
    let listed = |texts: Vec<String>| texts.join(", ");
    match value {
        Value::Text(text) | Value::Plain(text) => text.clone(),
        Value::List(items) => format!("[{}]", listed(items.iter().map(shown).collect())),
        Value::Map(map) => {
            let entries = map.entries().iter();
            let mut all: Vec<String> = entries
                .map(|one| format!("{}: {}", one.key, shown(&one.value)))
                .collect();
            all.sort();
            format!("{{{}}}", listed(all))
        }
    }
}
