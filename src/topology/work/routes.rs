//! Routes, and what it takes to find them: shortest paths inside sites and BGP between systems.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

use super::Part;
use super::groups::Groups;
use super::systems::{originated, systems};
use crate::spec::model::{Site, Spec, VirtualNetwork};

/// Routers of a site that reach each other over links and LANs.
#[derive(Default)]
struct Island {
    routers: u64,
    prefixes: u64,
    /// Ways from a router to a neighbour.
    ways: u64,
}

/// The routes of each network's machines and each site's routers.
pub(super) fn of(spec: &Spec) -> Vec<Part> {
    let networks = networks(spec);
    let sites = spec.sites.iter().map(|site| {
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

/// The steps of finding the shortest paths of each site: each of its prefixes is followed over every way.
pub(super) fn steps(spec: &Spec) -> Vec<Part> {
    let sites = spec.sites.iter().map(|site| {
        let islands = islands(site).into_values();
        let steps = islands.map(|island| {
            let per_prefix = island.routers.saturating_add(island.ways);
            // The ways between speakers of BGP inside a site are found speaker by speaker.
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
    sites.collect()
}

/// The advertisements that may pass between the lab's speakers: every prefix over every session.
pub(super) fn advertisements(spec: &Spec) -> Vec<Part> {
    let (systems, _) = systems(spec);
    let systems = systems.into_values();
    let sum = systems.map(|system| {
        let prefixes = system.prefixes.max(1);
        system.sessions.saturating_mul(prefixes)
    });
    vec![Part {
        place: spec.name.place,
        whose: format!("lab {}", spec.name.value),
        count: sum.fold(0, u64::saturating_add),
    }]
}

/// The islands of a site, by their numbers. Without routing inside the site nobody learns a prefix there.
fn islands(site: &Site) -> BTreeMap<usize, Island> {
    let mut groups = Groups::default();
    let mut lans: BTreeMap<Ipv4Net, (&str, u64)> = BTreeMap::new();
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
        island.prefixes += known * u64::from(router.device.tunnel.is_some());
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

/// The routes of each virtual network's machines.
fn networks(spec: &Spec) -> Vec<Part> {
    let by_name: BTreeMap<&str, &VirtualNetwork> = spec
        .virtual_networks
        .iter()
        .map(|vnet| (vnet.name.value.as_str(), vnet))
        .collect();
    let tables: BTreeMap<&str, u64> = spec
        .route_tables
        .iter()
        .map(|table| (table.name.value.as_str(), table.routes.len() as u64))
        .collect();
    let learned = learned(spec);
    let parts = spec.virtual_networks.iter().map(|vnet| {
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
            *by_subnet.entry(&machine.subnet.value).or_default() += 1;
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

/// By network that has gateways: the prefixes that these may learn.
fn learned(spec: &Spec) -> BTreeMap<&str, u64> {
    let own = originated(spec);
    let (systems, mut groups) = systems(spec);
    let gateways = spec.virtual_network_gateways.iter();
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
