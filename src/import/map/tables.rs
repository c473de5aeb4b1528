//! Route tables.

use super::Import;
use crate::addresses::Prefix;
use crate::import::resource::Resource;
use crate::import::text::Map;
use crate::import::view::View;

/// The types of next hops, as a lab file spells them.
const NEXT_HOPS: [&str; 5] = [
    "VirtualAppliance",
    "VirtualNetworkGateway",
    "VnetLocal",
    "Internet",
    "None",
];

impl Import<'_> {
    /// The section `routeTables`.
    pub(super) fn tables(&mut self) {
        let mut section = Map::default();
        for table in self.resources.of("routeTables") {
            let name = self.name(&table.id);
            let map = self.table(table, &name);
            section.set_under(self.origin(&table.id), &name, map);
            self.notes.take("routeTables", &name);
        }
        if !section.is_empty() {
            self.document.set("routeTables", section);
        }
    }

    fn table(&mut self, table: &Resource, name: &str) -> Map {
        let mut map = Map::default();
        if table.view().flag("disableBgpRoutePropagation") == Some(true) {
            map.set("disableBgpRoutePropagation", true);
        }
        let mut routes = Map::default();
        for route in table.view().list("routes") {
            self.route(route, name, &mut routes);
        }
        map.set("routes", routes);
        map
    }

    fn route(&mut self, route: View<'_>, table: &str, routes: &mut Map) {
        let Some(name) = route.text("name") else {
            return;
        };
        let prefix = route.text("addressPrefix").unwrap_or_default();
        let shown = format!("{table}/{name}");
        match prefix.parse::<Prefix>() {
            Ok(parsed) if parsed.addr().is_ipv4() => {}
            Ok(_) => return self.notes.leave("routes", &shown, "labs have IPv4 only"),
            Err(_) => {
                let why = "its prefix is a service tag, of which a lab has no addresses";
                return self.notes.leave("routes", &shown, why);
            }
        }
        let kind = route.text("nextHopType").unwrap_or_default();
        let Some(kind) = NEXT_HOPS.iter().find(|one| one.eq_ignore_ascii_case(kind)) else {
            return self
                .notes
                .leave("routes", &shown, "its next hop type is unknown");
        };
        let mut map = Map::default();
        map.set("addressPrefix", prefix);
        let next_hop = route.text("nextHopIpAddress");
        if next_hop.is_none() || *kind != "VirtualAppliance" {
            map.set("nextHopType", *kind);
        }
        if *kind == "VirtualAppliance" {
            map.set_some("nextHopIpAddress", next_hop);
        }
        routes.set(name, map);
    }
}
