//! What a lab file may leave out of a device: its end of a tunnel.

use crate::addresses::Prefix;
use crate::yaml::draft::Draft;
use crate::yaml::tree::{Kind, Node};

/// Public addresses of customers' devices (RFC 5737).
const PUBLIC: &str = "203.0.113.0/24";

/// The addresses of tunnel interfaces.
const TUNNELS: &str = "172.19.0.0/16";

/// Chooses the addresses of the tunnels that connections end at.
pub(crate) fn choose(draft: &mut Draft<'_>) {
    let names: Vec<String> = draft
        .section("connections")
        .iter()
        .filter(|(_, connection)| connection.text_of("connectionType") == Some("IPsec"))
        .flat_map(|(_, connection)| ["appliance", "device"].map(|key| connection.text_of(key)))
        .flatten()
        .map(str::to_owned)
        .collect();
    for name in names {
        let Some(device) = find(draft, &name) else {
            continue;
        };
        if device.lacks("tunnel") {
            let at = device.entries().len();
            device.put(at, "tunnel", Kind::Mapping(Vec::new()));
        }
        for (at, key, pool) in [(0, "sourceAddress", PUBLIC), (1, "address", TUNNELS)] {
            let lacks = |tunnel: &Node| tunnel.lacks(key);
            let Some(true) = find(draft, &name).and_then(|device| device.get("tunnel").map(lacks))
            else {
                continue;
            };
            let pool: Prefix = pool.parse().expect("it is a prefix");
            let address = draft.free_address(pool);
            let tunnel = find(draft, &name).and_then(|device| device.get_mut("tunnel"));
            if let (Some(address), Some(tunnel)) = (address, tunnel) {
                tunnel.put(at, key, Kind::Text(address.to_string()));
            }
        }
    }
}

/// The router of a site, or the virtual machine, that has a name.
fn find<'d>(draft: &'d mut Draft<'_>, name: &str) -> Option<&'d mut Node> {
    let place = |section: &str, within: &str| {
        let mut all = draft.section(section).iter();
        all.position(|(_, one)| one.get(within).is_some_and(|all| all.get(name).is_some()))
    };
    let (section, within, at) = match place("sites", "routers") {
        Some(at) => ("sites", "routers", at),
        None => (
            "virtualNetworks",
            "virtualMachines",
            place("virtualNetworks", "virtualMachines")?,
        ),
    };
    draft.entry_mut(section, at)?.get_mut(within)?.get_mut(name)
}
