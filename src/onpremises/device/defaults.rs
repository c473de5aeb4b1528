//! Default values of a device: its end of a tunnel.

use std::collections::BTreeMap;

use crate::addresses::Prefix;
use crate::yaml::draft::Draft;
use crate::yaml::tree::{Kind, Node};

/// The range of public addresses of customers' devices (RFC 5737).
const PUBLIC: Prefix = Prefix::v4([203, 0, 113, 0], 24);

/// The range of addresses of tunnel interfaces.
const TUNNELS: Prefix = Prefix::v4([172, 19, 0, 0], 16);

/// Chooses the addresses of devices whose tunnels have a connection.
pub(crate) fn choose(draft: &mut Draft<'_>) {
    let names: Vec<[String; 2]> = draft
        .section("connections")
        .iter()
        .filter(|(_, connection)| connection.text_of("connectionType") == Some("IPsec"))
        .flat_map(|(key, connection)| {
            let ends = ["appliance", "device"].map(|end| connection.text_of(end));
            let ends = ends.into_iter().flatten();
            ends.map(|end| [key.text.clone(), end.to_owned()])
        })
        .collect();
    if names.is_empty() {
        return;
    }
    let devices = devices(draft);
    for [connection, name] in names {
        let Some(device) = find(draft, &devices, &name) else {
            continue;
        };
        if device.lacks("tunnel") && !has_its_own(device, &connection) {
            let at = device.entries().len();
            device.put(at, "tunnel", Kind::Mapping(Vec::new()));
        }
        choose_addresses(draft, |draft| {
            find(draft, &devices, &name)?.get_mut("tunnel")
        });
        let own =
            find(draft, &devices, &name).and_then(|device| device.get_mut("tunnelInterfaces"));
        for index in 0..own.map_or(0, |own| own.entries().len()) {
            choose_addresses(draft, |draft| {
                let own = find(draft, &devices, &name)?.get_mut("tunnelInterfaces")?;
                own.entries_mut().get_mut(index).map(|(_, end)| end)
            });
        }
    }
}

/// Whether a device's `tunnelInterfaces` have every tunnel of a connection, whatever instances its gateway has.
fn has_its_own(device: &Node, connection: &str) -> bool {
    let interfaces = device.get("tunnelInterfaces");
    interfaces.is_some_and(|all| all.get(connection).is_some())
}

/// Chooses the addresses that an end of a tunnel lacks.
fn choose_addresses(
    draft: &mut Draft<'_>,
    end: impl for<'d> Fn(&'d mut Draft<'_>) -> Option<&'d mut Node>,
) {
    for (at, key, pool) in [(0, "sourceAddress", PUBLIC), (1, "address", TUNNELS)] {
        if !end(draft).is_some_and(|end| end.lacks(key)) {
            continue;
        }
        let address = draft.free_address(pool);
        if let (Some(address), Some(end)) = (address, end(draft)) {
            end.put(at, key, Kind::Text(address.to_string()));
        }
    }
}

/// Where a device is: its section, the key in an entry of the section, and the positions of the entry and the device.
type Place = (&'static str, &'static str, [usize; 2]);

/// The routers of sites and the virtual machines, by name.
fn devices(draft: &Draft<'_>) -> BTreeMap<String, Place> {
    let mut devices = BTreeMap::new();
    for (section, within) in [("sites", "routers"), ("virtualNetworks", "virtualMachines")] {
        for (at, (_, entry)) in draft.section(section).iter().enumerate() {
            let all = entry.get(within).map_or(&[][..], Node::entries);
            for (index, (key, _)) in all.iter().enumerate() {
                let place = (section, within, [at, index]);
                devices.entry(key.text.clone()).or_insert(place);
            }
        }
    }
    devices
}

/// The device with a name, mutable.
fn find<'d>(
    draft: &'d mut Draft<'_>,
    devices: &BTreeMap<String, Place>,
    name: &str,
) -> Option<&'d mut Node> {
    let (section, within, [at, index]) = *devices.get(name)?;
    let all = draft.entry_mut(section, at)?.get_mut(within)?.entries_mut();
    all.get_mut(index).map(|(_, device)| device)
}
