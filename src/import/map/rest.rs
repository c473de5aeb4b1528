//! Resources that do not become a part of the lab, so that none is lost silently.

use super::Import;
use crate::import::resource::Resource;

/// Types of Microsoft.Network that were taken, or that are parts of resources that were.
const HANDLED: [&str; 11] = [
    "virtualnetworks",
    "networkinterfaces",
    "publicipaddresses",
    "routetables",
    "loadbalancers",
    "virtualnetworkgateways",
    "localnetworkgateways",
    "expressroutecircuits",
    "connections",
    "privateendpoints",
    "networkwatchers",
];

/// Types of Microsoft.Network that decide what passes, and that a lab does not have.
const DECIDING: [(&str, &str); 12] = [
    (
        "networksecuritygroups",
        "a lab has no network security groups: nothing is filtered",
    ),
    (
        "azurefirewalls",
        "a lab has no Azure Firewall: a machine with `ipForwarding` at its address can stand for it",
    ),
    ("natgateways", "a lab has no internet"),
    (
        "virtualhubs",
        "a lab has no Route Server and no Virtual WAN",
    ),
    ("virtualwans", "a lab has no Virtual WAN"),
    ("vpngateways", "a lab has no Virtual WAN"),
    ("vpnsites", "a lab has no Virtual WAN"),
    ("expressroutegateways", "a lab has no Virtual WAN"),
    ("p2svpngateways", "a lab has no Virtual WAN"),
    (
        "routefilters",
        "a lab has no route filters for Microsoft peering",
    ),
    ("networkmanagers", "a lab has no network manager"),
    (
        "applicationsecuritygroups",
        "a lab has no network security groups: nothing is filtered",
    ),
];

impl Import<'_> {
    /// Notes a resource that is none of the network's, such as a disk.
    fn of_others(&mut self, resource: &Resource, name: &str) {
        if resource.kind != "microsoft.compute/virtualmachines" {
            let kind = spelled(&resource.id, &resource.kind);
            self.notes.leave(kind, name, "it decides no path");
        }
    }

    /// Notes what nothing else took.
    pub(super) fn rest(&mut self) {
        for resource in self.resources.iter() {
            let name = resource.name().to_owned();
            let Some(kind) = resource.kind.strip_prefix("microsoft.network/") else {
                self.of_others(resource, &name);
                continue;
            };
            let top = kind.split('/').next().unwrap_or(kind);
            let deciding = DECIDING.iter().find(|(one, _)| *one == top);
            match deciding {
                Some((_, why)) => self.notes.leave(spelled(&resource.id, kind), &name, why),
                None if kind.contains('/') => {
                    self.notes.leave(
                        spelled(&resource.id, kind),
                        &name,
                        "the resource that it belongs to is not in the files",
                    );
                }
                None if HANDLED.contains(&kind) => {}
                None => self.notes.leave(
                    spelled(&resource.id, kind),
                    &name,
                    "a lab has nothing like it",
                ),
            }
        }
    }
}

/// A resource's type as its id spells it.
fn spelled<'a>(id: &'a crate::import::id::Id, kind: &'a str) -> &'a str {
    let mut segments = id.text().rsplit('/');
    segments.nth(1).unwrap_or(kind)
}
