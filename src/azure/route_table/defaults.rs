//! Names as next hops: the name of a machine, an interface (`VM/NIC`) or a load balancer replaces its address, which
//! the file may omit.

use crate::azure::virtual_machine::draft::Places;
use crate::yaml::draft::Draft;
use crate::yaml::tree::{Kind, Node};

/// Chooses the values that the file omits, and replaces names by addresses.
pub(crate) fn choose(draft: &mut Draft<'_>) {
    let places = Places::of(draft);
    for index in 0..draft.section("routeTables").len() {
        let (_, table) = &draft.section("routeTables")[index];
        let routes = table.get("routes").map_or(&[][..], Node::entries);
        let named: Vec<Option<String>> = routes
            .iter()
            .map(|(_, route)| address_of(draft, &places, route.text_of("nextHopIpAddress")?))
            .collect();
        let table = draft.entry_mut("routeTables", index);
        let routes = table.and_then(|table| table.get_mut("routes"));
        let routes = routes.map(Node::entries_mut).unwrap_or_default();
        for ((_, route), named) in routes.iter_mut().zip(named) {
            if let Some(address) = named
                && let Some(next_hop) = route.get_mut("nextHopIpAddress")
            {
                next_hop.kind = Kind::Text(address);
            }
            if route.lacks("nextHopType") && !route.lacks("nextHopIpAddress") {
                let kind = Kind::Text("VirtualAppliance".to_owned());
                route.put(1, "nextHopType", kind);
            }
        }
    }
}

/// The address that a name stands for.
fn address_of(draft: &Draft<'_>, places: &Places, name: &str) -> Option<String> {
    if let Some(balancer) = draft.entry("loadBalancers", name) {
        return balancer.text_of("frontendIPAddress").map(str::to_owned);
    }
    let (_, interface) = places.interface(draft, name)?;
    interface.text_of("privateIPAddress").map(str::to_owned)
}
