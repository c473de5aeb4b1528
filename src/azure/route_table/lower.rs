//! Creates route tables.

use crate::azure::route_table::model;
use crate::azure::source::Builder;
use crate::topology::{RouteTable, RouteTableId, UserRoute};

impl Builder<'_> {
    pub(crate) fn route_tables(&mut self) {
        let tables = self
            .source
            .resources
            .route_tables
            .iter()
            .map(|table| RouteTable {
                name: table.name.value.clone(),
                propagates: !table.disable_bgp_route_propagation.value,
                routes: table.routes.iter().map(user_route).collect(),
            });
        self.topology.route_tables = tables.collect();
    }

    /// The route table with that name. The rules ensure that it exists.
    pub(crate) fn route_table_named(&self, name: &str) -> RouteTableId {
        let mut tables = self.source.resources.route_tables.iter();
        tables
            .position(|table| table.name.value.as_str() == name)
            .map(RouteTableId)
            .expect("the rules refuse unknown route tables")
    }
}

fn user_route(route: &model::UserRoute) -> UserRoute {
    UserRoute {
        name: route.name.value.clone(),
        prefix: route.address_prefix.value,
        next_hop: route.next_hop.value,
    }
}
