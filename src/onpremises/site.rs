//! Sites with their routers, hosts and links, and the links between sites.

pub(crate) mod decode;
pub(crate) mod lower;
pub(crate) mod model;
pub(crate) mod rules;
mod sessions;

use crate::findings::{Finding, Located, no_such};

pub use model::{Site, SiteHost, SiteLink, SiteRouter, WanLink};

/// The description of its keys.
pub(crate) const KEYS: &str = include_str!("site/keys.yaml");

/// Every router with its site.
pub(crate) fn routers(sites: &[Site]) -> impl Iterator<Item = (&Site, &SiteRouter)> {
    sites
        .iter()
        .flat_map(|site| site.routers.iter().map(move |router| (site, router)))
}

/// The router with that name, with its site, or a finding.
pub(crate) fn find_router<'a>(
    sites: &'a [Site],
    name: &Located<String>,
) -> Result<(&'a Site, &'a SiteRouter), Finding> {
    routers(sites)
        .find(|(_, router)| router.name.value.as_str() == name.value)
        .ok_or_else(|| {
            let names = routers(sites).map(|(_, router)| router.name.value.as_str());
            no_such("router", name, names)
        })
}
