//! Rules for on-premises sites: their links, the links between them, and their hosts.

use std::collections::{BTreeMap, BTreeSet};

use crate::addresses::Prefix;
use crate::findings::{Finding, Located, Rule, no_such};
use crate::onpremises::site::find::find_router;
use crate::onpremises::site::model::{Site, SiteHost, SiteLink, WanLink};

const SAME_SITE: Rule = Rule::new("same-site");
const NO_INTERNAL_PEERS: Rule =
    Rule::of_whole_files("no-internal-peers").needing(&["asn", "routers"]);
const NO_SUCH_GATEWAY: Rule = Rule::of_whole_files("no-such-gateway").needing(&["address"]);

/// A link must connect two routers of its site, with two addresses in one prefix.
pub(crate) fn links_join_two_routers(sites: &[Site]) -> Vec<Finding> {
    sites
        .iter()
        .flat_map(|site| {
            let routers = site.routers.iter();
            let names = routers.map(|router| router.name.value.as_str()).collect();
            let links = site.links.iter();
            links.flat_map(move |link| joins(site, &names, link))
        })
        .collect()
}

fn joins(site: &Site, names: &BTreeSet<&str>, link: &SiteLink) -> Vec<Finding> {
    let unknown = link.ends.iter();
    let unknown = unknown.filter(|end| !names.contains(end.value.as_str()));
    let mut findings: Vec<Finding> = unknown.map(|end| no_such_router(site, end)).collect();
    findings.extend(same_end(&link.ends));
    findings.extend(different_prefixes(&link.addresses));
    findings
}

fn no_such_router(site: &Site, end: &Located<String>) -> Finding {
    let routers = site.routers.iter().map(|router| router.name.value.as_str());
    no_such(&format!("router of site {}", site.name.value), end, routers)
}

fn same_end([a, b]: &[Located<String>; 2]) -> Option<Finding> {
    (a.value == b.value).then(|| {
        Finding::new(
            Rule::SAME_END,
            b.place,
            format!("this link joins `{}` to itself", a.value),
        )
    })
}

fn different_prefixes([own, other]: &[Located<Prefix>; 2]) -> Option<Finding> {
    let are_known = own.is_read() && other.is_read();
    (are_known && own.value.trunc() != other.value.trunc()).then(|| {
        let message = format!("{} and {} are not in one prefix", own.value, other.value);
        Finding::new(Rule::OUTSIDE, other.place, message)
            .with_help("both ends of a link share a prefix, such as a /30 or /31")
    })
}

/// A link of the `wan` must connect routers of two sites, with two addresses in one prefix.
pub(crate) fn wan_links_join_two_sites(sites: &[Site], wan: &[WanLink]) -> Vec<Finding> {
    wan.iter()
        .flat_map(|link| joins_sites(sites, link))
        .collect()
}

fn joins_sites(sites: &[Site], link: &WanLink) -> Vec<Finding> {
    let ends = link.ends.each_ref().map(|end| find_router(sites, end));
    let mut findings: Vec<Finding> = match ends {
        [Ok((a, _)), Ok((b, _))] if a.name == b.name => {
            let message = format!(
                "`{}` and `{}` are routers of one site, `{}`",
                link.ends[0].value, link.ends[1].value, a.name.value
            );
            let within = Finding::new(SAME_SITE, link.ends[1].place, message)
                .with_help("write a link within a site under the site's `links`");
            vec![same_end(&link.ends).unwrap_or(within)]
        }
        ends => ends.into_iter().filter_map(Result::err).collect(),
    };
    findings.extend(different_prefixes(&link.addresses));
    findings
}

/// A site with `ibgp` must have two routers with the same ASN (RFC 4271, section 1.1, internal peers).
pub(crate) fn internal_peers_have_somebody_to_speak_with(sites: &[Site]) -> Vec<Finding> {
    let lonely = sites
        .iter()
        .filter(|site| site.ibgp && !has_internal_peers(site));
    lonely
        .map(|site| {
            let message = format!(
                "no two routers of site `{}` have the same AS number, so `ibgp` has no effect",
                site.name.value
            );
            Finding::new(NO_INTERNAL_PEERS, site.name.place, message).with_help(format!(
                "give site `{}` an `asn` and two routers, or leave `ibgp` out",
                site.name.value
            ))
        })
        .collect()
}

fn has_internal_peers(site: &Site) -> bool {
    let mut numbers: Vec<_> = site
        .routers
        .iter()
        .filter_map(|router| Some(router.device.asn.or(site.asn)?.value))
        .collect();
    numbers.sort_unstable();
    numbers.windows(2).any(|pair| pair[0] == pair[1])
}

/// A host's gateway must be the address of a router on the host's own LAN.
pub(crate) fn hosts_have_their_gateway_on_their_lan(sites: &[Site]) -> Vec<Finding> {
    sites
        .iter()
        .flat_map(|site| {
            let routers = site.routers.iter().filter_map(|router| router.address);
            let lans: Vec<Prefix> = routers.map(|address| address.value).collect();
            let mut by_address = BTreeMap::new();
            for lan in &lans {
                by_address.entry(lan.addr()).or_insert(*lan);
            }
            let misplaced = site.hosts.iter().filter_map(|host| {
                let gateway = by_address.get(&host.gateway.value);
                misplaced(site, &lans, gateway, host)
            });
            misplaced.collect::<Vec<_>>()
        })
        .collect()
}

fn misplaced(
    site: &Site,
    lans: &[Prefix],
    gateway: Option<&Prefix>,
    host: &SiteHost,
) -> Option<Finding> {
    match gateway {
        Some(lan) if lan.trunc() == host.address.value.trunc() => None,
        Some(lan) => {
            let message = format!(
                "{} is not on the LAN of its gateway, {}",
                host.address.value,
                lan.trunc()
            );
            Some(Finding::new(Rule::OUTSIDE, host.address.place, message))
        }
        None => {
            let message = format!(
                "no router of site `{}` has the address {}",
                site.name.value, host.gateway.value
            );
            let known: Vec<String> = lans.iter().map(Prefix::to_string).collect();
            let help = if known.is_empty() {
                format!(
                    "give a router `address: {}/{}`",
                    host.gateway.value,
                    host.address.value.prefix_len()
                )
            } else {
                format!("its routers' addresses are {}", known.join(", "))
            };
            Some(Finding::new(NO_SUCH_GATEWAY, host.gateway.place, message).with_help(help))
        }
    }
}
