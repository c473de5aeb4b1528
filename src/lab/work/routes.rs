//! Routes, and the work to compute them: shortest paths inside sites, and BGP.

use std::collections::BTreeMap;

use crate::addresses::{Address, Prefix};
use crate::azure::route_table::model::UserRoute;
use crate::azure::virtual_network::model::VirtualNetwork;
use crate::lab::model::Spec;
use crate::lab::work::Part;
use crate::lab::work::groups::Groups;
use crate::lab::work::systems::{originated, systems};
use crate::onpremises::site::model::Site;
use crate::topology::UserNextHop;

/// The number of next hops that need as much memory as a route.
const HOPS_A_ROUTE: u64 = 32;

/// The number of ASNs in an AS path that need as much time as an advertisement.
const NUMBERS_AN_ADVERTISEMENT: u64 = 128;

/// Routers of a site that reach each other over links and LANs.
#[derive(Default)]
struct Island {
    routers: u64,
    prefixes: u64,
    /// The number of links, counted at each router.
    ways: u64,
}

/// The routes of each network's machines and each site's routers.
pub(crate) fn of(spec: &Spec) -> Vec<Part> {
    let networks = networks(spec);
    let sites = spec.resources.sites.iter().map(|site| {
        let islands = islands(site).into_values();
        let inside = islands.map(|island| island.routers.saturating_mul(island.prefixes));
        let told = site.advertise.len() as u64;
        let told = told.saturating_mul(site.routers.len() as u64);
        Part {
            place: site.name.place,
            whose: format!("site {}", site.name.value),
            count: inside.fold(told, u64::saturating_add),
        }
    });
    networks.into_iter().chain(sites).collect()
}

/// The steps to compute the shortest paths of each site, which follow each of its prefixes over every link, and the
/// steps of filters.
pub(crate) fn steps(spec: &Spec) -> Vec<Part> {
    let sites = spec.resources.sites.iter().map(|site| {
        let islands = islands(site).into_values();
        let steps = islands.map(|island| {
            let per_prefix = island.routers.saturating_add(island.ways);
            // The paths between BGP speakers inside a site are computed for each speaker.
            let speakers = if site.ibgp { island.routers } else { 0 };
            let sources = island.prefixes.saturating_add(speakers);
            sources.saturating_mul(per_prefix)
        });
        Part {
            place: site.name.place,
            whose: format!("site {}", site.name.value),
            count: steps.fold(0, u64::saturating_add),
        }
    });
    sites.chain([filtered(spec)]).collect()
}

/// The steps to apply every filter to every prefix.
fn filtered(spec: &Spec) -> Part {
    let (systems, _) = systems(spec);
    let systems = systems.into_values();
    let steps = systems.map(|system| system.filters.saturating_mul(system.prefixes));
    Part {
        place: spec.name.place,
        whose: format!("lab {}", spec.name.value),
        count: steps.fold(0, u64::saturating_add),
    }
}

/// The possible advertisements between the lab's BGP speakers: every prefix over every session. An advertisement with a
/// long AS path counts as several.
pub(crate) fn advertisements(spec: &Spec) -> Vec<Part> {
    let (systems, _) = systems(spec);
    let systems = systems.into_values();
    let sum = systems.map(|system| {
        let prefixes = system.prefixes.max(1);
        let each = 1 + system.path / NUMBERS_AN_ADVERTISEMENT;
        system
            .sessions
            .saturating_mul(prefixes)
            .saturating_mul(each)
    });
    vec![Part {
        place: spec.name.place,
        whose: format!("lab {}", spec.name.value),
        count: sum.fold(0, u64::saturating_add),
    }]
}

/// The islands of a site, by number. Without an IGP no router learns a prefix of another.
fn islands(site: &Site) -> BTreeMap<usize, Island> {
    let mut groups = Groups::default();
    let mut lans: BTreeMap<Prefix, (&str, u64)> = BTreeMap::new();
    for router in &site.routers {
        let name = router.name.value.as_str();
        if let Some(address) = router.address {
            let (first, members) = lans.entry(address.value.trunc()).or_insert((name, 0));
            *members += 1;
            groups.join(first, name);
        }
    }
    for link in &site.links {
        let [a, b] = link.ends.each_ref().map(|end| end.value.as_str());
        groups.join(a, b);
    }
    let known = u64::from(site.igp);
    let mut islands: BTreeMap<usize, Island> = BTreeMap::new();
    for router in &site.routers {
        let island = islands
            .entry(groups.of(router.name.value.as_str()))
            .or_default();
        island.routers += 1;
        island.prefixes += known * router.device.tunnel_ends().count() as u64;
    }
    for (first, members) in lans.into_values() {
        let island = islands.entry(groups.of(first)).or_default();
        island.ways = island.ways.saturating_add(members * members);
        island.prefixes += known;
    }
    for link in &site.links {
        let island = islands.entry(groups.of(&link.ends[0].value)).or_default();
        island.ways += 2;
        island.prefixes += known;
    }
    islands
}

/// For each route table: the number of its routes, plus the memory of their next hops counted in routes.
fn tables(spec: &Spec) -> BTreeMap<&str, u64> {
    let balancers = spec.resources.load_balancers.iter().map(|balancer| {
        let backends = balancer.backends.len() as u64;
        (balancer.frontend_ip_address.value, backends / HOPS_A_ROUTE)
    });
    let balancers: BTreeMap<Address, u64> = balancers.collect();
    let room = |route: &UserRoute| match route.next_hop.value {
        UserNextHop::VirtualAppliance(address) => {
            balancers.get(&address).map_or(1, |more| 1 + more)
        }
        _ => 1,
    };
    let tables = spec.resources.route_tables.iter();
    tables
        .map(|table| {
            let name = table.name.value.as_str();
            (name, table.routes.iter().map(room).sum())
        })
        .collect()
}

/// The routes of each virtual network's machines.
fn networks(spec: &Spec) -> Vec<Part> {
    let by_name: BTreeMap<&str, &VirtualNetwork> = spec
        .resources
        .virtual_networks
        .iter()
        .map(|vnet| (vnet.name.value.as_str(), vnet))
        .collect();
    let tables = tables(spec);
    let learned = learned(spec);
    let parts = spec.resources.virtual_networks.iter().map(|vnet| {
        let peers = vnet.peerings.iter();
        let peers: Vec<&str> = peers
            .map(|peering| peering.remote_virtual_network.value.as_str())
            .collect();
        let remote = peers.iter().filter_map(|peer| by_name.get(peer));
        let ranges = remote.fold(0, |sum, peer| sum + peer.address_prefixes.len() as u64);
        let homes = peers.iter().copied().chain([vnet.name.value.as_str()]);
        let offers = homes.filter_map(|home| learned.get(home)).max();
        let common = ranges + vnet.address_prefixes.len() as u64 + offers.copied().unwrap_or(0);
        let set = |subnet: &str| {
            let mut subnets = vnet.subnets.iter();
            let found = subnets.find(|other| other.name.value == subnet)?;
            tables
                .get(found.route_table.as_ref()?.value.as_str())
                .copied()
        };
        let mut by_subnet: BTreeMap<&str, u64> = BTreeMap::new();
        for machine in &vnet.virtual_machines {
            let interfaces = machine.network_interfaces.as_slice();
            // Each of several interfaces has its own table, and the machine has a table of all routes.
            let tables = if interfaces.len() > 1 { 2 } else { 1 };
            for interface in interfaces {
                *by_subnet.entry(&interface.subnet.value).or_default() += tables;
            }
        }
        let routes = by_subnet.into_iter().map(|(subnet, machines)| {
            machines.saturating_mul(common.saturating_add(set(subnet).unwrap_or(0)))
        });
        Part {
            place: vnet.name.place,
            whose: format!("virtual network {}", vnet.name.value),
            count: routes.fold(0, u64::saturating_add),
        }
    });
    parts.collect()
}

/// For each network with gateways: the number of prefixes that these may learn.
fn learned(spec: &Spec) -> BTreeMap<&str, u64> {
    let own = originated(spec);
    let (systems, mut groups) = systems(spec);
    let gateways = spec.resources.virtual_network_gateways.iter();
    gateways
        .map(|gateway| {
            let network = gateway.virtual_network.value.as_str();
            let known = systems.get(&groups.of(gateway.name.value.as_str()));
            let known = known.map_or(0, |system| system.prefixes);
            (
                network,
                known.saturating_sub(own.get(network).copied().unwrap_or(0)),
            )
        })
        .collect()
}
