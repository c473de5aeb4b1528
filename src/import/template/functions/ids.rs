//! Functions of ids and of where a template is deployed.

use serde_json::{Value, json};

use super::text;
use crate::import::template::Settings;
use crate::import::template::scope::{Failure, wrong};

/// Calls a function of ids; `None` for another one.
pub(super) fn call(
    name: &str,
    values: &[Value],
    settings: &Settings,
) -> Option<Result<Value, Failure>> {
    let subscription = format!("/subscriptions/{}", settings.subscription_id);
    let group = format!("{subscription}/resourceGroups/{}", settings.resource_group);
    let texts: Vec<String> = values.iter().map(text).collect();
    Some(match name {
        "resourcegroup" => Ok(json!({
            "id": group, "name": settings.resource_group, "location": settings.location,
            "type": "Microsoft.Resources/resourceGroups", "tags": {},
        })),
        "subscription" => Ok(json!({
            "id": subscription, "subscriptionId": settings.subscription_id,
            "tenantId": NO_TENANT, "displayName": "imported",
        })),
        "tenant" => Ok(json!({ "tenantId": NO_TENANT })),
        "deployment" => Ok(json!({ "name": "imported", "location": settings.location })),
        "environment" => Ok(json!({ "name": "AzureCloud" })),
        "resourceid" => resource_id(&group, &texts),
        "subscriptionresourceid" => with_own_subscription(&subscription, &texts),
        "tenantresourceid" => under("", &texts),
        "extensionresourceid" => match texts.split_first() {
            Some((scope, rest)) => under(scope.trim_end_matches('/'), rest),
            None => Err(mismatch()),
        },
        _ => return None,
    })
}

/// The tenant of every imported template.
const NO_TENANT: &str = "00000000-0000-0000-0000-000000000000";

fn mismatch() -> Failure {
    wrong("a resource id needs a type and a name for each of its parts")
}

/// `[subscription, [group,]] type, name, ...`
fn resource_id(group: &str, texts: &[String]) -> Result<Value, Failure> {
    let place = texts
        .iter()
        .position(|one| one.contains('/'))
        .ok_or_else(mismatch)?;
    let scope = match &texts[..place] {
        [] => group.to_owned(),
        [of] => {
            let start = group.rsplit_once('/').map_or("", |(start, _)| start);
            format!("{start}/{of}")
        }
        [subscription, of, ..] => format!("/subscriptions/{subscription}/resourceGroups/{of}"),
    };
    under(&scope, &texts[place..])
}

fn with_own_subscription(subscription: &str, texts: &[String]) -> Result<Value, Failure> {
    match texts {
        [of, rest @ ..] if !of.contains('/') => under(&format!("/subscriptions/{of}"), rest),
        all => under(subscription, all),
    }
}

/// The id of a type and names under a scope.
fn under(scope: &str, texts: &[String]) -> Result<Value, Failure> {
    let (kind, names) = texts.split_first().ok_or_else(mismatch)?;
    let mut segments = kind.split('/');
    let mut id = format!("{scope}/providers/{}", segments.next().unwrap_or_default());
    let kinds: Vec<&str> = segments.collect();
    // A name may have those of its parents in it: `a/b`.
    let names: Vec<&str> = names.iter().flat_map(|name| name.split('/')).collect();
    if kinds.is_empty() || kinds.len() != names.len() {
        return Err(mismatch());
    }
    for (kind, name) in kinds.iter().zip(names) {
        id = format!("{id}/{kind}/{name}");
    }
    Ok(json!(id))
}
