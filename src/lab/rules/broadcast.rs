//! Addresses that no node can have: the first one of a prefix means the network, the last one all of its nodes
//! (RFC 1122, section 3.2.1.3). A /31 has neither (RFC 3021), nor has a /32.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::azure::addresses::{bare, site_addresses};
use crate::azure::references::machines;
use crate::azure::resources::Resources;
use crate::azure::scopes::AddressPlace;
use crate::findings::{Finding, Located, Rule};
use crate::onpremises::site::model::Site;

const RESERVED_ADDRESS: Rule = Rule::new("reserved-address");

/// The longest prefix with a network address and a broadcast address.
const LONGEST: u8 = 30;

/// No address of a site is the first or the last one of a prefix there, and no tunnel of an appliance has such an
/// address of its network. The kernel refuses routes from one.
pub(crate) fn nodes_have_addresses_of_nodes(spec: &Resources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for site in &spec.sites {
        let prefixes = prefixes(site);
        let at = AddressPlace::Site(site.name.value.as_str());
        let given = site_addresses(site, at).into_iter();
        findings.extend(given.filter_map(|given| reserved(&prefixes, given.address)));
    }
    for (vnet, machine) in machines(spec) {
        let subnets = vnet.subnets.iter();
        let subnets: Vec<Ipv4Net> = subnets.map(|it| it.address_prefix.value).collect();
        let tunnel = machine.device.tunnel.iter();
        findings.extend(tunnel.filter_map(|tunnel| reserved(&subnets, tunnel.address)));
    }
    for link in &spec.wan {
        let ends = link.addresses.iter();
        findings.extend(ends.filter_map(|end| reserved(&[end.value], bare(end))));
    }
    findings
}

/// The prefixes of a site's LANs and links, some of them several times.
fn prefixes(site: &Site) -> Vec<Ipv4Net> {
    let routers = site.routers.iter().filter_map(|router| router.address);
    let hosts = site.hosts.iter().map(|host| host.address);
    let links = site.links.iter().flat_map(|link| link.addresses);
    let all = routers.chain(hosts).chain(links);
    all.map(|address| address.value).collect()
}

/// The finding for an address that one of some prefixes reserves.
fn reserved(prefixes: &[Ipv4Net], address: Located<Ipv4Addr>) -> Option<Finding> {
    let ends = prefixes
        .iter()
        .filter(|prefix| prefix.prefix_len() <= LONGEST);
    let mut ends = ends.flat_map(|prefix| {
        let ends = [
            (prefix.network(), "network"),
            (prefix.broadcast(), "broadcast"),
        ];
        ends.map(|(end, kind)| (end, kind, prefix.trunc()))
    });
    let (_, kind, prefix) = ends.find(|(end, ..)| *end == address.value)?;
    let message = format!(
        "{} is the {kind} address of {prefix}, which no node can have",
        address.value
    );
    let help = format!("write an address between the first and the last one of {prefix}");
    Some(Finding::new(RESERVED_ADDRESS, address.place, message).with_help(help))
}
