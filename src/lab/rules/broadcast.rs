//! Addresses that no node can have: the first address of a prefix means the network, the last one all of its nodes (RFC
//! 1122, section 3.2.1.3). This does not apply to a /31 (RFC 3021) or a /32.

use crate::addresses::{Address, Prefix};
use crate::azure::addresses::{bare, site_addresses};
use crate::azure::references::machines;
use crate::azure::resources::Resources;
use crate::azure::scopes::AddressPlace;
use crate::findings::{Finding, Located, Rule};
use crate::onpremises::site::model::Site;

const RESERVED_ADDRESS: Rule = Rule::new("reserved-address");

/// The minimum number of host bits of a prefix with a network address and a broadcast address.
const FEWEST_HOST_BITS: u8 = 2;

/// No address in a site may be the first or last one of a prefix there, and no tunnel of an appliance may have such an
/// address of its network. The kernel refuses routes with such a source address.
pub(crate) fn nodes_have_addresses_of_nodes(spec: &Resources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for site in &spec.sites {
        let ends = Ends::of(prefixes(site));
        let at = AddressPlace::Site(site.name.value.as_str());
        let given = site_addresses(spec, site, at).into_iter();
        findings.extend(given.filter_map(|given| ends.reserve(given.address)));
    }
    for (vnet, machine) in machines(spec) {
        let subnets = vnet.subnets.iter();
        let ends = Ends::of(subnets.map(|it| it.address_prefix.value));
        let tunnels = machine.device.tunnel_ends();
        let addresses =
            tunnels.flat_map(|tunnel| [Some(tunnel.address), tunnel.bgp_peering_address]);
        let addresses = addresses.flatten();
        findings.extend(addresses.filter_map(|address| ends.reserve(address)));
    }
    for link in &spec.wan {
        let addresses = link.addresses.iter();
        findings.extend(addresses.filter_map(|end| Ends::of([end.value]).reserve(bare(end))));
    }
    findings
}

/// The prefixes of a site's LANs and links, with repetitions.
fn prefixes(site: &Site) -> impl Iterator<Item = Prefix> {
    let routers = site.routers.iter().filter_map(|router| router.address);
    let hosts = site.hosts.iter().map(|host| host.address);
    let links = site.links.iter().flat_map(|link| link.addresses);
    let all = routers.chain(hosts).chain(links);
    all.map(|address| address.value)
}

/// The first and last addresses of prefixes, each with its meaning and its prefix, sorted by address.
struct Ends(Vec<(Address, &'static str, Prefix)>);

impl Ends {
    fn of(prefixes: impl IntoIterator<Item = Prefix>) -> Self {
        let prefixes = prefixes.into_iter();
        let prefixes = prefixes.filter(|prefix| prefix.host_bits() >= FEWEST_HOST_BITS);
        let ends = prefixes.flat_map(|prefix| {
            let prefix = prefix.trunc();
            let ends = [(prefix.network(), "network"), (prefix.last(), "broadcast")];
            ends.map(|(end, kind)| (end, kind, prefix))
        });
        let mut ends: Vec<_> = ends.collect();
        // The sort is stable, so the first of equal addresses stays first.
        ends.sort_by_key(|(end, ..)| *end);
        Self(ends)
    }

    /// The finding for an address that is reserved in one of the prefixes.
    fn reserve(&self, address: Located<Address>) -> Option<Finding> {
        let place = self.0.partition_point(|(end, ..)| *end < address.value);
        let (_, kind, prefix) = self
            .0
            .get(place)
            .filter(|(end, ..)| *end == address.value)?;
        let message = format!(
            "{} is the {kind} address of {prefix}, which no node can have",
            address.value
        );
        let help = format!("write an address between the first and the last one of {prefix}");
        Some(Finding::new(RESERVED_ADDRESS, address.place, message).with_help(help))
    }
}
