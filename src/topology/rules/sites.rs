//! On-premises sites.

use ipnet::Ipv4Net;

use crate::findings::Finding;
use crate::spec::model::{Site, SiteHost, SiteLink, Spec};
use crate::topology::rules::no_such;

/// A link joins two routers of its site, with two addresses of one prefix.
pub(super) fn links_join_two_routers(spec: &Spec) -> Vec<Finding> {
    let links = spec
        .sites
        .iter()
        .flat_map(|site| site.links.iter().map(move |link| (site, link)));
    links.flat_map(|(site, link)| joins(site, link)).collect()
}

fn joins(site: &Site, link: &SiteLink) -> Vec<Finding> {
    let routers = || site.routers.iter().map(|router| router.name.value.as_str());
    let unknown = link
        .ends
        .iter()
        .filter(|end| !routers().any(|name| name == end.value));
    let kind = format!("router of site {}", site.name.value);
    let mut findings: Vec<Finding> = unknown.map(|end| no_such(&kind, end, routers())).collect();
    let [a, b] = &link.ends;
    if a.value == b.value {
        findings.push(Finding::new(
            "same-end",
            b.place,
            format!("this link joins `{}` to itself", a.value),
        ));
    }
    let [own, other] = &link.addresses;
    if own.value.trunc() != other.value.trunc() {
        let message = format!("{} and {} are not of one prefix", own.value, other.value);
        findings.push(
            Finding::new("outside", other.place, message)
                .with_help("both ends of a link share a prefix, such as a /30 or /31"),
        );
    }
    findings
}

/// A host's gateway is a router's address on the host's own LAN.
pub(super) fn hosts_have_their_gateway_on_their_lan(spec: &Spec) -> Vec<Finding> {
    let hosts = spec
        .sites
        .iter()
        .flat_map(|site| site.hosts.iter().map(move |host| (site, host)));
    hosts
        .filter_map(|(site, host)| misplaced(site, host))
        .collect()
}

fn misplaced(site: &Site, host: &SiteHost) -> Option<Finding> {
    let lans: Vec<Ipv4Net> = site
        .routers
        .iter()
        .filter_map(|router| router.address)
        .map(|address| address.value)
        .collect();
    let gateway = lans.iter().find(|lan| lan.addr() == host.gateway.value);
    match gateway {
        Some(lan) if lan.trunc() == host.address.value.trunc() => None,
        Some(lan) => {
            let message = format!(
                "{} is not on the LAN of its gateway, {}",
                host.address.value,
                lan.trunc()
            );
            Some(Finding::new("outside", host.address.place, message))
        }
        None => {
            let message = format!(
                "no router of site `{}` has the address {}",
                site.name.value, host.gateway.value
            );
            let known: Vec<String> = lans.iter().map(Ipv4Net::to_string).collect();
            let help = if known.is_empty() {
                format!(
                    "give a router `address: {}/{}`",
                    host.gateway.value,
                    host.address.value.prefix_len()
                )
            } else {
                format!("its routers' addresses are {}", known.join(", "))
            };
            Some(Finding::new("no-such-gateway", host.gateway.place, message).with_help(help))
        }
    }
}

/// A local preference is for a circuit or connection that exists.
pub(super) fn local_preferences_name_neighbours(spec: &Spec) -> Vec<Finding> {
    let circuits = spec
        .express_route_circuits
        .iter()
        .map(|circuit| circuit.name.value.as_str());
    let connections = spec
        .connections
        .iter()
        .map(|connection| connection.name.value.as_str());
    let known: Vec<&str> = circuits.chain(connections).collect();
    let preferences = spec
        .sites
        .iter()
        .flat_map(|site| &site.routers)
        .flat_map(|router| &router.local_preference);
    preferences
        .filter(|(name, _)| !known.contains(&name.value.as_str()))
        .map(|(name, _)| no_such("circuit or connection", name, known.iter().copied()))
        .collect()
}
