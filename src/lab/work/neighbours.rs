//! Neighbor entries. Every member of a network has an entry for every other member, so their number grows with the
//! square. The network's bridge also has a forwarding entry for each member.

use std::collections::BTreeMap;

use crate::addresses::Prefix;
use crate::lab::model::Spec;
use crate::lab::work::Part;
use crate::onpremises::site::model::Site;

/// The neighbor entries of each network's and each site's machines.
pub(crate) fn of(spec: &Spec) -> Vec<Part> {
    let networks = spec.resources.virtual_networks.iter();
    let machines: BTreeMap<&str, u64> = networks
        .map(|vnet| {
            let machines = vnet.virtual_machines.len() as u64;
            (vnet.name.value.as_str(), machines)
        })
        .collect();
    let networks = spec.resources.virtual_networks.iter().map(|vnet| {
        let own = vnet.virtual_machines.len() as u64;
        let peers = vnet.peerings.iter();
        let peers =
            peers.filter_map(|peering| machines.get(peering.remote_virtual_network.value.as_str()));
        let peered = peers.fold(0, |sum: u64, peer| sum.saturating_add(*peer));
        Part {
            place: vnet.name.place,
            whose: format!("virtual network {}", vnet.name.value),
            count: own
                .saturating_mul(own.saturating_add(peered))
                .saturating_add(peered),
        }
    });
    let sites = spec.resources.sites.iter().map(|site| Part {
        place: site.name.place,
        whose: format!("site {}", site.name.value),
        count: lans(site)
            .into_values()
            .map(|members| members.saturating_mul(members))
            .sum(),
    });
    networks.chain(sites).collect()
}

/// The number of hosts and routers on each LAN of a site.
pub(crate) fn lans(site: &Site) -> BTreeMap<Prefix, u64> {
    let hosts = site.hosts.iter().map(|host| host.address.value);
    let routers = site.routers.iter();
    let routers = routers.filter_map(|router| Some(router.address?.value));
    let mut lans = BTreeMap::new();
    for address in hosts.chain(routers) {
        *lans.entry(address.trunc()).or_default() += 1;
    }
    lans
}
