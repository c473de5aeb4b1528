//! Edits of devices that may make a path work.

use crate::addresses::Prefix;
use crate::yaml::proposal::Proposal;
use crate::yaml::tree::{Kind, Node};

/// A place where a route is not propagated.
#[derive(Debug, Clone)]
pub(crate) struct Gap {
    /// The node that has the route.
    pub(crate) holder: String,
    /// The node that does not receive it.
    pub(crate) listener: String,
    /// The names by which the two know each other: of the connection, circuit or link between them, and of each other.
    pub(crate) session: String,
    /// The route's prefix.
    pub(crate) prefix: Prefix,
}

/// Filters of devices let a missing route pass.
pub(crate) fn open_filters(document: &Node, gaps: &[Gap]) -> Vec<Proposal> {
    let mut proposals = Vec::new();
    for gap in gaps {
        for (device, other, filter) in [
            (&gap.holder, &gap.listener, "export"),
            (&gap.listener, &gap.holder, "import"),
        ] {
            let Some(path) = find(document, device) else {
                continue;
            };
            let filters = at(document, &path).and_then(|device| device.get(filter));
            let names = [&gap.session, other];
            let name = names
                .into_iter()
                .find(|name| filters.is_some_and(|all| all.get(name).is_some()));
            let Some(name) = name.cloned() else {
                continue;
            };
            let prefix = gap.prefix;
            let what = format!("let {prefix} pass the {filter} filter of {device} for {name}");
            proposals.push(Proposal::repair(what, 1, move |document| {
                let device = within(document, &path);
                let prefixes = device.within(filter, "").within(&name, "");
                let item = Kind::Text(prefix.to_string());
                prefixes.push(Node::added(prefixes.place, item));
            }));
        }
    }
    proposals
}

/// Devices propagate what they learned.
pub(crate) fn become_transit(document: &Node, gaps: &[Gap]) -> Vec<Proposal> {
    let proposals = gaps.iter().filter_map(|gap| {
        let path = find(document, &gap.holder)?;
        if at(document, &path)?.flag_of("transit") == Some(true) {
            return None;
        }
        let what = format!(
            "let {} propagate what it learned, with `transit`",
            gap.holder
        );
        Some(Proposal::repair(what, 1, move |document| {
            within(document, &path).within("transit", "address").kind = Kind::Boolean(true);
        }))
    });
    proposals.collect()
}

/// Where a device is: the section, the entry of it, the key in this, and the device.
type Path = [String; 4];

/// The router of a site or the virtual machine with that name.
fn find(document: &Node, name: &str) -> Option<Path> {
    let places = [("sites", "routers"), ("virtualNetworks", "virtualMachines")];
    places.into_iter().find_map(|(section, within)| {
        let mut entries = document.get(section)?.entries().iter();
        let (key, _) = entries.find(|(_, entry)| {
            let devices = entry.get(within).map_or(&[][..], Node::entries);
            devices.iter().any(|(key, _)| key.text == name)
        })?;
        Some([section, &key.text, within, name].map(str::to_owned))
    })
}

fn at<'d>(document: &'d Node, path: &Path) -> Option<&'d Node> {
    path.iter().try_fold(document, |node, key| node.get(key))
}

fn within<'d>(document: &'d mut Node, path: &Path) -> &'d mut Node {
    path.iter().fold(document, |node, key| node.within(key, ""))
}
