//! What differs between a lab file and the network that was imported anew.

use std::collections::BTreeSet;

use crate::import::text::{Map, Value};
use crate::yaml::tree::{Kind, Node};

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
pub(crate) fn drift(imported: &Map, lab: &Node) -> Vec<Difference> {
    let mut found = Vec::new();
    for section in SECTIONS {
        let azure = match imported.get(section) {
            Some(Value::Map(map)) => map.clone(),
            _ => Map::default(),
        };
        compare_map(&azure, entry(lab, section), section, true, &mut found);
    }
    found
}

fn compare_map(
    azure: &Map,
    lab: Option<&Node>,
    at: &str,
    is_of_resources: bool,
    found: &mut Vec<Difference>,
) {
    for one in azure.entries().iter().filter(|one| !one.chosen) {
        let at = format!("{at}.{}", one.key);
        match (&one.value, lab.and_then(|lab| entry(lab, &one.key))) {
            (value, None) => found.push(Difference {
                at,
                lab: None,
                azure: Some(shown(value)),
            }),
            (Value::Map(map), there @ Some(_)) => {
                compare_map(
                    map,
                    there,
                    &at,
                    OF_RESOURCES.contains(&one.key.as_str()),
                    found,
                );
            }
            (value, Some(there)) => compare(value, there, at, found),
        }
    }
    let Some(Kind::Mapping(entries)) = lab.map(|lab| &lab.kind).filter(|_| is_of_resources) else {
        return;
    };
    for (key, value) in entries {
        if azure.get(&key.text).is_none() {
            found.push(Difference {
                at: format!("{at}.{}", key.text),
                lab: Some(shown_node(value)),
                azure: None,
            });
        }
    }
}

fn compare(azure: &Value, lab: &Node, at: String, found: &mut Vec<Difference>) {
    // A subnet's prefix stands for the subnet.
    let lab = match azure {
        Value::Text(_) => entry(lab, "addressPrefix").unwrap_or(lab),
        _ => lab,
    };
    let (one, other) = (leaves(azure), node_leaves(lab));
    if one != other {
        found.push(Difference {
            at,
            lab: Some(shown_node(lab)),
            azure: Some(shown(azure)),
        });
    }
}

/// A value as texts without an order: the order of prefixes and peerings has no meaning.
fn leaves(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Text(text) | Value::Plain(text) => BTreeSet::from([text.clone()]),
        Value::List(items) => items.iter().map(shown).collect(),
        Value::Map(_) => BTreeSet::from([shown(value)]),
    }
}

fn node_leaves(node: &Node) -> BTreeSet<String> {
    match &node.kind {
        Kind::Sequence(items) => items.iter().map(shown_node).collect(),
        _ => BTreeSet::from([shown_node(node)]),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Plain(text) => text.clone(),
        Value::List(items) => format!(
            "[{}]",
            items.iter().map(shown).collect::<Vec<_>>().join(", ")
        ),
        Value::Map(map) => {
            let mut all: Vec<String> = map
                .entries()
                .iter()
                .map(|one| format!("{}: {}", one.key, shown(&one.value)))
                .collect();
            all.sort();
            format!("{{{}}}", all.join(", "))
        }
    }
}

fn shown_node(node: &Node) -> String {
    match &node.kind {
        Kind::Null => "~".to_owned(),
        Kind::Boolean(value) => value.to_string(),
        Kind::Integer(number) => number.to_string(),
        Kind::Float(number) => number.to_string(),
        Kind::Text(text) => text.clone(),
        Kind::Sequence(items) => {
            format!(
                "[{}]",
                items.iter().map(shown_node).collect::<Vec<_>>().join(", ")
            )
        }
        Kind::Mapping(entries) => {
            let entries = entries.iter();
            let mut all: Vec<String> = entries
                .map(|(key, value)| format!("{}: {}", key.text, shown_node(value)))
                .collect();
            all.sort();
            format!("{{{}}}", all.join(", "))
        }
    }
}

fn entry<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    node.entries()
        .iter()
        .find(|(one, _)| one.text == key)
        .map(|(_, value)| value)
}
