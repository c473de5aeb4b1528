//! The routes of a virtual machine with several network interfaces. Each interface has its own routes, and the
//! machine's operating system selects the interface.

use serde::Serialize;

use crate::report::routes::columns::{effective_table, system_table};
use crate::report::routes::{
    Effective, EffectiveRoute, Routes, State, SystemHop, SystemRoute, effective_routes,
};
use crate::routing::{NicTable, Table, Tables};
use crate::topology::{InterfaceId, NodeId, Topology};

/// The routes of a machine with several network interfaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Nics {
    /// The routes of each interface, the primary one first.
    pub network_interfaces: Vec<NicRoutes>,
    /// The routing table of the machine's operating system, which Azure does not know. It selects the interface for
    /// packets without a source address of an interface.
    pub own_system: Vec<SystemRoute>,
}

/// The routes of one of several network interfaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NicRoutes {
    /// Its name.
    pub name: String,
    /// Its name in the machine's operating system.
    #[serde(rename = "systemName")]
    pub system_name: String,
    /// Its address.
    #[serde(rename = "ipAddress")]
    pub address: String,
    /// Its routes, in the shape of `az network nic show-effective-route-table`.
    pub value: Vec<EffectiveRoute>,
}

impl Nics {
    /// The routes of each interface and of the operating system, in columns.
    pub(super) fn text(&self) -> String {
        let nics = self.network_interfaces.iter().map(|nic| {
            let NicRoutes {
                name,
                system_name,
                address,
                value,
            } = nic;
            format!(
                "Network interface {name} ({address}, {system_name}):\n\n{}\n",
                effective_table(value)
            )
        });
        let system = format!(
            "Routes of the machine's own system:\n\n{}",
            system_table(&self.own_system)
        );
        nics.chain([system]).collect()
    }
}

/// One of several interfaces, with its routes.
pub(super) fn nic_routes(topology: &Topology, table: &NicTable) -> NicRoutes {
    let interface = topology.interface(table.interface);
    let name = interface.nic.as_ref().map(|nic| nic.name.to_string());
    let address = topology.address_of(table.interface);
    NicRoutes {
        name: name.unwrap_or_default(),
        system_name: interface.name.to_string(),
        address: address.map_or_else(String::new, |address| address.to_string()),
        value: effective_routes(topology, table.interface, &table.routes),
    }
}

/// The effective routes of a network interface of a machine, which may be its only one.
#[must_use]
pub fn of_nic(topology: &Topology, tables: &Tables, nic: InterfaceId) -> Routes {
    let table = tables.of(topology.interface(nic).node);
    let own = table.nics.iter().find(|one| one.interface == nic);
    let routes = own.map_or(&table.routes, |one| &one.routes);
    Routes::Effective(Effective {
        value: effective_routes(topology, nic, routes),
        own_system: Vec::new(),
    })
}

/// The routes of a machine's operating system. An interface that is down has no routes, nor has the system through it.
pub(super) fn os_routes(topology: &Topology, table: &Table, node: NodeId) -> Vec<SystemRoute> {
    let works = |nic| {
        let mut own = table.nics.iter().filter(|one| one.interface == nic);
        own.any(|one| !one.routes.is_empty())
    };
    let routes = topology.os_routes(node, works).into_iter();
    let routes = routes.map(|(prefix, nic)| {
        let routes = topology.node(node).static_routes.iter();
        let set = routes.into_iter().find(|route| route.prefix == prefix);
        let known = topology.interface(nic).nic.as_ref();
        let gateway = known.map(|nic| nic.subnet_gateway);
        let (address, origin) = match set {
            Some(route) => (Some(route.via), "static"),
            None if prefix.prefix_len() == 0 => (gateway, "default gateway"),
            None => (None, "connected"),
        };
        let hop = SystemHop {
            address,
            interface: topology.interface(nic).name.to_string(),
            node: None,
            shown: address.map_or_else(|| "on the network".to_owned(), |it| it.to_string()),
        };
        SystemRoute {
            prefix: prefix.to_string(),
            next_hops: vec![hop],
            origin: origin.to_owned(),
            as_path: None,
            weight: None,
            local_preference: None,
            state: State::Active,
            beaten_by: None,
        }
    });
    routes.collect()
}
