//! Neighbours: what shares a network knows the Ethernet address of everything else there, which grows with the square.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

use crate::findings::{Finding, Place};
use crate::spec::model::{Site, Spec};

/// Most neighbours of all of a lab's machines together: those of two thousand machines in one network, for which a plan takes
/// a gigabyte.
const MOST_NEIGHBOURS: usize = 4_000_000;

/// A lab has no more machines in its networks than can know each other.
pub(super) fn have_room(spec: &Spec) -> Vec<Finding> {
    let networks = spec.virtual_networks.iter().map(|vnet| {
        let whose = format!("virtual network {}", vnet.name.value);
        (vnet.name.place, whose, square(vnet.virtual_machines.len()))
    });
    let sites = spec.sites.iter().map(|site| {
        let whose = format!("site {}", site.name.value);
        (site.name.place, whose, on_lans(site))
    });
    let mut all = networks.chain(sites).scan(0_usize, |before, part| {
        let counted = *before;
        *before = before.saturating_add(part.2);
        Some((counted, part))
    });
    let first = all.find(|(before, (.., own))| before.saturating_add(*own) > MOST_NEIGHBOURS);
    first.map(|(_, part)| too_many(part)).into_iter().collect()
}

fn too_many((place, whose, neighbours): (Place, String, usize)) -> Finding {
    let message = format!(
        "with the {neighbours} neighbours of {whose}, machines have more than {MOST_NEIGHBOURS} in all"
    );
    Finding::new("too-many-neighbours", place, message)
        .with_help("have fewer machines in one network: each knows all others there")
}

/// The neighbours of a site's hosts, each on the LAN of its prefix.
fn on_lans(site: &Site) -> usize {
    let mut hosts: BTreeMap<Ipv4Net, usize> = BTreeMap::new();
    for host in &site.hosts {
        *hosts.entry(host.address.value.trunc()).or_default() += 1;
    }
    hosts.into_values().map(square).sum()
}

fn square(machines: usize) -> usize {
    machines.saturating_mul(machines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::parse;

    fn network(number: usize, machines: usize) -> String {
        let machines = (4..machines + 4).map(|machine| {
            let [high, low] = [machine / 256, machine % 256];
            format!(
                "v{number}-{machine}: {{ subnet: s, privateIPAddress: 10.{number}.{high}.{low} }}"
            )
        });
        format!(
            "  n{number}:\n    location: region1\n    addressPrefixes: [10.{number}.0.0/16]\n    \
             subnets: {{ s: {{ addressPrefix: 10.{number}.0.0/16 }} }}\n    virtualMachines: {{ {} }}\n",
            machines.collect::<Vec<_>>().join(", ")
        )
    }

    fn found(networks: usize, machines: usize) -> Vec<String> {
        let networks: Vec<String> = (0..networks).map(|n| network(n, machines)).collect();
        let text = format!("name: many\nvirtualNetworks:\n{}", networks.concat());
        let findings = have_room(&parse(&text).unwrap());
        findings
            .into_iter()
            .map(|finding| finding.message)
            .collect()
    }

    #[test]
    fn machines_that_know_each_other_are_counted_by_network() {
        assert_eq!(found(1, 2000), Vec::<String>::new());
        assert_eq!(found(4, 1000), Vec::<String>::new());
        assert_eq!(
            found(1, 2001),
            [
                "with the 4004001 neighbours of virtual network n0, machines have more than 4000000 in all"
            ]
        );
        assert_eq!(
            found(6, 1000),
            [
                "with the 1000000 neighbours of virtual network n4, machines have more than 4000000 in all"
            ]
        );
    }
}
