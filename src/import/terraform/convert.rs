//! Instances to resources of Azure Resource Manager.

use serde_json::{Map, Value, json};

use super::azapi;
use super::instance::Instance;
use super::kinds::{self, Association, End, Kind, Link};
use super::merge::{Joint, Resources};
use super::shape::{fill, objects};
use super::{NotTaken, Read};

/// Why an association is not taken.
const ELSEWHERE: &str =
    "the resource that it belongs to is not in this file: give that state as a file too";

/// Why a data source is not taken.
const DATA: &str =
    "a data source is managed elsewhere: give that state, or what az lists of it, as a file too";

/// What instances say, before it is joined.
#[derive(Debug, Default)]
struct Found {
    bodies: Vec<Map<String, Value>>,
    joints: Vec<Joint>,
    not_taken: Vec<NotTaken>,
}

/// The resources of instances. `ids` has an id for each instance that has one.
pub(super) fn convert(
    instances: &[Instance],
    ids: &[Option<String>],
    mut warnings: Vec<String>,
) -> Read {
    let mut found = Found::default();
    let mut associations = Vec::new();
    let mut updates = Vec::new();
    for (instance, id) in instances.iter().zip(ids) {
        if instance.is_data {
            if kinds::kind(&instance.kind).is_some() {
                found.leave(instance, DATA);
            }
        } else if instance.kind == azapi::RESOURCE {
            found.of_azapi(instance, id.as_deref(), &mut warnings);
        } else if instance.kind == azapi::UPDATE {
            updates.push((instance, id.as_deref()));
        } else if let Some(association) = kinds::association(&instance.kind) {
            associations.push((instance, association));
        } else if let Some(kind) = kinds::kind(&instance.kind) {
            found.of_kind(instance, kind, id.as_deref());
        } else {
            found.leave(instance, kinds::reason(&instance.kind));
        }
    }
    let mut resources = Resources::default();
    resources.insert_all(std::mem::take(&mut found.bodies));
    for (instance, association) in associations {
        found.associate(instance, association, &mut resources);
    }
    for joint in std::mem::take(&mut found.joints) {
        resources.join(&joint);
    }
    for (instance, id) in updates {
        found.update(instance, id, &mut resources);
    }
    let (resources, more) = resources.finish();
    warnings.extend(more);
    Read {
        resources,
        not_taken: found.not_taken,
        warnings,
    }
}

impl Found {
    fn leave(&mut self, instance: &Instance, why: &str) {
        self.not_taken.push(NotTaken {
            address: instance.address.clone(),
            kind: instance.kind.clone(),
            why: why.to_owned(),
        });
    }

    fn of_kind(&mut self, instance: &Instance, kind: &Kind, id: Option<&str>) {
        let Some(id) = id else {
            self.leave(
                instance,
                "the resource that it belongs to is known only after apply",
            );
            return;
        };
        let mut body = head(instance, kind.arm, id);
        fill(&instance.values, kind.fields, id, &mut body);
        kinds::complete(kind, id, &mut body);
        end(&mut body, instance);
        self.bodies.push(body);
        for link in kind.links {
            self.joints.extend(joints(instance, link, Some(id)));
        }
    }

    fn of_azapi(&mut self, instance: &Instance, id: Option<&str>, warnings: &mut Vec<String>) {
        let kind = azapi::arm_type(instance).filter(|kind| azapi::is_read(kind));
        let Some(kind) = kind else {
            self.leave(instance, "its type is not a resource of networking");
            return;
        };
        let Some(id) = id else {
            self.leave(
                instance,
                "the resource that it belongs to is known only after apply",
            );
            return;
        };
        if azapi::is_unknown(instance) {
            warnings.push(format!(
                "{}: its body is known only after apply, so it has no properties here; plan again after a first apply",
                instance.address
            ));
        }
        let mut body = head(instance, kind, id);
        for (key, value) in azapi::body(instance) {
            body.entry(key).or_insert(value);
        }
        end(&mut body, instance);
        self.bodies.push(body);
    }

    fn associate(
        &mut self,
        instance: &Instance,
        association: &Association,
        resources: &mut Resources,
    ) {
        let mut links = association.links.iter();
        let first = links
            .next()
            .into_iter()
            .flat_map(|link| joints(instance, link, None));
        let mut is_there = false;
        for joint in first {
            is_there |= resources.join(&joint);
        }
        for link in links {
            self.joints.extend(joints(instance, link, None));
        }
        if !is_there {
            self.leave(instance, ELSEWHERE);
        }
    }

    fn update(&mut self, instance: &Instance, id: Option<&str>, resources: &mut Resources) {
        let kind = azapi::arm_type(instance).filter(|kind| azapi::is_read(kind));
        let is_there = kind
            .and(id)
            .is_some_and(|id| resources.update(id, &azapi::body(instance)));
        if kind.is_none() {
            self.leave(instance, "its type is not a resource of networking");
        } else if !is_there {
            self.leave(instance, ELSEWHERE);
        }
    }
}

/// The names of a resource, in the order in which Azure Resource Manager prints them.
fn head(instance: &Instance, arm: &str, id: &str) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("id".to_owned(), json!(id));
    body.insert("name".to_owned(), json!(id.rsplit('/').next()));
    body.insert("type".to_owned(), json!(arm));
    if let Some(location) = instance.text("location") {
        body.insert("location".to_owned(), json!(location));
    }
    body
}

fn end(body: &mut Map<String, Value>, instance: &Instance) {
    body.entry("properties").or_insert_with(|| json!({}));
    body.insert("address".to_owned(), json!(instance.address));
}

/// The references that a link states.
fn joints(instance: &Instance, link: &Link, own: Option<&str>) -> Vec<Joint> {
    let mut found = Vec::new();
    for at in ends(instance, link.at, own) {
        for to in ends(instance, link.to, own) {
            found.push(Joint {
                at: at.clone(),
                place: link.place,
                to,
                is_list: link.is_list,
            });
        }
    }
    found
}

/// The ids at an end of a link.
fn ends(instance: &Instance, end: End, own: Option<&str>) -> Vec<String> {
    match end {
        End::Itself => own.map(str::to_owned).into_iter().collect(),
        End::Of(attribute) => instance
            .text(attribute)
            .map(str::to_owned)
            .into_iter()
            .collect(),
        End::Each(attribute) => {
            let ids = instance.values.get(attribute).and_then(Value::as_array);
            let ids = ids.into_iter().flatten().filter_map(Value::as_str);
            ids.map(str::to_owned).collect()
        }
        End::InBlock(block, attribute) => {
            let blocks = instance.values.get(block).into_iter().flat_map(objects);
            let ids = blocks.filter_map(|one| one.get(attribute)?.as_str());
            ids.map(str::to_owned).collect()
        }
        End::Part(attribute, segment, name) => {
            let parts = instance.text(attribute).zip(instance.text(name));
            parts
                .map(|(id, name)| format!("{id}/{segment}/{name}"))
                .into_iter()
                .collect()
        }
    }
}
