//! Which BGP speakers learn from each other, with the numbers of their sessions and prefixes.

use std::collections::{BTreeMap, BTreeSet};

use crate::azure::connection::model::{ConnectionKind, IpSecEnd};
use crate::lab::model::Spec;
use crate::lab::work::groups::Groups;
use crate::onpremises::device::model::Device;
use crate::onpremises::site::model::{Site, SiteRouter};

/// BGP speakers that learn from each other, directly or indirectly.
#[derive(Default)]
pub(crate) struct System {
    pub(crate) sessions: u64,
    pub(crate) prefixes: u64,
    /// The length of the longest AS path.
    pub(crate) path: u64,
    /// The number of prefixes of all filters.
    pub(crate) filters: u64,
}

/// Systems, by number.
pub(crate) type Systems = BTreeMap<usize, System>;

/// The maximum number of sessions of a gateway's instances with each other and with the other gateway of the network.
const GATEWAY_SESSIONS: u64 = 3;
/// The maximum number of sessions of a connection: each of two instances with each of two others.
const CONNECTION_SESSIONS: u64 = 4;
/// The sessions of a circuit's two links.
const CIRCUIT_SESSIONS: u64 = 2;

/// The systems of a lab, and the groups that map gateways, circuits, routers and machines to systems.
pub(crate) fn systems(spec: &Spec) -> (Systems, Groups<'_>) {
    let mut groups = joined(spec);
    let mut systems = Systems::new();
    let mut add = |name, more: System| {
        let system = systems.entry(groups.of(name)).or_default();
        system.sessions = system.sessions.saturating_add(more.sessions);
        system.prefixes = system.prefixes.saturating_add(more.prefixes);
        system.path = system.path.saturating_add(more.path);
        system.filters = system.filters.saturating_add(more.filters);
    };
    for (name, more) in joining(spec).into_iter().chain(devices(spec)) {
        add(name, more);
    }
    for site in &spec.resources.sites {
        let routers = site.routers.iter();
        let told: BTreeSet<usize> = routers
            .map(|router| groups.of(router.name.value.as_str()))
            .collect();
        for system in told {
            let system = systems.entry(system).or_default();
            system.prefixes = system.prefixes.saturating_add(site.advertise.len() as u64);
            system.path = system.path.saturating_add(1);
        }
    }
    (systems, groups)
}

/// What gateways, circuits, connections and links between sites add.
fn joining(spec: &Spec) -> Vec<(&str, System)> {
    let mut parts: Vec<(&str, System)> = Vec::new();
    let own = originated(spec);
    for gateway in &spec.resources.virtual_network_gateways {
        let prefixes = own.get(gateway.virtual_network.value.as_str());
        let gateway_system = System {
            prefixes: prefixes.copied().unwrap_or(0),
            ..sessions(GATEWAY_SESSIONS, 1)
        };
        parts.push((gateway.name.value.as_str(), gateway_system));
    }
    for connection in &spec.resources.connections {
        let [end, _] = ends(&connection.kind);
        let connection_system = System {
            prefixes: behind(&connection.kind),
            ..sessions(CONNECTION_SESSIONS, 0)
        };
        parts.push((end, connection_system));
    }
    for circuit in &spec.resources.express_route_circuits {
        parts.push((circuit.name.value.as_str(), sessions(CIRCUIT_SESSIONS, 1)));
    }
    for wan in &spec.resources.wan {
        parts.push((&wan.ends[0].value, sessions(1, 0)));
    }
    parts
}

/// What machines, routers and the sessions inside sites add.
fn devices(spec: &Spec) -> Vec<(&str, System)> {
    let mut parts: Vec<(&str, System)> = Vec::new();
    for vnet in &spec.resources.virtual_networks {
        for machine in &vnet.virtual_machines {
            parts.push((machine.name.value.as_str(), device(&machine.device)));
        }
    }
    for site in &spec.resources.sites {
        for router in &site.routers {
            parts.push((router.name.value.as_str(), device(&router.device)));
        }
        if let Some(first) = speakers(site).next().filter(|_| site.ibgp) {
            let speakers = speakers(site).count() as u64;
            let pairs = speakers.saturating_mul(speakers - 1) / 2;
            parts.push((first, sessions(pairs, 0)));
        }
    }
    parts
}

fn sessions(sessions: u64, path: u64) -> System {
    System {
        sessions,
        path,
        ..System::default()
    }
}

/// What a device adds, without the share of its site.
fn device(device: &Device) -> System {
    let filters = device.import.iter().chain(&device.export);
    let filters = filters.map(|(_, filter)| filter.entries.len() as u64);
    let entries = device.import.iter().chain(&device.export);
    let entries = entries.flat_map(|(_, filter)| &filter.entries);
    let by_entry = entries.filter_map(|entry| entry.set.prepend);
    let prepended = device.as_path_prepend.iter().map(|(_, times)| *times);
    let prepended = prepended.chain(by_entry);
    System {
        sessions: 0,
        prefixes: device.advertise.len() as u64,
        path: u64::from(device.asn.is_some()) + u64::from(prepended.max().unwrap_or(0)),
        filters: filters.fold(0, u64::saturating_add),
    }
}

/// The number of prefixes that the gateways of each network originate: those of this network, and of networks that may
/// use its gateways.
pub(crate) fn originated(spec: &Spec) -> BTreeMap<&str, u64> {
    let networks = || spec.resources.virtual_networks.iter();
    let ranges: BTreeMap<&str, u64> = networks()
        .map(|vnet| (vnet.name.value.as_str(), vnet.address_prefixes.len() as u64))
        .collect();
    let own = networks().map(|vnet| {
        let peerings = vnet.peerings.iter();
        let transit = peerings.filter(|peering| peering.allow_gateway_transit.value);
        let transit =
            transit.filter_map(|peering| ranges.get(peering.remote_virtual_network.value.as_str()));
        let own = vnet.address_prefixes.len() as u64;
        (
            vnet.name.value.as_str(),
            transit.sum::<u64>().saturating_add(own),
        )
    });
    own.collect()
}

/// Which systems have sessions with each other.
fn joined(spec: &Spec) -> Groups<'_> {
    let mut groups = Groups::default();
    let mut of_network: BTreeMap<&str, &str> = BTreeMap::new();
    for gateway in &spec.resources.virtual_network_gateways {
        let name = gateway.name.value.as_str();
        let first = of_network
            .entry(gateway.virtual_network.value.as_str())
            .or_insert(name);
        groups.join(first, name);
    }
    for connection in &spec.resources.connections {
        let [a, b] = ends(&connection.kind);
        groups.join(a, b);
    }
    for circuit in &spec.resources.express_route_circuits {
        let edges = circuit
            .links
            .iter()
            .filter_map(|link| link.customer_edge.as_ref());
        for edge in edges {
            groups.join(circuit.name.value.as_str(), &edge.value);
        }
    }
    for wan in &spec.resources.wan {
        groups.join(&wan.ends[0].value, &wan.ends[1].value);
    }
    for site in spec.resources.sites.iter().filter(|site| site.ibgp) {
        if let Some(first) = speakers(site).next() {
            speakers(site).for_each(|other| groups.join(first, other));
        }
    }
    groups
}

/// The two parts that a connection connects.
fn ends(kind: &ConnectionKind) -> [&str; 2] {
    match kind {
        ConnectionKind::ExpressRoute {
            gateway, circuit, ..
        } => [&gateway.value, &circuit.value],
        ConnectionKind::VnetToVnet { gateways, .. }
        | ConnectionKind::IpSecGateways { gateways, .. } => {
            gateways.each_ref().map(|gateway| gateway.value.as_str())
        }
        ConnectionKind::IpSec { end, device, .. } => {
            let (IpSecEnd::Gateway(end) | IpSecEnd::Appliance(end)) = end;
            [&end.value, &device.value]
        }
        ConnectionKind::GlobalReach { circuits, .. } => {
            circuits.each_ref().map(|circuit| circuit.value.as_str())
        }
    }
}

/// The number of static prefixes behind a connection.
fn behind(kind: &ConnectionKind) -> u64 {
    match kind {
        ConnectionKind::IpSec {
            local_network_address_prefixes: behind,
            ..
        } => behind.len() as u64,
        ConnectionKind::IpSecGateways {
            local_network_address_prefixes: behind,
            ..
        } => behind
            .iter()
            .map(|(_, prefixes)| prefixes.len() as u64)
            .sum(),
        ConnectionKind::ExpressRoute { .. }
        | ConnectionKind::VnetToVnet { .. }
        | ConnectionKind::GlobalReach { .. } => 0,
    }
}

/// The routers of a site that use BGP.
fn speakers(site: &Site) -> impl Iterator<Item = &str> {
    let has_number = |router: &&SiteRouter| router.device.asn.or(site.asn).is_some();
    let routers = site.routers.iter().filter(has_number);
    routers.map(|router| router.name.value.as_str())
}
