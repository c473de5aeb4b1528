//! A lab as resources of Azure Resource Manager, and what Azure has no place for as a lab file's part.

mod connections;
mod gateways;
mod networks;

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::addresses::Address;
use crate::import::text::{Map, Value};
use crate::yaml;

/// The subscription of exported resources. No subscription has this id.
const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";

/// The sections whose resources become Azure's.
const SECTIONS: [&str; 6] = [
    "virtualNetworks",
    "routeTables",
    "loadBalancers",
    "virtualNetworkGateways",
    "expressRouteCircuits",
    "connections",
];

/// A lab in two parts.
#[derive(Debug, Clone)]
pub struct Arm {
    /// The resources, in the shape of REST answers.
    pub resources: Vec<Json>,
    /// What Azure has no place for, as a part of a lab file: `lab import --on-premises` takes it.
    pub rest: String,
}

/// A lab whose defaults are written out, in two parts. `None` for a text that is no YAML mapping.
///
/// `instances` are the addresses of a gateway's instances by its name, since a lab file may leave them to the lab.
#[must_use]
pub fn arm(filled: &str, instances: &BTreeMap<String, Vec<Address>>) -> Option<Arm> {
    let tree = yaml::reading::read(filled).ok()?;
    let Value::Map(lab) = Value::of_tree(&tree) else {
        return None;
    };
    let group = match lab.get("name") {
        Some(Value::Text(name)) => name.clone(),
        _ => "lab".to_owned(),
    };
    let instances = instances.clone();
    let mut writer = Writer {
        group,
        instances,
        lab,
        resources: Vec::new(),
    };
    writer.networks();
    writer.route_tables();
    writer.load_balancers();
    writer.gateways();
    writer.circuits();
    writer.connections();
    let mut lab = writer.lab;
    lab.take("name");
    for section in SECTIONS {
        if lab.get(section).is_some() {
            lab.at(section).drop_empty();
        }
        if lab
            .get(section)
            .is_some_and(|left| *left == Value::Map(Map::default()))
        {
            lab.take(section);
        }
    }
    Some(Arm {
        resources: writer.resources,
        rest: lab.write(&[]),
    })
}

/// A lab whose parts become resources. What became a resource is taken out of the lab.
struct Writer {
    /// The resource group.
    group: String,
    /// The addresses of the instances of gateways.
    instances: BTreeMap<String, Vec<Address>>,
    lab: Map,
    resources: Vec<Json>,
}

impl Writer {
    /// The id of a resource of a provider's type.
    fn id(&self, kind: &str, name: &str) -> String {
        let group = &self.group;
        let (provider, kind) = kind.split_once('/').unwrap_or(("Microsoft.Network", kind));
        format!(
            "/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/{provider}/{kind}/{name}"
        )
    }

    /// A reference to a resource of Microsoft.Network.
    fn reference(&self, kind: &str, name: &str) -> Json {
        json!({ "id": self.id(kind, name) })
    }

    /// Appends a resource with its location and properties.
    fn push(&mut self, kind: &str, name: &str, location: &str, properties: impl Into<Json>) {
        let properties = properties.into();
        let id = self.id(kind, name);
        let kind = if kind.contains('/') {
            kind.to_owned()
        } else {
            format!("Microsoft.Network/{kind}")
        };
        self.resources.push(json!({
            "id": id, "name": name, "type": kind, "location": location, "properties": properties,
        }));
    }

    /// The entries of a section: name and values.
    fn section(&self, section: &str) -> Vec<(String, Map)> {
        let Some(Value::Map(map)) = self.lab.get(section) else {
            return Vec::new();
        };
        let entries = map.entries().iter();
        let map = entries.map(|entry| match &entry.value {
            Value::Map(map) => (entry.key.clone(), map.clone()),
            _ => (entry.key.clone(), Map::default()),
        });
        map.collect()
    }

    /// The location of a network.
    fn location(&self, network: &str) -> String {
        let networks = self.section("virtualNetworks");
        let found = networks.iter().find(|(name, _)| name == network);
        found
            .and_then(|(_, map)| text(map, "location"))
            .unwrap_or("westeurope")
            .to_owned()
    }

    /// Appends a public IP address with an address, and refers to it.
    fn public_address(&mut self, name: &str, location: &str, address: Option<&str>) -> Json {
        let mut properties = json!({ "publicIPAllocationMethod": "Static" });
        if let Some(address) = address {
            properties["ipAddress"] = json!(address);
        }
        self.push("publicIPAddresses", name, location, properties);
        self.reference("publicIPAddresses", name)
    }
}

/// The text of a key.
fn text<'a>(map: &'a Map, key: &str) -> Option<&'a str> {
    match map.get(key)? {
        Value::Text(text) | Value::Plain(text) => Some(text),
        _ => None,
    }
}

/// The texts of a key: one, or those of a list.
fn texts(map: &Map, key: &str) -> Vec<String> {
    match map.get(key) {
        Some(Value::Text(text) | Value::Plain(text)) => vec![text.clone()],
        Some(Value::List(items)) => items
            .iter()
            .filter_map(|item| match item {
                Value::Text(text) | Value::Plain(text) => Some(text.clone()),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether a key is true.
fn is(map: &Map, key: &str) -> bool {
    text(map, key) == Some("true")
}

/// The number of a key.
fn number(map: &Map, key: &str) -> Option<u64> {
    text(map, key)?.parse().ok()
}

/// The mapping of a key.
fn inside<'a>(map: &'a Map, key: &str) -> Option<&'a Map> {
    match map.get(key)? {
        Value::Map(map) => Some(map),
        _ => None,
    }
}

/// Sets a property that has a value.
fn set<T: serde::Serialize>(properties: &mut Json, key: &str, value: Option<T>) {
    if let Some(value) = value {
        properties[key] = json!(value);
    }
}
