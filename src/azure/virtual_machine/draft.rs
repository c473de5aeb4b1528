//! Finds virtual machines and the keys of their network interfaces in a lab file, while defaults are chosen.

use std::collections::BTreeMap;

use crate::yaml::draft::Draft;
use crate::yaml::tree::{Key, Kind, Node};

/// The machines of a network.
pub(crate) fn machines(network: &Node) -> &[(Key, Node)] {
    network.get("virtualMachines").map_or(&[], Node::entries)
}

/// The position of each machine: that of its network, and that of the machine in the network.
pub(crate) struct Places(BTreeMap<String, [usize; 2]>);

impl Places {
    /// Every machine of a document.
    pub(crate) fn of(draft: &Draft<'_>) -> Self {
        let mut places = BTreeMap::new();
        for (at, (_, network)) in draft.section("virtualNetworks").iter().enumerate() {
            for (index, (key, _)) in machines(network).iter().enumerate() {
                places.entry(key.text.clone()).or_insert([at, index]);
            }
        }
        Self(places)
    }

    /// A machine, with its network's name.
    fn machine<'d>(&self, draft: &'d Draft<'_>, name: &str) -> Option<(&'d str, &'d Node)> {
        let [network, machine] = *self.0.get(name)?;
        let (key, network) = draft.section("virtualNetworks").get(network)?;
        Some((&key.text, &machines(network).get(machine)?.1))
    }

    /// The keys of the network interface with the name `VM/NIC`, or of a machine's primary one, with the network's
    /// name.
    pub(crate) fn interface<'d>(
        &self,
        draft: &'d Draft<'_>,
        name: &str,
    ) -> Option<(&'d str, &'d Node)> {
        let (machine, interface) = match name.split_once('/') {
            Some((machine, interface)) => (machine, Some(interface)),
            None => (name, None),
        };
        let (network, machine) = self.machine(draft, machine)?;
        let keys = match (machine.get("networkInterfaces"), interface) {
            (None, None) => machine,
            (Some(all), None) => &all.entries().first()?.1,
            (Some(all), Some(name)) => all.get(name)?,
            (None, Some(_)) => return None,
        };
        Some((network, keys))
    }

    /// Whether a machine has the name, or may have a network interface with the name `VM/NIC`.
    pub(crate) fn may_have(&self, draft: &Draft<'_>, name: &str) -> bool {
        let Some((machine, interface)) = name.split_once('/') else {
            return self.0.contains_key(name);
        };
        let is_unreadable = |node: &Node| !matches!(node.kind, Kind::Mapping(_));
        self.machine(draft, machine).is_some_and(|(_, machine)| {
            let all = machine.get("networkInterfaces");
            is_unreadable(machine)
                || all.is_some_and(|all| is_unreadable(all) || all.get(interface).is_some())
        })
    }
}

/// The mappings with the keys of a machine's interfaces: those of `networkInterfaces`, or the machine itself.
pub(crate) fn interfaces(machine: &Node) -> impl Iterator<Item = &Node> {
    let several = machine.get("networkInterfaces");
    let one = several.is_none().then_some(machine);
    let several = several.into_iter().flat_map(Node::entries);
    several.map(|(_, interface)| interface).chain(one)
}
