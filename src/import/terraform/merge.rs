//! Puts children into their parents, and joins resources.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::kinds::{CUSTOM_BGP, complete_connection, list_of};
use super::shape::{is_empty, parent_id, put};

/// The type of peerings of virtual networks.
const PEERINGS: &str = "/virtualNetworkPeerings";

/// A reference that a resource is to get.
#[derive(Debug, Clone)]
pub(super) struct Joint {
    /// The id of the resource.
    pub(super) at: String,
    /// The place of the reference in its JSON.
    pub(super) place: &'static str,
    /// The id that the reference names.
    pub(super) to: String,
    /// Whether the place is a list.
    pub(super) is_list: bool,
}

/// Resources of Azure Resource Manager, with their children inside.
#[derive(Debug, Default)]
pub(super) struct Resources {
    all: Vec<Map<String, Value>>,
    /// The place in `all` of each id in lower case.
    places: BTreeMap<String, usize>,
    /// Lists that children were put into: the parent's id, and the list.
    filled: BTreeSet<(String, String)>,
}

impl Resources {
    /// Puts in resources. Children go into their parents, if these are there. Ids that are there already are merged.
    pub(super) fn insert_all(&mut self, mut bodies: Vec<Map<String, Value>>) {
        // Parents come before their children.
        bodies.sort_by_key(|body| text(body, "type").matches('/').count());
        for body in bodies {
            self.insert(body);
        }
    }

    fn insert(&mut self, body: Map<String, Value>) {
        let id = text(&body, "id").to_owned();
        let is_child = text(&body, "type").matches('/').count() > 1;
        let parent = parent_id(&id).filter(|_| is_child).map(str::to_owned);
        let segment = id.rsplit('/').nth(1).unwrap_or_default();
        let list = list_of(segment).to_owned();
        if let Some(there) = self.locate(&id) {
            merge(there, body);
            self.filled.extend(parent.map(|parent| (parent, list)));
            return;
        }
        if let Some(parent) = parent {
            let items = self.locate(&parent).and_then(|one| items_of(one, &list));
            if let Some(items) = items {
                items.push(Value::Object(as_item(body)));
                self.filled.insert((parent, list));
                return;
            }
        }
        self.places.insert(id.to_lowercase(), self.all.len());
        self.all.push(body);
    }

    /// The resource, child or part of an id.
    fn locate(&mut self, id: &str) -> Option<&mut Map<String, Value>> {
        let mut steps = Vec::new();
        let mut rest = id;
        let place = loop {
            if let Some(&place) = self.places.get(&rest.to_lowercase()) {
                break place;
            }
            let parent = parent_id(rest)?;
            let mut step = rest.get(parent.len() + 1..)?.split('/');
            steps.push((rest, step.next()?, step.next()?));
            rest = parent;
        };
        let mut found = self.all.get_mut(place)?;
        while let Some((id, segment, name)) = steps.pop() {
            let properties = found.get_mut("properties")?;
            let items = properties.get_mut(list_of(segment))?.as_array_mut()?;
            let mut objects = items.iter_mut().filter_map(Value::as_object_mut);
            found = objects.find(|one| {
                text(one, "name").eq_ignore_ascii_case(name)
                    || text(one, "id").eq_ignore_ascii_case(id)
            })?;
        }
        Some(found)
    }

    /// Puts in a reference. Whether the resource is there.
    pub(super) fn join(&mut self, joint: &Joint) -> bool {
        let Some(body) = self.locate(&joint.at) else {
            return false;
        };
        match joint.place.split_once(".*.") {
            None => put_reference(body, joint, joint.place),
            Some((list, place)) => {
                let list = list.rsplit('.').next().unwrap_or_default();
                let items = items_of(body, list).into_iter().flatten();
                for item in items.filter_map(Value::as_object_mut) {
                    put_reference(item, joint, place);
                }
            }
        }
        true
    }

    /// Merges values over those of a resource. Whether the resource is there.
    pub(super) fn update(&mut self, id: &str, over: &Map<String, Value>) -> bool {
        let Some(body) = self.locate(id) else {
            return false;
        };
        override_with(body, over);
        true
    }

    /// The resources, and warnings.
    pub(super) fn finish(mut self) -> (Vec<Value>, Vec<String>) {
        for (parent, list) in std::mem::take(&mut self.filled) {
            let items = self.locate(&parent).and_then(|one| items_of(one, &list));
            if let Some(items) = items {
                items.sort_by_cached_key(name_in_lower_case);
            }
        }
        self.complete_connections();
        let mut warnings = Vec::new();
        for body in &mut self.all {
            check_peerings(body, &mut warnings);
        }
        (self.all.into_iter().map(Value::Object).collect(), warnings)
    }

    fn complete_connections(&mut self) {
        let mut found = Vec::new();
        for (place, body) in self.all.iter_mut().enumerate() {
            if let Some(own) = body.remove(CUSTOM_BGP) {
                found.push((place, own));
            }
        }
        for (place, own) in found {
            let gateway = self.all[place].get("properties").and_then(|inside| {
                let gateway = inside.get("virtualNetworkGateway1")?;
                gateway.get("id")?.as_str().map(str::to_owned)
            });
            let Some(gateway) = gateway else { continue };
            let body = self.locate(&gateway).cloned().unwrap_or_default();
            complete_connection(&mut self.all[place], &own, (&gateway, &Value::Object(body)));
        }
    }
}

fn name_in_lower_case(item: &Value) -> Option<String> {
    Some(item.get("name")?.as_str()?.to_lowercase())
}

/// A child as it stands in a list: without type and address.
fn as_item(mut body: Map<String, Value>) -> Map<String, Value> {
    body.shift_remove("type");
    body.shift_remove("address");
    body.shift_remove("location");
    body
}

/// A list of a resource's properties, made if it is missing.
fn items_of<'a>(body: &'a mut Map<String, Value>, list: &str) -> Option<&'a mut Vec<Value>> {
    let properties = body.entry("properties").or_insert_with(|| json!({}));
    let items = properties.as_object_mut()?.entry(list);
    items.or_insert_with(|| json!([])).as_array_mut()
}

fn put_reference(body: &mut Map<String, Value>, joint: &Joint, place: &str) {
    let reference = json!({ "id": joint.to });
    if !joint.is_list {
        put(body, place, reference);
        return;
    }
    put(body, place, json!([]));
    let Some(list) = at(body, place).and_then(Value::as_array_mut) else {
        return;
    };
    let is_it = |one: &Value| {
        let id = one.get("id").and_then(Value::as_str).unwrap_or_default();
        id.eq_ignore_ascii_case(&joint.to)
    };
    if !list.iter().any(is_it) {
        list.push(reference);
    }
}

/// The value at a place.
fn at<'a>(body: &'a mut Map<String, Value>, place: &str) -> Option<&'a mut Value> {
    let mut names = place.split('.');
    let first = body.get_mut(names.next()?)?;
    names.try_fold(first, |value, name| value.get_mut(name))
}

/// A text of an object; empty if there is none.
pub(super) fn text<'a>(body: &'a Map<String, Value>, key: &str) -> &'a str {
    body.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Adds to an object what another one says beyond it.
fn merge(into: &mut Map<String, Value>, from: Map<String, Value>) {
    for (key, value) in from {
        match into.get_mut(&key) {
            Some(Value::Object(there)) => {
                if let Value::Object(value) = value {
                    merge(there, value);
                }
            }
            Some(Value::Array(there)) => {
                if let Value::Array(items) = value {
                    merge_items(there, items);
                }
            }
            Some(there) if is_empty(there) => *there = value,
            Some(_) => {}
            // Items of lists have no type and address.
            None if key == "type" || key == "address" || key == "location" => {}
            None => _ = into.insert(key, value),
        }
    }
}

/// Adds to a list the named items that it does not have.
fn merge_items(into: &mut Vec<Value>, from: Vec<Value>) {
    let was_empty = into.is_empty();
    for item in from {
        let name = item.get("name").and_then(Value::as_str);
        let same = name.and_then(|name| {
            let is_it = |one: &Value| {
                let there = one.get("name").and_then(Value::as_str);
                there.is_some_and(|there| there.eq_ignore_ascii_case(name))
            };
            into.iter().position(is_it)
        });
        match (same.and_then(|place| into.get_mut(place)), item) {
            (Some(Value::Object(there)), Value::Object(item)) => merge(there, item),
            (None, item) if was_empty || item.get("name").is_some() => into.push(item),
            _ => {}
        }
    }
}

/// Replaces values of an object.
fn override_with(into: &mut Map<String, Value>, over: &Map<String, Value>) {
    for (key, value) in over {
        match (into.get_mut(key), value) {
            (Some(Value::Object(there)), Value::Object(value)) => override_with(there, value),
            _ => _ = into.insert(key.clone(), value.clone()),
        }
    }
}

/// Takes the far end from peerings of a network with itself. A plan does not say which instance of several an index
/// computes, so the same one may have been taken.
fn check_peerings(body: &mut Map<String, Value>, warnings: &mut Vec<String>) {
    let own = text(body, "id").to_owned();
    if text(body, "type").ends_with(PEERINGS) {
        let network = parent_id(&own).unwrap_or_default().to_owned();
        check_peering(body, &network, warnings);
        return;
    }
    let peerings = body
        .get_mut("properties")
        .and_then(|inside| inside.get_mut("virtualNetworkPeerings"))
        .and_then(Value::as_array_mut);
    for peering in peerings.into_iter().flatten() {
        if let Value::Object(peering) = peering {
            check_peering(peering, &own, warnings);
        }
    }
}

fn check_peering(peering: &mut Map<String, Value>, network: &str, warnings: &mut Vec<String>) {
    let properties = peering.get_mut("properties").and_then(Value::as_object_mut);
    let Some(properties) = properties else { return };
    let remote = properties.get("remoteVirtualNetwork");
    let remote = remote.and_then(|one| one.get("id")?.as_str());
    if remote.is_some_and(|remote| remote.eq_ignore_ascii_case(network)) {
        properties.shift_remove("remoteVirtualNetwork");
        let name = text(peering, "name");
        warnings.push(format!(
            "peering {name}: the plan does not say which virtual network it leads to, and it cannot be its own; it has no remote virtual network until the state after the apply is imported"
        ));
    }
}
