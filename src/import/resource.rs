//! The resources of all files together: each once, with its children.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::import::id::Id;
use crate::import::view::View;

/// A resource of Azure Resource Manager.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    /// Its id.
    pub(crate) id: Id,
    /// Its type in lower case.
    pub(crate) kind: String,
    /// Its JSON.
    body: Value,
}

/// All resources, in the order of the files.
#[derive(Debug, Default)]
pub(crate) struct Resources {
    all: Vec<Resource>,
    /// The place in `all` of each id.
    places: BTreeMap<String, usize>,
}

impl Resource {
    /// A resource of its JSON. `None` for a value without id and without type and name.
    pub(crate) fn new(body: Value) -> Option<Self> {
        let view = View::new(&body);
        let kind = view.value().get("type").and_then(Value::as_str);
        let kind = kind
            .map(str::to_ascii_lowercase)
            .filter(|kind| kind.contains('/'));
        let id = match view.value().get("id").and_then(Value::as_str) {
            Some(text) if text.contains('/') => Id::new(text),
            _ => made_up(kind.as_deref()?, body.get("name")?.as_str()?),
        };
        let kind = id.kind().or(kind)?;
        Some(Self { id, kind, body })
    }

    /// Its values.
    pub(crate) const fn view(&self) -> View<'_> {
        View::new(&self.body)
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        self.id.name()
    }
}

/// The id of a resource that has none, from its type and name: `A/B` is B inside of A.
fn made_up(kind: &str, name: &str) -> Id {
    let mut segments = kind.split('/');
    let provider = segments.next().unwrap_or_default();
    let pairs = segments.zip(name.split('/'));
    let path: Vec<String> = pairs
        .map(|(kind, name)| format!("/{kind}/{name}"))
        .collect();
    Id::new(&format!("/providers/{provider}{}", path.concat()))
}

impl Resources {
    /// All resources of several files, in their order. One that is in several files is merged, and children are put
    /// into their parents. A child without its parent stays a resource of its own.
    pub(crate) fn new(resources: Vec<Resource>) -> Self {
        let mut found = Self::default();
        let (tops, mut children): (Vec<_>, Vec<_>) = resources
            .into_iter()
            .partition(|one| one.id.parent().is_none());
        for one in tops {
            found.add(one);
        }
        // Parents before their children.
        children.sort_by_key(|one| one.kind.matches('/').count());
        for one in children {
            if !found.put_into_parent(&one) {
                found.add(one);
            }
        }
        found
    }

    fn add(&mut self, resource: Resource) {
        if let Some(&place) = self.places.get(resource.id.key()) {
            merge(&mut self.all[place].body, &resource.body);
        } else {
            let key = resource.id.key().to_owned();
            self.places.insert(key, self.all.len());
            self.all.push(resource);
        }
    }

    /// Puts a child into the list of its parent. Whether the parent exists.
    fn put_into_parent(&mut self, child: &Resource) -> bool {
        let mut path = vec![child.id.clone()];
        while let Some(parent) = path.last().and_then(Id::parent) {
            path.push(parent);
        }
        let Some(top) = path.pop() else {
            return false;
        };
        let Some(&place) = self.places.get(top.key()) else {
            return false;
        };
        let mut body = &mut self.all[place].body;
        while let Some(id) = path.pop() {
            let Some(item) = item_of(body, &id) else {
                return false;
            };
            body = item;
        }
        merge(body, &child.body);
        true
    }

    /// All resources.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Resource> {
        self.all.iter()
    }

    /// The resources of a type of Microsoft.Network, as `virtualNetworks`.
    pub(crate) fn of(&self, kind: &str) -> impl Iterator<Item = &Resource> + use<'_> {
        let kind = format!("microsoft.network/{}", kind.to_ascii_lowercase());
        self.all.iter().filter(move |one| one.kind == kind)
    }

    /// The resource of an id.
    pub(crate) fn get(&self, id: &Id) -> Option<&Resource> {
        self.places.get(id.key()).map(|&place| &self.all[place])
    }
}

/// The item of an id in a resource's list of the id's type, created if it is missing.
fn item_of<'a>(body: &'a mut Value, id: &Id) -> Option<&'a mut Value> {
    let list = list_of(body, id)?;
    let is_it = |item: &Value| {
        let name = View::new(item).text("name");
        let of_id = View::new(item).text("id").map(Id::new);
        name.is_some_and(|name| name.eq_ignore_ascii_case(id.name()))
            || of_id.is_some_and(|one| one.key() == id.key())
    };
    let place = list.iter().position(is_it).unwrap_or_else(|| {
        list.push(json!({ "id": id.text(), "name": id.name() }));
        list.len() - 1
    });
    list.get_mut(place)
}

/// The list of a resource in which children of an id's type are, created if it is missing.
fn list_of<'a>(body: &'a mut Value, id: &Id) -> Option<&'a mut Vec<Value>> {
    let mut segments = id.text().rsplit('/');
    let name = segments.nth(1)?.to_owned();
    let whole = body.as_object_mut()?;
    let place = key_of(whole, "properties").unwrap_or_else(|| "properties".to_owned());
    let is_flat = !whole.contains_key(&place) && key_of(whole, &name).is_some();
    let inside = if is_flat {
        whole
    } else {
        let inside = whole.entry(place).or_insert_with(|| json!({}));
        inside.as_object_mut()?
    };
    let key = key_of(inside, &name).unwrap_or(name);
    let list = inside.entry(key).or_insert_with(|| json!([]));
    if list.is_null() {
        *list = json!([]);
    }
    list.as_array_mut()
}

/// The key of an object that is a name without case.
fn key_of(object: &Map<String, Value>, name: &str) -> Option<String> {
    object
        .keys()
        .find(|key| key.eq_ignore_ascii_case(name))
        .cloned()
}

/// Adds to a value what another says beyond it. Lists of named items are merged by name.
fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                let key = key_of(into, key).unwrap_or_else(|| key.clone());
                match into.get_mut(&key) {
                    Some(there) => merge(there, value),
                    None => _ = into.insert(key, value.clone()),
                }
            }
        }
        (Value::Array(into), Value::Array(from)) => {
            for item in from {
                merge_item(into, item);
            }
        }
        (into @ Value::Null, from) => *into = from.clone(),
        _ => {}
    }
}

/// Adds an item to a list, or merges it with the item of its name. A list of texts is not extended: its first statement
/// counts.
fn merge_item(into: &mut Vec<Value>, item: &Value) {
    let name = View::new(item).text("name");
    let is_same = |one: &Value| {
        let there = View::new(one).text("name");
        name.zip(there)
            .is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
    };
    match into.iter().position(is_same) {
        Some(place) => merge(&mut into[place], item),
        None if name.is_some() || into.is_empty() => into.push(item.clone()),
        None => {}
    }
}
